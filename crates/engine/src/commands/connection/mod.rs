//! Commands about the connection itself, but for CLIENT.

mod auth;
mod basic;
mod hello;

pub(super) use auth::DEFAULT_USER;

use crate::registry::Run;
use command::Command;

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] =
    &[auth::AUTH, basic::ECHO, hello::HELLO, basic::PING, basic::QUIT, basic::RESET, basic::SELECT];
