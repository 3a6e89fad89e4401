//! DEBUG: what tests and developers need. Each subcommand is a row of a table.

mod data;
mod protocol;
mod server;

use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Guard, Replicate, Reply, Result, Spec};

/// DEBUG.
pub(crate) const COMMANDS: &[Command<Run>] = &[DEBUG];

// Subcommands are not declared as such: Redis doesn't count them one by one either, and they are nobody's interface.
const DEBUG: Command<Run> = Command::new(
    Spec {
        name: "debug",
        internal: true,
        group: Group::Server,
        summary: "Helps to test and to debug.",
        complexity: "Depends on the subcommand.",
        syntax: "DEBUG subcommand [argument [argument ...]]",
        arity: -2,
        guard: Some(Guard::Debug),
        flags: &[AdminFlag, NoScript, Loading, Stale],
        footprint: Footprint::Each,
        replicate: Replicate::Never,
        ..Spec::DEFAULT
    },
    Run::Admin(debug),
);

/// What runs a subcommand, given the words behind its name.
type Subhandler = fn(&mut Admin<'_, '_>, &mut Args<'_>, Reply<'_>) -> Result<Done>;

/// A subcommand.
struct Sub {
    name: &'static str,
    /// Least and most words behind the name.
    words: (usize, usize),
    /// Its words as HELP shows them.
    usage: &'static str,
    help: &'static str,
    run: Subhandler,
}

const MANY: usize = usize::MAX;

#[rustfmt::skip]
const SUBCOMMANDS: &[Sub] = &[
    Sub { name: "aof-flush-sleep", words: (1, 1), usage: "<microseconds>", help: "Wait before the append-only file is written; 0 ends a wait too.", run: server::aof_flush_sleep },
    Sub { name: "change-repl-id", words: (0, 0), usage: "", help: "Give the history of changes another id.", run: server::change_repl_id },
    Sub { name: "config-rewrite-force-all", words: (0, 0), usage: "", help: "Rewrite the configuration file with a line for every directive.", run: server::rewrite_all },
    Sub { name: "digest", words: (0, 0), usage: "", help: "Answer a fingerprint of all data.", run: data::digest },
    Sub { name: "digest-value", words: (0, MANY), usage: "[<key> ...]", help: "Answer a fingerprint of the value of each key.", run: data::digest_value },
    Sub { name: "error", words: (1, 1), usage: "<string>", help: "Answer an error with this text.", run: server::error },
    Sub { name: "htstats", words: (1, 2), usage: "<dbid> [full]", help: "Answer figures of a database's tables.", run: data::table_figures },
    Sub { name: "htstats-key", words: (1, 2), usage: "<key> [full]", help: "Answer figures of a value that is a hash table.", run: data::table_of_value },
    Sub { name: "listpack", words: (1, 1), usage: "<key>", help: "Write the elements of a value that is one listpack to the log.", run: data::listpack },
    Sub { name: "loadaof", words: (0, 0), usage: "", help: "Write the append-only file to its end, forget all data and load the file.", run: data::load_aof },
    Sub { name: "log", words: (1, 1), usage: "<message>", help: "Write a message to the log.", run: server::log },
    Sub { name: "object", words: (1, 2), usage: "<key> [fast]", help: "Answer how a value is held.", run: data::object },
    Sub { name: "panic", words: (0, 0), usage: "", help: "Crash.", run: server::panic },
    Sub { name: "pause-cron", words: (1, 1), usage: "<0|1>", help: "Stop the periodic duties, or let them go on.", run: server::pause_cron },
    Sub { name: "populate", words: (1, 3), usage: "<count> [<prefix>] [<size>]", help: "Create string keys <prefix>:<number>, of <size> bytes.", run: data::populate },
    Sub { name: "protocol", words: (1, 1), usage: "<type>", help: "Answer an example of a type: string, integer, double, bignum, null, array, set, map, attrib, push, verbatim, true, false.", run: server::protocol },
    Sub { name: "quicklist-packed-threshold", words: (1, 1), usage: "<size>", help: "Hold list elements of at least this size by themselves; 0 is the default again.", run: server::packed_threshold },
    Sub { name: "reload", words: (0, 3), usage: "[nosave] [noflush] [merge]", help: "Save all data, forget it and load it again; without saving, on top of what there is, or in place of it.", run: data::reload },
    Sub { name: "replybuffer", words: (2, 2), usage: "resizing <0|1>", help: "Do nothing: no clock changes the size of output buffers.", run: server::reply_buffer },
    Sub { name: "sdslen", words: (1, 1), usage: "<key>", help: "Answer how much memory a key and its string take.", run: data::string_lengths },
    Sub { name: "segfault", words: (0, 0), usage: "", help: "Crash by an access to memory that isn't there.", run: server::segfault },
    Sub { name: "set-active-expire", words: (1, 1), usage: "<0|1>", help: "Stop removing expired keys that nobody asks for, or go on.", run: server::set_active_expire },
    Sub { name: "set-skip-checksum-validation", words: (1, 1), usage: "<0|1>", help: "Take snapshots and dumps whose checksum is wrong, or don't.", run: server::skip_checksums },
    Sub { name: "sleep", words: (1, 1), usage: "<seconds>", help: "Keep the worker that serves this client busy.", run: server::sleep },
    Sub { name: "help", words: (0, 0), usage: "", help: "Show this.", run: help },
];

fn debug(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let name = args.bytes()?;
    let named = |sub: &&Sub| name.eq_ignore_ascii_case(sub.name.as_bytes());
    match SUBCOMMANDS.iter().find(named) {
        Some(sub) if (sub.words.0..=sub.words.1).contains(&args.left()) => (sub.run)(admin, args, reply),
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &[u8]) -> Error {
    let mut text = b"ERR unknown subcommand or wrong number of arguments for '".to_vec();
    text.extend_from_slice(&name[..name.len().min(128)]);
    text.extend_from_slice(b"'. Try DEBUG HELP.");
    Error::with(text)
}

fn help(_: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut lines = vec!["DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:".to_owned()];
    for sub in SUBCOMMANDS {
        lines.push(format!("{} {}", sub.name.to_ascii_uppercase(), sub.usage).trim_end().to_owned());
        lines.push(format!("    {}", sub.help));
    }
    let mut seq = reply.array(lines.len());
    lines.iter().for_each(|line| seq.simple(line));
    Ok(seq.done())
}
