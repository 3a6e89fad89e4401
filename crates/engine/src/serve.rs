//! Serving parked steps: whoever makes a key ready serves those who wait for it, oldest first, inside its own Unit.
//!
//! # It ends
//! Each turn of the outer loop takes a key from the ready list; each turn of the inner loop passes or removes one waiter
//! of that key. Serving never adds a waiter, and a key gets onto the ready list only by a change, that is by the command
//! itself or by a waiter being served, which happens once per waiter. So the work is bounded by the waiters there are.

use crate::engine::Engine;
use crate::mailbox::Mail;
use crate::stats::WorkerStats;
use crate::tracking::remember_served;
use crate::unit::ShardIds;
use command::{Cx, Reply, WaiterRef};
use journal::Offset;
use keyspace::{DbIndex, Held, ShardId};
use resp::Writer;
use std::collections::HashSet;

/// The answer of a waiter that was served. It leaves when the Unit has entered the journal.
pub(crate) struct Answer {
    worker: usize,
    client_id: u64,
    reply: Vec<u8>,
}

impl Answer {
    /// Gives it to the waiter's worker; it depends on the journal up to `after`.
    pub(crate) fn post(self, engine: &Engine, after: Offset) {
        let Answer { worker, client_id, reply } = self;
        engine.workers[worker].mailbox.post(Mail::Served { client_id, reply, after });
    }
}

/// Serves the waiters of all keys that the Unit has made ready; their answers go to `answers`. `own` counts for the calling
/// worker.
pub(crate) fn serve_ready(cx: &mut Cx<'_>, engine: &Engine, own: &WorkerStats, answers: &mut Vec<Answer>) {
    while !cx.effects.ready.is_empty() {
        let (db, key) = cx.effects.ready.remove(0);
        serve_key(cx, engine, own, (db, &key), answers);
    }
}

fn serve_key(
    cx: &mut Cx<'_>,
    engine: &Engine,
    own: &WorkerStats,
    (db, key): (DbIndex, &[u8]),
    answers: &mut Vec<Answer>,
) {
    let (own_db, own_caller) = (cx.db, cx.caller);
    cx.db = db;
    let mut at = 0;
    let mut present = cx.look(key).is_some();
    while let Some(waiter) = waiter_at(cx, db, key, at) {
        cx.caller = waiter.caller;
        let tried = present || waiter.step.minds_absence();
        debug_assert!(!tried || within_reach(cx, &waiter), "`shards_beyond` saw the waiter");
        if !waiter.claim.is_waiting() {
            unpark(cx, &waiter);
        } else if tried && within_reach(cx, &waiter) && waiter.step.ready(cx, key) && waiter.claim.claim() {
            answers.push(serve_one(cx, engine, own, &waiter, key));
            unpark(cx, &waiter);
            present = cx.look(key).is_some();
        } else {
            if tried {
                note_ripening(cx, engine, &waiter, key);
            }
            at += 1;
        }
    }
    (cx.db, cx.caller) = (own_db, own_caller);
}

fn waiter_at(cx: &mut Cx<'_>, db: DbIndex, key: &[u8], at: usize) -> Option<WaiterRef> {
    cx.shard(key).waiters.of(db, key)?.get(at).cloned()
}

/// Whether the Unit holds the shard of the waiter's destination. It does, or `shards_beyond` has missed something.
fn within_reach(cx: &Cx<'_>, waiter: &WaiterRef) -> bool {
    waiter.step.destination().is_none_or(|key| cx.holds(key))
}

fn serve_one(cx: &mut Cx<'_>, engine: &Engine, own: &WorkerStats, waiter: &WaiterRef, key: &[u8]) -> Answer {
    let mut reply = Vec::new();
    let result = waiter.step.serve(cx, key, Reply::new(&mut reply, waiter.proto));
    remember_served(cx, engine, waiter);
    // What serving changed has been recorded by the step itself.
    cx.effects.outcome_given = false;
    if let Err(error) = result {
        reply.clear();
        Writer::new(&mut reply, waiter.proto).error(error.text());
        engine.stats.error(own, error.code());
    }
    Answer { worker: waiter.worker, client_id: waiter.client_id, reply }
}

/// Tells a waiter's worker when time will have made the waiter ready, unless it is going to try it earlier.
fn note_ripening(cx: &mut Cx<'_>, engine: &Engine, waiter: &WaiterRef, key: &[u8]) {
    if let Some(at_ms) = waiter.step.ripens_ms(cx, key)
        && waiter.ripening.note(at_ms)
    {
        engine.workers[waiter.worker].mailbox.post(Mail::Ripens { client_id: waiter.client_id, at_ms });
    }
}

/// Takes a waiter out of the queues within reach; its worker takes it out of the others.
fn unpark(cx: &mut Cx<'_>, waiter: &WaiterRef) {
    for key in &waiter.keys {
        if cx.holds(key) {
            remove(cx, waiter, key);
        }
    }
}

fn remove(cx: &mut Cx<'_>, waiter: &WaiterRef, key: &[u8]) {
    cx.shard(key).waiters.retain(waiter.db, key, |other| !std::sync::Arc::ptr_eq(other, waiter));
}

/// Locks the shards of a Unit that writes `keys`, and those that serving the waiters of these keys may change.
pub(crate) fn acquire<'a>(
    shards: &'a command::Shards,
    mut ids: ShardIds,
    keys: impl Fn() -> Vec<Box<[u8]>>,
) -> Held<'a, WaiterRef> {
    loop {
        let mut held = shards.acquire(&ids);
        if held.shards.iter().all(|locked| locked.shard.waiters.is_empty()) {
            return held;
        }
        let more = shards_beyond(&mut held, shards, keys());
        if more.is_empty() {
            return held;
        }
        drop(held);
        ids.extend(more);
        ids.sort_unstable();
        ids.dedup();
    }
}

/// The shards beyond those held that serving the waiters of `keys` may change: the destinations of their moves, the
/// destinations of those who wait for these, and so on as far as can be seen from what is held. The databases don't
/// matter: a command may change keys in others than its client's (MOVE, COPY, a transaction with SELECT).
fn shards_beyond(
    held: &mut Held<'_, WaiterRef>,
    shards: &command::Shards,
    mut keys: Vec<Box<[u8]>>,
) -> HashSet<ShardId> {
    let (mut beyond, mut seen) = (HashSet::new(), HashSet::new());
    while let Some(key) = keys.pop() {
        if !seen.insert(key.clone()) {
            continue;
        }
        let id = shards.shard_of(&key);
        let Some(shard) = held.get(id) else {
            beyond.insert(id);
            continue;
        };
        keys.extend(
            shard.waiters.in_any_db(&key).filter_map(|waiter| waiter.step.destination()).map(Box::from),
        );
    }
    beyond
}
