//! ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX: removing all elements of a range.

use super::bounds::{MemberRange, RankRange, ScoreRange};
use super::removal::{remove_shown, shown};
use command::Flag::Write;
use command::KeyFlag::{Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use std::ops::Range;
use structs::ranked::{Ranked, View};

/// What the declarations share.
const REMOVE_RANGE: Spec = Spec {
    group: Group::SortedSet,
    complexity: "O(log(N)+M), N being the number of elements and M of those removed",
    arity: 4,
    flags: &[Write],
    keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
    ..Spec::DEFAULT
};

/// ZREMRANGEBYRANK
pub(super) const ZREMRANGEBYRANK: Command<Handler> = Command::new(
    Spec {
        name: "zremrangebyrank",
        since: "2.0.0",
        summary: "Removes the elements between two ranks.",
        syntax: "ZREMRANGEBYRANK key start stop",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZREMRANGEBYRANK race 1 -1
(integer) 2",
        ..REMOVE_RANGE
    },
    |cx, args, reply| {
        let (key, range) = (args.key()?, RankRange { start: args.int()?, stop: args.int()? });
        remove(cx, key, reply, Event::sorted_set("zremrangebyrank"), |set| range.span(set.len()))
    },
);

/// ZREMRANGEBYSCORE
pub(super) const ZREMRANGEBYSCORE: Command<Handler> = Command::new(
    Spec {
        name: "zremrangebyscore",
        since: "1.2.0",
        summary: "Removes the elements with scores in a range.",
        syntax: "ZREMRANGEBYSCORE key min:double max:double",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZREMRANGEBYSCORE race -inf (12
(integer) 2",
        ..REMOVE_RANGE
    },
    |cx, args, reply| {
        let (key, range) = (args.key()?, ScoreRange::read(args.bytes()?, args.bytes()?)?);
        remove(cx, key, reply, Event::sorted_set("zremrangebyscore"), |set| range.span(set))
    },
);

/// ZREMRANGEBYLEX
pub(super) const ZREMRANGEBYLEX: Command<Handler> = Command::new(
    Spec {
        name: "zremrangebylex",
        since: "2.8.9",
        summary: "Removes the members in a range by their bytes, all scores being equal.",
        syntax: "ZREMRANGEBYLEX key min max",
        examples: "\
> ZADD names 0 ann 0 bob 0 eve
(integer) 3
> ZREMRANGEBYLEX names - (bob
(integer) 1",
        ..REMOVE_RANGE
    },
    |cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>| {
        let (key, range) = (args.key()?, MemberRange::read(args.bytes()?, args.bytes()?)?);
        remove(cx, key, reply, Event::sorted_set("zremrangebylex"), |set| range.span(set))
    },
);

fn remove(
    cx: &mut Cx<'_>,
    key: &[u8],
    reply: Reply<'_>,
    event: Event,
    span: impl FnOnce(View<'_>) -> Range<usize>,
) -> Result<Done> {
    let Some(mut set) = cx.slot(key).open::<Ranked>()? else { return Ok(reply.int(0)) };
    let ranks = span(shown(&set));
    let removed = ranks.len();
    remove_shown(&mut set, ranks, event);
    Ok(reply.len(removed))
}
