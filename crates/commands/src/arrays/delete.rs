//! ARDEL, ARDELRANGE: making holes. An array without values is gone.

use super::index::{self, Range};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::array::SparseArray;

/// ARDEL
pub(super) const ARDEL: Command<Handler> = Command::new(
    Spec {
        name: "ardel",
        group: Group::Array,
        since: "8.8.0",
        summary: "Removes the values at some indexes of an array.",
        complexity: "O(N), N being the number of indexes",
        syntax: "ARDEL key index [index ...]",
        arity: -3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        examples: "\
> ARSET days 1 mon tue wed
(integer) 3
> ARDEL days 3 2 7
(integer) 2",
        ..Spec::DEFAULT
    },
    ardel,
);

fn ardel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let indexes = index::indexes(args)?;
    remove(cx, key, "ardel", reply, |array| {
        indexes.iter().filter(|index| array.remove(**index)).count() as u64
    })
}

/// ARDELRANGE
pub(super) const ARDELRANGE: Command<Handler> = Command::new(
    Spec {
        name: "ardelrange",
        group: Group::Array,
        since: "8.8.0",
        summary: "Removes the values at ranges of indexes of an array.",
        complexity: "O(N log N), N being the number of values removed",
        syntax: "ARDELRANGE key start end [start end ...]:range",
        arity: -4,
        flags: &[Write],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        examples: "\
> ARSET days 1 mon tue wed thu fri
(integer) 5
> ARDELRANGE days 0 2 9 5
(integer) 3",
        ..Spec::DEFAULT
    },
    ardelrange,
);

fn ardelrange(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    if !args.left().is_multiple_of(2) {
        return Err(Error::wrong_arity("ardelrange"));
    }
    let mut ranges = SmallVec::<[Range; 4]>::new();
    while !args.is_empty() {
        ranges.push(Range::read(args)?);
    }
    remove(cx, key, "ardelrange", reply, |array| ranges.iter().map(|range| range.clear(array)).sum())
}

/// Lets `remove` take cells out of the key's array, and answers how many it took.
fn remove(
    cx: &mut Cx<'_>,
    key: &[u8],
    event: &'static str,
    reply: Reply<'_>,
    remove: impl FnOnce(&mut SparseArray) -> u64,
) -> Result<Done> {
    let Some(mut array) = cx.slot(key).open::<SparseArray>()? else { return Ok(reply.int(0)) };
    let removed = remove(&mut array);
    if removed > 0 {
        array.changed_by(removed as usize, Event::array(event));
    }
    Ok(reply.unsigned(removed))
}
