//! BLPOP and BRPOP: taking an element from the first list that has one, or waiting for it.

use super::pop::pop_one;
use super::{has_list, pop_verb};
use crate::waiting::serve_or_wait;
use command::Flag::{Blocking, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec, Step,
};
use structs::deque::Deque;
use structs::packed::End;

/// What both declarations share.
const BLOCKING_POP: Spec = Spec {
    group: Group::List,
    since: "2.0.0",
    complexity: "O(N), N being the number of keys",
    arity: -3,
    flags: &[Write, Blocking],
    keys: &[KeySpec::range(1, -2, 1, &[ReadWrite, Access, Delete])],
    replicate: Replicate::Outcome,
    ..Spec::DEFAULT
};

/// BLPOP
pub const BLPOP: Command<Handler> = Command::new(
    Spec {
        name: "blpop",
        summary: "Takes the first element of the first list that has any, waiting if none has.",
        syntax: "BLPOP key [key ...] timeout",
        examples: "\
> RPUSH tasks a b
(integer) 2
> BLPOP urgent tasks 0
1) \"tasks\"
2) \"a\"",
        ..BLOCKING_POP
    },
    |cx, args, reply| blocking_pop(cx, args, reply, End::Front),
);

/// BRPOP
pub const BRPOP: Command<Handler> = Command::new(
    Spec {
        name: "brpop",
        summary: "Takes the last element of the first list that has any, waiting if none has.",
        syntax: "BRPOP key [key ...] timeout",
        examples: "\
> RPUSH tasks a b
(integer) 2
> BRPOP urgent tasks 0
1) \"tasks\"
2) \"b\"",
        ..BLOCKING_POP
    },
    |cx, args, reply| blocking_pop(cx, args, reply, End::Back),
);

fn blocking_pop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, end: End) -> Result<Done> {
    let keys = args.take_many(args.left() - 1);
    let deadline_ms = args.deadline_ms(cx.now)?;
    let step = Pop { end };
    serve_or_wait::<Deque>(cx, keys, step, deadline_ms, reply)
}

/// Takes one element from whichever list has one.
struct Pop {
    end: End,
}

impl Step for Pop {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_list(cx, key, 1)
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let limits = &cx.limits.list;
        let list = cx.slot(key).open()?.ok_or(Error::NO_SUCH_KEY)?;
        let mut pair = reply.array(2);
        pair.bulk(key);
        pop_one(list, self.end, limits, |value| pair.string(value));
        cx.outcome(&[pop_verb(self.end), key]);
        Ok(pair.done())
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn command(&self) -> &'static str {
        match self.end {
            End::Front => "blpop",
            End::Back => "brpop",
        }
    }
}
