//! Sorted sets: members in the order of their scores, those of equal score in the order of their bytes.
//!
//! A sorted set is a [`Ranked`]; no key holds an empty one. A range, whatever it is given by, becomes a span of ranks;
//! elements go from the set straight to the reply.

mod bounds;
mod bzpop;
mod combine;
mod count;
mod pop;
mod query;
mod random;
mod range;
mod range_older;
mod rem;
mod remrange;
mod reply;
mod scan;
mod sources;
mod store;
#[cfg(test)]
mod tests;
mod zadd;
mod zdiff;
mod zinter;
mod zmpop;
mod zrange;
mod zunion;

pub(crate) use bounds::ScoreRange;
pub(crate) use store::store;
pub(crate) use zadd::{Presence, add_scores};

use command::{Command, Cx, Handler};
use structs::ranked::Ranked;

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    zmpop::BZMPOP,
    bzpop::BZPOPMAX,
    bzpop::BZPOPMIN,
    zadd::ZADD,
    query::ZCARD,
    count::ZCOUNT,
    zdiff::ZDIFF,
    zdiff::ZDIFFSTORE,
    zadd::ZINCRBY,
    zinter::ZINTER,
    zinter::ZINTERCARD,
    zinter::ZINTERSTORE,
    count::ZLEXCOUNT,
    zmpop::ZMPOP,
    query::ZMSCORE,
    pop::ZPOPMAX,
    pop::ZPOPMIN,
    random::ZRANDMEMBER,
    zrange::ZRANGE,
    range_older::ZRANGEBYLEX,
    range_older::ZRANGEBYSCORE,
    zrange::ZRANGESTORE,
    query::ZRANK,
    rem::ZREM,
    remrange::ZREMRANGEBYLEX,
    remrange::ZREMRANGEBYRANK,
    remrange::ZREMRANGEBYSCORE,
    range_older::ZREVRANGE,
    range_older::ZREVRANGEBYLEX,
    range_older::ZREVRANGEBYSCORE,
    query::ZREVRANK,
    scan::ZSCAN,
    query::ZSCORE,
    zunion::ZUNION,
    zunion::ZUNIONSTORE,
];

/// Whether a key holds a sorted set.
fn has_set(cx: &mut Cx<'_>, key: &[u8]) -> bool {
    matches!(cx.look_object::<Ranked>(key), Ok(Some(_)))
}
