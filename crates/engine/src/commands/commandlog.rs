//! COMMANDLOG: the commands that took longest, as SLOWLOG shows them, and those with the largest requests and replies.

use super::slowlog::{read_count, write_entries};
use crate::admin::Admin;
use crate::commandlog::{CommandLog, Log};
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec, help};
use parking_lot::Mutex;

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[COMMANDLOG];

const SERVER: Spec = Spec {
    group: Group::Server,
    since: "valkey 8.1.0",
    footprint: Footprint::Nothing,
    flags: &[AdminFlag, Loading, Stale],
    tips: &["request_policy:all_nodes", "nondeterministic_output"],
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] = &[GET, HELP, LEN, RESET];

const COMMANDLOG: Command<Run> = Command::container(
    Spec {
        name: "commandlog",
        summary: "Shows slow commands, and those with large requests or replies.",
        complexity: "Depends on the subcommand.",
        syntax: "COMMANDLOG",
        arity: -2,
        flags: &[],
        tips: &[],
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const GET: Command<Run> = Command::new(
    Spec {
        name: "get",
        summary: "The latest entries of a kind, -1 for all: number, second, microseconds or bytes, words, client's \
                  address, client's name.",
        complexity: "O(N), N being the number of entries",
        syntax: "COMMANDLOG GET count <SLOW | LARGE-REQUEST | LARGE-REPLY>:type",
        arity: 4,
        examples: "\
> COMMANDLOG GET -1 LARGE-REPLY
(empty array)
> COMMANDLOG GET many slow
(error) ERR count should be greater than or equal to -1
> COMMANDLOG GET 10 large
(error) ERR type should be one of the following: slow, large-request, large-reply",
        ..SERVER
    },
    Run::Admin(get),
);

fn get(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let count = read_count(args)?;
    let log = named(&admin.engine.command_log, args.bytes()?)?.lock();
    Ok(write_entries(&log, count, reply))
}

/// The log of the kind of this name.
fn named<'l>(logs: &'l CommandLog, name: &[u8]) -> Result<&'l Mutex<Log>> {
    match &*name.to_ascii_lowercase() {
        b"slow" => Ok(&logs.slow),
        b"large-request" => Ok(&logs.large_request),
        b"large-reply" => Ok(&logs.large_reply),
        _ => Err(Error::new("ERR type should be one of the following: slow, large-request, large-reply")),
    }
}

const LEN: Command<Run> = Command::new(
    Spec {
        name: "len",
        summary: "The number of entries of a kind.",
        syntax: "COMMANDLOG LEN <SLOW | LARGE-REQUEST | LARGE-REPLY>:type",
        arity: 3,
        tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
        examples: "\
> CONFIG SET commandlog-request-larger-than 30
OK
> SET letters abc
OK
> SET letters abcd
OK
> COMMANDLOG LEN large-request
(integer) 3",
        ..SERVER
    },
    Run::Admin(len),
);

fn len(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.len(named(&admin.engine.command_log, args.bytes()?)?.lock().len()))
}

const RESET: Command<Run> = Command::new(
    Spec {
        name: "reset",
        summary: "Forgets all entries of a kind.",
        complexity: "O(N), N being the number of entries",
        syntax: "COMMANDLOG RESET <SLOW | LARGE-REQUEST | LARGE-REPLY>:type",
        arity: 3,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        examples: "\
> COMMANDLOG RESET large-reply
OK",
        ..SERVER
    },
    Run::Admin(reset),
);

fn reset(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    named(&admin.engine.command_log, args.bytes()?)?.lock().clear();
    Ok(reply.ok())
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        summary: "Lists the subcommands of COMMANDLOG.",
        syntax: "COMMANDLOG HELP",
        arity: 2,
        flags: &[Loading, Stale],
        tips: &[],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "COMMANDLOG", SUBCOMMANDS))),
);
