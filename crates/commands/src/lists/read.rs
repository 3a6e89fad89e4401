//! LLEN, LINDEX, LRANGE: looking at a list.

use super::text;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::deque::Deque;

/// LLEN
pub const LLEN: Command<Handler> = Command::new(
    Spec {
        name: "llen",
        group: Group::List,
        summary: "How many elements a list has.",
        syntax: "LLEN key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> RPUSH tasks a b c
(integer) 3
> LLEN tasks
(integer) 3
> LLEN nothing
(integer) 0",
        ..Spec::DEFAULT
    },
    llen,
);

fn llen(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let list = cx.read_object::<Deque>(args.key()?)?;
    Ok(reply.len(list.map_or(0, |list| list.len())))
}

/// LINDEX
pub const LINDEX: Command<Handler> = Command::new(
    Spec {
        name: "lindex",
        group: Group::List,
        summary: "The element at an index of a list.",
        complexity: "O(N), N being the distance to the nearer end",
        syntax: "LINDEX key index",
        arity: 3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> RPUSH tasks a b c
(integer) 3
> LINDEX tasks -1
\"c\"
> LINDEX tasks 3
(nil)",
        ..Spec::DEFAULT
    },
    lindex,
);

fn lindex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let Some(list) = cx.read_object::<Deque>(args.key()?)? else { return Ok(reply.null()) };
    let element = index(args.int()?, list.len()).and_then(|index| list.get(index));
    Ok(match element {
        Some(item) => reply.string(text(item)),
        None => reply.null(),
    })
}

/// LRANGE
pub const LRANGE: Command<Handler> = Command::new(
    Spec {
        name: "lrange",
        group: Group::List,
        summary: "The elements of a list between two indexes.",
        complexity: "O(S+N), S being the distance of the start from the nearer end and N the number returned",
        syntax: "LRANGE key start stop",
        arity: 4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> RPUSH tasks a b c
(integer) 3
> LRANGE tasks -2 -1
1) \"b\"
2) \"c\"",
        ..Spec::DEFAULT
    },
    lrange,
);

fn lrange(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, start, stop) = (args.key()?, args.int()?, args.int()?);
    let Some(list) = cx.read_object::<Deque>(key)? else { return Ok(reply.array(0).done()) };
    let (start, count) = range(start, stop, list.len());
    let mut elements = reply.array(count);
    list.iter_from(start).take(count).for_each(|item| elements.string(text(item)));
    Ok(elements.done())
}

/// An index from a client (-1 being the last element) as an index of a list of `len` elements.
pub(super) fn index(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(len as i64)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

/// The part of a list of `len` elements between two indexes from a client, both included: where it starts, and its length.
pub(super) fn range(start: i64, stop: i64, len: usize) -> (usize, usize) {
    let from_front = |index: i64| if index < 0 { index.saturating_add(len as i64) } else { index };
    let start = from_front(start).max(0);
    let stop = from_front(stop).min(len as i64 - 1);
    if start > stop { (0, 0) } else { (start as usize, (stop - start) as usize + 1) }
}
