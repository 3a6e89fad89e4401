//! All shards, their locks, and the one way to take several of them.
//!
//! # Lock order
//! `gate < shards`. A Unit that needs one shard waits for it holding nothing. A Unit that needs several waits for at
//! most one at a time and holds nothing while it waits; after [`ROUNDS`] failed rounds it takes the gate, and only the
//! gate's holder waits while holding shards. So there is no cycle of waiters, and nobody starves.

use crate::db::Key;
use crate::meter::Meter;
use crate::shard::Shard;
use crate::slab::PagePool;
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of a shard.
pub type ShardId = u16;

/// Failed rounds after which a Unit takes the gate.
const ROUNDS: usize = 4;

/// Where a simulator may switch between virtual workers, and what it learns of their locks.
pub trait Interleave: Send + Sync {
    /// Called before each attempt to lock and after each that went well: others may run now.
    fn turn(&self);
    /// The calling worker has locked a shard.
    fn took(&self, id: ShardId);
    /// The calling worker waits for `wanted`; returns when trying again may be worth while.
    fn waits(&self, wanted: Wanted, gate: GateHeld);
}

/// What a Unit waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// A shard.
    Shard(ShardId),
    /// The gate.
    Gate,
}

/// Whether a Unit that waits holds the gate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GateHeld {
    /// It does: it may hold shards.
    Yes,
    /// It doesn't: it holds no shard.
    No,
}

/// A cache line of its own for each lock, so that neighbours don't slow each other.
#[repr(align(64))]
struct Padded<T>(T);

/// The keyspace: shards behind their locks.
pub struct Shards<W> {
    shards: Box<[Padded<Mutex<Shard<W>>>]>,
    gate: Mutex<()>,
    gate_taken: AtomicUsize,
    meter: Meter,
    seed: u64,
    interleave: Option<Arc<dyn Interleave>>,
}

/// Access to a shard that is locked until this is dropped; what has changed goes to the [`Meter`] then.
pub struct ShardGuard<'a, W> {
    shard: MutexGuard<'a, Shard<W>>,
    meter: &'a Meter,
}

impl<W> Deref for ShardGuard<'_, W> {
    type Target = Shard<W>;

    #[inline]
    fn deref(&self) -> &Shard<W> {
        &self.shard
    }
}

impl<W> DerefMut for ShardGuard<'_, W> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Shard<W> {
        &mut self.shard
    }
}

impl<W> Drop for ShardGuard<'_, W> {
    #[inline]
    fn drop(&mut self) {
        self.meter.enter(&mut self.shard);
    }
}

/// A locked shard with its number.
pub struct Locked<'a, W> {
    /// Its number.
    pub id: ShardId,
    /// The shard.
    pub shard: ShardGuard<'a, W>,
}

/// The shards a Unit holds, in the order of their numbers, and the gate if it had to take it.
pub struct Held<'a, W> {
    /// The locked shards, ascending.
    pub shards: SmallVec<[Locked<'a, W>; 1]>,
    /// Present when the Unit holds the gate: it may wait for further shards.
    pub gate: Option<MutexGuard<'a, ()>>,
}

impl<W> Shards<W> {
    /// `count` shards (a power of two up to 16,384) whose keys are hashed with `seed`.
    pub fn new(count: usize, seed: u64, interleave: Option<Arc<dyn Interleave>>) -> Self {
        assert!(count.is_power_of_two() && count <= 16_384, "a power of two up to the number of slots");
        let pool = Arc::<PagePool>::default();
        let shards =
            (0..count as ShardId).map(|id| Padded(Mutex::new(Shard::new(id, seed, pool.clone())))).collect();
        Shards {
            shards,
            gate: Mutex::new(()),
            gate_taken: AtomicUsize::new(0),
            meter: Meter::default(),
            seed,
            interleave,
        }
    }

    /// Shards.
    pub fn count(&self) -> usize {
        self.shards.len()
    }

    /// The numbers of all shards.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ShardId> + use<W> {
        0..self.shards.len() as ShardId
    }

    /// The seed of the keys' hashes.
    #[inline]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A key with its hash.
    #[inline]
    pub fn key<'k>(&self, bytes: &'k [u8]) -> Key<'k> {
        Key::new(bytes, self.seed)
    }

    /// The shard of a key: its hash slot's low bits, so that keys with one hash tag share a shard.
    #[inline]
    pub fn shard_of(&self, key: &[u8]) -> ShardId {
        base::crc16::key_slot(key) & (self.shards.len() as u16 - 1)
    }

    /// How often a Unit had to take the gate.
    pub fn gate_taken(&self) -> usize {
        self.gate_taken.load(Ordering::Relaxed)
    }

    /// Whether somebody holds a shard just now: for reports.
    pub fn is_locked(&self, id: ShardId) -> bool {
        self.mutex(id).is_locked()
    }

    /// How much all shards hold: tells the truth from [`Shards::start_meter`] on.
    #[inline]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Lets the meter run, with this quantum. The caller holds no shard: each is locked once if the meter didn't run.
    pub fn start_meter(&self, quantum_bytes: u32) {
        if !self.meter.set_quantum(Some(quantum_bytes)) {
            self.ids().for_each(|id| drop(self.lock(id)));
        }
    }

    /// Lets the meter rest.
    pub fn stop_meter(&self) {
        self.meter.set_quantum(None);
    }

    fn guard<'a>(&'a self, shard: MutexGuard<'a, Shard<W>>) -> ShardGuard<'a, W> {
        ShardGuard { shard, meter: &self.meter }
    }

    fn mutex(&self, id: ShardId) -> &Mutex<Shard<W>> {
        &self.shards[usize::from(id)].0
    }

    /// Locks one shard, waiting for it. The caller holds no shard.
    #[inline]
    pub fn lock(&self, id: ShardId) -> ShardGuard<'_, W> {
        if self.interleave.is_none() {
            self.guard(self.mutex(id).lock())
        } else {
            self.lock_interleaved(id, GateHeld::No)
        }
    }

    /// Looks at one shard if nobody holds it.
    #[inline]
    pub fn peek(&self, id: ShardId) -> Option<impl Deref<Target = Shard<W>>> {
        self.try_mutex(id)
    }

    /// Locks one shard if nobody holds it.
    pub fn try_lock(&self, id: ShardId) -> Option<ShardGuard<'_, W>> {
        self.try_mutex(id).map(|shard| self.guard(shard))
    }

    #[inline]
    fn try_mutex(&self, id: ShardId) -> Option<MutexGuard<'_, Shard<W>>> {
        if self.interleave.is_none() { self.mutex(id).try_lock() } else { self.try_mutex_interleaved(id) }
    }

    #[cold]
    fn try_mutex_interleaved(&self, id: ShardId) -> Option<MutexGuard<'_, Shard<W>>> {
        let hook = self.interleave.as_ref().expect("only called with one");
        hook.turn();
        let guard = self.mutex(id).try_lock()?;
        hook.took(id);
        hook.turn();
        Some(guard)
    }

    #[cold]
    fn lock_interleaved(&self, id: ShardId, gate: GateHeld) -> ShardGuard<'_, W> {
        let hook = self.interleave.as_ref().expect("only called with one");
        loop {
            match self.try_lock(id) {
                Some(guard) => return guard,
                None => hook.waits(Wanted::Shard(id), gate),
            }
        }
    }

    /// Locks the shards of `ids`, which must be ascending and distinct.
    pub fn acquire(&self, ids: &[ShardId]) -> Held<'_, W> {
        debug_assert!(ids.is_sorted_by(|a, b| a < b));
        if let [id] = ids {
            return Held {
                shards: SmallVec::from_buf([Locked { id: *id, shard: self.lock(*id) }]),
                gate: None,
            };
        }
        let mut wait_for = 0;
        for _ in 0..ROUNDS {
            match self.try_round(ids, wait_for) {
                Ok(shards) => return Held { shards, gate: None },
                Err(refused) => wait_for = refused,
            }
        }
        self.acquire_gated(ids)
    }

    /// Locks one shard unless somebody holds it: for duties that can be done later.
    pub fn try_acquire(&self, id: ShardId) -> Option<Held<'_, W>> {
        let shard = self.try_lock(id)?;
        Some(Held { shards: SmallVec::from_buf([Locked { id, shard }]), gate: None })
    }

    /// Waits for `ids[first]` holding nothing, then tries the others; answers the index of one that refused.
    fn try_round(&self, ids: &[ShardId], first: usize) -> Result<SmallVec<[Locked<'_, W>; 1]>, usize> {
        let mut held = SmallVec::with_capacity(ids.len());
        let Some(&id) = ids.get(first) else { return Ok(held) };
        held.push(Locked { id, shard: self.lock(id) });
        for (at, &id) in ids.iter().enumerate().filter(|(at, _)| *at != first) {
            match self.try_lock(id) {
                Some(shard) => held.push(Locked { id, shard }),
                None => return Err(at),
            }
        }
        held.sort_unstable_by_key(|locked| locked.id);
        Ok(held)
    }

    /// Locks the shards of `ids` holding the gate, so that more may be added with [`Held::grow`].
    pub fn acquire_gated(&self, ids: &[ShardId]) -> Held<'_, W> {
        let gate = self.lock_gate();
        let shards = ids.iter().map(|&id| Locked { id, shard: self.lock_gated(id) });
        Held { shards: shards.collect(), gate: Some(gate) }
    }

    fn lock_gate(&self) -> MutexGuard<'_, ()> {
        self.gate_taken.fetch_add(1, Ordering::Relaxed);
        let Some(hook) = &self.interleave else { return self.gate.lock() };
        hook.turn();
        loop {
            match self.gate.try_lock() {
                Some(guard) => return guard,
                None => hook.waits(Wanted::Gate, GateHeld::No),
            }
        }
    }

    /// Locks one shard, waiting for it. The caller holds the gate.
    fn lock_gated(&self, id: ShardId) -> ShardGuard<'_, W> {
        if self.interleave.is_none() {
            self.guard(self.mutex(id).lock())
        } else {
            self.lock_interleaved(id, GateHeld::Yes)
        }
    }
}

impl<'a, W> Held<'a, W> {
    /// The shard with this number, if it is held.
    #[inline]
    pub fn get(&mut self, id: ShardId) -> Option<&mut Shard<W>> {
        let at = self.shards.binary_search_by_key(&id, |locked| locked.id).ok()?;
        Some(&mut *self.shards[at].shard)
    }

    /// Adds a shard to those held. Only with the gate: see the lock order.
    pub fn grow(&mut self, shards: &'a Shards<W>, id: ShardId) {
        assert!(self.gate.is_some(), "only the gate's holder waits while holding shards");
        if let Err(at) = self.shards.binary_search_by_key(&id, |locked| locked.id) {
            let shard = shards.lock_gated(id);
            self.shards.insert(at, Locked { id, shard });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_one_tag_share_a_shard() {
        let shards = Shards::<()>::new(64, 1, None);
        assert_eq!(shards.shard_of(b"{user}:a"), shards.shard_of(b"other{user}"));
    }

    #[test]
    fn several_threads_taking_overlapping_sets_all_finish() {
        let shards = Shards::<()>::new(8, 1, None);
        std::thread::scope(|scope| {
            for thread in 0..4u64 {
                let shards = &shards;
                scope.spawn(move || {
                    for round in 0..2_000u64 {
                        let pick = (thread * 37 + round * 11) % 255 + 1;
                        let ids: Vec<_> = (0..8).filter(|id| pick >> id & 1 == 1).collect();
                        let mut held = shards.acquire(&ids);
                        assert!(ids.iter().all(|id| held.get(*id).is_some()));
                    }
                });
            }
        });
    }

    #[test]
    fn the_gate_lets_a_set_grow() {
        let shards = Shards::<()>::new(8, 1, None);
        let mut held = shards.acquire_gated(&[3]);
        held.grow(&shards, 1);
        held.grow(&shards, 3);
        assert_eq!(held.shards.iter().map(|l| l.id).collect::<Vec<_>>(), [1, 3]);
        assert!(held.get(2).is_none());
    }
}
