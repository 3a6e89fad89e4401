//! LMPOP and BLMPOP: taking several elements from the first list that has any.

use super::pop::pop_many;
use super::{has_list, pop_verb, side};
use crate::arguments::{keys_before_more, positive_count};
use crate::waiting::{first, serve_or_wait};
use command::Flag::{Blocking, MovableKeys, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec, Step,
};
use structs::deque::Deque;
use structs::packed::End;

/// LMPOP
pub const LMPOP: Command<Handler> = Command::new(
    Spec {
        name: "lmpop",
        group: Group::List,
        since: "7.0.0",
        summary: "Takes elements from the first list that has any.",
        complexity: "O(N+M), N being the number of keys and M of elements taken",
        syntax: "LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        arity: -4,
        flags: &[Write, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH tasks a b c
(integer) 3
> LMPOP 2 urgent tasks LEFT COUNT 2
1) \"tasks\"
2) 1) \"a\"
   2) \"b\"",
        ..Spec::DEFAULT
    },
    lmpop,
);

fn lmpop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (keys, step) = keys_and_step(args)?;
    match first::<Deque>(cx, keys)? {
        Some(key) => step.serve(cx, key, reply),
        None => Ok(reply.null_array()),
    }
}

/// BLMPOP
pub const BLMPOP: Command<Handler> = Command::new(
    Spec {
        name: "blmpop",
        group: Group::List,
        since: "7.0.0",
        summary: "Takes elements from the first list that has any, waiting if none has.",
        complexity: "O(N+M), N being the number of keys and M of elements taken",
        syntax: "BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        arity: -5,
        flags: &[Write, Blocking, MovableKeys],
        keys: &[KeySpec::numkeys(2, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH tasks a b c
(integer) 3
> BLMPOP 0 1 tasks RIGHT COUNT 10
1) \"tasks\"
2) 1) \"c\"
   2) \"b\"
   3) \"a\"",
        ..Spec::DEFAULT
    },
    blmpop,
);

fn blmpop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut timeout = args.clone();
    args.bytes()?;
    let (keys, step) = keys_and_step(args)?;
    let deadline_ms = timeout.deadline_ms(cx.now)?;
    serve_or_wait::<Deque>(cx, keys, step, deadline_ms, reply)
}

/// Reads `numkeys key [key ...] <LEFT | RIGHT> [COUNT count]`.
fn keys_and_step<'a>(
    args: &mut Args<'a>,
) -> Result<(impl Iterator<Item = &'a [u8]> + Clone + use<'a>, PopMany)> {
    let keys = keys_before_more(args)?;
    let end = side(args)?;
    let count = if args.take_with_value("COUNT") { positive_count(args)? } else { 1 };
    args.end()?;
    Ok((keys, PopMany { end, count }))
}

/// Takes up to `count` elements from whichever list has any.
struct PopMany {
    end: End,
    count: usize,
}

impl Step for PopMany {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_list(cx, key, 1)
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let limits = &cx.limits.list;
        let list = cx.slot(key).open::<Deque>()?.ok_or(Error::NO_SUCH_KEY)?;
        let count = self.count.min(list.len());
        let mut pair = reply.array(2);
        pair.bulk(key);
        pop_many(list, self.end, count, limits, &mut pair.array(count));
        cx.outcome(&[pop_verb(self.end), key, count.to_string().as_bytes()]);
        Ok(pair.done())
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn command(&self) -> &'static str {
        "blmpop"
    }
}
