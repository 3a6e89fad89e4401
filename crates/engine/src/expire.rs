//! Keys, and elements of sets and hashes, whose time is over, removed without being asked for: from the indexes, in small
//! batches, within a budget.

use crate::latency::LatencyEvent;
use crate::worker::Worker;
use keyspace::{Db, DbIndex, Held, ShardId};

/// Keys removed under one acquisition.
const BATCH: usize = 32;
/// How often the index is looked at when nothing is known to be due.
const LOOK_EVERY_MS: i64 = 100;

/// Where a worker stands with its expiry duty.
pub(crate) struct ExpiryDuty {
    /// The earliest moment at which a key may be due, as far as this worker knows.
    next_ms: i64,
    /// The shard at which an interrupted pass goes on.
    resume_at: Option<ShardId>,
    /// The earliest expiry seen by the pass under way.
    seen_ms: i64,
}

impl Default for ExpiryDuty {
    fn default() -> Self {
        ExpiryDuty { next_ms: 0, resume_at: None, seen_ms: i64::MAX }
    }
}

impl Worker {
    /// When [`Worker::expire_keys`] has something to do next, milliseconds since the epoch.
    pub fn next_expiry_ms(&mut self) -> Option<i64> {
        if !self.engine.active_expiry() {
            return None;
        }
        let hint = self.effects.earliest_expiry_ms.take();
        if let Some(at) = hint {
            self.expiry.next_ms = self.expiry.next_ms.min(at);
        }
        if self.expiry.resume_at.is_some() { Some(0) } else { Some(self.expiry.next_ms) }
    }

    /// Removes keys whose time is over, for about `budget_ns`; goes on where it stopped at the next call.
    pub fn expire_keys(&mut self, budget_ns: u64) {
        let due = self.next_expiry_ms();
        self.now = command::Now { us: self.engine.clock.wall_us() };
        let now_ms = self.now.ms();
        if due.is_none_or(|at| at >= now_ms) {
            return;
        }
        if self.engine.pause.is_active_at(now_ms) {
            self.expiry.next_ms = now_ms + LOOK_EVERY_MS;
            return;
        }
        let start_ns = self.engine.clock.monotonic_ns();
        self.expire_until(start_ns + budget_ns, now_ms);
        let time_ns = self.engine.clock.monotonic_ns().saturating_sub(start_ns);
        self.stats.expiry_ns.add(time_ns);
        self.note_latency(LatencyEvent::ExpireCycle, time_ns);
    }

    /// One pass over the shards, from where the last one stopped, until all are done or the time is up.
    fn expire_until(&mut self, end_ns: u64, now_ms: i64) {
        let first = self.expiry.resume_at.take().unwrap_or(0);
        for id in first..self.engine.shards.count() as ShardId {
            loop {
                let more = self.expire_in(id);
                if self.engine.clock.monotonic_ns() > end_ns {
                    self.expiry.resume_at = Some(id);
                    self.stats.expiry_cut_short.add(1);
                    return;
                }
                if !more {
                    break;
                }
            }
        }
        self.expiry.next_ms = self.expiry.seen_ms.min(now_ms + LOOK_EVERY_MS);
        self.expiry.seen_ms = i64::MAX;
    }

    /// Removes the keys that commands over all shards have found overdue, each in a Unit of its own.
    pub(crate) fn expire_overdue(&mut self) {
        for (db, key) in std::mem::take(&mut self.effects.overdue) {
            let engine = self.engine.clone();
            let held = engine.shards.acquire(&[engine.shards.shard_of(&key)]);
            if engine.pause.is_active() {
                return;
            }
            self.expire_batch(held, &[(db, key)]);
        }
    }

    /// One batch in one shard: a Unit. Answers whether more is due there.
    fn expire_in(&mut self, id: ShardId) -> bool {
        let engine = self.engine.clone();
        let now_ms = self.now.ms();
        let held = engine.shards.acquire(&[id]);
        if engine.pause.is_active() {
            return false;
        }
        let mut due = Vec::new();
        for (index, db) in held.shards[0].shard.dbs() {
            let keys = db.due(now_ms).chain(db.due_within(now_ms));
            due.extend(keys.take(BATCH - due.len()).map(|key| (index, Box::from(key))));
        }
        if due.is_empty() {
            let firsts = |db: &Db| [db.first_expiry_ms(), db.first_element_expiry_ms()];
            let first = held.shards[0].shard.dbs().flat_map(|(_, db)| firsts(db)).flatten().min();
            self.expiry.seen_ms = self.expiry.seen_ms.min(first.unwrap_or(i64::MAX));
            return false;
        }
        // The index orders keys of one moment by where they lie in memory: equal histories have equal journals.
        due.sort_unstable();
        self.expire_batch(held, &due);
        true
    }

    fn expire_batch(&mut self, held: Held<'_, command::WaiterRef>, due: &[(DbIndex, Box<[u8]>)]) {
        self.run_unasked(held, |cx| {
            for (db, key) in due {
                // Opening a key removes what is expired: the key, or elements. It may have come back to life since it was
                // seen.
                let _ = cx.slot_in(*db, key);
            }
        });
    }
}
