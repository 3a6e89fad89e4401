//! Every data command, declared and implemented once: a folder per family, a file per group of related commands.

mod arguments;
pub mod arrays;
pub mod bitmaps;
mod choice;
mod elements;
mod expiry;
pub mod generic;
pub mod geo;
pub mod hashes;
pub mod hyperloglog;
pub mod lists;
mod pattern;
pub mod rebuild;
pub mod sets;
pub mod sorted_sets;
pub mod streams;
pub mod strings;
#[cfg(test)]
pub(crate) mod testing;
mod waiting;

use command::{Command, Handler};

/// All data commands.
pub const ALL: &[&[Command<Handler>]] = &[
    arrays::COMMANDS,
    bitmaps::COMMANDS,
    generic::COMMANDS,
    geo::COMMANDS,
    hashes::COMMANDS,
    hyperloglog::COMMANDS,
    lists::COMMANDS,
    sets::COMMANDS,
    sorted_sets::COMMANDS,
    streams::COMMANDS,
    strings::COMMANDS,
];
