//! Clients that track no longer are taken out of the tables in passing: by the changes of the keys that they have read,
//! and, when they make up a good part of the tables, by a sweep over all shards, a few at each tick.

use crate::engine::Engine;
#[cfg(doc)]
use crate::messages::Messages;
use crate::worker::Worker;
use command::{Shard, WaiterRef};
use keyspace::{Held, ShardId};

/// A sweep begins when one item in so many belongs to a client that tracks no longer: it looks at no more than so many
/// times the items that it takes out.
const WORTH_ONE_IN: usize = 8;
/// Keys looked at in one tick.
const KEYS_PER_TICK: usize = 20_000;

/// How far a sweep has come.
#[derive(Default)]
pub(crate) struct Sweep {
    /// The next shard; none: no sweep is under way.
    next: Option<ShardId>,
}

impl Worker {
    /// Goes on with a sweep, or begins one if it is worth while. Done by one worker, which holds no shard.
    pub(crate) fn sweep_tracked(&mut self) {
        let engine = self.engine.clone();
        let Some(first) = self.tracking_sweep.next.or_else(|| engine.trackers.is_sweep_due().then_some(0))
        else {
            return;
        };
        let mut looked_at = 0;
        for id in first..engine.shards.count() as ShardId {
            if looked_at > KEYS_PER_TICK {
                self.tracking_sweep.next = Some(id);
                return;
            }
            // One that somebody holds is left to the next sweep.
            let Some(mut held) = engine.shards.try_acquire(id) else { continue };
            looked_at += engine.sweep_shard(&mut held.shards[0].shard);
        }
        self.tracking_sweep.next = None;
    }
}

impl super::Trackers {
    fn is_sweep_due(&self) -> bool {
        let ended = self.ended_items();
        ended > 0 && ended * WORTH_ONE_IN >= self.keys()
    }
}

impl Engine {
    /// Takes clients that track no longer out of a shard's table; answers how many keys it has looked at.
    fn sweep_shard(&self, shard: &mut Shard) -> usize {
        let keys = shard.tracked.len();
        let gone = shard.tracked.forget_ended();
        self.trackers.note_gone_keys(gone);
        keys
    }

    /// Forgets all tracked keys of the shards that are held. Those who track are to be told: [`Messages::invalidate_all`].
    pub(crate) fn forget_tracked(&self, held: &mut Held<'_, WaiterRef>) {
        for locked in &mut held.shards {
            self.trackers.note_gone_keys(locked.shard.tracked.clear());
        }
    }

    /// Takes clients that track no longer out of all tables at once: for tests.
    pub fn sweep_tracked(&self) {
        self.shards.ids().for_each(|id| {
            self.sweep_shard(&mut self.shards.lock(id));
        });
    }
}
