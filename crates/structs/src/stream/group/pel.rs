//! The pending entries of a group: delivered, not yet acknowledged, in order of their ids.

use std::collections::VecDeque;

use super::super::id::StreamId;
use super::super::tree::{Backward, Chunk, Forward, Tree};
use super::consumer::ConsumerId;

/// Pending entries per chunk.
const CHUNK: usize = if cfg!(test) { 8 } else { 64 };

/// What is known of a delivered entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Whose it is.
    pub consumer: ConsumerId,
    /// How often it was delivered. Saturates.
    pub deliveries: u32,
    /// When it was last delivered, in Unix milliseconds.
    pub delivered_ms: i64,
}

/// An id and what is known of it: 32 bytes.
#[derive(Clone, Copy, Debug)]
struct Slot {
    id: StreamId,
    pending: Pending,
}

/// Consecutive pending entries. Taking from the front, the usual end, moves nothing.
#[derive(Clone, Debug)]
struct Slots(VecDeque<Slot>);

impl Chunk for Slots {
    fn first(&self) -> StreamId {
        self.0.front().map_or(StreamId::MIN, |slot| slot.id)
    }

    fn weight(&self) -> u64 {
        self.0.len() as u64
    }

    fn memory_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Slot>()
    }
}

impl Slots {
    /// Where `id` is (`Ok`), or would be (`Err`).
    #[inline]
    fn search(&self, id: StreamId) -> Result<usize, usize> {
        match self.0.back() {
            Some(last) if last.id < id => Err(self.0.len()),
            _ => self.0.binary_search_by(|slot| slot.id.cmp(&id)),
        }
    }

    /// Inserts a slot; when the chunk is full, its second half is returned as a chunk of its own.
    fn insert(&mut self, index: usize, slot: Slot) -> Option<Self> {
        if self.0.len() < CHUNK {
            self.0.insert(index, slot);
            return None;
        }
        if index == CHUNK {
            return Some(Self(VecDeque::from([slot])));
        }
        let mut second = self.0.split_off(CHUNK / 2);
        self.0.shrink_to(CHUNK / 2 + 1);
        match index.checked_sub(CHUNK / 2) {
            Some(index) if index > 0 => second.insert(index, slot),
            _ => self.0.insert(index, slot),
        }
        Some(Self(second))
    }

    /// Appends as many slots as there is room for.
    fn append(&mut self, slots: &mut impl ExactSizeIterator<Item = Slot>) {
        let len = self.0.len();
        let added = slots.len().min(CHUNK.saturating_sub(len));
        if self.0.capacity() < len + added {
            self.0.reserve_exact(added.max(len.min(CHUNK - len)));
        }
        self.0.extend(slots.take(added));
    }

    fn remove(&mut self, index: usize) -> Option<Pending> {
        let slot = self.0.remove(index)?;
        if self.0.len() * 4 < self.0.capacity() && self.0.capacity() > CHUNK / 4 {
            self.0.shrink_to(self.0.len() * 2);
        }
        Some(slot.pending)
    }
}

/// Pending entries by id. Everything takes O(log n).
#[derive(Clone, Debug, Default)]
pub(super) struct PendingList {
    slots: Tree<Slots>,
}

impl PendingList {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.slots.weight() as usize
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.slots.memory_bytes()
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        self.slots.check();
    }

    pub(super) fn get(&self, id: StreamId) -> Option<Pending> {
        let slots = self.slots.find(id)?;
        slots.search(id).ok().map(|index| slots.0[index].pending)
    }

    /// The id of the last entry.
    #[inline]
    pub(super) fn last_id(&self) -> Option<StreamId> {
        self.slots.last()?.0.back().map(|slot| slot.id)
    }

    /// The id of the last entry before `id`.
    pub(super) fn id_before(&self, id: StreamId) -> Option<StreamId> {
        self.range_back(StreamId::MIN, id.prev()?).next().map(|(id, _)| id)
    }

    /// Adds an entry or replaces what is known of it. Returns what was known.
    #[inline]
    pub(super) fn set(&mut self, id: StreamId, pending: Pending) -> Option<Pending> {
        let slot = Slot { id, pending };
        let before = self.slots.edit(id, |slots| match slots.search(id) {
            Ok(index) => (Some(std::mem::replace(&mut slots.0[index].pending, pending)), None),
            Err(index) => (None, slots.insert(index, slot)),
        });
        match before {
            Some(before) => before,
            None => {
                self.slots.push(Slots(VecDeque::from([slot])));
                None
            }
        }
    }

    /// Adds entries with larger ids than any there is, all with the same knowledge.
    pub(super) fn append(&mut self, ids: &[StreamId], pending: Pending) {
        let mut rest = ids.iter().map(|&id| Slot { id, pending });
        self.slots.edit(StreamId::MAX, |slots| {
            slots.append(&mut rest);
            ((), None)
        });
        while rest.len() > 0 {
            let mut slots = Slots(VecDeque::new());
            slots.append(&mut rest);
            self.slots.push(slots);
        }
    }

    /// Removes an entry. Returns what was known of it.
    #[inline]
    pub(super) fn remove(&mut self, id: StreamId) -> Option<Pending> {
        let removed = self.slots.edit(id, |slots| match slots.search(id) {
            Ok(index) => (slots.remove(index), None),
            Err(_) => (None, None),
        });
        removed.flatten()
    }

    /// The entries with ids of `from` to `to`, both included, in order.
    #[inline]
    pub(super) fn range(&self, from: StreamId, to: StreamId) -> PendingRange<'_> {
        let mut chunks = self.slots.forward(from);
        let chunk = chunks.next();
        let at = chunk.map_or(0, |slots| slots.search(from).unwrap_or_else(|at| at));
        PendingRange { chunks, chunk, at, to }
    }

    /// The entries with ids of `to` down to `from`, both included, in reverse order.
    pub(super) fn range_back(&self, from: StreamId, to: StreamId) -> PendingRangeBack<'_> {
        let mut chunks = self.slots.backward(to);
        let chunk = chunks.next();
        let end = chunk.map_or(0, |slots| slots.search(to).map_or_else(|at| at, |at| at + 1));
        PendingRangeBack { chunks, chunk, end, from }
    }
}

/// Pending entries in order of their ids.
#[derive(Clone, Debug)]
pub struct PendingRange<'a> {
    chunks: Forward<'a, Slots>,
    chunk: Option<&'a Slots>,
    at: usize,
    to: StreamId,
}

impl Iterator for PendingRange<'_> {
    type Item = (StreamId, Pending);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let chunk = self.chunk?;
            match chunk.0.get(self.at) {
                Some(slot) if slot.id > self.to => self.chunk = None,
                Some(slot) => {
                    self.at += 1;
                    return Some((slot.id, slot.pending));
                }
                None => {
                    self.chunk = self.chunks.next();
                    self.at = 0;
                }
            }
        }
    }
}

/// Pending entries in reverse order of their ids.
#[derive(Clone, Debug)]
pub(super) struct PendingRangeBack<'a> {
    chunks: Backward<'a, Slots>,
    chunk: Option<&'a Slots>,
    end: usize,
    from: StreamId,
}

impl Iterator for PendingRangeBack<'_> {
    type Item = (StreamId, Pending);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let chunk = self.chunk?;
            match self.end.checked_sub(1).and_then(|at| chunk.0.get(at)) {
                Some(slot) if slot.id < self.from => self.chunk = None,
                Some(slot) => {
                    self.end -= 1;
                    return Some((slot.id, slot.pending));
                }
                None => {
                    self.chunk = self.chunks.next();
                    self.end = self.chunk.map_or(0, |slots| slots.0.len());
                }
            }
        }
    }
}
