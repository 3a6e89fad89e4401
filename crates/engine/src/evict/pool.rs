//! The best candidates for eviction seen so far.

use keyspace::DbIndex;

/// Candidates that are remembered.
const SIZE: usize = 16;

/// A key that may be evicted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// How much its eviction is wanted.
    pub(super) score: u64,
    /// The database.
    pub(super) db: DbIndex,
    /// The key.
    pub(super) key: Box<[u8]>,
}

/// A few candidates, the best last. What one sample found and didn't need competes with the next samples: with the same
/// number of keys looked at, the keys evicted come much closer to the truly best.
#[derive(Default)]
pub(super) struct Pool(Vec<Candidate>);

impl Pool {
    /// Remembers a key if it is among the best.
    pub(super) fn offer(&mut self, score: u64, db: DbIndex, key: &[u8]) {
        let full = self.0.len() == SIZE;
        if full && self.0[0].score >= score || self.has(db, key) {
            return;
        }
        if full {
            self.0.remove(0);
        }
        let at = self.0.partition_point(|other| other.score <= score);
        self.0.insert(at, Candidate { score, db, key: key.into() });
    }

    fn has(&self, db: DbIndex, key: &[u8]) -> bool {
        self.0.iter().any(|other| other.db == db && *other.key == *key)
    }

    /// The best one, which is forgotten here.
    pub(super) fn take(&mut self) -> Option<Candidate> {
        self.0.pop()
    }

    /// Forgets all: scores have another meaning from now on.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::prng::Prng;

    #[test]
    fn the_best_are_kept() {
        let mut rng = Prng::new(1);
        for count in 0..60u64 {
            let mut scores: Vec<u64> = (0..count).map(|_| rng.next_u64() % 50).collect();
            let mut pool = Pool::default();
            for (number, score) in scores.iter().enumerate() {
                pool.offer(*score, 0, &number.to_le_bytes());
            }
            scores.sort_unstable_by(|a, b| b.cmp(a));
            scores.truncate(SIZE);
            let taken: Vec<u64> =
                std::iter::from_fn(|| pool.take()).map(|candidate| candidate.score).collect();
            assert_eq!(taken, scores);
        }
    }

    #[test]
    fn a_key_is_remembered_once() {
        let mut pool = Pool::default();
        pool.offer(1, 0, b"key");
        pool.offer(2, 0, b"key");
        pool.offer(1, 1, b"key");
        assert_eq!(std::iter::from_fn(|| pool.take()).count(), 2);
    }
}
