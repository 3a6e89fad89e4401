//! Strings: bytes, or the integers that their text is.

mod condition;
mod delex;
mod digest;
mod edit;
mod getex;
mod incr;
mod increx;
mod lcs;
mod mset;
mod read;
mod set;
#[cfg(test)]
mod tests;

use command::{Command, Event, Handler, Slot};
use keyspace::{Expiry, Kind};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    edit::APPEND,
    incr::DECR,
    incr::DECRBY,
    delex::DELEX,
    delex::DELIFEQ,
    digest::DIGEST,
    read::GET,
    getex::GETDEL,
    getex::GETEX,
    read::GETRANGE,
    set::GETSET,
    incr::INCR,
    incr::INCRBY,
    incr::INCRBYFLOAT,
    increx::INCREX,
    lcs::LCS,
    read::MGET,
    mset::MSET,
    mset::MSETEX,
    mset::MSETNX,
    set::PSETEX,
    set::SET,
    set::SETEX,
    set::SETNX,
    edit::SETRANGE,
    read::STRLEN,
    read::SUBSTR,
];

/// The event of a string that is stored whole.
const SET: Event = Event::string("set");

/// Whether a key that expires as `expiry` says is gone at once.
fn is_past(expiry: Expiry, slot: &Slot<'_, '_>) -> bool {
    matches!(expiry, Expiry::At(at_ms) if slot.is_over(at_ms))
}

/// Stores a string with a time to live, which may be over: then the key is deleted. Records the outcome.
fn store(slot: &mut Slot<'_, '_>, value: &[u8], expiry: Expiry) {
    if is_past(expiry, slot) {
        return store_expired(slot);
    }
    slot.put_string(value, expiry, SET);
    if let Expiry::At(_) = expiry {
        slot.also(Event::EXPIRE);
    }
    record(slot, value, expiry);
}

/// What remains of a string whose time is over when it is stored: the events of its short life.
fn store_expired(slot: &mut Slot<'_, '_>) {
    slot.tell_overwritten(Kind::String);
    if !slot.exists() {
        slot.also(Event::NEW);
    }
    slot.also(SET);
    slot.also(Event::EXPIRE);
    if slot.exists() {
        return delete_as(slot, Event::EXPIRED);
    }
    slot.also(Event::EXPIRED);
}

/// Deletes the key, if it is there, and records that.
fn delete(slot: &mut Slot<'_, '_>) {
    delete_as(slot, Event::DEL);
}

fn delete_as(slot: &mut Slot<'_, '_>, event: Event) {
    let lazily = slot.limits().lazy_server_del;
    if slot.delete(event, lazily) {
        let key = slot.key();
        slot.outcome(&[b"DEL", key]);
    }
}

/// Records that the key holds `value` now.
fn record(slot: &mut Slot<'_, '_>, value: &[u8], expiry: Expiry) {
    let key = slot.key();
    match expiry {
        Expiry::Never => slot.outcome(&[b"SET", key, value]),
        Expiry::Keep => slot.outcome(&[b"SET", key, value, b"KEEPTTL"]),
        Expiry::At(at_ms) => {
            let mut digits = itoa::Buffer::new();
            let at = digits.format(at_ms);
            slot.outcome(&[b"SET", key, value, b"PXAT", at.as_bytes()]);
        }
    }
}
