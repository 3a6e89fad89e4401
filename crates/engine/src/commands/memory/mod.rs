//! MEMORY: where the memory is.

mod doctor;
mod stats;

use crate::admin::Admin;
use crate::commands::info::View;
use crate::registry::Run;
use command::Flag::{Loading, Readonly, Stale};
use command::{
    Args, Command, Done, Error, Footprint, Group, KeyFlag, KeySpec, Replicate, Reply, Result, Spec, help,
};
use keyspace::Db;

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[MEMORY];

const SERVER: Spec = Spec {
    group: Group::Server,
    since: "4.0.0",
    footprint: Footprint::Nothing,
    replicate: Replicate::Never,
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] = &[DOCTOR, HELP, MALLOC_STATS, PURGE, STATS, USAGE];

const MEMORY: Command<Run> = Command::container(
    Spec {
        name: "memory",
        summary: "Shows where the memory is.",
        complexity: "Depends on the subcommand.",
        syntax: "MEMORY",
        arity: -2,
        tips: &[],
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const USAGE: Command<Run> = Command::new(
    Spec {
        name: "usage",
        summary: "Bytes that a key and its value take.",
        complexity: "O(1): sizes are kept, nothing is sampled",
        syntax: "MEMORY USAGE key [SAMPLES count]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(2, &[KeyFlag::ReadOnly])],
        footprint: Footprint::Keys,
        tips: &[],
        ..SERVER
    },
    Run::Admin(usage),
);

fn usage(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    while !args.is_empty() {
        if !args.take_with_value("SAMPLES") {
            return Err(Error::SYNTAX);
        }
        args.int_in(0.., Error::SYNTAX)?;
    }
    match admin.cx.look(key) {
        None => Ok(reply.null()),
        Some(item) => Ok(reply.len(item.memory_bytes() + Db::share_bytes(&item))),
    }
}

const STATS: Command<Run> = Command::new(
    Spec {
        name: "stats",
        summary: "Where the memory is, in figures.",
        complexity: "O(N), N being the number of shards and clients",
        syntax: "MEMORY STATS",
        arity: 2,
        footprint: Footprint::Each,
        ..SERVER
    },
    Run::Admin(|admin, _, reply| Ok(stats::write(&View::new(admin.engine, admin.cx), reply))),
);

const DOCTOR: Command<Run> = Command::new(
    Spec {
        name: "doctor",
        summary: "Says what is wrong with the use of memory.",
        complexity: "O(N), N being the number of shards and clients",
        syntax: "MEMORY DOCTOR",
        arity: 2,
        footprint: Footprint::Each,
        ..SERVER
    },
    Run::Admin(|admin, _, reply| {
        let report = doctor::report(&doctor::Signs::of(&View::new(admin.engine, admin.cx)));
        Ok(reply.verbatim(report.as_bytes()))
    }),
);

const MALLOC_STATS: Command<Run> = Command::new(
    Spec {
        name: "malloc-stats",
        summary: "The allocator's own statistics.",
        complexity: "Depends on how much memory is in use.",
        syntax: "MEMORY MALLOC-STATS",
        arity: 2,
        ..SERVER
    },
    Run::Admin(|admin, _, reply| Ok(reply.verbatim(admin.engine.host.allocator_statistics().as_bytes()))),
);

const PURGE: Command<Run> = Command::new(
    Spec {
        name: "purge",
        summary: "Gives unused memory back to the operating system.",
        complexity: "Depends on how much memory is in use.",
        syntax: "MEMORY PURGE",
        arity: 2,
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        ..SERVER
    },
    Run::Admin(purge),
);

fn purge(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.host.purge_memory();
    Ok(reply.ok())
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        summary: "Lists the subcommands of MEMORY.",
        syntax: "MEMORY HELP",
        arity: 2,
        flags: &[Loading, Stale],
        tips: &[],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "MEMORY", SUBCOMMANDS))),
);
