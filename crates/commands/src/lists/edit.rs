//! LSET, LINSERT, LREM, LTRIM: changing a list elsewhere than at one end.

use super::read::{self, range};
use crate::arguments::negatable;
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{Delete, Insert, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::deque::{Deque, Side};

/// LSET
pub const LSET: Command<Handler> = Command::new(
    Spec {
        name: "lset",
        group: Group::List,
        summary: "Replaces the element at an index of a list.",
        complexity: "O(N), N being the distance to the nearer end",
        syntax: "LSET key index element",
        arity: 4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> RPUSH tasks a b c
(integer) 3
> LSET tasks -1 z
OK
> LRANGE tasks 0 -1
1) \"a\"
2) \"b\"
3) \"z\"",
        ..Spec::DEFAULT
    },
    lset,
);

fn lset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let limits = &cx.limits.list;
    let mut list = cx.slot(args.key()?).open::<Deque>()?.ok_or(Error::NO_SUCH_KEY)?;
    // As in Redis, whose LSET alone sees no more than the low 32 bits of an index.
    let index = i64::from(args.int()? as i32);
    let index = read::index(index, list.len()).ok_or(Error::INDEX_OUT_OF_RANGE)?;
    list.set(index, args.bytes()?, limits);
    list.changed_by(1, Event::list("lset"));
    Ok(reply.ok())
}

/// LINSERT
pub const LINSERT: Command<Handler> = Command::new(
    Spec {
        name: "linsert",
        group: Group::List,
        since: "2.2.0",
        summary: "Inserts an element in front of or behind another one.",
        complexity: "O(N), N being the elements before the pivot",
        syntax: "LINSERT key <BEFORE | AFTER> pivot element",
        arity: 5,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        examples: "\
> RPUSH tasks a c
(integer) 2
> LINSERT tasks BEFORE c b
(integer) 3
> LINSERT tasks AFTER nothing b
(integer) -1",
        ..Spec::DEFAULT
    },
    linsert,
);

fn linsert(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, limits) = (args.key()?, &cx.limits.list);
    let side = if args.take("AFTER") {
        Side::After
    } else if args.take("BEFORE") {
        Side::Before
    } else {
        return Err(Error::SYNTAX);
    };
    let (pivot, element) = (args.bytes()?, args.bytes()?);
    let Some(mut list) = cx.slot(key).open::<Deque>()? else { return Ok(reply.int(0)) };
    if !list.insert(side, pivot, element, limits) {
        return Ok(reply.int(-1));
    }
    list.changed_by(1, Event::list("linsert"));
    Ok(reply.len(list.len()))
}

/// LREM
pub const LREM: Command<Handler> = Command::new(
    Spec {
        name: "lrem",
        group: Group::List,
        summary: "Removes elements equal to the given one from a list.",
        complexity: "O(N+M), N being the length of the list and M the number removed",
        syntax: "LREM key count element",
        arity: 4,
        flags: &[Write],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        examples: "\
> RPUSH letters a b a b a
(integer) 5
> LREM letters -2 a
(integer) 2
> LRANGE letters 0 -1
1) \"a\"
2) \"b\"
3) \"b\"",
        ..Spec::DEFAULT
    },
    lrem,
);

fn lrem(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let limits = &cx.limits.list;
    let (key, count, element) = (args.key()?, negatable(args)?, args.bytes()?);
    let Some(mut list) = cx.slot(key).open::<Deque>()? else { return Ok(reply.int(0)) };
    let removed = list.remove_matching(element, count, limits);
    if removed > 0 {
        list.changed_by(removed, Event::list("lrem"));
    }
    Ok(reply.len(removed))
}

/// LTRIM
pub const LTRIM: Command<Handler> = Command::new(
    Spec {
        name: "ltrim",
        group: Group::List,
        summary: "Keeps only the elements of a list between two indexes.",
        complexity: "O(N), N being the number of elements removed",
        syntax: "LTRIM key start stop",
        arity: 4,
        flags: &[Write],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        examples: "\
> RPUSH newest d c b a
(integer) 4
> LTRIM newest 0 1
OK
> LRANGE newest 0 -1
1) \"d\"
2) \"c\"",
        ..Spec::DEFAULT
    },
    ltrim,
);

fn ltrim(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let limits = &cx.limits.list;
    let (key, start, stop) = (args.key()?, args.int()?, args.int()?);
    let Some(mut list) = cx.slot(key).open::<Deque>()? else { return Ok(reply.ok()) };
    let before = list.len();
    let (start, count) = range(start, stop, before);
    list.keep_range(start, count, limits);
    list.changed_by(before - count, Event::list("ltrim"));
    Ok(reply.ok())
}
