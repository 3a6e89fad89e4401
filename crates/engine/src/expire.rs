//! Keys, and elements of sets and hashes, whose time is over, removed without being asked for: from the indexes, in small
//! batches, within a budget.
//!
//! A shard that somebody holds is passed by and looked at again: a command that takes long must not stop the workers that
//! serve other keys.

use crate::latency::LatencyEvent;
use crate::worker::Worker;
use keyspace::{Db, DbIndex, Held, ShardId};

/// Keys removed under one acquisition.
const BATCH: usize = 32;
/// How often the index is looked at when nothing is known to be due.
const LOOK_EVERY_MS: i64 = 100;
/// When a pass comes back to shards that were held twice in the last one.
const HELD_AGAIN_MS: i64 = 10;

/// Where a worker stands with its expiry duty.
pub(crate) struct ExpiryDuty {
    /// The earliest moment at which a key may be due, as far as this worker knows.
    next_ms: i64,
    /// The shard at which an interrupted pass goes on.
    resume_at: Option<ShardId>,
    /// The earliest expiry seen by the pass under way.
    seen_ms: i64,
    /// Shards that somebody held when the pass came by.
    held: Vec<ShardId>,
}

/// What a look at one shard has found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Something was due and has been removed; there may be more.
    More,
    /// Nothing is due.
    Done,
    /// Somebody holds it.
    Held,
}

impl Default for ExpiryDuty {
    fn default() -> Self {
        ExpiryDuty { next_ms: 0, resume_at: None, seen_ms: i64::MAX, held: Vec::new() }
    }
}

impl Worker {
    /// When [`Worker::expire_keys`] has something to do next, milliseconds since the epoch.
    pub fn next_expiry_ms(&mut self) -> Option<i64> {
        if !self.engine.active_expiry() || self.settings.imports {
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
            match self.expire_shard(id, end_ns) {
                Look::More => {
                    self.expiry.resume_at = Some(id);
                    self.stats.expiry_cut_short.add(1);
                    return;
                }
                Look::Done => {}
                Look::Held => self.expiry.held.push(id),
            }
        }
        for id in std::mem::take(&mut self.expiry.held) {
            if self.expire_shard(id, end_ns) != Look::Done {
                self.expiry.seen_ms = self.expiry.seen_ms.min(now_ms + HELD_AGAIN_MS);
            }
        }
        self.expiry.next_ms = self.expiry.seen_ms.min(now_ms + LOOK_EVERY_MS);
        self.expiry.seen_ms = i64::MAX;
    }

    /// Removes what is due in one shard; `More` means that the time was up before.
    fn expire_shard(&mut self, id: ShardId, end_ns: u64) -> Look {
        loop {
            let look = self.expire_in(id);
            let late = self.engine.clock.monotonic_ns() > end_ns;
            match look {
                Look::More if late => return Look::More,
                Look::More => {}
                Look::Done | Look::Held => return look,
            }
        }
    }

    /// Removes the keys that commands over all shards have found overdue, each in a Unit of its own.
    pub(crate) fn expire_overdue(&mut self) {
        for (db, key) in std::mem::take(&mut self.effects.overdue) {
            let engine = self.engine.clone();
            let held = engine.shards.acquire(&[engine.shards.shard_of(&key)]);
            if engine.pause.is_active() || self.settings.imports {
                return;
            }
            self.expire_batch(held, &[(db, key)]);
        }
    }

    /// One batch in one shard: a Unit.
    fn expire_in(&mut self, id: ShardId) -> Look {
        let engine = self.engine.clone();
        let now_ms = self.now.ms();
        let Some(held) = engine.shards.try_acquire(id) else { return Look::Held };
        if engine.pause.is_active() {
            return Look::Done;
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
            return Look::Done;
        }
        // The index orders keys of one moment by where they lie in memory: equal histories have equal journals.
        due.sort_unstable();
        self.expire_batch(held, &due);
        Look::More
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
