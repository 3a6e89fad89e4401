//! The keys of one shard that clients have read and may have cached, each with the clients to be told when it changes.
//!
//! ```text
//!   index: slots, linear probing            entries, dense
//!   +---+---+---+---+---+---+---+---+       +---------------------------+---------------------------+--
//!   |   | 1 |   | 0 | 2 |   |   |   |  -->  | hash, key, trackers       | hash, key, trackers       | ...
//!   +---+---+---+---+---+---+---+---+       +---------------------------+---------------------------+--
//! ```
//!
//! Dense entries let a key be chosen by chance in O(1), which is what a full table does. The database doesn't matter: as
//! with Redis a client is told of a key's name.

use crate::db::Key;
use crate::tracker::{Tracker, Tracking};
use smallvec::SmallVec;
use std::sync::Arc;

/// The clients that are to be told of a key, in the order of their ids.
pub type Trackers = SmallVec<[Arc<Tracker>; 1]>;

/// A free slot.
const FREE: u32 = u32::MAX;
/// The smallest index.
const LEAST_SLOTS: usize = 8;

struct Entry {
    hash: u64,
    key: Box<[u8]>,
    trackers: Trackers,
}

/// The tracked keys of one shard.
#[derive(Default)]
pub struct Tracked {
    /// Numbers of entries by hash; its length is zero or a power of two, of which at most half is in use.
    slots: Box<[u32]>,
    entries: Vec<Entry>,
    items: usize,
    key_bytes: usize,
}

impl Tracked {
    /// Whether no key is tracked.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tracked keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Clients to be told, counted once for each key.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Bytes that the table takes.
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.key_bytes
            + self.items.saturating_sub(self.entries.len()) * size_of::<Arc<Tracker>>()
    }

    /// Notes that a client is to be told when the key changes. Answers whether the key wasn't tracked before. O(log of the
    /// key's clients), plus their number if it is new among them.
    pub fn add(&mut self, key: &Key<'_>, tracker: &Arc<Tracker>) -> bool {
        if let Some((_, number)) = self.find(key) {
            let trackers = &mut self.entries[number].trackers;
            if let Err(at) = trackers.binary_search_by_key(&tracker.client_id, |other| other.client_id) {
                tracker.refer();
                trackers.insert(at, tracker.clone());
                self.items += 1;
            }
            return false;
        }
        if (self.entries.len() + 1) * 2 > self.slots.len() {
            self.rebuild((self.slots.len() * 2).max(LEAST_SLOTS));
        }
        tracker.refer();
        self.occupy(key.hash, self.entries.len() as u32);
        self.items += 1;
        self.key_bytes += key.bytes.len();
        let trackers = Trackers::from_iter([tracker.clone()]);
        self.entries.push(Entry { hash: key.hash, key: key.bytes.into(), trackers });
        true
    }

    /// The key has changed: takes it out and answers who is to be told.
    pub fn take(&mut self, key: &Key<'_>) -> Option<Trackers> {
        let (slot, number) = self.find(key)?;
        Some(self.remove(slot, number).1)
    }

    /// Takes out the key with this number, below [`Tracked::len`]: for one chosen by chance.
    pub fn take_at(&mut self, number: usize) -> (Box<[u8]>, Trackers) {
        let entry = &self.entries[number];
        let (slot, _) = self.find(&Key { bytes: &entry.key, hash: entry.hash }).expect("it is there");
        self.remove(slot, number)
    }

    /// Forgets all keys; answers how many there were.
    pub fn clear(&mut self) -> usize {
        let Tracked { entries, .. } = std::mem::take(self);
        entries.iter().flat_map(|entry| &entry.trackers).for_each(|tracker| tracker.release());
        entries.len()
    }

    /// Forgets the clients that track keys no longer; answers how many keys are gone with them. O(items).
    pub fn forget_ended(&mut self) -> usize {
        let (before, mut kept_items) = (self.entries.len(), 0);
        for entry in &mut self.entries {
            entry.trackers.retain(|tracker| {
                let ended = tracker.tracking() != Tracking::Keys;
                if ended {
                    tracker.release();
                }
                !ended
            });
            kept_items += entry.trackers.len();
        }
        if kept_items != self.items {
            self.items = kept_items;
            self.entries.retain(|entry| !entry.trackers.is_empty());
            self.key_bytes = self.entries.iter().map(|entry| entry.key.len()).sum();
            if self.entries.is_empty() {
                *self = Tracked::default();
                return before;
            }
            self.rebuild((self.entries.len() * 2).next_power_of_two().max(LEAST_SLOTS));
        }
        before - self.entries.len()
    }

    /// The slot and the number of a key.
    fn find(&self, key: &Key<'_>) -> Option<(usize, usize)> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = key.hash as usize & mask;
        while let Some(number) = self.slots.get(slot).filter(|number| **number != FREE) {
            let entry = &self.entries[*number as usize];
            if entry.hash == key.hash && *entry.key == *key.bytes {
                return Some((slot, *number as usize));
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    fn remove(&mut self, slot: usize, number: usize) -> (Box<[u8]>, Trackers) {
        self.vacate(slot);
        let last = self.entries.len() - 1;
        if number != last {
            let moved = &self.entries[last];
            let (slot, _) = self.find(&Key { bytes: &moved.key, hash: moved.hash }).expect("it is there");
            self.slots[slot] = number as u32;
        }
        let Entry { key, trackers, .. } = self.entries.swap_remove(number);
        self.items -= trackers.len();
        self.key_bytes -= key.len();
        trackers.iter().for_each(|tracker| tracker.release());
        if self.entries.is_empty() {
            *self = Tracked::default();
        } else if self.entries.len() * 8 < self.slots.len() && self.slots.len() > LEAST_SLOTS {
            self.rebuild(self.slots.len() / 2);
        }
        (key, trackers)
    }

    /// Enters a number that isn't there into a free slot.
    fn occupy(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != FREE {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = number;
    }

    /// Frees a slot and lets those behind it move up, so that each is still found from where its hash begins.
    fn vacate(&mut self, mut free: usize) {
        let mask = self.slots.len() - 1;
        let mut slot = (free + 1) & mask;
        while self.slots[slot] != FREE {
            let begin = self.entries[self.slots[slot] as usize].hash as usize & mask;
            if (slot.wrapping_sub(begin) & mask) >= (slot.wrapping_sub(free) & mask) {
                self.slots[free] = self.slots[slot];
                free = slot;
            }
            slot = (slot + 1) & mask;
        }
        self.slots[free] = FREE;
    }

    fn rebuild(&mut self, slots: usize) {
        self.slots = vec![FREE; slots].into();
        self.entries.shrink_to(slots / 2);
        for number in 0..self.entries.len() {
            self.occupy(self.entries[number].hash, number as u32);
        }
    }
}

#[cfg(test)]
mod tests;
