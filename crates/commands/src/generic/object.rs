//! OBJECT: how a value is stored.

use command::Flag::{Loading, Readonly, Stale};
use command::KeyFlag::ReadOnly;
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::Remember;

/// OBJECT
pub(super) const OBJECT: Command<Handler> = Command::container(
    Spec {
        name: "object",
        group: Group::Generic,
        since: "2.2.3",
        summary: "Looks inside the stored form of a value.",
        complexity: "Depends on the subcommand",
        syntax: "OBJECT",
        arity: -2,
        ..Spec::DEFAULT
    },
    |_, _, _| Err(Error::SYNTAX),
    &[ENCODING, FREQ, HELP, IDLETIME, REFCOUNT],
);

/// What all subcommands on a key declare.
const ON_KEY: Spec = Spec {
    group: Group::Generic,
    since: "2.2.3",
    arity: 3,
    flags: &[Readonly],
    keys: &[KeySpec::one(2, &[ReadOnly])],
    tips: &["nondeterministic_output"],
    ..Spec::DEFAULT
};

const ENCODING: Command<Handler> = Command::new(
    Spec {
        name: "encoding",
        summary: "How a value is encoded in memory.",
        syntax: "OBJECT ENCODING key",
        examples: "\
> MSET number 12 text twelve
OK
> OBJECT ENCODING number
\"int\"
> OBJECT ENCODING text
\"embstr\"",
        ..ON_KEY
    },
    encoding,
);

fn encoding(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(match cx.look(args.key()?) {
        Some(item) => reply.bulk(item.encoding_name().as_bytes()),
        None => reply.null(),
    })
}

const FREQ: Command<Handler> = Command::new(
    Spec {
        name: "freq",
        since: "4.0.0",
        summary: "The logarithmic counter of how often a key is used.",
        syntax: "OBJECT FREQ key",
        examples: "\
> OBJECT FREQ nothing
(nil)",
        ..ON_KEY
    },
    freq,
);

fn freq(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (remember, now_ms) = (cx.limits.remember, cx.now.ms());
    let Some(item) = cx.look(args.key()?) else { return Ok(reply.null()) };
    match remember {
        Remember::Frequency { .. } => Ok(reply.int(i64::from(remember.frequency(item.access(), now_ms)))),
        Remember::Recency => Err(Error::new(
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
             switching between policies at runtime LRU and LFU data will take some time to adjust.",
        )),
    }
}

const IDLETIME: Command<Handler> = Command::new(
    Spec {
        name: "idletime",
        summary: "For how many seconds a key has not been used.",
        syntax: "OBJECT IDLETIME key",
        examples: "\
> SET key value
OK
> OBJECT IDLETIME key
(integer) 0",
        ..ON_KEY
    },
    idletime,
);

fn idletime(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (remember, now_ms) = (cx.limits.remember, cx.now.ms());
    let Some(item) = cx.look(args.key()?) else { return Ok(reply.null()) };
    match remember {
        Remember::Recency => Ok(reply.int(i64::from(remember.idle_seconds(item.access(), now_ms)))),
        Remember::Frequency { .. } => Err(Error::new(
            "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching \
             between policies at runtime LRU and LFU data will take some time to adjust.",
        )),
    }
}

const REFCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "refcount",
        summary: "How many references there are to a value: always one.",
        syntax: "OBJECT REFCOUNT key",
        examples: "\
> SET key value
OK
> OBJECT REFCOUNT key
(integer) 1",
        ..ON_KEY
    },
    |cx, args, reply| {
        let exists = cx.look(args.key()?).is_some();
        Ok(if exists { reply.int(1) } else { reply.null() })
    },
);

const HELP: Command<Handler> = Command::new(
    Spec {
        name: "help",
        group: Group::Generic,
        since: "6.2.0",
        summary: "Lists the subcommands of OBJECT.",
        syntax: "OBJECT HELP",
        arity: 2,
        flags: &[Loading, Stale],
        footprint: command::Footprint::Nothing,
        ..Spec::DEFAULT
    },
    help,
);

fn help(_: &mut Cx<'_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const LINES: [&str; 11] = [
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    How the value is encoded in memory.",
        "FREQ <key>",
        "    The logarithmic counter of how often the key is used (LFU policies only).",
        "IDLETIME <key>",
        "    For how many seconds the key has not been used (not with LFU policies).",
        "REFCOUNT <key>",
        "    How many references there are to the value.",
        "HELP",
        "    Prints this help.",
    ];
    let mut lines = reply.array(LINES.len());
    LINES.iter().for_each(|line| lines.simple(line));
    Ok(lines.done())
}
