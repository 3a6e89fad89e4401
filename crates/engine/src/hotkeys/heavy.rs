//! The heaviest keys of a stream, in bounded memory: the Space-Saving summary of Metwally, Agrawal and El Abbadi
//! ("Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005), with weights instead of counts.
//!
//! There are `capacity` counters. A key without one takes the counter of the lightest key, with its weight: so a weight is
//! never too small, and too large by at most the sum of all weights divided by `capacity`. Every key heavier than that
//! share has a counter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The summary.
pub(crate) struct HeavyKeys {
    capacity: usize,
    counters: Vec<Counter>,
    /// Which counter is a key's.
    by_key: BTreeMap<Arc<[u8]>, usize>,
    /// The counters by their weights: (weight, counter).
    by_weight: BTreeSet<(u64, usize)>,
}

struct Counter {
    key: Arc<[u8]>,
    weight: u64,
}

impl HeavyKeys {
    /// An empty summary with so many counters, at least one.
    pub(crate) fn new(capacity: usize) -> HeavyKeys {
        HeavyKeys {
            capacity: capacity.max(1),
            counters: Vec::new(),
            by_key: BTreeMap::new(),
            by_weight: BTreeSet::new(),
        }
    }

    /// Adds to a key's weight. O(log capacity) comparisons of keys.
    pub(crate) fn add(&mut self, key: &[u8], weight: u64) {
        let at = match self.by_key.get(key) {
            Some(at) => *at,
            None => self.counter_for(Arc::from(key)),
        };
        let counter = &mut self.counters[at];
        self.by_weight.remove(&(counter.weight, at));
        counter.weight = counter.weight.saturating_add(weight);
        self.by_weight.insert((counter.weight, at));
    }

    /// A counter for a key that has none: a new one, or else the lightest.
    fn counter_for(&mut self, key: Arc<[u8]>) -> usize {
        let lightest = self.by_weight.first().copied();
        let at = match lightest {
            Some((_, at)) if self.counters.len() == self.capacity => {
                self.by_key.remove(&self.counters[at].key);
                self.counters[at].key = key.clone();
                at
            }
            _ => {
                self.counters.push(Counter { key: key.clone(), weight: 0 });
                self.counters.len() - 1
            }
        };
        self.by_key.insert(key, at);
        at
    }

    /// Keys and their weights, the heaviest first.
    pub(crate) fn heaviest(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.by_weight.iter().rev().map(|(weight, at)| (&*self.counters[*at].key, *weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::prng::Prng;

    /// Weights of keys as they are, against those of a summary with this capacity.
    fn compare(seed: u64, capacity: usize, keys: u64) {
        let (mut prng, mut model) = (Prng::new(seed), BTreeMap::<Vec<u8>, u64>::new());
        let mut summary = HeavyKeys::new(capacity);
        let mut sum = 0;
        for _ in 0..2000 {
            let below = prng.below(keys) + 1;
            let (key, weight) = (prng.below(below).to_string().into_bytes(), prng.below(100));
            summary.add(&key, weight);
            *model.entry(key).or_default() += weight;
            sum += weight;
        }
        let most_error = sum / capacity as u64;
        let shown: BTreeMap<&[u8], u64> = summary.heaviest().collect();
        assert!(
            shown.len() == capacity.min(model.len()),
            "a counter for each key, as long as there are some"
        );
        assert_eq!(shown.values().sum::<u64>(), sum, "no weight is lost");
        assert!(summary.heaviest().is_sorted_by(|a, b| a.1 >= b.1));
        for (key, weight) in &model {
            match shown.get(&**key) {
                Some(shown) => assert!((*weight..=*weight + most_error).contains(shown)),
                None => assert!(*weight <= most_error, "a heavy key is missing"),
            }
        }
        if model.len() <= capacity {
            assert!(model.iter().all(|(key, weight)| shown[&**key] == *weight), "exact while all have room");
        }
    }

    #[test]
    fn weights_are_right_within_the_bound() {
        for seed in 0..20 {
            for (capacity, keys) in [(1, 5), (8, 8), (8, 100), (64, 50), (64, 1000)] {
                compare(seed, capacity, keys);
            }
        }
    }
}
