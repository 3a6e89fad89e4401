//! A consumer group: how far it has read, and what it delivered that nobody acknowledged yet.

mod consumer;
mod pel;
mod runs;
#[cfg(test)]
mod tests;

use super::id::StreamId;

pub use consumer::{Consumer, ConsumerId};
pub use pel::{Pending, PendingRange};

use consumer::Consumers;
use pel::PendingList;
use runs::{Batch, Runs};

/// A group's state. All operations on pending entries take O(log n).
#[derive(Clone, Debug)]
pub struct Group {
    /// The last id delivered to any consumer.
    pub last_id: StreamId,
    /// Redis' counter of entries read, including deleted ones; -1 when it can't be told. See
    /// [`super::Stream::entries_read_at`]. The lag doesn't depend on it.
    pub entries_read: i64,
    pending: PendingList,
    consumers: Consumers,
    /// Which ids were delivered when.
    moments: Runs,
    /// Number of pending entries that are nobody's.
    released: usize,
    /// The turn of the next entry that is given back.
    next_turn: i64,
}

impl Group {
    /// A group that has delivered everything up to `last_id`.
    pub fn new(last_id: StreamId, entries_read: i64) -> Self {
        Self {
            last_id,
            entries_read,
            pending: PendingList::default(),
            consumers: Consumers::default(),
            moments: Runs::default(),
            released: 0,
            next_turn: i64::MIN,
        }
    }

    /// Bytes allocated. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.pending.memory_bytes() + self.consumers.memory_bytes() + self.moments.memory_bytes()
    }

    /// Number of pending entries. O(1).
    pub fn pending_count(&self) -> usize {
        self.pending.len()
    }

    /// Number of pending entries that are nobody's. O(1).
    pub fn released_count(&self) -> usize {
        self.released
    }

    /// What is known of a pending entry.
    pub fn pending(&self, id: StreamId) -> Option<Pending> {
        self.pending.get(id)
    }

    /// The pending entries with ids of `from` to `to`, both included, in order.
    pub fn pending_range(&self, from: StreamId, to: StreamId) -> PendingRange<'_> {
        self.pending.range(from, to)
    }

    /// The last pending id.
    pub fn last_pending(&self) -> Option<StreamId> {
        self.pending.last_id()
    }

    /// The entries pending for a consumer with ids of `from` to `to`, both included, in order.
    pub fn pending_of(
        &self,
        consumer: ConsumerId,
        from: StreamId,
        to: StreamId,
    ) -> impl Iterator<Item = (StreamId, Pending)> + '_ {
        let runs =
            self.consumers.get(consumer).into_iter().flat_map(move |consumer| consumer.runs.from(0, from));
        runs.take_while(move |(first, _)| *first <= to)
            .flat_map(move |(first, last)| self.pending.range(first, last.min(to)))
            .filter(move |(_, pending)| pending.consumer == Some(consumer))
    }

    /// All pending entries: those that are nobody's in the order they were given back, then those delivered longest
    /// ago first; of those delivered at once, lower ids first.
    pub fn pending_oldest_first(&self) -> impl Iterator<Item = (StreamId, Pending)> + '_ {
        self.moments.all().flat_map(move |(tag, first, last)| {
            self.pending.range(first, last).filter(move |(_, pending)| pending.delivered_ms == tag)
        })
    }

    /// The time the longest pending entry was delivered, in Unix milliseconds; below zero when one is nobody's.
    pub fn oldest_delivery_ms(&mut self) -> Option<i64> {
        loop {
            let (moment, first, last) = self.moments.all().next()?;
            if holds_moment(&self.pending, moment, first, last) {
                return Some(moment);
            }
            self.moments.pop_first();
        }
    }

    /// Makes an entry pending for a consumer, whatever it was before. Nothing happens when there is no such consumer;
    /// an entry for nobody is [released](Self::release).
    pub fn set_pending(&mut self, id: StreamId, pending: Pending) {
        match pending.consumer {
            None => self.release(id, pending.deliveries),
            Some(consumer) if self.consumers.get(consumer).is_none() => {}
            Some(_) => self.set(id, Pending { delivered_ms: pending.delivered_ms.max(0), ..pending }),
        }
    }

    /// Gives an entry back, whether it was pending or not: it is nobody's, and comes behind those given back before
    /// it and in front of all others when somebody claims the oldest ones.
    pub fn release(&mut self, id: StreamId, deliveries: u32) {
        let delivered_ms = self.next_turn;
        self.next_turn += 1;
        self.set(id, Pending { consumer: None, deliveries, delivered_ms });
    }

    fn set(&mut self, id: StreamId, pending: Pending) {
        let before = self.pending.set(id, pending);
        let batch = Batch { first: id, last: id, entries: 1, predecessor: self.pending.id_before(id) };
        if before.map(|before| before.consumer) != Some(pending.consumer) {
            if let Some(before) = before {
                self.disown(before.consumer);
            }
            self.own(pending.consumer, batch);
        }
        if before.is_none_or(|before| before.delivered_ms != pending.delivered_ms) {
            self.moments.add(pending.delivered_ms, batch);
            self.sweep_moments();
        }
    }

    /// Makes new entries, a few and in order of their ids, pending for a consumer after a first delivery.
    pub(super) fn deliver(&mut self, ids: &[StreamId], consumer: ConsumerId, now_ms: i64) {
        let (Some(&first), Some(&last)) = (ids.first(), ids.last()) else { return };
        let pending = Pending { consumer: Some(consumer), deliveries: 1, delivered_ms: now_ms };
        let predecessor = self.pending.last_id();
        if predecessor.is_some_and(|pending| pending >= first) {
            ids.iter().for_each(|&id| self.set_pending(id, pending));
            return;
        }
        self.pending.append(ids, pending);
        let batch = Batch { first, last, entries: ids.len() as u32, predecessor };
        self.own(Some(consumer), batch);
        self.moments.add(now_ms, batch);
        self.sweep_moments();
    }

    /// Acknowledges an entry. Returns what was known of it.
    pub fn acknowledge(&mut self, id: StreamId) -> Option<Pending> {
        let pending = self.pending.remove(id)?;
        self.disown(pending.consumer);
        self.sweep_moments();
        Some(pending)
    }

    fn own(&mut self, consumer: Option<ConsumerId>, batch: Batch) {
        match consumer {
            None => self.released += batch.entries as usize,
            Some(id) => self.consumers.own(id, batch, |first, last| holds(&self.pending, id, first, last)),
        }
    }

    fn disown(&mut self, consumer: Option<ConsumerId>) {
        match consumer {
            None => self.released -= 1,
            Some(id) => self.consumers.disown(id, |first, last| holds(&self.pending, id, first, last)),
        }
    }

    fn sweep_moments(&mut self) {
        let pending = &self.pending;
        self.moments.sweep(pending.len(), |tag, first, last| holds_moment(pending, tag, first, last));
    }

    /// Number of consumers.
    pub fn consumer_count(&self) -> usize {
        self.consumers.len()
    }

    /// The consumers in order of their names.
    pub fn consumers(&self) -> impl Iterator<Item = (ConsumerId, &Consumer)> {
        self.consumers.iter()
    }

    /// The consumer with a name.
    pub fn find_consumer(&self, name: &[u8]) -> Option<ConsumerId> {
        self.consumers.find(name)
    }

    /// Adds a consumer; returns the existing one, and false, when there is one with that name.
    pub fn create_consumer(&mut self, name: &[u8], now_ms: i64) -> (ConsumerId, bool) {
        self.consumers.create(name, now_ms)
    }

    /// A consumer.
    pub fn consumer(&self, id: ConsumerId) -> Option<&Consumer> {
        self.consumers.get(id)
    }

    /// A consumer, to change its times.
    pub fn consumer_mut(&mut self, id: ConsumerId) -> Option<&mut Consumer> {
        self.consumers.get_mut(id)
    }

    /// Removes a consumer and what is pending for it. Returns how many entries that were.
    pub fn remove_consumer(&mut self, id: ConsumerId) -> usize {
        let ids: Vec<_> = self.pending_of(id, StreamId::MIN, StreamId::MAX).map(|(id, _)| id).collect();
        for &id in &ids {
            self.acknowledge(id);
        }
        self.consumers.remove(id);
        ids.len()
    }
}

/// Whether any entry in a range of ids is pending for a consumer.
fn holds(pending: &PendingList, consumer: ConsumerId, first: StreamId, last: StreamId) -> bool {
    pending.range(first, last).any(|(_, pending)| pending.consumer == Some(consumer))
}

/// Whether any entry in a range of ids was delivered at a moment.
fn holds_moment(pending: &PendingList, moment: i64, first: StreamId, last: StreamId) -> bool {
    pending.range(first, last).any(|(_, pending)| pending.delivered_ms == moment)
}
