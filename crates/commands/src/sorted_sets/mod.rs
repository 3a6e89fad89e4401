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

use command::{Command, Cx, Done, Error, Handler, Park, Reply, Result, Step};
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

/// The sorted set of a key; not counted as a use.
fn look<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<&'c Ranked>> {
    match cx.look(key) {
        None => Ok(None),
        Some(item) => item.object::<Ranked>().map(Some).ok_or(Error::WRONG_TYPE),
    }
}

/// The first of `keys` that holds a sorted set.
fn first_set<'k>(cx: &mut Cx<'_>, keys: impl Iterator<Item = &'k [u8]>) -> Result<Option<&'k [u8]>> {
    for key in keys {
        if look(cx, key)?.is_some() {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Whether a key holds a sorted set.
fn has_set(cx: &mut Cx<'_>, key: &[u8]) -> bool {
    matches!(look(cx, key), Ok(Some(_)))
}

/// Leaves the rest of a command to `step`.
fn wait<'k>(
    reply: Reply<'_>,
    keys: impl Iterator<Item = &'k [u8]>,
    step: impl Step + 'static,
    deadline_ms: Option<i64>,
) -> Done {
    reply.park(Park { keys: keys.map(Box::from).collect(), step: Box::new(step), deadline_ms })
}
