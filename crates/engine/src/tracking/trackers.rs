//! The clients that track, and the prefixes that some of them have asked for.

use crate::pubsub::Name;
use keyspace::Tracker;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// All clients that track. Its locks are leaves, taken under those of shards as well.
#[derive(Default)]
pub(crate) struct Trackers {
    active: RwLock<BTreeMap<u64, Arc<Tracker>>>,
    /// Clients that track no longer, as long as tables refer to them.
    ended: Mutex<Vec<Arc<Tracker>>>,
    prefixes: RwLock<BTreeMap<Name, BTreeMap<u64, Arc<Tracker>>>>,
    /// How many prefixes there are: to be seen without the lock.
    prefix_count: AtomicUsize,
    /// Tracked keys in all shards.
    keys: AtomicUsize,
}

impl Trackers {
    /// A client tracks from now on.
    pub(super) fn begin(&self, tracker: &Arc<Tracker>) {
        self.active.write().insert(tracker.client_id, tracker.clone());
        self.ended.lock().retain(|other| other.client_id != tracker.client_id);
    }

    /// A client tracks no longer.
    pub(super) fn end(&self, tracker: &Arc<Tracker>) {
        self.active.write().remove(&tracker.client_id);
        if tracker.items() > 0 {
            self.ended.lock().push(tracker.clone());
        }
    }

    /// The clients that track, the oldest first.
    pub(super) fn all(&self) -> Vec<Arc<Tracker>> {
        self.active.read().values().cloned().collect()
    }

    /// How many clients track.
    pub(crate) fn len(&self) -> usize {
        self.active.read().len()
    }

    /// Items in the tables that refer to clients that track no longer; clients whose last item is gone are forgotten.
    pub(super) fn ended_items(&self) -> usize {
        let mut ended = self.ended.lock();
        ended.retain(|tracker| tracker.items() > 0);
        ended.iter().map(|tracker| tracker.items()).sum()
    }

    /// A client is told of whatever begins with this prefix.
    pub(super) fn add_prefix(&self, prefix: &Name, tracker: &Arc<Tracker>) {
        let mut prefixes = self.prefixes.write();
        prefixes.entry(prefix.clone()).or_default().insert(tracker.client_id, tracker.clone());
        self.prefix_count.store(prefixes.len(), Relaxed);
    }

    /// It is told of that no longer.
    pub(super) fn remove_prefix(&self, prefix: &Name, client_id: u64) {
        let mut prefixes = self.prefixes.write();
        if let Some(trackers) = prefixes.get_mut(prefix) {
            trackers.remove(&client_id);
            if trackers.is_empty() {
                prefixes.remove(prefix);
            }
        }
        self.prefix_count.store(prefixes.len(), Relaxed);
    }

    /// Prefixes that somebody is to be told of.
    #[inline]
    pub(crate) fn prefix_count(&self) -> usize {
        self.prefix_count.load(Relaxed)
    }

    /// The prefixes in their order, each with its clients.
    pub(super) fn prefixes(&self) -> Vec<(Name, Vec<Arc<Tracker>>)> {
        let prefixes = self.prefixes.read();
        prefixes
            .iter()
            .map(|(prefix, trackers)| (prefix.clone(), trackers.values().cloned().collect()))
            .collect()
    }

    /// Tracked keys in all shards.
    #[inline]
    pub(crate) fn keys(&self) -> usize {
        self.keys.load(Relaxed)
    }

    /// A key has been entered into a table.
    pub(super) fn note_new_key(&self) {
        self.keys.fetch_add(1, Relaxed);
    }

    /// If there are more keys than `limit`, counts one of them no longer: it is the caller's to take out. So workers that
    /// do so at the same time don't take out more than are too many.
    pub(super) fn take_excess(&self, limit: usize) -> bool {
        self.keys.fetch_update(Relaxed, Relaxed, |keys| (keys > limit).then(|| keys - 1)).is_ok()
    }

    /// Keys have been taken out.
    pub(super) fn note_gone_keys(&self, keys: usize) {
        self.keys.fetch_sub(keys, Relaxed);
    }
}
