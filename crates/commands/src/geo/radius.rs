//! The search commands that GEOSEARCH has replaced: GEORADIUS, GEORADIUSBYMEMBER, and their forms that only read.

use super::query::{Destination, Options, Stored, answer, store_found};
use super::search::place_of;
use super::shape::{Outline, Shape};
use super::words::{point, radius};
use crate::sorted_sets::{Seen, read};
use command::Flag::{DenyOom, MovableKeys, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{
    Args, Begin, Command, Cx, Deprecated, Done, Error, Event, Find, Group, Handler, KeyFlag, KeySpec, Reach,
    Reply, Result, Spec,
};
use structs::ranked::View;

/// What the four declarations share.
const RADIUS: Spec = Spec {
    group: Group::Geo,
    complexity: "O(N+log(M)), N being the elements near the area and M those of the set",
    flags: &[Readonly],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

const DESTINATION: &[KeyFlag] = &[Overwrite, Update];

/// A key behind a word.
const fn behind(word: &'static str, start: i16) -> KeySpec {
    KeySpec {
        begin: Begin::Keyword { word, start },
        find: Find::Range { last: 0, step: 1, limit: 0 },
        flags: DESTINATION,
        notes: None,
    }
}

/// The last key that the result is to be stored under, if there are several: the specifications find the first ones.
fn reach(words: resp::Args<'_>, options_from: usize) -> Reach {
    let mut args = Args::new(words, options_from.min(words.len()));
    let mut reach = Reach::default();
    while !args.is_empty() {
        if args.take_with_value("STORE") || args.take_with_value("STOREDIST") {
            reach.key = Some(args.position());
        }
        args.seek(args.position() + 1);
    }
    reach
}

const fn replaced_by(replaced_by: &'static str) -> Option<Deprecated> {
    Some(Deprecated { since: "6.2.0", replaced_by })
}

/// GEORADIUS
pub(super) const GEORADIUS: Command<Handler> = Command::new(
    Spec {
        name: "georadius",
        since: "3.2.0",
        summary: "The places in a circle around a point; stores them if told so.",
        deprecated: replaced_by("`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"),
        syntax: "GEORADIUS key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]]:count-block [ASC | DESC] [STORE key:storekey | STOREDIST key:storedistkey]:store",
        arguments_since: &[("any", "6.2.0")],
        arity: -6,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[ReadOnly, Access]), behind("STORE", 6), behind("STOREDIST", 6)],
        reach: Some(|words| reach(words, 6)),
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEORADIUS sicily 15 37 100 km WITHDIST
1) 1) \"catania\"
   2) \"56.4413\"",
        ..RADIUS
    },
    |cx, args, reply| search(cx, args, reply, From::Point, Storing::Allowed),
);

/// GEORADIUS_RO
pub(super) const GEORADIUS_RO: Command<Handler> = Command::new(
    Spec {
        name: "georadius_ro",
        since: "3.2.10",
        summary: "The places in a circle around a point.",
        deprecated: replaced_by("`GEOSEARCH` with the `BYRADIUS` argument"),
        syntax: "GEORADIUS_RO key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]]:count-block [ASC | DESC]",
        arguments_since: &[("any", "6.2.0")],
        arity: -6,
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEORADIUS_RO sicily 15 37 200 km DESC
1) \"palermo\"
2) \"catania\"",
        ..RADIUS
    },
    |cx, args, reply| search(cx, args, reply, From::Point, Storing::Forbidden),
);

/// GEORADIUSBYMEMBER
pub(super) const GEORADIUSBYMEMBER: Command<Handler> = Command::new(
    Spec {
        name: "georadiusbymember",
        since: "3.2.0",
        summary: "The places in a circle around a member; stores them if told so.",
        deprecated: replaced_by(
            "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
        ),
        syntax: "GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]]:count-block [ASC | DESC] [STORE key:storekey | STOREDIST key:storedistkey]:store",
        arity: -5,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[ReadOnly, Access]), behind("STORE", 5), behind("STOREDIST", 5)],
        reach: Some(|words| reach(words, 5)),
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEORADIUSBYMEMBER sicily palermo 200 km STORE near
(integer) 2",
        ..RADIUS
    },
    |cx, args, reply| search(cx, args, reply, From::Member, Storing::Allowed),
);

/// GEORADIUSBYMEMBER_RO
pub(super) const GEORADIUSBYMEMBER_RO: Command<Handler> = Command::new(
    Spec {
        name: "georadiusbymember_ro",
        since: "3.2.10",
        summary: "The places in a circle around a member.",
        deprecated: replaced_by("`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"),
        syntax: "GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]]:count-block [ASC | DESC]",
        arity: -5,
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEORADIUSBYMEMBER_RO sicily palermo 100 km
1) \"palermo\"",
        ..RADIUS
    },
    |cx, args, reply| search(cx, args, reply, From::Member, Storing::Forbidden),
);

/// What the center is given by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Point,
    Member,
}

/// Whether the result may be stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Storing {
    Allowed,
    Forbidden,
}

fn search(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    from: From,
    storing: Storing,
) -> Result<Done> {
    let key = args.key()?;
    let set = read(cx, key)?;
    let set = set.as_ref().map(Seen::view);
    let shape = shape(args, set, from)?;
    let (mut options, mut destination) = (Options::NONE, None);
    while !args.is_empty() {
        if options.read_one(args)? {
        } else if storing == Storing::Allowed && args.take_with_value("STORE") {
            destination = Some((args.key()?, Stored::Place));
        } else if storing == Storing::Allowed && args.take_with_value("STOREDIST") {
            destination = Some((args.key()?, Stored::Distance));
        } else {
            return Err(Error::SYNTAX);
        }
    }
    if destination.is_some() && options.shows_more() {
        let text =
            "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options";
        return Err(Error::new(text));
    }
    options.check()?;
    let Some((to, stored)) = destination else {
        return Ok(answer(set, shape.as_ref(), &options, reply));
    };
    let destination = Destination { key: to, stored, event: Event::sorted_set("georadiusstore") };
    Ok(reply.len(store_found(cx, key, shape.as_ref(), &options, &destination)))
}

/// Reads center and radius; there is no shape if there is no set that the center would be a member of.
fn shape(args: &mut Args<'_>, set: Option<View<'_>>, from: From) -> Result<Option<Shape>> {
    let center = match (from, set) {
        (From::Point, _) => point(args)?,
        (From::Member, Some(set)) => place_of(set, args.bytes()?)?,
        (From::Member, None) => {
            args.seek(args.position() + 3);
            return Ok(None);
        }
    };
    let (radius, unit) = radius(args)?;
    let outline = Outline::Circle { radius: radius * unit.meters() };
    Ok(Some(Shape { center, outline, unit }))
}
