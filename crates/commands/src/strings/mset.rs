//! Several strings at once: MSET, MSETNX, MSETEX.

use super::condition::Condition;
use super::{SET, store};
use crate::expiry::Ttl;
use command::Flag::{DenyOom, MovableKeys, Write};
use command::KeyFlag::{Insert, Overwrite, Update};
use command::{
    Args, Begin, Command, Cx, Done, Error, Find, Group, Handler, KeySpec, Replicate, Reply, Result, Spec,
};
use keyspace::Expiry;

/// MSET
pub(super) const MSET: Command<Handler> = Command::new(
    Spec {
        name: "mset",
        group: Group::String,
        since: "1.0.1",
        summary: "Stores several strings at once.",
        complexity: "O(N), N being the number of keys",
        syntax: "MSET key value [key value ...]",
        arity: -3,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::range(1, -1, 2, &[Overwrite, Update])],
        tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
        examples: "\
> MSET a 1 b 2
OK
> MGET a b
1) \"1\"
2) \"2\"",
        ..Spec::DEFAULT
    },
    mset,
);

fn mset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    check_pairs(args, "mset")?;
    store_pairs(cx, args, args.left() / 2)?;
    Ok(reply.ok())
}

/// MSETNX
pub(super) const MSETNX: Command<Handler> = Command::new(
    Spec {
        name: "msetnx",
        group: Group::String,
        since: "1.0.1",
        summary: "Stores several strings at once, or none if any of the keys exists.",
        complexity: "O(N), N being the number of keys",
        syntax: "MSETNX key value [key value ...]",
        arity: -3,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::range(1, -1, 2, &[Overwrite, Insert])],
        examples: "\
> MSETNX a 1 b 2
(integer) 1
> MSETNX b 3 c 4
(integer) 0
> EXISTS c
(integer) 0",
        ..Spec::DEFAULT
    },
    msetnx,
);

fn msetnx(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    check_pairs(args, "msetnx")?;
    let pairs = args.left() / 2;
    if !all_keys(cx, args.clone(), pairs, false)? {
        return Ok(reply.int(0));
    }
    store_pairs(cx, args, pairs)?;
    Ok(reply.int(1))
}

fn check_pairs(args: &Args<'_>, name: &str) -> Result<()> {
    if args.left().is_multiple_of(2) { Ok(()) } else { Err(Error::wrong_arity(name)) }
}

/// Whether the keys of the next `pairs` all exist, or all are absent, as asked.
fn all_keys(cx: &mut Cx<'_>, mut args: Args<'_>, pairs: usize, present: bool) -> Result<bool> {
    for _ in 0..pairs {
        let (key, _) = (args.key()?, args.bytes()?);
        if cx.slot(key).exists() != present {
            return Ok(false);
        }
    }
    Ok(true)
}

fn store_pairs(cx: &mut Cx<'_>, args: &mut Args<'_>, pairs: usize) -> Result<()> {
    for _ in 0..pairs {
        let (key, value) = (args.key()?, args.bytes()?);
        cx.slot(key).put_string(value, Expiry::Never, SET);
    }
    Ok(())
}

/// A number of keys that isn't one.
const NUMKEYS_INVALID: Error = Error::new("ERR invalid numkeys value or out of range");

/// MSETEX
pub(super) const MSETEX: Command<Handler> = Command::new(
    Spec {
        name: "msetex",
        group: Group::String,
        since: "8.4.0",
        summary: "Stores several strings at once under one condition and one expiry.",
        complexity: "O(N), N being the number of keys",
        syntax: "MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | \
                 EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
        arity: -4,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec {
            begin: Begin::Index(1),
            find: Find::KeyNum { at: 0, first: 1, step: 2 },
            flags: &[Overwrite, Update],
            notes: None,
        }],
        replicate: Replicate::Outcome,
        tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
        examples: "\
> MSETEX 2 a 1 b 2 NX EX 60
(integer) 1
> MSETEX 2 b 3 c 4 NX
(integer) 0
> TTL a
(integer) 60",
        ..Spec::DEFAULT
    },
    msetex,
);

fn msetex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let pairs = args.int_in(1..=i64::from(i32::MAX), NUMKEYS_INVALID).map_err(|_| NUMKEYS_INVALID)? as usize;
    if args.left() / 2 < pairs {
        return Err(Error::SYNTAX);
    }
    let mut words = args.clone();
    words.seek(args.position() + 2 * pairs);
    let (mut condition, mut ttl) = (None, Ttl::Unsaid);
    while !words.is_empty() {
        if ttl.take(&mut words, Ttl::Keep)? {
        } else if let Some(read) = Condition::take_existence(&mut words) {
            Condition::add(&mut condition, read)?;
        } else {
            return Err(Error::SYNTAX);
        }
    }
    let expiry = ttl.resolve(cx.now, "msetex")?;
    if let Some(condition) = condition
        && !all_keys(cx, args.clone(), pairs, condition == Condition::Present)?
    {
        return Ok(reply.int(0));
    }
    for _ in 0..pairs {
        let (key, value) = (args.key()?, args.bytes()?);
        store(&mut cx.slot(key), value, expiry);
    }
    Ok(reply.int(1))
}
