//! A client that tracks has read: its keys' shards, which are still held, remember that.

use crate::engine::Engine;
use crate::footprint::key_positions;
use crate::registry::Registered;
use crate::session::Session;
use command::{Cx, Flag, Shard, Waiter};
use keyspace::{Key, Tracker, Tracking};
use std::sync::Arc;

/// Remembers the keys of a command that has just read them.
#[inline]
pub(crate) fn remember(
    cx: &mut Cx<'_>,
    engine: &Engine,
    session: &Session,
    command: &Registered,
    args: resp::Args<'_>,
) {
    if session.tracking.is_some() && command.flags.has(Flag::Readonly) {
        remember_keys(cx, engine, session, command, args);
    }
}

#[cold]
fn remember_keys(
    cx: &mut Cx<'_>,
    engine: &Engine,
    session: &Session,
    command: &Registered,
    args: resp::Args<'_>,
) {
    for at in key_positions(command, args) {
        let key = cx.key(args.at(at));
        if cx.holds(key.bytes) {
            remember_in(cx.shard(key.bytes), engine, session, &key);
        }
    }
}

/// Remembers the only key of a command, in its shard.
#[inline]
pub(crate) fn remember_one(
    shard: &mut Shard,
    engine: &Engine,
    session: &Session,
    command: &Registered,
    key: &Key<'_>,
) {
    if session.tracking.is_some() && command.flags.has(Flag::Readonly) {
        remember_in(shard, engine, session, key);
    }
}

#[cold]
fn remember_in(shard: &mut Shard, engine: &Engine, session: &Session, key: &Key<'_>) {
    if let Some(tracking) = session.tracking.as_ref().filter(|tracking| tracking.remembers()) {
        enter(shard, engine, key, &tracking.tracker);
    }
}

fn enter(shard: &mut Shard, engine: &Engine, key: &Key<'_>, tracker: &Arc<Tracker>) {
    if shard.tracked.add(key, tracker) {
        engine.trackers.note_new_key();
    }
}

/// Who is to be told when the keys change that a command will have read when it is served, if it reads.
pub(crate) fn tracker_of(session: &Session, command: &Registered) -> Option<Arc<Tracker>> {
    let tracking = session.tracking.as_ref()?;
    (tracking.remembers() && command.flags.has(Flag::Readonly)).then(|| tracking.tracker.clone())
}

/// Remembers the keys of a waiter that has just been served, as far as they are within reach: it has read one of these.
pub(crate) fn remember_served(cx: &mut Cx<'_>, engine: &Engine, waiter: &Waiter) {
    let Some(tracker) = waiter.tracker.as_ref().filter(|tracker| tracker.tracking() == Tracking::Keys) else {
        return;
    };
    for key in waiter.keys.iter().filter(|key| cx.holds(key)).map(|key| cx.key(key)).collect::<Vec<_>>() {
        enter(cx.shard(key.bytes), engine, &key, tracker);
    }
}
