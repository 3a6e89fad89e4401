//! COMMAND: what there is to know about the commands themselves. Everything follows from their declarations.

mod docs;
mod info;
mod keys;
mod list;

use crate::admin::Admin;
use crate::registry::{Registered, Registry, Run};
use ::command::Flag::{Loading, Stale};
use ::command::{Args, Command, Done, Footprint, Group, Reply, Result, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[COMMAND];

/// What the declarations share.
const ABOUT_COMMANDS: Spec = Spec {
    group: Group::Server,
    acl: &["connection"],
    flags: &[Loading, Stale],
    footprint: Footprint::Nothing,
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] =
    &[COUNT, docs::DOCS, keys::GETKEYS, keys::GETKEYSANDFLAGS, HELP, info::INFO, list::LIST];

const COMMAND: Command<Run> = Command::container(
    Spec {
        name: "command",
        since: "2.8.13",
        summary: "All commands and what clients must know about them.",
        complexity: "O(N), N being the number of commands",
        syntax: "COMMAND",
        arity: -1,
        tips: &["nondeterministic_output_order"],
        ..ABOUT_COMMANDS
    },
    Run::Admin(info::all),
    SUBCOMMANDS,
);

const COUNT: Command<Run> = Command::new(
    Spec {
        name: "count",
        since: "2.8.13",
        summary: "The number of commands.",
        syntax: "COMMAND COUNT",
        arity: 2,
        ..ABOUT_COMMANDS
    },
    Run::Admin(count),
);

fn count(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.len(top_level(&admin.engine.registry).count()))
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of COMMAND.",
        syntax: "COMMAND HELP",
        arity: 2,
        ..ABOUT_COMMANDS
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "COMMAND", SUBCOMMANDS))),
);

/// The commands in use, without subcommands, in the order of the registry.
fn top_level(registry: &Registry) -> impl Iterator<Item = &Registered> {
    registry.all().iter().filter(|command| command.in_use && command.container.is_none())
}

/// The command called `get` or `client|list`, in any case.
fn named<'r>(registry: &'r Registry, name: &[u8]) -> Option<&'r Registered> {
    match name.iter().position(|byte| *byte == b'|') {
        None => registry.find(name),
        Some(bar) => registry.find_sub(registry.find(&name[..bar])?, &name[bar + 1..]),
    }
}
