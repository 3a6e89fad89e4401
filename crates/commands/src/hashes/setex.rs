//! HSETEX.

use super::{SET, open_or_insert};
use crate::elements::Elements;
use crate::elements::block::take_moment;
use crate::expiry::Measure;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Open, Replicate, Reply, Result, Spec,
};
use keyspace::Item;
use structs::fields::{FieldMap, Ttl, View};

/// HSETEX
pub(super) const HSETEX: Command<Handler> = Command::new(
    Spec {
        name: "hsetex",
        group: Group::Hash,
        since: "8.0.0",
        summary: "Gives fields of a hash values under a condition, and says when they expire.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HSETEX key [NX | XX]:key-condition [FNX | FXX]:fields-condition [EX seconds | \
                 PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL] \
                 FIELDS {numfields field value [field value ...]}",
        arity: -6,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> HSETEX user EX 60 FIELDS 2 token secret city London
(integer) 1
> HSETEX user FNX FIELDS 2 token other name Ada
(integer) 0
> HTTL user FIELDS 1 token
1) (integer) 60",
        ..Spec::DEFAULT
    },
    hsetex,
);

/// Whether something must be there, or must not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Absent,
    Present,
}

#[derive(Clone, Copy, Default)]
struct Options {
    /// Of the key.
    key: Option<Presence>,
    /// Of all fields, or none.
    fields: Option<Presence>,
    ttl: Option<Ttl>,
}

impl Options {
    /// Reads the words before FIELDS.
    fn read(args: &mut Args<'_>, cx: &Cx<'_>) -> Result<Options> {
        const FIELDS_TWICE: Error = Error::new("ERR Only one of FXX or FNX arguments can be specified");
        const KEY_TWICE: Error = Error::new("ERR Only one of XX or NX arguments can be specified");
        const TTL_TWICE: Error =
            Error::new("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
        let mut options = Options::default();
        while !args.take("FIELDS") {
            if let Some(presence) = take(args, "FNX", "FXX") {
                once(&mut options.fields, presence, FIELDS_TWICE)?;
            } else if let Some(presence) = take(args, "NX", "XX") {
                once(&mut options.key, presence, KEY_TWICE)?;
            } else if args.take("KEEPTTL") {
                once(&mut options.ttl, Ttl::Keep, TTL_TWICE)?;
            } else if options.ttl.is_some() && Measure::take_option(args).is_some() {
                return Err(TTL_TWICE);
            } else if let Some(at_ms) = take_moment(args, cx.now, "hsetex")? {
                options.ttl = Some(Ttl::At(at_ms));
            } else {
                return Err(unknown(args));
            }
        }
        Ok(options)
    }
}

fn take(args: &mut Args<'_>, absent: &str, present: &str) -> Option<Presence> {
    if args.take(absent) { Some(Presence::Absent) } else { args.take(present).then_some(Presence::Present) }
}

fn once<T>(option: &mut Option<T>, value: T, twice: Error) -> Result<()> {
    if option.replace(value).is_some() { Err(twice) } else { Ok(()) }
}

fn unknown(args: &Args<'_>) -> Error {
    match args.peek() {
        Some(word) => Error::with([b"ERR unknown argument: ", word].concat()),
        None => Error::wrong_arity("hsetex"),
    }
}

/// Reads the fields with their values, which are the last words.
fn pairs<'a>(args: &mut Args<'a>) -> Result<Vec<(&'a [u8], &'a [u8])>> {
    /// Their number, a field and a value.
    const LEAST: usize = 3;
    if args.left() < LEAST {
        return Err(Error::wrong_arity("hsetex"));
    }
    let count = args.bytes().ok().and_then(base::num::parse_i64);
    let count = count.filter(|count| (1..=i64::from(i32::MAX)).contains(count));
    let count = count.ok_or(Error::new("ERR invalid number of fields"))? as usize;
    if count.checked_mul(2) != Some(args.left()) {
        return Err(Error::wrong_arity("hsetex"));
    }
    (0..count).map(|_| Ok((args.bytes()?, args.bytes()?))).collect()
}

fn hsetex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let options = Options::read(args, cx)?;
    let pairs = pairs(args)?;
    let (limits, from_ms) = (&cx.limits.hash, cx.alive_from_ms());
    let present = fields(cx.look(key))?.alive_at(from_ms);
    if !allowed(options, present, &pairs) {
        return Ok(reply.int(0));
    }
    let ttl = options.ttl.unwrap_or(Ttl::Clear);
    let mut hash = open_or_insert(cx, key, pairs.iter().map(|(field, _)| *field))?;
    let inner: &mut FieldMap = &mut hash;
    let longest = pairs.iter().map(|(field, value)| field.len().max(value.len())).max();
    inner.make_room(pairs.len(), longest.unwrap_or(0), limits);
    for (field, value) in &pairs {
        inner.set(field, value, ttl, limits);
    }
    hash.changed_by(pairs.len(), SET);
    hash.name_elements(pairs.iter().map(|(field, _)| *field));
    match ttl {
        Ttl::At(at_ms) if hash.is_over(at_ms) => remove(&mut hash, &pairs),
        ttl => stored(&mut hash, &pairs, ttl),
    }
    Ok(reply.int(1))
}

fn fields(item: Option<Item<'_>>) -> Result<View<'_>> {
    match item {
        None => Ok(View::empty()),
        Some(item) => item.fields().ok_or(Error::WRONG_TYPE),
    }
}

fn allowed(options: Options, present: View<'_>, pairs: &[(&[u8], &[u8])]) -> bool {
    let key = match options.key {
        None => true,
        Some(presence) => present.is_empty() == (presence == Presence::Absent),
    };
    let fields = match options.fields {
        None => true,
        Some(Presence::Absent) => pairs.iter().all(|(field, _)| !present.contains(field)),
        Some(Presence::Present) => pairs.iter().all(|(field, _)| present.contains(field)),
    };
    key && fields
}

/// Removes fields that were to expire at a moment that is over.
fn remove(hash: &mut Open<'_, '_, FieldMap>, pairs: &[(&[u8], &[u8])]) {
    let fields: Vec<&[u8]> = pairs.iter().map(|(field, _)| *field).collect();
    for field in &fields {
        hash.remove(field);
    }
    hash.also(FieldMap::REMOVED);
    hash.name_elements(fields.iter().copied());
    hash.outcome_for(FieldMap::REMOVE, &[], &fields);
}

fn stored(hash: &mut Open<'_, '_, FieldMap>, pairs: &[(&[u8], &[u8])], ttl: Ttl) {
    if matches!(ttl, Ttl::At(_)) {
        hash.also(FieldMap::EXPIRE);
        hash.name_elements(pairs.iter().map(|(field, _)| *field));
    }
    let (mut at, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
    let fields: [&[u8]; 2] = [b"FIELDS", count.format(pairs.len()).as_bytes()];
    let words = pairs.iter().flat_map(|(field, value)| [*field, *value]).collect::<Vec<_>>();
    match ttl {
        Ttl::Clear => hash.outcome_for(b"HSETEX", &fields, &words),
        Ttl::Keep => hash.outcome_for(b"HSETEX", &[&[&b"KEEPTTL"[..]], &fields[..]].concat(), &words),
        Ttl::At(at_ms) => {
            let at = at.format(at_ms).as_bytes();
            hash.outcome_for(b"HSETEX", &[&[&b"PXAT"[..], at], &fields[..]].concat(), &words);
        }
    }
}
