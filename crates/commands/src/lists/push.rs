//! LPUSH, RPUSH, LPUSHX, RPUSHX: adding at an end.

use super::pushed;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Insert, ReadWrite};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::deque::Deque;
use structs::packed::End;

/// What the four declarations share.
const PUSH: Spec = Spec {
    group: Group::List,
    complexity: "O(N), N being the number of elements given",
    arity: -3,
    flags: &[Write, DenyOom, Fast],
    keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
    ..Spec::DEFAULT
};

/// LPUSH
pub const LPUSH: Command<Handler> = Command::new(
    Spec {
        name: "lpush",
        summary: "Puts elements at the head of a list, creating it if needed.",
        syntax: "LPUSH key element [element ...]",
        examples: "\
> LPUSH tasks first
(integer) 1
> LPUSH tasks second third
(integer) 3
> LRANGE tasks 0 -1
1) \"third\"
2) \"second\"
3) \"first\"",
        ..PUSH
    },
    |cx, args, reply| push(cx, args, reply, End::Front),
);

/// RPUSH
pub const RPUSH: Command<Handler> = Command::new(
    Spec {
        name: "rpush",
        summary: "Puts elements at the tail of a list, creating it if needed.",
        syntax: "RPUSH key element [element ...]",
        examples: "\
> RPUSH tasks first second
(integer) 2
> RPUSH tasks third
(integer) 3",
        ..PUSH
    },
    |cx, args, reply| push(cx, args, reply, End::Back),
);

/// LPUSHX
pub const LPUSHX: Command<Handler> = Command::new(
    Spec {
        name: "lpushx",
        since: "2.2.0",
        summary: "Puts elements at the head of a list that exists.",
        syntax: "LPUSHX key element [element ...]",
        examples: "\
> LPUSHX tasks first
(integer) 0
> EXISTS tasks
(integer) 0",
        ..PUSH
    },
    |cx, args, reply| push_if_exists(cx, args, reply, End::Front),
);

/// RPUSHX
pub const RPUSHX: Command<Handler> = Command::new(
    Spec {
        name: "rpushx",
        since: "2.2.0",
        summary: "Puts elements at the tail of a list that exists.",
        syntax: "RPUSHX key element [element ...]",
        examples: "\
> RPUSH tasks first
(integer) 1
> RPUSHX tasks second
(integer) 2",
        ..PUSH
    },
    |cx, args, reply| push_if_exists(cx, args, reply, End::Back),
);

#[inline]
fn push(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, end: End) -> Result<Done> {
    let (key, values, limits) = (args.key()?, args.rest(), &cx.limits.list);
    let mut list = cx.slot(key).open_or_insert(Deque::new)?;
    list.extend(end, values.clone(), limits);
    list.changed_by(values.len(), pushed(end));
    Ok(reply.len(list.len()))
}

fn push_if_exists(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, end: End) -> Result<Done> {
    let (key, values, limits) = (args.key()?, args.rest(), &cx.limits.list);
    let Some(mut list) = cx.slot(key).open::<Deque>()? else { return Ok(reply.int(0)) };
    list.extend(end, values.clone(), limits);
    list.changed_by(values.len(), pushed(end));
    Ok(reply.len(list.len()))
}
