//! ARINSERT, ARNEXT, ARSEEK: writing behind what was written last.

use super::index::{self, GREATEST};
use super::read;
use command::Flag::{DenyOom, Fast, Readonly, Write};
use command::KeyFlag::{Access, ReadOnly, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::array::SparseArray;

/// The index behind the cursor, unless there is none.
pub(super) fn next(array: &SparseArray) -> Option<u64> {
    match array.cursor() {
        None => Some(0),
        Some(GREATEST) => None,
        Some(last) => Some(last + 1),
    }
}

/// ARINSERT
pub(super) const ARINSERT: Command<Handler> = Command::new(
    Spec {
        name: "arinsert",
        group: Group::Array,
        since: "8.8.0",
        summary: "Writes values behind the cursor of an array, creating it if needed. Answers the index of the last one.",
        complexity: "O(N), N being the number of values",
        syntax: "ARINSERT key value [value ...]",
        arity: -3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ARINSERT log started
(integer) 0
> ARINSERT log ready busy
(integer) 2
> ARGETRANGE log 0 2
1) \"started\"
2) \"ready\"
3) \"busy\"",
        ..Spec::DEFAULT
    },
    arinsert,
);

/// There is no index behind the cursor for all the values.
const NO_INDEX: Error = Error::new("ERR insert index overflow");

fn arinsert(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, values) = (args.key()?, args.rest());
    let count = values.len();
    let slot = cx.slot(key);
    let first = match slot.item() {
        None => Some(0),
        Some(item) => next(&*item.object::<SparseArray>().ok_or(Error::WRONG_TYPE)?),
    };
    let indexes = first.and_then(|first| index::so_many_from(first, count)).ok_or(NO_INDEX)?;
    let last = *indexes.end();
    let mut array = slot.open_or_insert(SparseArray::new)?;
    for (index, value) in indexes.zip(values) {
        array.set(index, value);
    }
    array.set_cursor(Some(last));
    array.changed_by(count, Event::array("arinsert"));
    Ok(reply.unsigned(last))
}

/// ARNEXT
pub(super) const ARNEXT: Command<Handler> = Command::new(
    Spec {
        name: "arnext",
        group: Group::Array,
        since: "8.8.0",
        summary: "The index that ARINSERT would write at, null if there is none left.",
        syntax: "ARNEXT key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARNEXT log
(integer) 0
> ARINSERT log started ready
(integer) 1
> ARNEXT log
(integer) 2",
        ..Spec::DEFAULT
    },
    arnext,
);

fn arnext(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(match next(&*read(cx, args.key()?)?) {
        Some(index) => reply.unsigned(index),
        None => reply.null(),
    })
}

/// ARSEEK
pub(super) const ARSEEK: Command<Handler> = Command::new(
    Spec {
        name: "arseek",
        group: Group::Array,
        since: "8.8.0",
        summary: "Says which index ARINSERT and ARRING are to write at next. Answers whether the array is there.",
        syntax: "ARSEEK key index",
        arity: 3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ARINSERT log started
(integer) 0
> ARSEEK log 10
(integer) 1
> ARINSERT log ready
(integer) 10",
        ..Spec::DEFAULT
    },
    arseek,
);

fn arseek(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, word) = (args.key()?, args.bytes()?);
    // One more than the greatest index: nothing can be inserted then.
    let next = base::num::parse_u64(word).ok_or(index::INVALID)?;
    let Some(mut array) = cx.slot(key).open::<SparseArray>()? else { return Ok(reply.int(0)) };
    array.set_cursor(next.checked_sub(1));
    array.changed_by(1, Event::array("arseek"));
    Ok(reply.int(1))
}
