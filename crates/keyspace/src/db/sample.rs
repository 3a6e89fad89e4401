//! Keys chosen at random: for RANDOMKEY, and to find those that are evicted.

use super::Db;
use crate::entry::Entry;
use crate::item::Item;
use smallvec::SmallVec;
use std::ops::ControlFlow;
use structs::table::prefetch_line;

/// A bucket of the table with its chain hardly ever holds more keys.
const CHAIN: usize = 16;
/// Keys looked at for each one with a time to live that is wanted. Where these are rarer, the index helps.
const LOOKED_AT_PER_EXPIRING: usize = 32;

impl Db {
    /// A key chosen at random. O(1) expected.
    pub fn sample(&self, random: impl FnMut() -> u64) -> Option<Item<'_>> {
        self.table.sample(random).map(|handle| Item::new(Entry::from_handle(handle)))
    }

    /// Visits up to `most` different keys that lie side by side in the table, from a random place on: cheaper than choosing
    /// each, and as good where only their comparison matters. O(most).
    pub fn sample_neighbours<'d>(
        &'d self,
        most: usize,
        random: impl FnMut() -> u64,
        visit: impl FnMut(Item<'d>),
    ) {
        let mut found = SmallVec::<[Item<'d>; 16]>::new();
        self.visit_from_random(random, |item| {
            if found.len() == most {
                return ControlFlow::Break(());
            }
            // The entries lie anywhere in memory: all are fetched before the first one is looked at.
            prefetch_line(item.address());
            found.push(item);
            ControlFlow::Continue(())
        });
        found.into_iter().for_each(visit);
    }

    /// As [`Db::sample_neighbours`], but keys with a time to live only. Where they are rare, they are chosen by a random
    /// moment between the first and the last expiry: those behind a long gap come up more often. O(most * log n).
    pub fn sample_expiring<'d>(
        &'d self,
        most: usize,
        mut random: impl FnMut() -> u64,
        mut visit: impl FnMut(Item<'d>),
    ) {
        if self.expiries.is_empty() {
            return;
        }
        let (mut found, mut looked_at) = (0, 0);
        self.visit_from_random(&mut random, |item| {
            if found == most || looked_at == most * LOOKED_AT_PER_EXPIRING {
                return ControlFlow::Break(());
            }
            looked_at += 1;
            if item.expiry_ms().is_some() {
                found += 1;
                visit(item);
            }
            ControlFlow::Continue(())
        });
        if found == 0 && most > 0 {
            self.at_random_moment(random()).into_iter().for_each(visit);
        }
    }

    /// The key that expires first.
    pub fn first_expiring(&self) -> Option<Item<'_>> {
        self.expiries.first().map(|(_, handle)| Item::new(Entry::from_handle(*handle)))
    }

    fn at_random_moment(&self, random: u64) -> Option<Item<'_>> {
        let (first, last) = (self.expiries.first()?.0, self.expiries.last()?.0);
        let span = last.abs_diff(first);
        let moment = first.saturating_add_unsigned(span.checked_add(1).map_or(random, |span| random % span));
        let (_, handle) = self.expiries.range((moment, 0)..).next()?;
        Some(Item::new(Entry::from_handle(*handle)))
    }

    /// Visits all keys in the order of the table, as a ring, from a random place in a random bucket on.
    fn visit_from_random<'d>(
        &'d self,
        mut random: impl FnMut() -> u64,
        mut visit: impl FnMut(Item<'d>) -> ControlFlow<()>,
    ) {
        if self.is_empty() {
            return;
        }
        let buckets = self.table.buckets().0;
        let start = (random() % buckets as u64) as usize;
        // The last ones in a bucket would hardly ever come up if its first one always did.
        let mut skipped = random() as usize % CHAIN.min(self.len());
        let mut left = self.len();
        for index in (start..buckets).chain((0..buckets).cycle()) {
            self.table.visit_chain(index, &mut |handle| {
                if skipped > 0 {
                    skipped -= 1;
                } else if left > 0 {
                    let flow = visit(Item::new(Entry::from_handle(handle)));
                    left = if flow.is_break() { 0 } else { left - 1 };
                }
            });
            if left == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Db, Expiry, Key};
    use base::prng::Prng;
    use std::collections::BTreeMap;

    /// `count` keys, every `nth` of them with a time to live.
    fn database(count: u32, nth: u32) -> Db {
        let mut db = Db::new(1);
        for number in 0..count {
            let expiry = if number % nth == 0 { Expiry::At(1000 + i64::from(number)) } else { Expiry::Never };
            db.put_string(&Key::new(&number.to_le_bytes(), 1), None, b"value", expiry, 0);
        }
        db
    }

    fn number(key: &[u8]) -> u32 {
        u32::from_le_bytes(key.try_into().expect("four bytes"))
    }

    #[test]
    fn neighbours_are_different_keys() {
        for (count, most) in [(0, 5), (1, 5), (5, 5), (1000, 5), (1000, 64)] {
            let (db, mut rng) = (database(count, 2), Prng::new(7));
            let mut seen = Vec::new();
            db.sample_neighbours(most, || rng.next_u64(), |item| seen.push(number(item.key())));
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), most.min(count as usize), "{count} {most}");
        }
    }

    #[test]
    fn each_key_comes_up_in_time() {
        let (db, mut rng) = (database(500, 1), Prng::new(7));
        let mut times = BTreeMap::new();
        for _ in 0..5000 {
            db.sample_neighbours(
                5,
                || rng.next_u64(),
                |item| {
                    *times.entry(number(item.key())).or_insert(0) += 1;
                },
            );
        }
        // Fifty times each, if all places were equal.
        assert_eq!(times.len(), 500);
        assert!(times.values().all(|times| *times < 300), "{:?}", times.values().max());
    }

    #[test]
    fn only_keys_with_a_time_to_live_are_found_where_they_are_asked_for() {
        for nth in [1, 3, 50, 100_000] {
            let (db, mut rng) = (database(400, nth), Prng::new(7));
            let mut seen = Vec::new();
            for _ in 0..2000 {
                let before = seen.len();
                db.sample_expiring(5, || rng.next_u64(), |item| seen.push(number(item.key())));
                assert!((1..=5).contains(&(seen.len() - before)), "one of {nth}");
            }
            assert!(seen.iter().all(|number| number % nth == 0));
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), db.expiring_len(), "one of {nth}");
        }
        let mut rng = Prng::new(7);
        Db::new(1).sample_expiring(5, || rng.next_u64(), |_| panic!("there is none"));
    }

    #[test]
    fn the_first_to_expire_is_known() {
        assert_eq!(database(10, 3).first_expiring().map(|item| number(item.key())), Some(0));
        assert!(Db::new(1).first_expiring().is_none());
    }
}
