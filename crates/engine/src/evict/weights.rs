//! Which shard to look for a candidate in.

use super::Victims;
use command::{Shard, Shards};
use keyspace::ShardId;

/// Shards drawn in proportion to the keys in them, so that each key has the same chance wherever it lies: with hash tags
/// one shard may hold nearly all of them.
///
/// The numbers are counted now and then, locking one shard after another, and serve for many draws.
#[derive(Default)]
pub(super) struct Weights {
    victims: Victims,
    /// For each shard the keys in it and in those before it.
    ends: Vec<u64>,
    /// Draws until the keys are counted again.
    draws_left: u64,
}

impl Weights {
    /// A shard, drawn with a random number; none if there was no key when they were counted. The caller holds no shard.
    pub(super) fn draw(&mut self, shards: &Shards, victims: Victims, random: u64) -> Option<ShardId> {
        if self.draws_left == 0 || self.victims != victims {
            self.count(shards, victims);
        }
        self.draws_left = self.draws_left.saturating_sub(1);
        let total = self.total();
        let at = random.checked_rem(total)?;
        Some(self.ends.partition_point(|end| *end <= at) as ShardId)
    }

    /// There was no key in the shard that was drawn: after a few of these, the keys are counted again.
    pub(super) fn missed(&mut self) {
        self.draws_left -= self.draws_left.min(self.lifetime() / 8 + 1);
    }

    fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Draws for which a count is good enough.
    fn lifetime(&self) -> u64 {
        self.total() / 4 + u64::from(self.total() > 0) * 16
    }

    /// Counts the keys anew. For a shard that somebody holds the last count serves once more, if there is one.
    fn count(&mut self, shards: &Shards, victims: Victims) {
        if std::mem::replace(&mut self.victims, victims) != victims {
            self.ends.clear();
        }
        let keys_in = |shard: &Shard| shard.dbs().map(|(_, db)| victims.count(db) as u64).sum::<u64>();
        let (mut total, mut ends) = (0, Vec::with_capacity(self.ends.len()));
        for id in shards.ids() {
            total += match (shards.try_lock(id), self.last_count(id)) {
                (Some(shard), _) => keys_in(&shard),
                (None, Some(keys)) => keys,
                (None, None) => keys_in(&shards.lock(id)),
            };
            ends.push(total);
        }
        self.ends = ends;
        self.draws_left = self.lifetime();
    }

    /// The keys in a shard when they were counted last.
    fn last_count(&self, id: ShardId) -> Option<u64> {
        let at = usize::from(id);
        let before = at.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        Some(self.ends.get(at)? - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::prng::Prng;
    use keyspace::Expiry;

    fn put(shards: &Shards, key: &[u8], expiry: Expiry) {
        let key = shards.key(key);
        shards.lock(shards.shard_of(key.bytes)).db_mut(1).put_string(&key, None, b"value", expiry, 0);
    }

    #[test]
    fn shards_come_up_as_often_as_they_have_keys() {
        let shards = Shards::new(16, 1, None);
        for number in 0..900 {
            put(&shards, format!("{{crowded}}{number}").as_bytes(), Expiry::Never);
        }
        put(&shards, b"{alone}", Expiry::At(1));
        let (crowded, alone) = (shards.shard_of(b"{crowded}"), shards.shard_of(b"{alone}"));
        assert_ne!(crowded, alone);
        let (mut weights, mut rng, mut times) = (Weights::default(), Prng::new(3), [0; 16]);
        for _ in 0..9010 {
            let id = weights.draw(&shards, Victims::All, rng.next_u64()).expect("there are keys");
            times[usize::from(id)] += 1;
        }
        assert!((1..30).contains(&times[usize::from(alone)]), "{times:?}");
        assert_eq!(times[usize::from(crowded)] + times[usize::from(alone)], 9010);
        assert_eq!(weights.draw(&shards, Victims::Expiring, rng.next_u64()), Some(alone));
    }

    #[test]
    fn nobody_waits_for_a_held_shard_that_was_counted_before() {
        let shards = Shards::new(4, 1, None);
        put(&shards, b"key", Expiry::Never);
        let id = shards.shard_of(b"key");
        let mut weights = Weights::default();
        weights.count(&shards, Victims::All);
        let held = shards.lock(id);
        weights.count(&shards, Victims::All);
        assert_eq!(weights.draw(&shards, Victims::All, 5), Some(id));
        drop(held);
    }

    #[test]
    fn changes_are_noticed() {
        let shards = Shards::new(4, 1, None);
        let mut weights = Weights::default();
        assert_eq!(weights.draw(&shards, Victims::All, 5), None);
        put(&shards, b"key", Expiry::Never);
        let id = shards.shard_of(b"key");
        assert_eq!(weights.draw(&shards, Victims::All, 5), Some(id));
        shards.lock(id).take_db(1);
        let draws = (0..100)
            .take_while(|_| weights.draw(&shards, Victims::All, 5).inspect(|_| weights.missed()).is_some());
        assert!(draws.count() < 10);
    }
}
