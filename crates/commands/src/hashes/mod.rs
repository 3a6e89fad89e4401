//! Hashes: fields with values.
//!
//! A hash is a [`FieldMap`]; no key holds an empty one. Fields may expire one by one: see `elements`.

mod del;
mod get;
mod getex;
mod incr;
mod random;
mod scan;
mod set;
mod setex;
#[cfg(test)]
mod tests;
mod ttl;

use crate::elements::lapse;
use command::{Command, Cx, Event, Handler, Open, Result};
use structs::fields::{FieldMap, View};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    del::HDEL,
    get::HEXISTS,
    ttl::HEXPIRE,
    ttl::HEXPIREAT,
    ttl::HEXPIRETIME,
    get::HGET,
    get::HGETALL,
    del::HGETDEL,
    getex::HGETEX,
    incr::HINCRBY,
    incr::HINCRBYFLOAT,
    get::HKEYS,
    get::HLEN,
    get::HMGET,
    set::HMSET,
    ttl::HPERSIST,
    ttl::HPEXPIRE,
    ttl::HPEXPIREAT,
    ttl::HPEXPIRETIME,
    ttl::HPTTL,
    random::HRANDFIELD,
    scan::HSCAN,
    set::HSET,
    setex::HSETEX,
    set::HSETNX,
    get::HSTRLEN,
    ttl::HTTL,
    get::HVALS,
];

/// Fields have been given values.
const SET: Event = Event::hash("hset");

/// The fields of a hash; none if there is no such key.
#[inline]
fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<View<'c>> {
    Ok(crate::elements::read::<FieldMap>(cx, key)?.unwrap_or(View::empty()))
}

/// Opens a hash of which some fields are about to be changed; makes one if there is none.
#[inline]
fn open_or_insert<'c, 'k, 'f>(
    cx: &'c mut Cx<'_>,
    key: &'k [u8],
    fields: impl Iterator<Item = &'f [u8]>,
) -> Result<Open<'c, 'k, FieldMap>> {
    let mut hash = cx.slot(key).open_or_insert(FieldMap::new)?;
    lapse(&mut hash, fields);
    Ok(hash)
}
