//! What a stream remembers of its producers, so that an entry that is sent twice is added once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::id::StreamId;

/// How long, and of how many entries of one producer, the names are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerLimits {
    /// Seconds since an entry was added, which its id tells.
    pub duration_s: u32,
    /// Entries per producer.
    pub entries: u32,
}

/// The names producers gave to the entries they added lately, and the ids of those.
///
/// An entry's age is told by its id. The number of entries is the stronger limit: a producer's oldest one is forgotten
/// for a new one, whatever its age.
#[derive(Clone, Debug)]
pub struct Producers {
    limits: ProducerLimits,
    producers: BTreeMap<Arc<[u8]>, Producer>,
    /// All remembered ids with their producers, the oldest first.
    by_age: BTreeSet<(StreamId, Arc<[u8]>)>,
    /// Bytes of all names.
    name_bytes: usize,
    added: u64,
    duplicates: u64,
}

/// One producer's entries, each in both maps.
#[derive(Clone, Debug, Default)]
struct Producer {
    by_name: BTreeMap<Arc<[u8]>, StreamId>,
    by_id: BTreeMap<StreamId, Arc<[u8]>>,
}

impl Producers {
    /// No producers yet.
    pub fn new(limits: ProducerLimits) -> Self {
        Self {
            limits,
            producers: BTreeMap::new(),
            by_age: BTreeSet::new(),
            name_bytes: 0,
            added: 0,
            duplicates: 0,
        }
    }

    /// The limits.
    pub fn limits(&self) -> ProducerLimits {
        self.limits
    }

    /// Sets the limits; when they change, everything is forgotten.
    pub fn set_limits(&mut self, limits: ProducerLimits) {
        if self.limits != limits {
            let (added, duplicates) = (self.added, self.duplicates);
            *self = Self { added, duplicates, ..Self::new(limits) };
        }
    }

    /// Number of entries ever remembered.
    pub fn added(&self) -> u64 {
        self.added
    }

    /// Number of entries that were sent again.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Sets both counters, as a file tells them.
    pub fn set_counters(&mut self, added: u64, duplicates: u64) {
        (self.added, self.duplicates) = (added, duplicates);
    }

    /// The id of the entry that `producer` called `name`, unless it is too old. O(log n).
    pub fn find(&self, producer: &[u8], name: &[u8], now_ms: i64) -> Option<StreamId> {
        let id = *self.producers.get(producer)?.by_name.get(name)?;
        (!self.is_too_old(id, now_ms)).then_some(id)
    }

    /// Counts an entry that was sent again.
    pub fn count_duplicate(&mut self) {
        self.duplicates += 1;
    }

    /// Remembers that `producer` called the entry `id` by `name`, and forgets what is too old or too much. O(log n),
    /// and as much for each entry forgotten.
    pub fn remember(&mut self, producer: &[u8], name: &[u8], id: StreamId, now_ms: i64) {
        self.forget_old(now_ms);
        self.added += 1;
        let limit = self.limits.entries.max(1) as usize;
        if let Some(entries) = self.producers.get(producer) {
            let same_name = entries.by_name.get(name).copied();
            let oldest = entries.by_id.keys().next().copied();
            let surplus = oldest.filter(|_| same_name.is_none() && entries.by_id.len() >= limit);
            for id in [same_name, surplus, Some(id)].into_iter().flatten() {
                self.forget(id, producer);
            }
        }
        let (producer, entries) = self.producer(producer);
        let shared: Arc<[u8]> = name.into();
        entries.by_name.insert(shared.clone(), id);
        entries.by_id.insert(id, shared);
        self.name_bytes += name.len();
        self.by_age.insert((id, producer));
    }

    /// A producer and its shared name, added when there is none.
    fn producer(&mut self, name: &[u8]) -> (Arc<[u8]>, &mut Producer) {
        let known = self.producers.get_key_value(name).map(|(name, _)| name.clone());
        let shared = known.unwrap_or_else(|| {
            self.name_bytes += name.len();
            name.into()
        });
        let producer = self.producers.entry(shared.clone()).or_default();
        (shared, producer)
    }

    /// Forgets entries that are too old, and producers without others. O(log n) each.
    pub fn forget_old(&mut self, now_ms: i64) {
        while let Some((id, producer)) = self.by_age.first()
            && self.is_too_old(*id, now_ms)
        {
            let (id, producer) = (*id, producer.clone());
            self.forget(id, &producer);
        }
    }

    fn forget(&mut self, id: StreamId, producer: &[u8]) {
        let Some(entries) = self.producers.get_mut(producer) else { return };
        let Some(name) = entries.by_id.remove(&id) else { return };
        entries.by_name.remove(&name);
        self.name_bytes -= name.len();
        let emptied = entries.by_id.is_empty();
        self.by_age.remove(&(id, producer.into()));
        if emptied {
            self.producers.remove(producer);
            self.name_bytes -= producer.len();
        }
    }

    fn is_too_old(&self, id: StreamId, now_ms: i64) -> bool {
        let now_ms = u64::try_from(now_ms).unwrap_or(0);
        now_ms.saturating_sub(id.ms) > u64::from(self.limits.duration_s) * 1000
    }

    /// Numbers of producers and of entries remembered that aren't too old. O(producers), and the entries
    /// that are too old.
    pub fn remembered(&self, now_ms: i64) -> (usize, usize) {
        let fresh = |producer: &Producer| {
            let old = producer.by_id.keys().take_while(|id| self.is_too_old(**id, now_ms)).count();
            producer.by_id.len() - old
        };
        let counts = self.producers.values().map(fresh).filter(|count| *count > 0);
        counts.fold((0, 0), |(producers, entries), count| (producers + 1, entries + count))
    }

    /// Everything remembered, as producer, name and id; a producer's entries in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8], StreamId)> {
        self.producers.iter().flat_map(|(producer, entries)| {
            entries.by_id.iter().map(move |(id, name)| (&**producer, &**name, *id))
        })
    }

    /// Bytes allocated, about. O(1).
    pub fn memory_bytes(&self) -> usize {
        let name = size_of::<Arc<[u8]>>();
        // Two counters stand before each shared name; nodes of a B-tree are two thirds full.
        let entry = 16 + 3 * (size_of::<StreamId>() + name);
        let producer = 16 + name + size_of::<Producer>();
        self.name_bytes + (self.by_age.len() * entry + self.producers.len() * producer) * 3 / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: ProducerLimits = ProducerLimits { duration_s: 5, entries: 3 };

    /// What is remembered, oldest first: producer, name, id.
    type Model = Vec<(u8, u8, StreamId)>;

    fn check(producers: &Producers, model: &Model, now_ms: i64) {
        let mut expected: Vec<_> = model.iter().map(|(pid, name, id)| (*pid, *id, *name)).collect();
        expected.sort_unstable();
        let found: Vec<_> = producers.iter().map(|(pid, name, id)| (pid[0], id, name[0])).collect();
        assert_eq!(found, expected);
        let mut pids: Vec<_> = model.iter().map(|(pid, ..)| pid).collect();
        pids.sort_unstable();
        pids.dedup();
        assert_eq!(producers.remembered(now_ms), (pids.len(), model.len()));
        assert_eq!(producers.name_bytes, pids.len() + model.len());
        for (pid, name, id) in model {
            assert_eq!(producers.find(&[*pid], &[*name], now_ms), Some(*id));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn remembers_as_a_plain_list_does(
            ops in prop::collection::vec((0u8..3, 0u8..6, 0u64..3000), 1..60),
        ) {
            let (mut producers, mut model, mut now_ms) = (Producers::new(LIMITS), Model::new(), 10_000);
            for (number, (pid, name, later)) in ops.into_iter().enumerate() {
                now_ms += later;
                model.retain(|(_, _, id)| now_ms - id.ms <= 5000);
                let known = model.iter().find(|(p, n, _)| (*p, *n) == (pid, name)).map(|(_, _, id)| *id);
                prop_assert_eq!(producers.find(&[pid], &[name], now_ms as i64), known);
                if known.is_none() {
                    let id = StreamId::new(now_ms, number as u64);
                    if model.iter().filter(|(p, ..)| *p == pid).count() == 3 {
                        let oldest = model.iter().position(|(p, ..)| *p == pid);
                        model.remove(oldest.expect("there are three"));
                    }
                    model.push((pid, name, id));
                    producers.remember(&[pid], &[name], id, now_ms as i64);
                } else {
                    producers.forget_old(now_ms as i64);
                }
                check(&producers, &model, now_ms as i64);
            }
        }
    }

    #[test]
    fn other_limits_forget_everything_but_the_counters() {
        let mut producers = Producers::new(LIMITS);
        producers.remember(b"p", b"n", StreamId::new(1, 0), 1);
        producers.set_limits(LIMITS);
        assert_eq!(producers.remembered(1), (1, 1));
        producers.set_limits(ProducerLimits { entries: 4, ..LIMITS });
        assert_eq!((producers.remembered(1), producers.added()), ((0, 0), 1));
    }
}
