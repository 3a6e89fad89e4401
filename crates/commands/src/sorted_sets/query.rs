//! ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK: asking for the size of a set, for scores and ranks of members.

use super::{Seen, read};
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// What the declarations share.
const QUERY: Spec = Spec {
    group: Group::SortedSet,
    flags: &[Readonly, Fast],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// ZCARD
pub(super) const ZCARD: Command<Handler> = Command::new(
    Spec {
        name: "zcard",
        since: "1.2.0",
        summary: "How many members a sorted set has.",
        syntax: "ZCARD key",
        arity: 2,
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> ZCARD race
(integer) 2",
        ..QUERY
    },
    zcard,
);

fn zcard(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let set = read(cx, args.key()?)?;
    Ok(reply.len(set.map_or(0, |set| set.view().len())))
}

/// ZSCORE
pub(super) const ZSCORE: Command<Handler> = Command::new(
    Spec {
        name: "zscore",
        since: "1.2.0",
        summary: "The score of a member.",
        syntax: "ZSCORE key member",
        arity: 3,
        examples: "\
> ZADD race 10.5 ann
(integer) 1
> ZSCORE race ann
\"10.5\"
> ZSCORE race bob
(nil)",
        ..QUERY
    },
    zscore,
);

fn zscore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let set = read(cx, args.key()?)?;
    let member = args.bytes()?;
    Ok(match set.as_ref().and_then(|set| set.view().score(member)) {
        Some(score) => reply.double(score),
        None => reply.null(),
    })
}

/// ZMSCORE
pub(super) const ZMSCORE: Command<Handler> = Command::new(
    Spec {
        name: "zmscore",
        since: "6.2.0",
        summary: "The scores of several members.",
        complexity: "O(N), N being the number of members given",
        syntax: "ZMSCORE key member [member ...]",
        arity: -3,
        examples: "\
> ZADD race 10.5 ann 12 bob
(integer) 2
> ZMSCORE race bob nobody ann
1) \"12\"
2) (nil)
3) \"10.5\"",
        ..QUERY
    },
    zmscore,
);

fn zmscore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let set = read(cx, args.key()?)?;
    let members = args.rest();
    let mut scores = reply.array(members.len());
    for member in members {
        match set.as_ref().and_then(|set| set.view().score(member)) {
            Some(score) => scores.double(score),
            None => scores.null(),
        }
    }
    Ok(scores.done())
}

/// ZRANK
pub(super) const ZRANK: Command<Handler> = Command::new(
    Spec {
        name: "zrank",
        since: "2.0.0",
        summary: "How many members come before one.",
        complexity: "O(log(N)), N being the number of elements",
        syntax: "ZRANK key member [WITHSCORE]",
        arity: -3,
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZRANK race bob
(integer) 2
> ZRANK race ann WITHSCORE
1) (integer) 0
2) \"10\"
> ZRANK race nobody
(nil)",
        ..QUERY
    },
    |cx, args, reply| rank(cx, args, reply, "zrank", |rank, _| rank),
);

/// ZREVRANK
pub(super) const ZREVRANK: Command<Handler> = Command::new(
    Spec {
        name: "zrevrank",
        since: "2.0.0",
        summary: "How many members come behind one.",
        complexity: "O(log(N)), N being the number of elements",
        syntax: "ZREVRANK key member [WITHSCORE]",
        arity: -3,
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZREVRANK race bob
(integer) 0",
        ..QUERY
    },
    |cx, args, reply| rank(cx, args, reply, "zrevrank", |rank, len| len - 1 - rank),
);

/// Answers what `counted` makes of a member's rank and the number of members.
fn rank(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    command: &str,
    counted: fn(usize, usize) -> usize,
) -> Result<Done> {
    let (key, member) = (args.key()?, args.bytes()?);
    if args.left() > 1 {
        return Err(Error::wrong_arity(command));
    }
    let with_score = args.take("WITHSCORE");
    args.end()?;
    let set = read(cx, key)?;
    let set = set.as_ref().map(Seen::view);
    let found = set.and_then(|set| set.rank(member).map(|(rank, score)| (counted(rank, set.len()), score)));
    Ok(match found {
        Some((rank, score)) if with_score => {
            let mut pair = reply.array(2);
            pair.int(rank as i64);
            pair.double(score);
            pair.done()
        }
        Some((rank, _)) => reply.len(rank),
        None if with_score => reply.null_array(),
        None => reply.null(),
    })
}
