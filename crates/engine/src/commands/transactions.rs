//! MULTI, EXEC, DISCARD, WATCH and UNWATCH.

use crate::admin::Admin;
use crate::exec::{end_multi, unwatch};
use crate::registry::Run;
use crate::session::Multi;
use command::Flag::{AllowBusy, DuringMulti, Fast, Loading, NoScript, SkipSlowlog, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, KeyFlag, KeySpec, Reply, Result, Spec};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[MULTI, EXEC, DISCARD, WATCH, UNWATCH];

const MULTI: Command<Run> = Command::new(
    Spec {
        name: "multi",
        group: Group::Transactions,
        since: "1.2.0",
        summary: "Begins a transaction: the commands that follow are queued.",
        syntax: "MULTI",
        arity: 1,
        flags: &[NoScript, Loading, Stale, Fast, AllowBusy, DuringMulti],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(multi),
);

fn multi(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if admin.session.multi.is_some() {
        return Err(Error::new("ERR MULTI calls can not be nested"));
    }
    let multi = admin.session.multi.insert(Multi::default());
    admin.session.client.publish_multi(Some(multi));
    Ok(reply.ok())
}

const EXEC: Command<Run> = Command::new(
    Spec {
        name: "exec",
        group: Group::Transactions,
        since: "1.2.0",
        summary: "Runs the queued commands as one.",
        complexity: "As the queued commands.",
        syntax: "EXEC",
        arity: 1,
        flags: &[NoScript, Loading, Stale, SkipSlowlog, DuringMulti],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Exec,
);

const DISCARD: Command<Run> = Command::new(
    Spec {
        name: "discard",
        group: Group::Transactions,
        since: "2.0.0",
        summary: "Forgets the queued commands.",
        complexity: "O(N), N being the number of queued commands",
        syntax: "DISCARD",
        arity: 1,
        flags: &[NoScript, Loading, Stale, Fast, AllowBusy, DuringMulti],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(discard),
);

fn discard(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if admin.session.multi.is_none() {
        return Err(Error::new("ERR DISCARD without MULTI"));
    }
    end_multi(&admin.engine.shards, admin.session);
    Ok(reply.ok())
}

const WATCH: Command<Run> = Command::new(
    Spec {
        name: "watch",
        group: Group::Transactions,
        since: "2.2.0",
        summary: "Lets the next EXEC fail if one of the keys changes before.",
        complexity: "O(1) per key",
        syntax: "WATCH key [key ...]",
        arity: -2,
        flags: &[NoScript, Loading, Stale, Fast, AllowBusy, DuringMulti],
        keys: &[KeySpec::range(1, -1, 1, &[KeyFlag::ReadOnly])],
        ..Spec::DEFAULT
    },
    Run::Admin(watch),
);

fn watch(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if admin.session.multi.is_some() {
        return Err(Error::new("ERR WATCH inside MULTI is not allowed"));
    }
    let db = admin.session.db;
    if admin.session.watching.dirty.is_set() {
        // The transaction can't succeed any more: there is nothing left to watch for.
        return Ok(reply.ok());
    }
    for key in args.rest() {
        let watching = &mut admin.session.watching;
        if watching.keys.iter().any(|(index, watched)| *index == db && **watched == *key) {
            continue;
        }
        let now_ms = admin.cx.now.ms();
        let hashed = admin.cx.key(key);
        let shard = admin.cx.shard(key);
        let keys = shard.db(db);
        let expired = keys.find(&hashed).is_some_and(|place| keys.item(place).is_expired(now_ms));
        shard.watched.add(db, key, &watching.dirty, expired);
        watching.keys.push((db, key.into()));
        watching.bytes += key.len();
    }
    let watching = &admin.session.watching;
    admin.session.client.publish_watched(watching.keys.len(), watching.bytes);
    Ok(reply.ok())
}

const UNWATCH: Command<Run> = Command::new(
    Spec {
        name: "unwatch",
        group: Group::Transactions,
        since: "2.2.0",
        summary: "Forgets all watched keys.",
        syntax: "UNWATCH",
        arity: 1,
        flags: &[NoScript, Loading, Stale, Fast, AllowBusy],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(forget_watched),
);

fn forget_watched(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    // Inside EXEC the watched keys have done their duty and are forgotten at its end.
    if !admin.in_exec {
        unwatch(&admin.engine.shards, admin.session);
    }
    Ok(reply.ok())
}
