//! Commands that see more than data: the session, the server, the configuration.

use crate::engine::Engine;
use crate::messages::Messages;
use crate::session::Session;
use crate::settings::Settings;
use command::{Args, Cx, Done, Reply, Result};
use std::sync::Arc;

/// What the handler of such a command may touch, besides the data in `cx`.
pub struct Admin<'t, 'u> {
    /// Data: the shards of the command's footprint.
    pub cx: &'t mut Cx<'u>,
    /// The client's session.
    pub session: &'t mut Session,
    /// The server.
    pub engine: &'t Arc<Engine>,
    /// The present settings.
    pub settings: &'t Settings,
    /// The worker that runs the command.
    pub worker: usize,
    /// The client's words are being run by EXEC.
    pub in_exec: bool,
    /// Takes the positions of words that must not be logged: passwords.
    pub secrets: &'t mut Vec<usize>,
    /// What the worker sends to clients, and who of its own has subscribed to what.
    pub(crate) messages: &'t mut Messages,
}

/// The handler of such a command.
pub type AdminHandler = fn(&mut Admin<'_, '_>, &mut Args<'_>, Reply<'_>) -> Result<Done>;
