//! The pending entries of a group: delivered, not yet acknowledged, in order of their ids.

use triomphe::Arc;

use super::super::id::{StreamId, to};
use super::consumer::ConsumerId;
use crate::packed::End;
use crate::tree::{Backward, Chunk, Forward, Tree, own};

/// Pending entries per chunk.
const CHUNK: usize = if cfg!(test) { 8 } else { 64 };

/// What is known of a delivered entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Whose it is; nobody's when it was given back: see [`Group::release`](super::Group::release).
    pub consumer: Option<ConsumerId>,
    /// How often it was delivered. Saturates.
    pub deliveries: u32,
    /// When it was last delivered, in Unix milliseconds. Of an entry that is nobody's: its turn among those, a number
    /// below zero, so that they stand before all others in the order of delivery.
    pub delivered_ms: i64,
}

impl Pending {
    /// Whether nothing has happened to the entry for so many milliseconds. One that is nobody's has always waited
    /// long enough.
    pub fn is_idle(&self, min_idle_ms: i64, now_ms: i64) -> bool {
        self.consumer.is_none() || now_ms.saturating_sub(self.delivered_ms) >= min_idle_ms
    }
}

/// An id and what is known of it: 32 bytes.
#[derive(Clone, Copy, Debug)]
struct Slot {
    id: StreamId,
    pending: Pending,
}

/// Consecutive pending entries. Taking from the front, the usual end, moves nothing.
///
/// ```text
///  | taken: 0..start | pending: start..len | spare |
/// ```
#[derive(Clone, Debug)]
struct Slots {
    slots: Vec<Slot>,
    start: usize,
}

impl Chunk for Arc<Slots> {
    #[inline]
    fn weight(&self) -> u64 {
        self.live().len() as u64
    }

    #[inline]
    fn memory_bytes(&self) -> usize {
        size_of::<usize>() + size_of::<Slots>() + self.slots.capacity() * size_of::<Slot>()
    }
}

impl Slots {
    fn of(slots: Vec<Slot>) -> Self {
        Self { slots, start: 0 }
    }

    fn first(&self) -> StreamId {
        self.live().first().map_or(StreamId::MIN, |slot| slot.id)
    }

    #[inline]
    fn live(&self) -> &[Slot] {
        &self.slots[self.start..]
    }

    /// Where `id` is (`Ok`), or would be (`Err`). The usual places come first: the front and the end.
    #[inline]
    fn search(&self, id: StreamId) -> Result<usize, usize> {
        let live = self.live();
        match live {
            [first, ..] if first.id == id => Ok(0),
            [.., last] if last.id < id => Err(live.len()),
            _ => live.binary_search_by(|slot| slot.id.cmp(&id)),
        }
    }

    /// Inserts a slot; when the chunk is full, its second half is returned as a chunk of its own.
    fn insert(&mut self, index: usize, slot: Slot) -> Option<Self> {
        let len = self.live().len();
        if len == CHUNK && index == CHUNK {
            return Some(Self::of(vec![slot]));
        }
        if len < CHUNK {
            self.reserve(1);
            self.slots.insert(self.start + index, slot);
            return None;
        }
        let mut second = Self::of(self.slots.split_off(self.start + CHUNK / 2));
        match index.checked_sub(CHUNK / 2) {
            Some(index) if index > 0 => second.slots.insert(index, slot),
            _ => self.slots.insert(self.start + index, slot),
        }
        self.slots.drain(..self.start);
        self.start = 0;
        self.slots.shrink_to_fit();
        Some(second)
    }

    /// Appends as many slots as there is room for.
    fn append(&mut self, slots: &mut impl ExactSizeIterator<Item = Slot>) {
        let added = slots.len().min(CHUNK - self.live().len());
        self.reserve(added);
        self.slots.extend(slots.take(added));
    }

    /// Makes room behind the last slot; capacity stays within a chunk's.
    #[inline]
    fn reserve(&mut self, extra: usize) {
        if self.slots.capacity() - self.slots.len() >= extra {
            return;
        }
        self.slots.drain(..self.start);
        self.start = 0;
        let len = self.slots.len();
        if self.slots.capacity() - len < extra {
            self.slots.reserve_exact(extra.max(len.min(CHUNK - len)));
        }
    }

    #[inline]
    fn remove(&mut self, index: usize) -> Option<Pending> {
        let slot = if index == 0 {
            self.start += 1;
            self.slots.get(self.start - 1).copied()
        } else {
            Some(self.slots.remove(self.start + index))
        };
        let (len, capacity) = (self.live().len(), self.slots.capacity());
        if len * 4 < capacity && capacity > CHUNK / 4 && len > 0 {
            self.slots.drain(..self.start);
            self.start = 0;
            self.slots.shrink_to(len * 2);
        }
        slot.map(|slot| slot.pending)
    }
}

/// Pending entries by id. Everything takes O(log n).
#[derive(Clone, Debug, Default)]
pub(super) struct PendingList {
    slots: Tree<StreamId, Arc<Slots>>,
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
        let slots = self.slots.get(to(id))?;
        slots.search(id).ok().map(|index| slots.live()[index].pending)
    }

    /// The id of the last entry.
    #[inline]
    pub(super) fn last_id(&self) -> Option<StreamId> {
        self.slots.get(End::Back)?.live().last().map(|slot| slot.id)
    }

    /// The id of the last entry before `id`.
    pub(super) fn id_before(&self, id: StreamId) -> Option<StreamId> {
        self.range_back(StreamId::MIN, id.prev()?).next().map(|(id, _)| id)
    }

    /// Adds an entry or replaces what is known of it. Returns what was known.
    #[inline]
    pub(super) fn set(&mut self, id: StreamId, pending: Pending) -> Option<Pending> {
        let slot = Slot { id, pending };
        let before = self.slots.edit(to(id), |slots| {
            let slots = own(slots);
            match slots.search(id) {
                Ok(index) => {
                    let known = &mut slots.slots[slots.start + index].pending;
                    (Some(std::mem::replace(known, pending)), None)
                }
                Err(index) => {
                    let second = slots.insert(index, slot);
                    (None, second.map(|second| (second.first(), Arc::new(second))))
                }
            }
        });
        match before {
            Some(before) => before,
            None => {
                self.push(Slots::of(vec![slot]));
                None
            }
        }
    }

    /// Adds entries with larger ids than any there is, all with the same knowledge.
    pub(super) fn append(&mut self, ids: &[StreamId], pending: Pending) {
        let mut rest = ids.iter().map(|&id| Slot { id, pending });
        self.slots.edit(End::Back, |slots| {
            if slots.live().len() < CHUNK {
                own(slots).append(&mut rest);
            }
            ((), None)
        });
        while rest.len() > 0 {
            let mut slots = Slots::of(Vec::new());
            slots.append(&mut rest);
            self.push(slots);
        }
    }

    fn push(&mut self, slots: Slots) {
        self.slots.insert_after(End::Back, slots.first(), Arc::new(slots));
    }

    /// Removes an entry. Returns what was known of it.
    #[inline]
    pub(super) fn remove(&mut self, id: StreamId) -> Option<Pending> {
        let removed = self.slots.edit(to(id), |slots| match slots.search(id) {
            Ok(index) => (own(slots).remove(index), None),
            Err(_) => (None, None),
        });
        removed.flatten()
    }

    /// The entries with ids of `from` to `upto`, both included, in order.
    #[inline]
    pub(super) fn range(&self, from: StreamId, upto: StreamId) -> PendingRange<'_> {
        let mut chunks = self.slots.forward(to(from));
        let chunk = chunks.next().map(|slots| &**slots);
        let at = chunk.map_or(0, |slots| slots.search(from).unwrap_or_else(|at| at));
        PendingRange { chunks, chunk, at, upto }
    }

    /// The entries with ids of `upto` down to `from`, both included, in reverse order.
    pub(super) fn range_back(&self, from: StreamId, upto: StreamId) -> PendingRangeBack<'_> {
        let mut chunks = self.slots.backward(to(upto));
        let chunk = chunks.next().map(|slots| &**slots);
        let end = chunk.map_or(0, |slots| slots.search(upto).map_or_else(|at| at, |at| at + 1));
        PendingRangeBack { chunks, chunk, end, from }
    }
}

/// Pending entries in order of their ids.
#[derive(Clone, Debug)]
pub struct PendingRange<'a> {
    chunks: Forward<'a, StreamId, Arc<Slots>>,
    chunk: Option<&'a Slots>,
    at: usize,
    upto: StreamId,
}

impl Iterator for PendingRange<'_> {
    type Item = (StreamId, Pending);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let chunk = self.chunk?;
            match chunk.live().get(self.at) {
                Some(slot) if slot.id > self.upto => self.chunk = None,
                Some(slot) => {
                    self.at += 1;
                    return Some((slot.id, slot.pending));
                }
                None => {
                    self.chunk = self.chunks.next().map(|slots| &**slots);
                    self.at = 0;
                }
            }
        }
    }
}

/// Pending entries in reverse order of their ids.
#[derive(Clone, Debug)]
pub(super) struct PendingRangeBack<'a> {
    chunks: Backward<'a, StreamId, Arc<Slots>>,
    chunk: Option<&'a Slots>,
    end: usize,
    from: StreamId,
}

impl Iterator for PendingRangeBack<'_> {
    type Item = (StreamId, Pending);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let chunk = self.chunk?;
            match self.end.checked_sub(1).and_then(|at| chunk.live().get(at)) {
                Some(slot) if slot.id < self.from => self.chunk = None,
                Some(slot) => {
                    self.end -= 1;
                    return Some((slot.id, slot.pending));
                }
                None => {
                    self.chunk = self.chunks.next().map(|slots| &**slots);
                    self.end = self.chunk.map_or(0, |slots| slots.live().len());
                }
            }
        }
    }
}
