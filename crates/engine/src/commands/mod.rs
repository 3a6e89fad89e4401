//! Commands of sessions and of the server: those that see more than data.

mod connection;
mod debug;
mod info;
mod transactions;

use crate::registry::Run;
use command::Command;

/// All of them.
pub const ALL: &[&[Command<Run>]] =
    &[connection::COMMANDS, debug::COMMANDS, info::COMMANDS, transactions::COMMANDS];
