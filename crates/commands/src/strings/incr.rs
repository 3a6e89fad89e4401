//! Adding to the number that a string is.

use base::longdouble::LongDouble;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Spec,
};
use keyspace::{Expiry, Str, Value};

/// The event of every addition of an integer.
pub(super) const INCRBY_EVENT: Event = Event::string("incrby");
/// The event of every addition of a floating point number.
pub(super) const INCRBYFLOAT_EVENT: Event = Event::string("incrbyfloat");

/// INCR
pub(super) const INCR: Command<Handler> = Command::new(
    Spec {
        name: "incr",
        group: Group::String,
        since: "1.0.0",
        summary: "Adds one to an integer, counting an absent key as 0.",
        syntax: "INCR key",
        arity: 2,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        examples: "\
> INCR visits
(integer) 1
> INCR visits
(integer) 2",
        ..Spec::DEFAULT
    },
    |cx, args, reply| add(cx, args.key()?, 1, reply),
);

/// DECR
pub(super) const DECR: Command<Handler> = Command::new(
    Spec {
        name: "decr",
        summary: "Subtracts one from an integer, counting an absent key as 0.",
        syntax: "DECR key",
        examples: "\
> SET stock 10
OK
> DECR stock
(integer) 9",
        ..INCR.spec
    },
    |cx, args, reply| add(cx, args.key()?, -1, reply),
);

/// INCRBY
pub(super) const INCRBY: Command<Handler> = Command::new(
    Spec {
        name: "incrby",
        summary: "Adds a number to an integer, counting an absent key as 0.",
        syntax: "INCRBY key increment",
        arity: 3,
        examples: "\
> SET stock 10
OK
> INCRBY stock 5
(integer) 15",
        ..INCR.spec
    },
    |cx, args, reply| {
        let (key, by) = (args.key()?, args.int()?);
        add(cx, key, by, reply)
    },
);

/// DECRBY
pub(super) const DECRBY: Command<Handler> = Command::new(
    Spec {
        name: "decrby",
        summary: "Subtracts a number from an integer, counting an absent key as 0.",
        syntax: "DECRBY key decrement",
        arity: 3,
        examples: "\
> SET stock 10
OK
> DECRBY stock 3
(integer) 7",
        ..INCR.spec
    },
    |cx, args, reply| {
        let (key, by) = (args.key()?, args.int()?);
        let by = by.checked_neg().ok_or(Error::new("ERR decrement would overflow"))?;
        add(cx, key, by, reply)
    },
);

#[inline]
fn add(cx: &mut Cx<'_>, key: &[u8], by: i64, reply: Reply<'_>) -> Result<Done> {
    let mut slot = cx.slot(key);
    let sum = integer(slot.string()?)?.checked_add(by).ok_or(Error::OVERFLOW)?;
    slot.put_int(sum, Expiry::Keep, INCRBY_EVENT);
    Ok(reply.int(sum))
}

/// The integer that a string is; 0 for none.
#[inline]
pub(super) fn integer(value: Option<Str<'_>>) -> Result<i64> {
    value.map_or(Ok(0), |value| value.as_int().ok_or(Error::NOT_AN_INTEGER))
}

/// The number that a string is, in the precision of INCRBYFLOAT; 0 for none.
pub(super) fn number(value: Option<Str<'_>>) -> Result<LongDouble> {
    match value {
        None => Ok(LongDouble::from(0_i64)),
        Some(Str::Int(n)) => Ok(LongDouble::from(n)),
        Some(Str::Bytes(text)) => LongDouble::parse(text).ok_or(Error::NOT_A_FLOAT),
    }
}

/// INCRBYFLOAT
pub(super) const INCRBYFLOAT: Command<Handler> = Command::new(
    Spec {
        name: "incrbyfloat",
        since: "2.6.0",
        summary: "Adds a number to a floating point value, counting an absent key as 0.",
        syntax: "INCRBYFLOAT key increment:double",
        arity: 3,
        replicate: Replicate::Outcome,
        examples: "\
> SET price 10.50
OK
> INCRBYFLOAT price 0.1
\"10.6\"
> INCRBYFLOAT price -5
\"5.6\"",
        ..INCR.spec
    },
    incrbyfloat,
);

fn incrbyfloat(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, by) = (args.key()?, args.bytes()?);
    let mut slot = cx.slot(key);
    let old = number(slot.string()?)?;
    let sum = old + LongDouble::parse(by).ok_or(Error::NOT_A_FLOAT)?;
    if !sum.is_finite() {
        return Err(Error::NAN_OR_INFINITY);
    }
    let mut text = Vec::new();
    sum.push_text(&mut text);
    let done = reply.bulk(&text);
    // Another machine might round differently: the result is recorded, not the addition.
    slot.outcome(&[b"SET", key, &text, b"KEEPTTL"]);
    slot.put_made(Value::Bytes(text, false), Expiry::Keep, INCRBYFLOAT_EVENT);
    Ok(done)
}
