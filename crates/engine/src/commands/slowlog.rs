//! SLOWLOG: the commands that took longest. COMMANDLOG has them too, and more.

use crate::admin::Admin;
use crate::commandlog::{Log, LogEntry};
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Seq, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[SLOWLOG];

const SERVER: Spec = Spec {
    group: Group::Server,
    since: "2.2.12",
    footprint: Footprint::Nothing,
    flags: &[AdminFlag, Loading, Stale],
    tips: &["request_policy:all_nodes", "nondeterministic_output"],
    ..Spec::DEFAULT
};

const SUBCOMMANDS: &[Command<Run>] = &[GET, HELP, LEN, RESET];

const SLOWLOG: Command<Run> = Command::container(
    Spec {
        name: "slowlog",
        summary: "Shows the commands that took longest.",
        complexity: "Depends on the subcommand.",
        syntax: "SLOWLOG",
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
        summary: "The latest entries: number, second, microseconds, words, client's address, client's name.",
        complexity: "O(N), N being the number of entries",
        syntax: "SLOWLOG GET [count]",
        arity: -2,
        examples: "\
> SLOWLOG GET many
(error) ERR count should be greater than or equal to -1
> SLOWLOG GeT many 2
(error) ERR unknown subcommand or wrong number of arguments for 'GeT'. Try SLOWLOG HELP.",
        ..SERVER
    },
    Run::Admin(get),
);

/// Entries shown unless told otherwise.
const SHOWN: usize = 10;

fn get(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let count = match args.left() {
        0 => SHOWN,
        1 => read_count(args)?,
        _ => return Err(Error::subcommand_misused(args.all())),
    };
    Ok(write_entries(&admin.engine.command_log.slow.lock(), count, reply))
}

/// The next argument as a number of entries, -1 for all.
pub(super) fn read_count(args: &mut Args<'_>) -> Result<usize> {
    let wrong = Error::new("ERR count should be greater than or equal to -1");
    let count = args.int_in(-1.., wrong.clone()).map_err(|_| wrong)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Answers at most `count` entries of a log, the newest first.
pub(super) fn write_entries(log: &Log, count: usize, reply: Reply<'_>) -> Done {
    let count = count.min(log.len());
    let mut entries = reply.array(count);
    log.entries().take(count).for_each(|entry| write_entry(&mut entries, entry));
    entries.done()
}

fn write_entry(entries: &mut Seq<'_>, entry: &LogEntry) {
    let mut parts = entries.array(6);
    parts.int(entry.id as i64);
    parts.int(entry.at_s);
    parts.int(entry.measure as i64);
    let mut words = parts.array(entry.words.len());
    entry.words.iter().for_each(|word| words.bulk(word));
    parts.bulk(entry.address.as_bytes());
    parts.bulk(&entry.name);
}

const LEN: Command<Run> = Command::new(
    Spec {
        name: "len",
        summary: "The number of entries.",
        syntax: "SLOWLOG LEN",
        arity: 2,
        tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
        ..SERVER
    },
    Run::Admin(|admin, _, reply| Ok(reply.len(admin.engine.command_log.slow.lock().len()))),
);

const RESET: Command<Run> = Command::new(
    Spec {
        name: "reset",
        summary: "Forgets all entries.",
        complexity: "O(N), N being the number of entries",
        syntax: "SLOWLOG RESET",
        arity: 2,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        ..SERVER
    },
    Run::Admin(reset),
);

fn reset(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.command_log.slow.lock().clear();
    Ok(reply.ok())
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "6.2.0",
        summary: "Lists the subcommands of SLOWLOG.",
        syntax: "SLOWLOG HELP",
        arity: 2,
        flags: &[Loading, Stale],
        tips: &[],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "SLOWLOG", SUBCOMMANDS))),
);
