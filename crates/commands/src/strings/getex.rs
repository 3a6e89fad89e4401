//! Reading a string and changing how long its key lives: GETEX and GETDEL.

use super::{delete, is_past};
use crate::expiry::Ttl;
use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, Delete, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Slot, Spec,
};
use keyspace::Expiry;

/// GETEX
pub(super) const GETEX: Command<Handler> = Command::new(
    Spec {
        name: "getex",
        group: Group::String,
        since: "6.2.0",
        summary: "Reads a string and changes when its key expires.",
        syntax: "GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
                 PXAT unix-time-milliseconds | PERSIST]",
        arity: -2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])
            .noted("RW and UPDATE: the options change when the key expires")],
        replicate: Replicate::Outcome,
        examples: "\
> SET session data
OK
> GETEX session EX 60
\"data\"
> TTL session
(integer) 60
> GETEX session PERSIST
\"data\"
> TTL session
(integer) -1",
        ..Spec::DEFAULT
    },
    getex,
);

fn getex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut ttl = Ttl::Unsaid;
    while !args.is_empty() {
        if !ttl.take(args, Ttl::Persist)? {
            return Err(Error::SYNTAX);
        }
    }
    let now = cx.now;
    let mut slot = cx.slot(key);
    slot.count_read();
    let Some(value) = slot.string()? else { return Ok(reply.null()) };
    let expiry = ttl.resolve(now, "getex")?;
    let done = reply.string(value);
    match expiry {
        Expiry::At(_) if is_past(expiry, &slot) => delete(&mut slot),
        Expiry::At(at_ms) => expire_at(&mut slot, at_ms),
        Expiry::Never if ttl == Ttl::Persist => persist(&mut slot),
        Expiry::Never | Expiry::Keep => {}
    }
    Ok(done)
}

fn expire_at(slot: &mut Slot<'_, '_>, at_ms: i64) {
    slot.set_expiry(Some(at_ms), Event::EXPIRE);
    let mut digits = itoa::Buffer::new();
    let at = digits.format(at_ms);
    let key = slot.key();
    slot.outcome(&[b"PEXPIREAT", key, at.as_bytes()]);
}

fn persist(slot: &mut Slot<'_, '_>) {
    if slot.item().is_some_and(|item| item.expiry_ms().is_some()) {
        slot.set_expiry(None, Event::PERSIST);
        let key = slot.key();
        slot.outcome(&[b"PERSIST", key]);
    }
}

/// GETDEL
pub(super) const GETDEL: Command<Handler> = Command::new(
    Spec {
        name: "getdel",
        group: Group::String,
        since: "6.2.0",
        summary: "Reads a string and deletes its key.",
        syntax: "GETDEL key",
        arity: 2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> SET token once
OK
> GETDEL token
\"once\"
> GETDEL token
(nil)",
        ..Spec::DEFAULT
    },
    getdel,
);

fn getdel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut slot = cx.slot(args.key()?);
    slot.count_read();
    let Some(value) = slot.string()? else { return Ok(reply.null()) };
    let done = reply.string(value);
    delete(&mut slot);
    Ok(done)
}
