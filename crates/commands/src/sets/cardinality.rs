//! SINTERCARD, SUNIONCARD, SDIFFCARD: how many members several sets give, without making them.

use super::algebra::{Operation, counted_keys, gather};
use crate::arguments::counting_limit;
use command::Flag::{MovableKeys, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// What the three declarations share.
const CARDINALITY: Spec = Spec {
    group: Group::Set,
    arity: -3,
    flags: &[Readonly, MovableKeys],
    keys: &[KeySpec::numkeys(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// SINTERCARD
pub(super) const SINTERCARD: Command<Handler> = Command::new(
    Spec {
        name: "sintercard",
        since: "7.0.0",
        summary: "How many members all of several sets have, counted up to a limit.",
        complexity: "O(N*M), N being the size of the smallest set and M the number of sets",
        syntax: "SINTERCARD numkeys key [key ...] [LIMIT limit]",
        examples: "\
> SADD warm red orange pink
(integer) 3
> SADD fruit orange apple red
(integer) 3
> SINTERCARD 2 warm fruit
(integer) 2
> SINTERCARD 2 warm fruit LIMIT 1
(integer) 1",
        ..CARDINALITY
    },
    |cx, args, reply| count(cx, args, reply, Operation::Intersection),
);

/// SUNIONCARD
pub(super) const SUNIONCARD: Command<Handler> = Command::new(
    Spec {
        name: "sunioncard",
        since: "8.10.0",
        summary: "How many members any of several sets has, counted up to a limit.",
        complexity: "O(N), N being the members of all sets",
        syntax: "SUNIONCARD numkeys key [key ...] [APPROX] [LIMIT limit]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SUNIONCARD 2 warm fruit
(integer) 3",
        ..CARDINALITY
    },
    |cx, args, reply| count(cx, args, reply, Operation::Union),
);

/// SDIFFCARD
pub(super) const SDIFFCARD: Command<Handler> = Command::new(
    Spec {
        name: "sdiffcard",
        since: "8.10.0",
        summary: "How many members the first set has that none of the others has, counted up to a limit.",
        complexity: "O(N*M), N being the size of the first set and M the number of sets",
        syntax: "SDIFFCARD numkeys key [key ...] [LIMIT limit]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SDIFFCARD 2 warm fruit
(integer) 1",
        ..CARDINALITY
    },
    |cx, args, reply| count(cx, args, reply, Operation::Difference),
);

fn count(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, operation: Operation) -> Result<Done> {
    let (keys, limits) = (counted_keys(args)?, cx.limits.set);
    let limit = read_limit(args, operation)?;
    let mut found = 0;
    operation.visit(&gather(cx, keys)?, &limits, &mut |_| {
        found += 1;
        found < limit
    });
    Ok(reply.len(found))
}

/// Reads LIMIT. A union may be asked for approximately: the exact answer is as near as can be.
fn read_limit(args: &mut Args<'_>, operation: Operation) -> Result<usize> {
    let mut limit = usize::MAX;
    while !args.is_empty() {
        if args.take_with_value("LIMIT") {
            limit = counting_limit(args)?;
        } else if operation != Operation::Union || !args.take("APPROX") {
            return Err(Error::SYNTAX);
        }
    }
    Ok(limit)
}
