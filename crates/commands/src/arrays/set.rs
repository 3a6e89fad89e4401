//! ARSET, ARMSET: writing at indexes that the client names.

use super::index;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::array::SparseArray;

/// ARSET
pub(super) const ARSET: Command<Handler> = Command::new(
    Spec {
        name: "arset",
        group: Group::Array,
        since: "8.8.0",
        summary: "Writes values into an array from an index on, creating it if needed. Answers how many holes they filled.",
        complexity: "O(N), N being the number of values",
        syntax: "ARSET key index value [value ...]",
        arity: -4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ARSET days 1 mon tue
(integer) 2
> ARSET days 2 Tuesday wed
(integer) 1
> ARGETRANGE days 0 3
1) (nil)
2) \"mon\"
3) \"Tuesday\"
4) \"wed\"",
        ..Spec::DEFAULT
    },
    arset,
);

/// Values would come to lie behind the greatest index.
const OVERFLOW: Error = Error::new("ERR array index overflow");

fn arset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, first, values) = (args.key()?, index::index(args)?, args.rest());
    let count = values.len();
    let indexes = index::so_many_from(first, count).ok_or(OVERFLOW)?;
    let mut array = cx.slot(key).open_or_insert(SparseArray::new)?;
    let filled = indexes.zip(values).filter(|(index, value)| array.set(*index, value)).count();
    array.changed_by(count, Event::array("arset"));
    Ok(reply.len(filled))
}

/// ARMSET
pub(super) const ARMSET: Command<Handler> = Command::new(
    Spec {
        name: "armset",
        group: Group::Array,
        since: "8.8.0",
        summary: "Writes values at several indexes of an array, creating it if needed. Answers how many holes they filled.",
        complexity: "O(N), N being the number of values",
        syntax: "ARMSET key index value [index value ...]",
        arity: -4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ARMSET days 1 mon 5 fri
(integer) 2
> ARMSET days 5 Friday 3 wed
(integer) 1",
        ..Spec::DEFAULT
    },
    armset,
);

fn armset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    if !args.left().is_multiple_of(2) {
        return Err(Error::wrong_arity("armset"));
    }
    let mut cells = SmallVec::<[(u64, &[u8]); 8]>::new();
    while !args.is_empty() {
        cells.push((index::index(args)?, args.bytes()?));
    }
    let mut array = cx.slot(key).open_or_insert(SparseArray::new)?;
    let filled = cells.iter().filter(|(index, value)| array.set(*index, value)).count();
    array.changed_by(cells.len(), Event::array("armset"));
    Ok(reply.len(filled))
}
