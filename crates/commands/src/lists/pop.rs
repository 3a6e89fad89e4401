//! LPOP, RPOP, and how elements leave a list for a reply.

use super::{popped, text};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Open, Reply, Result, Seq, Spec};
use structs::deque::{Deque, Limits};
use structs::packed::End;

/// What both declarations share.
const POP: Spec = Spec {
    group: Group::List,
    complexity: "O(N), N being the number of elements taken",
    arity: -2,
    flags: &[Write, Fast],
    keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete])],
    ..Spec::DEFAULT
};

/// LPOP
pub const LPOP: Command<Handler> = Command::new(
    Spec {
        name: "lpop",
        summary: "Takes elements from the head of a list.",
        syntax: "LPOP key [count]",
        arguments_since: &[("count", "6.2.0")],
        examples: "\
> RPUSH tasks a b c d
(integer) 4
> LPOP tasks
\"a\"
> LPOP tasks 2
1) \"b\"
2) \"c\"",
        ..POP
    },
    |cx, args, reply| pop(cx, args, reply, End::Front, "ERR wrong number of arguments for 'lpop' command"),
);

/// RPOP
pub const RPOP: Command<Handler> = Command::new(
    Spec {
        name: "rpop",
        summary: "Takes elements from the tail of a list.",
        syntax: "RPOP key [count]",
        arguments_since: &[("count", "6.2.0")],
        examples: "\
> RPUSH tasks a b c
(integer) 3
> RPOP tasks 2
1) \"c\"
2) \"b\"
> RPOP nothing
(nil)",
        ..POP
    },
    |cx, args, reply| pop(cx, args, reply, End::Back, "ERR wrong number of arguments for 'rpop' command"),
);

#[inline]
fn pop(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    end: End,
    too_many: &'static str,
) -> Result<Done> {
    let (key, limits) = (args.key()?, &cx.limits.list);
    if args.is_empty() {
        return Ok(match cx.slot(key).open()? {
            Some(list) => pop_one(list, end, limits, |value| reply.string(value)),
            None => reply.null(),
        });
    }
    if args.left() > 1 {
        return Err(Error::new(too_many));
    }
    let count = args.int_in(0.., Error::MUST_BE_POSITIVE).map_err(|_| Error::MUST_BE_POSITIVE)?;
    let Some(list) = cx.slot(key).open::<Deque>()? else { return Ok(reply.null_array()) };
    let count = list.len().min(usize::try_from(count).unwrap_or(usize::MAX));
    let mut elements = reply.array(count);
    pop_many(list, end, count, limits, &mut elements);
    Ok(elements.done())
}

/// Takes the element at an end, after showing it to `show`.
#[inline]
pub(super) fn pop_one<R>(
    mut list: Open<'_, '_, Deque>,
    end: End,
    limits: &Limits,
    show: impl FnOnce(keyspace::Str<'_>) -> R,
) -> R {
    let shown = list.pop(end, limits, |item| show(text(item))).expect("no key holds an empty list");
    list.changed_by(1, popped(end));
    shown
}

/// Takes `count` elements from an end, at most as many as there are, and writes them in the order of being taken.
pub(super) fn pop_many(
    mut list: Open<'_, '_, Deque>,
    end: End,
    count: usize,
    limits: &Limits,
    elements: &mut Seq<'_>,
) {
    if count == 0 {
        return;
    }
    match end {
        End::Front => {
            list.iter().take(count).for_each(|item| elements.string(text(item)));
            list.remove_range(0, count, limits);
        }
        End::Back => {
            list.iter_back().take(count).for_each(|item| elements.string(text(item)));
            let start = list.len() - count;
            list.remove_range(start, count, limits);
        }
    }
    list.changed_by(count, popped(end));
}
