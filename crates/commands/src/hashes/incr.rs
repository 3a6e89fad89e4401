//! HINCRBY, HINCRBYFLOAT: adding to the number that a field's value is.

use super::open_or_insert;
use base::longdouble::LongDouble;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Spec,
};
use structs::fields::Ttl;

/// HINCRBY
pub(super) const HINCRBY: Command<Handler> = Command::new(
    Spec {
        name: "hincrby",
        group: Group::Hash,
        since: "2.0.0",
        summary: "Adds a number to the integer in a field, counting an absent field as 0.",
        syntax: "HINCRBY key field increment",
        arity: 4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        element: Some(2),
        examples: "\
> HINCRBY page views 5
(integer) 5
> HINCRBY page views -2
(integer) 3",
        ..Spec::DEFAULT
    },
    hincrby,
);

fn hincrby(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const NOT_AN_INTEGER: Error = Error::new("ERR hash value is not an integer");
    let (key, field, by, limits) = (args.key()?, args.bytes()?, args.int()?, &cx.limits.hash);
    let mut hash = open_or_insert(cx, key, std::iter::once(field))?;
    let old = match hash.view().find(field) {
        None => 0,
        Some(found) => found.value.as_int().ok_or(NOT_AN_INTEGER)?,
    };
    let sum = old.checked_add(by).ok_or(Error::OVERFLOW)?;
    hash.set(field, itoa::Buffer::new().format(sum).as_bytes(), Ttl::Keep, limits);
    hash.changed_by(1, Event::hash("hincrby"));
    hash.name_elements([field]);
    Ok(reply.int(sum))
}

/// HINCRBYFLOAT
pub(super) const HINCRBYFLOAT: Command<Handler> = Command::new(
    Spec {
        name: "hincrbyfloat",
        since: "2.6.0",
        summary: "Adds a number to the floating point value in a field, counting an absent field as 0.",
        syntax: "HINCRBYFLOAT key field increment:double",
        replicate: Replicate::Outcome,
        examples: "\
> HSET shop price 10.50
(integer) 1
> HINCRBYFLOAT shop price 0.1
\"10.6\"",
        ..HINCRBY.spec
    },
    hincrbyfloat,
);

fn hincrbyfloat(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const NOT_A_FLOAT: Error = Error::new("ERR hash value is not a float");
    let (key, field, by, limits) = (args.key()?, args.bytes()?, args.bytes()?, &cx.limits.hash);
    let by = LongDouble::parse(by).ok_or(Error::NOT_A_FLOAT)?;
    if !by.is_finite() {
        return Err(Error::new("ERR value is NaN or Infinity"));
    }
    let mut hash = open_or_insert(cx, key, std::iter::once(field))?;
    let old = match hash.view().find(field) {
        None => LongDouble::from(0_i64),
        Some(found) => found.value.with_text(LongDouble::parse).ok_or(NOT_A_FLOAT)?,
    };
    let sum = old + by;
    if !sum.is_finite() {
        return Err(Error::NAN_OR_INFINITY);
    }
    let mut text = Vec::new();
    sum.push_text(&mut text);
    hash.set(field, &text, Ttl::Keep, limits);
    hash.changed_by(1, Event::hash("hincrbyfloat"));
    hash.name_elements([field]);
    // Another machine might round differently: the result is recorded, not the addition.
    hash.outcome_for(b"HSETEX", &[b"KEEPTTL", b"FIELDS", b"1"], &[field, &text]);
    Ok(reply.bulk(&text))
}
