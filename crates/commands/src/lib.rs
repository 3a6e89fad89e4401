//! Every data command, declared and implemented once: a folder per family, a file per group of related commands.

pub mod lists;
pub mod strings;

use command::{Command, Handler};

/// All data commands.
pub const ALL: &[&[Command<Handler>]] = &[lists::COMMANDS, strings::COMMANDS];
