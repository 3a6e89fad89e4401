//! ZCOUNT, ZLEXCOUNT: how many elements a range has.

use super::bounds::{MemberRange, ScoreRange};
use super::read;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use std::ops::Range;
use structs::ranked::View;

/// What both declarations share.
const COUNT: Spec = Spec {
    group: Group::SortedSet,
    complexity: "O(log(N)), N being the number of elements",
    arity: 4,
    flags: &[Readonly, Fast],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// ZCOUNT
pub(super) const ZCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "zcount",
        since: "2.0.0",
        summary: "How many members have scores in a range.",
        syntax: "ZCOUNT key min:double max:double",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZCOUNT race (10 +inf
(integer) 2",
        ..COUNT
    },
    |cx, args, reply| {
        let (key, range) = (args.key()?, ScoreRange::read(args.bytes()?, args.bytes()?)?);
        count(cx, key, reply, |set| range.span(set))
    },
);

/// ZLEXCOUNT
pub(super) const ZLEXCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "zlexcount",
        since: "2.8.9",
        summary: "How many members lie in a range by their bytes, all scores being equal.",
        syntax: "ZLEXCOUNT key min max",
        examples: "\
> ZADD names 0 ann 0 bob 0 eve
(integer) 3
> ZLEXCOUNT names [b +
(integer) 2",
        ..COUNT
    },
    |cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>| {
        let (key, range) = (args.key()?, MemberRange::read(args.bytes()?, args.bytes()?)?);
        count(cx, key, reply, |set| range.span(set))
    },
);

fn count(
    cx: &mut Cx<'_>,
    key: &[u8],
    reply: Reply<'_>,
    span: impl FnOnce(View<'_>) -> Range<usize>,
) -> Result<Done> {
    let set = read(cx, key)?;
    Ok(reply.len(set.map_or(0, |set| span(set.view()).len())))
}
