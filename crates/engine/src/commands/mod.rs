//! Commands of sessions and of the server: those that see more than data.

mod connection;
mod info;
mod transactions;

use crate::registry::Run;
use command::Command;

/// All of them.
pub const ALL: &[&[Command<Run>]] = &[connection::COMMANDS, info::COMMANDS, transactions::COMMANDS];
