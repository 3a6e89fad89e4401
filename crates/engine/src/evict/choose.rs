//! Which key to evict.

use super::pool::{Candidate, Pool};
use super::weights::Weights;
use super::{MemorySettings, Order, Victims};
use base::prng::Prng;
use command::{Shard, Shards, WaiterRef};
use keyspace::{Db, DbIndex, Item, Remember, ShardGuard};

/// How keys compare.
pub(super) struct Rules {
    pub(super) memory: MemorySettings,
    pub(super) remember: Remember,
    pub(super) now_ms: i64,
}

impl Rules {
    /// How much a key's eviction is wanted; none if it must stay.
    pub(super) fn score(&self, item: &Item<'_>) -> Option<u64> {
        if self.memory.victims == Victims::Expiring && item.expiry_ms().is_none() {
            return None;
        }
        Some(match (self.memory.order, self.remember) {
            (Order::Random, _) => 0,
            (Order::LeastUsed, Remember::Recency) => {
                u64::from(self.remember.idle_seconds(item.access(), self.now_ms))
            }
            (Order::LeastUsed, Remember::Frequency { .. }) => {
                u64::from(u32::MAX - self.remember.frequency(item.access(), self.now_ms))
            }
            (Order::FirstToExpire, _) => u64::MAX - item.expiry_ms().map_or(0, |at| at.max(0) as u64),
        })
    }
}

/// Looks for candidates, and remembers the good ones.
#[derive(Default)]
pub(super) struct Chooser {
    weights: Weights,
    pool: Pool,
    /// What the pool's scores mean.
    kind: (Victims, Order, bool),
}

impl Chooser {
    /// A key to be evicted, as far as can be seen from a sample; none if chance has found none. The caller holds no shard.
    pub(super) fn choose(&mut self, shards: &Shards, rules: &Rules, rng: &mut Prng) -> Option<Candidate> {
        let kind = (rules.memory.victims, rules.memory.order, rules.remember == Remember::Recency);
        if std::mem::replace(&mut self.kind, kind) != kind {
            self.pool.clear();
        }
        let samples = if rules.memory.order == Order::Random { 1 } else { rules.memory.samples };
        let mut left = samples;
        // One shard has enough of them, but with fewer keys than that per shard.
        for _ in 0..samples {
            left -= self.look_in_a_shard(shards, rules, left, rng).min(left);
            if left == 0 {
                break;
            }
        }
        self.pool.take()
    }

    /// A drawn shard: one that nobody holds if there is one, as who holds one may do so for long. If draw after draw finds
    /// a held one, there may be nothing elsewhere, and it has to be waited for. None if there are no keys.
    fn lock_one<'s>(
        &mut self,
        shards: &'s Shards,
        victims: Victims,
        rng: &mut Prng,
    ) -> Option<ShardGuard<'s, WaiterRef>> {
        const DRAWS: usize = 8;
        for _ in 1..DRAWS {
            let id = self.weights.draw(shards, victims, rng.next_u64())?;
            if let Some(shard) = shards.try_lock(id) {
                return Some(shard);
            }
        }
        Some(shards.lock(self.weights.draw(shards, victims, rng.next_u64())?))
    }

    /// Offers up to `most` keys of a shard to the pool; answers how many there were.
    fn look_in_a_shard(&mut self, shards: &Shards, rules: &Rules, most: usize, rng: &mut Prng) -> usize {
        let victims = rules.memory.victims;
        let Some(shard) = self.lock_one(shards, victims, rng) else { return 0 };
        let Some((index, db)) = database(&shard, victims, rng.next_u64()) else {
            self.weights.missed();
            return 0;
        };
        let (pool, mut seen) = (&mut self.pool, 0);
        let offer = |item: Item<'_>| {
            seen += 1;
            if let Some(score) = rules.score(&item) {
                pool.offer(score, index, item.key());
            }
        };
        sample(db, rules, most, rng, offer);
        seen
    }
}

/// A database of a shard, each with the chance of the keys in it.
fn database(shard: &Shard, victims: Victims, random: u64) -> Option<(DbIndex, &Db)> {
    let total: usize = shard.dbs().map(|(_, db)| victims.count(db)).sum();
    let mut at = random.checked_rem(total as u64)? as usize;
    shard.dbs().find(|(_, db)| {
        let here = at < victims.count(db);
        at -= victims.count(db).min(at);
        here
    })
}

/// Visits up to `most` keys.
fn sample<'d>(db: &'d Db, rules: &Rules, most: usize, rng: &mut Prng, visit: impl FnMut(Item<'d>)) {
    match (rules.memory.order, rules.memory.victims) {
        (Order::FirstToExpire, _) => db.first_expiring().into_iter().for_each(visit),
        (Order::Random, Victims::All) => db.sample(|| rng.next_u64()).into_iter().for_each(visit),
        (_, Victims::Expiring) => db.sample_expiring(most, || rng.next_u64(), visit),
        (Order::LeastUsed, _) => db.sample_neighbours(most, || rng.next_u64(), visit),
        (Order::Random, Victims::None) => {}
    }
}
