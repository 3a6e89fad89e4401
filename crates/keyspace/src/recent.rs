//! Which keys of a shard have changed lately, as positions in the journal: who reads one of them must not be told before
//! the change is on the disk (`appendfsync always`).
//!
//! Exact for the last few changes; older ones that aren't on the disk yet count as changes of every key of the shard.

/// Changes that are remembered by their keys.
const REMEMBERED: usize = 32;

/// A shard's latest changes.
#[derive(Debug, Default)]
pub struct Recent {
    /// Hashes of keys, each with the offset behind the record of its last change, in ascending order of offsets.
    keys: Vec<(u64, u64)>,
    /// The offset behind the last change that isn't remembered by its key.
    any: u64,
}

impl Recent {
    /// The key with this hash has changed by a record that ends at `offset`; what ends at `durable` or before is on the
    /// disk. O(`REMEMBERED`).
    pub fn changed(&mut self, hash: u64, offset: u64, durable: u64) {
        self.keys.retain(|(other, at)| *other != hash && *at > durable);
        if self.keys.len() == REMEMBERED {
            let (_, oldest) = self.keys.remove(0);
            self.any = self.any.max(oldest);
        }
        self.keys.push((hash, offset));
    }

    /// Any key may have changed by a record that ends at `offset`.
    pub fn all_changed(&mut self, offset: u64) {
        self.any = self.any.max(offset);
    }

    /// The offset behind the last change of the key with this hash, or one that is behind it.
    #[inline]
    pub fn of_key(&self, hash: u64) -> u64 {
        let known = self.keys.iter().rev().find(|(other, _)| *other == hash);
        known.map_or(self.any, |(_, offset)| self.any.max(*offset))
    }

    /// The offset behind the last change.
    pub fn of_any(&self) -> u64 {
        self.keys.last().map_or(self.any, |(_, offset)| self.any.max(*offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_for_its_own_change_only() {
        let mut recent = Recent::default();
        assert_eq!((recent.of_key(1), recent.of_any()), (0, 0));
        recent.changed(1, 10, 0);
        recent.changed(2, 20, 0);
        assert_eq!((recent.of_key(1), recent.of_key(2), recent.of_key(3), recent.of_any()), (10, 20, 0, 20));
        recent.changed(1, 30, 15);
        assert_eq!((recent.of_key(1), recent.of_key(2), recent.of_any()), (30, 20, 30));
        recent.all_changed(25);
        assert_eq!((recent.of_key(1), recent.of_key(2), recent.of_key(3), recent.of_any()), (30, 25, 25, 30));
    }

    #[test]
    fn what_is_on_the_disk_is_forgotten_and_the_rest_grows_coarse() {
        let mut recent = Recent::default();
        for n in 1..=REMEMBERED as u64 + 2 {
            recent.changed(n, n * 10, 0);
        }
        assert_eq!(
            (recent.of_key(1), recent.of_key(2), recent.of_key(3), recent.of_key(99)),
            (20, 20, 30, 20)
        );
        recent.changed(99, 1000, 500);
        assert_eq!((recent.keys.len(), recent.of_key(5), recent.of_key(99)), (1, 20, 1000));
    }
}
