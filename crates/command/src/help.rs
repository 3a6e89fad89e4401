//! HELP of a container of subcommands, made from their declarations.

use crate::reply::{Done, Reply};
use crate::spec::Command;
use crate::syntax::usage;

/// Answers the HELP of the container called `name` (in capitals): for each subcommand its syntax and, indented, its
/// summary.
pub fn help<F>(reply: Reply<'_>, name: &str, subcommands: &[Command<F>]) -> Done {
    let mut lines = reply.array(1 + 2 * subcommands.len());
    lines.simple(&format!("{name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for subcommand in subcommands {
        let usage = usage(subcommand.spec.syntax);
        lines.simple(usage.strip_prefix(name).unwrap_or(&usage).trim_start());
        lines.simple(&format!("    {}", subcommand.spec.summary));
    }
    lines.done()
}
