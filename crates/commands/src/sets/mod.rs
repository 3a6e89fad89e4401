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
mod store;
#[cfg(test)]
mod tests;

use command::{Command, Cx, Error, Event, Handler, Result};
use keyspace::Item;
use structs::fields::{MemberSet, View};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    add::SADD,
    read::SCARD,
    algebra::SDIFF,
    cardinality::SDIFFCARD,
    store::SDIFFSTORE,
    algebra::SINTER,
    cardinality::SINTERCARD,
    store::SINTERSTORE,
    read::SISMEMBER,
    read::SMEMBERS,
    read::SMISMEMBER,
    add::SMOVE,
    random::SPOP,
    random::SRANDMEMBER,
    add::SREM,
    scan::SSCAN,
    algebra::SUNION,
    cardinality::SUNIONCARD,
    store::SUNIONSTORE,
];

const ADDED: Event = Event::set("sadd");
const REMOVED: Event = Event::set("srem");

/// The members of a set; none if there is no such key.
fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<View<'c>> {
    Ok(cx.read_object::<MemberSet>(key)?.map_or(View::empty(), MemberSet::view))
}

/// The members of what a key holds.
fn members(item: Option<Item<'_>>) -> Result<View<'_>> {
    match item {
        None => Ok(View::empty()),
        Some(item) => item.object::<MemberSet>().map(MemberSet::view).ok_or(Error::WRONG_TYPE),
    }
}
