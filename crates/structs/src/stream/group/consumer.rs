//! The consumers of a group.

use std::collections::BTreeMap;

use super::runs::Runs;

/// A consumer within its group. Valid until the consumer is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerId(u32);

/// A consumer: when it was seen, and what is pending for it.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: Box<[u8]>,
    /// When it last tried to read or claim, in Unix milliseconds.
    pub seen_ms: i64,
    /// When it last got an entry, in Unix milliseconds; -1 for never.
    pub active_ms: i64,
    /// Number of entries pending for it.
    pub(super) pending: usize,
    /// Where they are.
    pub(super) runs: Runs,
}

impl Consumer {
    /// The name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Number of entries pending for the consumer. O(1).
    pub fn pending(&self) -> usize {
        self.pending
    }
}

/// Consumers by id, and their ids by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Consumers {
    slots: Vec<Option<Consumer>>,
    /// Slots whose consumer was removed.
    free: Vec<ConsumerId>,
    names: BTreeMap<Box<[u8]>, ConsumerId>,
    /// Bytes of all names.
    name_bytes: usize,
}

impl Consumers {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let name = size_of::<Box<[u8]>>() + size_of::<ConsumerId>();
        let runs: usize = self.slots.iter().flatten().map(|consumer| consumer.runs.memory_bytes()).sum();
        let slots = self.slots.capacity() * size_of::<Option<Consumer>>();
        slots + self.names.len() * name * 3 / 2 + 2 * self.name_bytes + runs
    }

    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.names.get(name).copied()
    }

    #[inline]
    pub(super) fn get(&self, id: ConsumerId) -> Option<&Consumer> {
        self.slots.get(id.0 as usize)?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: ConsumerId) -> Option<&mut Consumer> {
        self.slots.get_mut(id.0 as usize)?.as_mut()
    }

    /// In order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ConsumerId, &Consumer)> {
        self.names.values().filter_map(|&id| Some((id, self.get(id)?)))
    }

    /// Adds a consumer, or returns the one with that name.
    pub(super) fn create(&mut self, name: &[u8], now_ms: i64) -> (ConsumerId, bool) {
        if let Some(id) = self.find(name) {
            return (id, false);
        }
        let consumer =
            Consumer { name: name.into(), seen_ms: now_ms, active_ms: -1, pending: 0, runs: Runs::default() };
        let id = self.free.pop().unwrap_or(ConsumerId(self.slots.len() as u32));
        match self.slots.get_mut(id.0 as usize) {
            Some(slot) => *slot = Some(consumer),
            None => self.slots.push(Some(consumer)),
        }
        self.names.insert(name.into(), id);
        self.name_bytes += name.len();
        (id, true)
    }

    pub(super) fn remove(&mut self, id: ConsumerId) -> Option<Consumer> {
        let consumer = self.slots.get_mut(id.0 as usize)?.take()?;
        self.names.remove(&consumer.name);
        self.name_bytes -= consumer.name.len();
        self.free.push(id);
        Some(consumer)
    }
}
