//! ARGET, ARMGET, ARGETRANGE, ARLEN, ARCOUNT: looking at cells, and how many there are.

use super::index::{self, POSITIONS_MAX, Range};
use super::read;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// ARGET
pub(super) const ARGET: Command<Handler> = Command::new(
    Spec {
        name: "arget",
        group: Group::Array,
        since: "8.8.0",
        summary: "The value at an index of an array.",
        syntax: "ARGET key index",
        arity: 3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARSET days 1 mon tue
(integer) 2
> ARGET days 2
\"tue\"
> ARGET days 0
(nil)",
        ..Spec::DEFAULT
    },
    arget,
);

fn arget(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, index) = (args.key()?, index::index(args)?);
    let array = read(cx, key)?;
    Ok(match array.get(index) {
        Some(cell) => cell.with_text(|text| reply.bulk(text)),
        None => reply.null(),
    })
}

/// ARMGET
pub(super) const ARMGET: Command<Handler> = Command::new(
    Spec {
        name: "armget",
        group: Group::Array,
        since: "8.8.0",
        summary: "The values at several indexes of an array.",
        complexity: "O(N), N being the number of indexes",
        syntax: "ARMGET key index [index ...]",
        arity: -3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET days 1 mon 5 fri
(integer) 2
> ARMGET days 5 3 1
1) \"fri\"
2) (nil)
3) \"mon\"",
        ..Spec::DEFAULT
    },
    armget,
);

fn armget(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let indexes = index::indexes(args)?;
    let array = read(cx, key)?;
    let mut values = reply.array(indexes.len());
    for index in indexes {
        match array.get(index) {
            Some(cell) => cell.with_text(|text| values.bulk(text)),
            None => values.null(),
        }
    }
    Ok(values.done())
}

/// ARGETRANGE
pub(super) const ARGETRANGE: Command<Handler> = Command::new(
    Spec {
        name: "argetrange",
        group: Group::Array,
        since: "8.8.0",
        summary: "The values at a range of indexes of an array, holes included.",
        complexity: "O(N), N being the length of the range",
        syntax: "ARGETRANGE key start end",
        arity: 4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET days 1 mon 3 wed
(integer) 2
> ARGETRANGE days 1 3
1) \"mon\"
2) (nil)
3) \"wed\"
> ARGETRANGE days 3 2
1) \"wed\"
2) (nil)",
        ..Spec::DEFAULT
    },
    argetrange,
);

/// A longer range than a reply may have.
const RANGE_TOO_LONG: Error = Error::new("ERR range exceeds maximum of 1000000 items");

fn argetrange(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, range) = (args.key()?, Range::read(args)?);
    if range.width() > POSITIONS_MAX {
        return Err(RANGE_TOO_LONG);
    }
    let array = read(cx, key)?;
    let mut values = reply.array(range.width() as usize);
    range.write_positions(&array, &mut values);
    Ok(values.done())
}

/// ARLEN
pub(super) const ARLEN: Command<Handler> = Command::new(
    Spec {
        name: "arlen",
        group: Group::Array,
        since: "8.8.0",
        summary: "How long an array is: its greatest index and one.",
        syntax: "ARLEN key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET days 1 mon 5 fri
(integer) 2
> ARLEN days
(integer) 6",
        ..Spec::DEFAULT
    },
    arlen,
);

fn arlen(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.unsigned(read(cx, args.key()?)?.end()))
}

/// ARCOUNT
pub(super) const ARCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "arcount",
        group: Group::Array,
        since: "8.8.0",
        summary: "How many values an array has.",
        syntax: "ARCOUNT key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET days 1 mon 5 fri
(integer) 2
> ARCOUNT days
(integer) 2",
        ..Spec::DEFAULT
    },
    arcount,
);

fn arcount(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.unsigned(read(cx, args.key()?)?.count()))
}
