//! Strings.

mod set;

use command::{Command, Handler};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[set::GET, set::SET];
