//! Sets: different members in no order.
//!
//! A set is a [`MemberSet`]; no key holds an empty one. Commands over several sets look at all of them where they are:
//! nothing is copied but what is stored.

mod add;
mod algebra;
mod cardinality;
mod random;
mod read;
mod scan;
mod setex;
mod store;
#[cfg(test)]
mod tests;
mod ttl;

use command::{Command, Cx, Error, Event, Handler, Result};
use keyspace::Item;
use structs::fields::{MemberSet, View};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    add::SADD,
    setex::SADDEX,
    read::SCARD,
    algebra::SDIFF,
    cardinality::SDIFFCARD,
    store::SDIFFSTORE,
    ttl::SEXPIRE,
    ttl::SEXPIREAT,
    ttl::SEXPIRETIME,
    algebra::SINTER,
    cardinality::SINTERCARD,
    store::SINTERSTORE,
    read::SISMEMBER,
    read::SMEMBERS,
    read::SMISMEMBER,
    add::SMOVE,
    ttl::SPERSIST,
    ttl::SPEXPIRE,
    ttl::SPEXPIREAT,
    ttl::SPEXPIRETIME,
    random::SPOP,
    ttl::SPTTL,
    random::SRANDMEMBER,
    add::SREM,
    scan::SSCAN,
    ttl::STTL,
    algebra::SUNION,
    cardinality::SUNIONCARD,
    store::SUNIONSTORE,
];

const ADDED: Event = Event::set("sadd");
const REMOVED: Event = Event::set("srem");

/// The members of a set; none if there is no such key.
#[inline]
fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<View<'c>> {
    Ok(crate::elements::read::<MemberSet>(cx, key)?.unwrap_or(View::empty()))
}

/// The members of what a key holds, those left out that expire before a moment.
fn members(item: Option<Item<'_>>, from_ms: i64) -> Result<View<'_>> {
    let members = match item {
        None => View::empty(),
        Some(item) => item.members().ok_or(Error::WRONG_TYPE)?,
    };
    Ok(members.alive_at(from_ms))
}
