//! Asking when a key expires, and making it last.

use command::Flag::{Fast, Readonly, Write};
use command::KeyFlag::{Access, ReadOnly, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};

/// What is answered for an absent key.
const NO_KEY: i64 = -2;
/// What is answered for a key without expiry.
const NO_EXPIRY: i64 = -1;

/// TTL
pub(super) const TTL: Command<Handler> = Command::new(
    Spec {
        name: "ttl",
        group: Group::Generic,
        since: "1.0.0",
        summary: "How many seconds a key has left.",
        syntax: "TTL key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> SET a 1 EX 100
OK
> TTL a
(integer) 100
> SET b 1
OK
> TTL b
(integer) -1
> TTL nothing
(integer) -2",
        ..Spec::DEFAULT
    },
    |cx, args, reply| answer(cx, args, reply, |at_ms, now_ms| to_seconds(left(at_ms, now_ms))),
);

/// PTTL
pub(super) const PTTL: Command<Handler> = Command::new(
    Spec {
        name: "pttl",
        since: "2.6.0",
        summary: "How many milliseconds a key has left.",
        syntax: "PTTL key",
        examples: "\
> SET a 1
OK
> PTTL a
(integer) -1
> PTTL nothing
(integer) -2",
        ..TTL.spec
    },
    |cx, args, reply| answer(cx, args, reply, left),
);

/// EXPIRETIME
pub(super) const EXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "expiretime",
        since: "7.0.0",
        summary: "The second at which a key will expire.",
        syntax: "EXPIRETIME key",
        tips: &[],
        examples: "\
> SET a 1 EXAT 33177117420
OK
> EXPIRETIME a
(integer) 33177117420",
        ..TTL.spec
    },
    |cx, args, reply| answer(cx, args, reply, |at_ms, _| to_seconds(at_ms)),
);

/// PEXPIRETIME
pub(super) const PEXPIRETIME: Command<Handler> = Command::new(
    Spec {
        name: "pexpiretime",
        since: "7.0.0",
        summary: "The millisecond at which a key will expire.",
        syntax: "PEXPIRETIME key",
        tips: &[],
        examples: "\
> SET a 1 EXAT 33177117420
OK
> PEXPIRETIME a
(integer) 33177117420000",
        ..TTL.spec
    },
    |cx, args, reply| answer(cx, args, reply, |at_ms, _| at_ms),
);

fn answer(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    tell: impl FnOnce(i64, i64) -> i64,
) -> Result<Done> {
    let now_ms = cx.now.ms();
    let expiry_ms = cx.find(args.key()?).map(|item| item.expiry_ms());
    Ok(reply.int(match expiry_ms {
        None => NO_KEY,
        Some(None) => NO_EXPIRY,
        Some(Some(at_ms)) => tell(at_ms, now_ms),
    }))
}

fn left(at_ms: i64, now_ms: i64) -> i64 {
    at_ms.saturating_sub(now_ms).max(0)
}

/// Whole seconds, rounded to the nearest.
fn to_seconds(ms: i64) -> i64 {
    ms / 1000 + i64::from(ms % 1000 >= 500)
}

/// PERSIST
pub(super) const PERSIST: Command<Handler> = Command::new(
    Spec {
        name: "persist",
        group: Group::Generic,
        since: "2.2.0",
        summary: "Makes a key last: removes its expiry.",
        syntax: "PERSIST key",
        arity: 2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> SET a 1 EX 100
OK
> PERSIST a
(integer) 1
> TTL a
(integer) -1",
        ..Spec::DEFAULT
    },
    persist,
);

fn persist(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut slot = cx.slot(args.key()?);
    let expires = slot.item().is_some_and(|item| item.expiry_ms().is_some());
    if expires {
        slot.set_expiry(None, Event::PERSIST);
    }
    Ok(reply.flag(expires))
}
