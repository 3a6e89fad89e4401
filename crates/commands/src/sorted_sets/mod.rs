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
mod removal;
mod remrange;
mod reply;
mod scan;
mod sources;
mod store;
#[cfg(test)]
mod tests;
mod ttl;
mod zadd;
mod zdiff;
mod zinter;
mod zmpop;
mod zrange;
mod zunion;

pub(crate) use store::store;
pub(crate) use zadd::{Presence, add_scores};

use crate::waiting::Awaited;
use command::{Command, Cx, Handler, Result};
use keyspace::Ref;
use structs::ranked::{Ranked, View};

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
    ttl::ZEXPIRE,
    ttl::ZEXPIREAT,
    ttl::ZEXPIRETIME,
    zinter::ZINTER,
    zinter::ZINTERCARD,
    zinter::ZINTERSTORE,
    count::ZLEXCOUNT,
    zmpop::ZMPOP,
    query::ZMSCORE,
    ttl::ZPERSIST,
    ttl::ZPEXPIRE,
    ttl::ZPEXPIREAT,
    ttl::ZPEXPIRETIME,
    pop::ZPOPMAX,
    pop::ZPOPMIN,
    ttl::ZPTTL,
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
    ttl::ZTTL,
    zunion::ZUNION,
    zunion::ZUNIONSTORE,
];

/// A sorted set to look at, and from which moment on members that expire are to be seen.
pub(crate) struct Seen<'c> {
    set: Ref<'c, Ranked>,
    from_ms: i64,
}

impl<'c> Seen<'c> {
    /// The set without members that expire before a moment, in milliseconds since the epoch.
    pub(crate) fn new(set: Ref<'c, Ranked>, from_ms: i64) -> Seen<'c> {
        Seen { set, from_ms }
    }

    /// What is to be seen of it.
    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        self.set.alive_at(self.from_ms)
    }
}

/// The sorted set of a key, as far as it is to be seen; counted as a use.
#[inline]
pub(crate) fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<Seen<'c>>> {
    let from_ms = cx.alive_from_ms();
    Ok(cx.read_object::<Ranked>(key)?.map(|set| Seen::new(set, from_ms)))
}

/// Whether a key holds a sorted set with members that are to be seen.
fn has_set(cx: &mut Cx<'_>, key: &[u8]) -> bool {
    let from_ms = cx.alive_from_ms();
    matches!(cx.look_object::<Ranked>(key), Ok(Some(set)) if set.has_any(from_ms))
}
