//! Parked blocking commands, by key, in the order of their arrival.
//!
//! The queue knows order and membership; what a waiter waits for, and the single word that decides who may answer it,
//! belong to the waiter itself.

use crate::shard::DbIndex;
use std::collections::{HashMap, VecDeque};

/// Waiters of one shard.
pub struct Waiters<W> {
    queues: HashMap<DbIndex, HashMap<Box<[u8]>, VecDeque<W>>>,
    len: usize,
}

impl<W> Default for Waiters<W> {
    fn default() -> Self {
        Waiters { queues: HashMap::new(), len: 0 }
    }
}

impl<W> Waiters<W> {
    /// Whether nobody waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Waiters, each counted once per key it waits for.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Keys that somebody waits for.
    pub fn keys(&self) -> impl Iterator<Item = (DbIndex, &[u8])> {
        self.queues.iter().flat_map(|(db, queues)| queues.keys().map(|key| (*db, &**key)))
    }

    /// Puts a waiter behind the others of a key.
    pub fn park(&mut self, db: DbIndex, key: &[u8], waiter: W) {
        self.queues.entry(db).or_default().entry(key.into()).or_default().push_back(waiter);
        self.len += 1;
    }

    /// The waiters of a key, the oldest first.
    pub fn of(&self, db: DbIndex, key: &[u8]) -> Option<&VecDeque<W>> {
        if self.is_empty() { None } else { self.queues.get(&db)?.get(key) }
    }

    /// The waiters of a key in all databases.
    pub fn in_any_db<'w>(&'w self, key: &'w [u8]) -> impl Iterator<Item = &'w W> {
        self.queues.values().filter_map(|queues| queues.get(key)).flatten()
    }

    /// Whether somebody waits for a key.
    pub fn has(&self, db: DbIndex, key: &[u8]) -> bool {
        self.of(db, key).is_some()
    }

    /// Keeps the waiters of a key for which `keep` answers true.
    pub fn retain(&mut self, db: DbIndex, key: &[u8], keep: impl FnMut(&W) -> bool) {
        let Some(queues) = self.queues.get_mut(&db) else { return };
        let Some(queue) = queues.get_mut(key) else { return };
        let before = queue.len();
        queue.retain(keep);
        self.len -= before - queue.len();
        if queue.is_empty() {
            queues.remove(key);
        }
    }
}
