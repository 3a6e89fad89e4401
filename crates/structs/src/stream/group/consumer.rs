//! The consumers of a group.

use std::num::NonZeroU32;

use triomphe::Arc;

use super::super::id::StreamId;
use super::super::{Name, name_bytes};
use super::runs::{Batch, Runs};
use crate::shelf::Shelf;
use crate::tree::{Map, own};

/// A consumer within its group. Valid until the consumer is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerId(NonZeroU32);

impl ConsumerId {
    fn of_number(number: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    fn number(self) -> u32 {
        self.0.get() - 1
    }
}

/// A consumer: when it was seen, and what is pending for it.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: Name,
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
#[derive(Clone, Debug)]
pub(super) struct Consumers {
    by_id: Shelf<Arc<Consumer>>,
    names: Map<Name, ConsumerId>,
    /// Bytes of all names.
    name_bytes: usize,
    /// Bytes of all runs.
    run_bytes: usize,
}

impl Default for Consumers {
    fn default() -> Self {
        Self { by_id: Shelf::new(), names: Map::new(), name_bytes: 0, run_bytes: 0 }
    }
}

impl Consumers {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let consumers = self.len() * (size_of::<usize>() + size_of::<Consumer>());
        self.by_id.memory_bytes() + self.names.memory_bytes() + consumers + self.name_bytes + self.run_bytes
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        let runs = self.iter().map(|(_, consumer)| consumer.runs.memory_bytes());
        assert_eq!(self.run_bytes, runs.sum::<usize>());
        let names = self.names.iter().map(|(name, _)| name_bytes(name));
        assert_eq!(self.name_bytes, names.sum::<usize>());
        assert_eq!(self.iter().count(), self.len());
    }

    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.names.get(name).copied()
    }

    #[inline]
    pub(super) fn get(&self, id: ConsumerId) -> Option<&Consumer> {
        self.by_id.get(id.number()).map(|consumer| &**consumer)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: ConsumerId) -> Option<&mut Consumer> {
        self.by_id.get_mut(id.number()).map(own)
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
        if let Some(consumer) = self.by_id.get_mut(id.number()).map(own) {
            let before = consumer.runs.memory_bytes();
            change(consumer);
            self.run_bytes = self.run_bytes - before + consumer.runs.memory_bytes();
        }
    }

    /// In order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ConsumerId, &Consumer)> {
        self.names.iter().filter_map(|&(_, id)| Some((id, self.get(id)?)))
    }

    /// Adds a consumer, or returns the one with that name.
    pub(super) fn create(&mut self, name: &[u8], now_ms: i64) -> (ConsumerId, bool) {
        if let Some(id) = self.find(name) {
            return (id, false);
        }
        let name: Name = name.into();
        self.name_bytes += name_bytes(&name);
        let runs = Runs::default();
        let consumer = Consumer { name: name.clone(), seen_ms: now_ms, active_ms: -1, pending: 0, runs };
        let id = ConsumerId::of_number(self.by_id.insert(Arc::new(consumer)));
        self.names.insert(name, id);
        (id, true)
    }

    /// Removes a consumer.
    pub(super) fn remove(&mut self, id: ConsumerId) {
        if let Some(consumer) = self.by_id.remove(id.number()) {
            self.names.remove(&*consumer.name);
            self.name_bytes -= name_bytes(&consumer.name);
            self.run_bytes -= consumer.runs.memory_bytes();
        }
    }
}
