//! WATCH: which sessions must not run their transaction once a key has changed.

use crate::shard::DbIndex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A session's flag: set as soon as one of its watched keys changes.
#[derive(Clone, Debug, Default)]
pub struct DirtyFlag(Arc<AtomicBool>);

impl DirtyFlag {
    /// Marks the session's transaction as one that must not run.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Takes the mark away. No shard may refer to the flag then: it could be set again at any moment.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether a watched key has changed.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn is(&self, other: &DirtyFlag) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The watched keys of one shard.
#[derive(Default)]
pub struct Watched {
    keys: HashMap<DbIndex, HashMap<Box<[u8]>, Vec<DirtyFlag>>>,
    len: usize,
}

impl Watched {
    /// Whether no key is watched.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Watched keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Sets `flag` when the key changes. Watching twice is watching once.
    pub fn add(&mut self, db: DbIndex, key: &[u8], flag: &DirtyFlag) {
        let flags = self.keys.entry(db).or_default().entry(key.into()).or_default();
        self.len += usize::from(flags.is_empty());
        if !flags.iter().any(|other| other.is(flag)) {
            flags.push(flag.clone());
        }
    }

    /// Ends the watching of a key.
    pub fn remove(&mut self, db: DbIndex, key: &[u8], flag: &DirtyFlag) {
        let Some(keys) = self.keys.get_mut(&db) else { return };
        let Some(flags) = keys.get_mut(key) else { return };
        flags.retain(|other| !other.is(flag));
        if flags.is_empty() {
            keys.remove(key);
            self.len -= 1;
        }
    }

    /// The key has changed.
    pub fn touch(&self, db: DbIndex, key: &[u8]) {
        if !self.is_empty()
            && let Some(flags) = self.keys.get(&db).and_then(|keys| keys.get(key))
        {
            flags.iter().for_each(DirtyFlag::set);
        }
    }

    /// The watched keys of a database that `changed` answers true for have changed.
    pub fn touch_where(&self, db: DbIndex, mut changed: impl FnMut(&[u8]) -> bool) {
        for (key, flags) in self.keys.get(&db).into_iter().flatten() {
            if changed(key) {
                flags.iter().for_each(DirtyFlag::set);
            }
        }
    }
}
