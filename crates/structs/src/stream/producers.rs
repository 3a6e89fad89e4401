//! What a stream remembers of its producers, so that an entry that is sent twice is added once.

use triomphe::Arc;

use super::id::StreamId;
use super::{Name, name_bytes};
use crate::tree::{Map, own};

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
    producers: Map<Name, Arc<Producer>>,
    /// All remembered ids with their producers, the oldest first.
    by_age: Map<(StreamId, Name), ()>,
    /// Bytes of all names.
    name_bytes: usize,
    /// Bytes of all producers' maps.
    map_bytes: usize,
    added: u64,
    duplicates: u64,
}

/// One producer's entries, each in both maps.
#[derive(Clone, Debug, Default)]
struct Producer {
    by_name: Map<Name, StreamId>,
    by_id: Map<StreamId, Name>,
}

impl Producer {
    fn memory_bytes(&self) -> usize {
        self.by_name.memory_bytes() + self.by_id.memory_bytes()
    }
}

impl Producers {
    /// No producers yet.
    pub fn new(limits: ProducerLimits) -> Self {
        Self {
            limits,
            producers: Map::new(),
            by_age: Map::new(),
            name_bytes: 0,
            map_bytes: 0,
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
            let oldest = entries.by_id.first().map(|(id, _)| *id);
            let surplus = oldest.filter(|_| same_name.is_none() && entries.by_id.len() >= limit);
            for id in [same_name, surplus, Some(id)].into_iter().flatten() {
                self.forget(id, producer);
            }
        }
        let producer = self.producer(producer);
        let name: Name = name.into();
        self.name_bytes += name_bytes(&name);
        self.change(&producer, |entries| {
            entries.by_name.insert(name.clone(), id);
            entries.by_id.insert(id, name);
        });
        self.by_age.insert((id, producer), ());
    }

    /// The shared name of a producer, which is added when there is none.
    fn producer(&mut self, name: &[u8]) -> Name {
        if let Some((name, _)) = self.producers.get_pair(name) {
            return name.clone();
        }
        let name: Name = name.into();
        self.name_bytes += name_bytes(&name);
        self.producers.insert(name.clone(), Arc::new(Producer::default()));
        name
    }

    fn change(&mut self, producer: &[u8], change: impl FnOnce(&mut Producer)) {
        if let Some(entries) = self.producers.get_mut(producer).map(own) {
            let before = entries.memory_bytes();
            change(entries);
            self.map_bytes = self.map_bytes - before + entries.memory_bytes();
        }
    }

    /// Forgets entries that are too old, and producers without others. O(log n) each.
    pub fn forget_old(&mut self, now_ms: i64) {
        while let Some(((id, producer), ())) = self.by_age.first()
            && self.is_too_old(*id, now_ms)
        {
            let (id, producer) = (*id, producer.clone());
            self.forget(id, &producer);
        }
    }

    fn forget(&mut self, id: StreamId, producer: &[u8]) {
        let name = self.producers.get(producer).and_then(|entries| entries.by_id.get(&id)).cloned();
        let Some(name) = name else { return };
        self.name_bytes -= name_bytes(&name);
        self.change(producer, |entries| {
            entries.by_id.remove(&id);
            entries.by_name.remove(&*name);
        });
        self.by_age.remove(&(id, producer.into()));
        if self.producers.get(producer).is_some_and(|entries| entries.by_id.is_empty()) {
            self.producers.remove(producer);
            self.name_bytes -= name_bytes(producer);
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
            let old = producer.by_id.iter().take_while(|(id, _)| self.is_too_old(*id, now_ms)).count();
            producer.by_id.len() - old
        };
        let counts = self.producers.iter().map(|(_, producer)| fresh(producer)).filter(|count| *count > 0);
        counts.fold((0, 0), |(producers, entries), count| (producers + 1, entries + count))
    }

    /// Everything remembered, as producer, name and id; a producer's entries in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8], StreamId)> {
        self.producers.iter().flat_map(|(producer, entries)| {
            entries.by_id.iter().map(move |(id, name)| (&**producer, &**name, *id))
        })
    }

    /// Bytes allocated. O(1).
    pub fn memory_bytes(&self) -> usize {
        let producers = self.producers.len() * (size_of::<usize>() + size_of::<Producer>());
        let maps = self.producers.memory_bytes() + self.by_age.memory_bytes() + self.map_bytes;
        maps + producers + self.name_bytes
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
        assert_eq!(producers.name_bytes, (pids.len() + model.len()) * name_bytes(b"n"));
        let maps = producers.producers.iter().map(|(_, producer)| producer.memory_bytes());
        assert_eq!(producers.map_bytes, maps.sum::<usize>());
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
