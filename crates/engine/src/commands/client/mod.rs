//! CLIENT: what the server knows of its connections, and what can be done to them.

mod control;
mod filter;
mod flags;
mod kill;
mod label;
mod line;
mod list;
mod tracking;

pub(super) use label::checked_label;

use crate::registry::Run;
use command::Flag::{KeepsCaching, Loading, Stale};
use command::{Command, Footprint, Group, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[CLIENT];

/// What the declarations share.
const CONNECTION: Spec = Spec { group: Group::Connection, footprint: Footprint::Nothing, ..Spec::DEFAULT };

const SUBCOMMANDS: &[Command<Run>] = &[
    tracking::CACHING,
    control::CAPA,
    label::GETNAME,
    tracking::GETREDIR,
    HELP,
    list::ID,
    control::IMPORT_SOURCE,
    list::INFO,
    kill::KILL,
    list::LIST,
    control::NO_EVICT,
    control::NO_TOUCH,
    control::PAUSE,
    control::REPLY,
    label::SETINFO,
    label::SETNAME,
    tracking::TRACKING,
    tracking::TRACKINGINFO,
    control::UNBLOCK,
    control::UNPAUSE,
];

const CLIENT: Command<Run> = Command::container(
    Spec {
        name: "client",
        since: "2.4.0",
        summary: "Tells about connections and controls them.",
        complexity: "Depends on the subcommand.",
        syntax: "CLIENT",
        arity: -2,
        flags: &[KeepsCaching],
        ..CONNECTION
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of CLIENT.",
        syntax: "CLIENT HELP",
        arity: 2,
        flags: &[Loading, Stale],
        ..CONNECTION
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "CLIENT", SUBCOMMANDS))),
);
