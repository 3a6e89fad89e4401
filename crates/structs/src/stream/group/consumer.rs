//! The consumers of a group.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::super::id::StreamId;
use super::runs::{Batch, Runs};

/// A consumer within its group. Valid until the consumer is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerId(NonZeroU32);

impl ConsumerId {
    fn of_slot(slot: usize) -> Self {
        Self(NonZeroU32::MIN.saturating_add(slot as u32))
    }

    fn slot(self) -> usize {
        self.0.get() as usize - 1
    }
}

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
    /// Bytes of all runs.
    run_bytes: usize,
}

impl Consumers {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let name = size_of::<Box<[u8]>>() + size_of::<ConsumerId>();
        let slots = self.slots.capacity() * size_of::<Option<Consumer>>();
        slots + self.names.len() * name * 3 / 2 + 2 * self.name_bytes + self.run_bytes
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        let runs = self.slots.iter().flatten().map(|consumer| consumer.runs.memory_bytes());
        assert_eq!(self.run_bytes, runs.sum::<usize>());
    }

    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.names.get(name).copied()
    }

    #[inline]
    pub(super) fn get(&self, id: ConsumerId) -> Option<&Consumer> {
        self.slots.get(id.slot())?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: ConsumerId) -> Option<&mut Consumer> {
        self.slots.get_mut(id.slot())?.as_mut()
    }

    /// A batch of pending entries becomes a consumer's. `holds` tells whether any of its entries lie in a range.
    #[inline]
    pub(super) fn own(&mut self, id: ConsumerId, batch: Batch, holds: impl Fn(StreamId, StreamId) -> bool) {
        self.change(id, |owner| {
            owner.pending += batch.entries as usize;
            owner.runs.add(0, batch);
            owner.runs.sweep(owner.pending, |_, first, last| holds(first, last));
        });
    }

    /// A pending entry is a consumer's no longer. `holds` tells whether any of its entries lie in a range.
    #[inline]
    pub(super) fn disown(&mut self, id: ConsumerId, holds: impl Fn(StreamId, StreamId) -> bool) {
        self.change(id, |owner| {
            owner.pending -= 1;
            owner.runs.sweep(owner.pending, |_, first, last| holds(first, last));
        });
    }

    #[inline]
    fn change(&mut self, id: ConsumerId, change: impl FnOnce(&mut Consumer)) {
        if let Some(consumer) = self.slots.get_mut(id.slot()).and_then(Option::as_mut) {
            let before = consumer.runs.memory_bytes();
            change(consumer);
            self.run_bytes = self.run_bytes - before + consumer.runs.memory_bytes();
        }
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
        let id = self.free.pop().unwrap_or(ConsumerId::of_slot(self.slots.len()));
        match self.slots.get_mut(id.slot()) {
            Some(slot) => *slot = Some(consumer),
            None => self.slots.push(Some(consumer)),
        }
        self.names.insert(name.into(), id);
        self.name_bytes += name.len();
        (id, true)
    }

    pub(super) fn remove(&mut self, id: ConsumerId) -> Option<Consumer> {
        let consumer = self.slots.get_mut(id.slot())?.take()?;
        self.names.remove(&consumer.name);
        self.name_bytes -= consumer.name.len();
        self.run_bytes -= consumer.runs.memory_bytes();
        self.free.push(id);
        Some(consumer)
    }
}
