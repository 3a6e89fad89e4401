//! `tracking-table-max-keys`: keys beyond it are forgotten by chance, as if they had changed.

use crate::worker::Worker;
use keyspace::ShardId;

/// Keys forgotten at once, as with Redis; each time that isn't enough, so many more the next time.
const EFFORT: u32 = 100;

impl Worker {
    /// Forgets tracked keys if there are too many. The worker holds no shard.
    #[inline]
    pub(crate) fn limit_tracked_keys(&mut self) {
        if self.engine.trackers.keys() > self.settings.tracked_keys {
            self.forget_tracked_keys();
        } else {
            self.tracking_shortfalls = 0;
        }
    }

    #[cold]
    fn forget_tracked_keys(&mut self) {
        for _ in 0..EFFORT * (self.tracking_shortfalls + 1) {
            if !self.engine.trackers.take_excess(self.settings.tracked_keys) {
                self.tracking_shortfalls = 0;
                return;
            }
            if !self.forget_tracked_key() {
                self.engine.trackers.note_new_key();
                return;
            }
        }
        self.tracking_shortfalls += 1;
    }

    /// Forgets a key chosen by chance, which doesn't count any more; false if there is none in a shard that nobody holds.
    fn forget_tracked_key(&mut self) -> bool {
        let engine = self.engine.clone();
        let (count, first) = (engine.shards.count(), self.rng.next_u64() as usize);
        for at in 0..count {
            let id = (first.wrapping_add(at) % count) as ShardId;
            let Some(mut held) = engine.shards.try_acquire(id) else { continue };
            let shard = &mut held.shards[0].shard;
            if !shard.tracked.is_empty() {
                let number = self.rng.below(shard.tracked.len() as u64) as usize;
                let (key, trackers) = shard.tracked.take_at(number);
                self.messages.invalidate_key(&engine, &key, &trackers, 0);
                return true;
            }
        }
        false
    }
}
