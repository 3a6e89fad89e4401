//! The range commands that ZRANGE has replaced: ZRANGEBYSCORE, ZRANGEBYLEX, ZREVRANGE and their mirror images.

use super::range::{By, Direction};
use super::zrange::{Form, read};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Command, Deprecated, Group, Handler, KeySpec, Spec};

/// What the declarations share.
const OLDER: Spec = Spec {
    group: Group::SortedSet,
    complexity: "O(log(N)+M), N being the number of elements and M of those returned",
    arity: -4,
    flags: &[Readonly],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

const fn replaced_by(replaced_by: &'static str) -> Option<Deprecated> {
    Some(Deprecated { since: "6.2.0", replaced_by })
}

/// ZRANGEBYSCORE
pub(super) const ZRANGEBYSCORE: Command<Handler> = Command::new(
    Spec {
        name: "zrangebyscore",
        since: "1.0.5",
        summary: "The elements with scores in a range.",
        deprecated: replaced_by("`ZRANGE` with the `BYSCORE` argument"),
        syntax: "ZRANGEBYSCORE key min:double max:double [WITHSCORES] [LIMIT {offset count}]",
        arguments_since: &[("withscores", "2.0.0")],
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZRANGEBYSCORE race (10 +inf WITHSCORES
1) \"eve\"
2) \"11\"
3) \"bob\"
4) \"12\"",
        ..OLDER
    },
    |cx, args, reply| read(cx, args, reply, Form { by: Some(By::Score), direction: Some(Direction::Up) }),
);

/// ZREVRANGEBYSCORE
pub(super) const ZREVRANGEBYSCORE: Command<Handler> = Command::new(
    Spec {
        name: "zrevrangebyscore",
        since: "2.2.0",
        summary: "The elements with scores in a range, the highest first.",
        deprecated: replaced_by("`ZRANGE` with the `REV` and `BYSCORE` arguments"),
        syntax: "ZREVRANGEBYSCORE key max:double min:double [WITHSCORES] [LIMIT {offset count}]",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZREVRANGEBYSCORE race +inf 11
1) \"bob\"
2) \"eve\"",
        ..OLDER
    },
    |cx, args, reply| read(cx, args, reply, Form { by: Some(By::Score), direction: Some(Direction::Down) }),
);

/// ZRANGEBYLEX
pub(super) const ZRANGEBYLEX: Command<Handler> = Command::new(
    Spec {
        name: "zrangebylex",
        since: "2.8.9",
        summary: "The members in a range by their bytes, all scores being equal.",
        deprecated: replaced_by("`ZRANGE` with the `BYLEX` argument"),
        syntax: "ZRANGEBYLEX key min max [LIMIT {offset count}]",
        examples: "\
> ZADD names 0 ann 0 bob 0 eve
(integer) 3
> ZRANGEBYLEX names - (c
1) \"ann\"
2) \"bob\"",
        ..OLDER
    },
    |cx, args, reply| read(cx, args, reply, Form { by: Some(By::Member), direction: Some(Direction::Up) }),
);

/// ZREVRANGEBYLEX
pub(super) const ZREVRANGEBYLEX: Command<Handler> = Command::new(
    Spec {
        name: "zrevrangebylex",
        since: "2.8.9",
        summary: "The members in a range by their bytes, the last first, all scores being equal.",
        deprecated: replaced_by("`ZRANGE` with the `REV` and `BYLEX` arguments"),
        syntax: "ZREVRANGEBYLEX key max min [LIMIT {offset count}]",
        examples: "\
> ZADD names 0 ann 0 bob 0 eve
(integer) 3
> ZREVRANGEBYLEX names (c -
1) \"bob\"
2) \"ann\"",
        ..OLDER
    },
    |cx, args, reply| read(cx, args, reply, Form { by: Some(By::Member), direction: Some(Direction::Down) }),
);

/// ZREVRANGE
pub(super) const ZREVRANGE: Command<Handler> = Command::new(
    Spec {
        name: "zrevrange",
        since: "1.2.0",
        summary: "The elements between two ranks counted from the highest score.",
        deprecated: replaced_by("`ZRANGE` with the `REV` argument"),
        syntax: "ZREVRANGE key start stop [WITHSCORES]",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZREVRANGE race 0 1
1) \"bob\"
2) \"eve\"",
        ..OLDER
    },
    |cx, args, reply| read(cx, args, reply, Form { by: Some(By::Rank), direction: Some(Direction::Down) }),
);
