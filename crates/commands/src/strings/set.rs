//! SET and its older forms.

use super::condition::Condition;
use super::{SET as SET_EVENT, record, store};
use crate::expiry::{Deadline, Measure, Ttl};
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, Insert, Overwrite, ReadWrite, Update, VariableFlags};
use command::{
    Args, Command, Cx, Deprecated, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec,
};
use keyspace::{Expiry, Str};

/// SET
pub(super) const SET: Command<Handler> = Command::new(
    Spec {
        name: "set",
        group: Group::String,
        since: "1.0.0",
        summary: "Stores a string at a key, whatever was there, with conditions and an expiry on request.",
        complexity: "O(1), or O(N) with a digest, N being the length of the present string",
        syntax: "SET key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | \
                 IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
                 PXAT unix-time-milliseconds | KEEPTTL]",
        arguments_since: &[
            ("condition", "2.6.12"),
            ("keepttl", "6.0.0"),
            ("milliseconds", "2.6.12"),
            ("seconds", "2.6.12"),
            ("unix-time-milliseconds", "6.2.0"),
            ("unix-time-seconds", "6.2.0"),
            ("get", "6.2.0"),
        ],
        arity: -3,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update, VariableFlags])
            .noted("RW and ACCESS: GET answers the former value")],
        key_use: Some(|words| match words.slice(3..).iter().any(|word| word.eq_ignore_ascii_case(b"GET")) {
            true => &[ReadWrite, Access, Update],
            false => &[Overwrite, Update],
        }),
        replicate: Replicate::Outcome,
        examples: "\
> SET greeting hello
OK
> SET greeting again NX
(nil)
> SET greeting hi IFEQ hello EX 60 GET
\"hello\"
> TTL greeting
(integer) 60",
        ..Spec::DEFAULT
    },
    set,
);

fn set(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, value) = (args.key()?, args.bytes()?);
    if args.is_empty() {
        cx.slot(key).put_string(value, Expiry::Never, SET_EVENT);
        return Ok(reply.ok());
    }
    set_with(cx, key, value, &Options::read(args)?, reply)
}

/// The options of SET.
struct Options<'a> {
    condition: Option<Condition<'a>>,
    get: bool,
    ttl: Ttl<'a>,
}

impl<'a> Options<'a> {
    fn read(args: &mut Args<'a>) -> Result<Options<'a>> {
        let mut options = Options { condition: None, get: false, ttl: Ttl::Unsaid };
        while !args.is_empty() {
            if args.take("GET") {
                options.get = true;
            } else if options.ttl.take(args, Ttl::Keep)? {
            } else if let Some(condition) = Condition::take(args)? {
                Condition::add(&mut options.condition, condition)?;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }
}

fn set_with(
    cx: &mut Cx<'_>,
    key: &[u8],
    value: &[u8],
    options: &Options<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let expiry = options.ttl.resolve(cx.now, "set")?;
    let mut slot = cx.slot(key);
    if options.get {
        slot.count_read();
        let old = slot.string()?;
        let met = options.condition.map_or(Ok(true), |condition| condition.holds(&slot))?;
        let done = string_or_null(old, reply);
        if met {
            store(&mut slot, value, expiry);
        }
        return Ok(done);
    }
    if !options.condition.map_or(Ok(true), |condition| condition.holds(&slot))? {
        return Ok(reply.null());
    }
    store(&mut slot, value, expiry);
    Ok(reply.ok())
}

fn string_or_null(value: Option<Str<'_>>, reply: Reply<'_>) -> Done {
    match value {
        Some(value) => reply.string(value),
        None => reply.null(),
    }
}

/// SETNX
pub(super) const SETNX: Command<Handler> = Command::new(
    Spec {
        name: "setnx",
        group: Group::String,
        since: "1.0.0",
        summary: "Stores a string if the key is absent.",
        deprecated: Some(Deprecated { since: "2.6.12", replaced_by: "`SET` with the `NX` argument" }),
        syntax: "SETNX key value",
        arity: 3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[Overwrite, Insert])],
        examples: "\
> SETNX lock me
(integer) 1
> SETNX lock you
(integer) 0",
        ..Spec::DEFAULT
    },
    setnx,
);

fn setnx(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, value) = (args.key()?, args.bytes()?);
    let mut slot = cx.slot(key);
    let absent = !slot.exists();
    if absent {
        slot.put_string(value, Expiry::Never, SET_EVENT);
    }
    Ok(reply.flag(absent))
}

/// SETEX
pub(super) const SETEX: Command<Handler> = Command::new(
    Spec {
        name: "setex",
        group: Group::String,
        since: "2.0.0",
        summary: "Stores a string that expires after some seconds.",
        deprecated: Some(Deprecated { since: "2.6.12", replaced_by: "`SET` with the `EX` argument" }),
        syntax: "SETEX key seconds value",
        arity: 4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[Overwrite, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> SETEX session 60 data
OK
> TTL session
(integer) 60",
        ..Spec::DEFAULT
    },
    |cx, args, reply| setex(cx, args, reply, Measure::SECONDS, "setex"),
);

/// PSETEX
pub(super) const PSETEX: Command<Handler> = Command::new(
    Spec {
        name: "psetex",
        since: "2.6.0",
        summary: "Stores a string that expires after some milliseconds.",
        deprecated: Some(Deprecated { since: "2.6.12", replaced_by: "`SET` with the `PX` argument" }),
        syntax: "PSETEX key milliseconds value",
        examples: "\
> PSETEX session 60000 data
OK
> TTL session
(integer) 60",
        ..SETEX.spec
    },
    |cx, args, reply| setex(cx, args, reply, Measure::MILLISECONDS, "psetex"),
);

fn setex(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    measure: Measure,
    name: &str,
) -> Result<Done> {
    let (key, word, value) = (args.key()?, args.bytes()?, args.bytes()?);
    let at_ms = Deadline { word, measure }.resolve(cx.now, name)?;
    store(&mut cx.slot(key), value, Expiry::At(at_ms));
    Ok(reply.ok())
}

/// GETSET
pub(super) const GETSET: Command<Handler> = Command::new(
    Spec {
        name: "getset",
        group: Group::String,
        since: "1.0.0",
        summary: "Stores a string and answers with the one it replaced.",
        deprecated: Some(Deprecated { since: "6.2.0", replaced_by: "`SET` with the `!GET` argument" }),
        syntax: "GETSET key value",
        arity: 3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> GETSET state on
(nil)
> GETSET state off
\"on\"",
        ..Spec::DEFAULT
    },
    getset,
);

fn getset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, value) = (args.key()?, args.bytes()?);
    let mut slot = cx.slot(key);
    slot.count_read();
    let done = string_or_null(slot.string()?, reply);
    slot.put_string(value, Expiry::Never, SET_EVENT);
    record(&mut slot, value, Expiry::Never);
    Ok(done)
}
