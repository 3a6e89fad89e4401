//! Commands about the server as a whole.

mod lolwut;
mod role;
mod save;
mod shutdown;
mod time;
mod wait;

pub(crate) use wait::NO_LOCAL_DISK;

use crate::registry::Run;
use command::{Command, Footprint, Group, Spec};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[
    lolwut::LOLWUT,
    role::ROLE,
    save::SAVE,
    save::BGSAVE,
    save::BGREWRITEAOF,
    save::LASTSAVE,
    shutdown::SHUTDOWN,
    time::TIME,
    wait::WAIT,
    wait::WAITAOF,
];

/// What most declarations share.
const SERVER: Spec = Spec { group: Group::Server, footprint: Footprint::Nothing, ..Spec::DEFAULT };
