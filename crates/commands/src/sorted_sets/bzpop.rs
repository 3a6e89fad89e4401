//! BZPOPMIN and BZPOPMAX: taking an element from the first sorted set that has one, or waiting for it.

use super::has_set;
use super::pop::{Extreme, take};
use super::removal::Recorded;
use super::reply::member_and_score;
use crate::waiting::serve_or_wait;
use command::Flag::{Blocking, Fast, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec, Step,
};
use structs::ranked::Ranked;

/// What both declarations share.
const BLOCKING_POP: Spec = Spec {
    group: Group::SortedSet,
    since: "5.0.0",
    complexity: "O(K+log(N)), K being the number of keys and N of elements",
    arity: -3,
    flags: &[Write, Fast, Blocking],
    keys: &[KeySpec::range(1, -2, 1, &[ReadWrite, Access, Delete])],
    replicate: Replicate::Outcome,
    ..Spec::DEFAULT
};

/// BZPOPMIN
pub(super) const BZPOPMIN: Command<Handler> = Command::new(
    Spec {
        name: "bzpopmin",
        summary: "Takes the element with the lowest score of the first sorted set that has any, waiting if none has.",
        syntax: "BZPOPMIN key [key ...] timeout",
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> BZPOPMIN nothing race 0
1) \"race\"
2) \"ann\"
3) \"10\"",
        ..BLOCKING_POP
    },
    |cx, args, reply| blocking_pop(cx, args, reply, Extreme::Min),
);

/// BZPOPMAX
pub(super) const BZPOPMAX: Command<Handler> = Command::new(
    Spec {
        name: "bzpopmax",
        summary: "Takes the element with the highest score of the first sorted set that has any, waiting if none has.",
        syntax: "BZPOPMAX key [key ...] timeout",
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> BZPOPMAX nothing race 0
1) \"race\"
2) \"bob\"
3) \"12\"",
        ..BLOCKING_POP
    },
    |cx, args, reply| blocking_pop(cx, args, reply, Extreme::Max),
);

fn blocking_pop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, extreme: Extreme) -> Result<Done> {
    let keys = args.take_many(args.left() - 1);
    let deadline_ms = args.deadline_ms(cx.now)?;
    let step = Pop { extreme };
    serve_or_wait::<Ranked>(cx, keys, step, deadline_ms, reply)
}

/// Takes one element from whichever sorted set has one.
struct Pop {
    extreme: Extreme,
}

impl Step for Pop {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_set(cx, key)
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let set = cx.slot(key).open()?.ok_or(Error::NO_SUCH_KEY)?;
        let mut answer = reply.array(3);
        answer.bulk(key);
        let (_, recorded) = take(set, self.extreme, 1, |taken| {
            taken.for_each(|element| member_and_score(&mut answer, element));
        });
        if recorded == Recorded::NotYet {
            cx.outcome(&[self.extreme.verb(), key]);
        }
        Ok(answer.done())
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn command(&self) -> &'static str {
        match self.extreme {
            Extreme::Min => "bzpopmin",
            Extreme::Max => "bzpopmax",
        }
    }
}
