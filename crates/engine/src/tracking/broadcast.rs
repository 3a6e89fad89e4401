//! Prefixes: what a worker's Units have changed is told at the end of its turn, one message for each prefix.

use super::invalidate::Invalid;
use crate::worker::Worker;
use journal::Offset;
use keyspace::Tracker;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Who has changed a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// This client alone.
    Client(u64),
    /// Several, or nobody: its time was over.
    Nobody,
}

/// The keys that a worker's Units have changed in this turn, kept only while somebody is told of prefixes.
#[derive(Default)]
pub(crate) struct Changed {
    keys: BTreeMap<Box<[u8]>, Cause>,
    /// The offset of the journal behind the last of these changes.
    after: Offset,
}

impl Changed {
    /// A key has changed.
    pub(super) fn add(&mut self, key: Box<[u8]>, cause: Cause, after: Offset) {
        self.after = self.after.max(after);
        let known = self.keys.entry(key).or_insert(cause);
        if *known != cause {
            *known = Cause::Nobody;
        }
    }

    /// Whether there is something to be told.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The changed keys that begin with a prefix, without those that `but` has changed.
    fn beginning_with<'k>(&'k self, prefix: &'k [u8], but: Option<u64>) -> Vec<&'k [u8]> {
        let range = self.keys.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        let keys = range.take_while(|(key, _)| key.starts_with(prefix));
        keys.filter(|(_, cause)| but.is_none_or(|but| **cause != Cause::Client(but)))
            .map(|(key, _)| &**key)
            .collect()
    }
}

impl Worker {
    /// Tells those who asked for prefixes what has changed in this turn. The worker holds no shard.
    #[cold]
    pub(crate) fn tell_prefixes(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        for (prefix, trackers) in self.engine.trackers.prefixes() {
            let (filtered, others): (Vec<_>, Vec<_>) =
                trackers.into_iter().partition(|tracker| tracker.no_loop());
            self.tell_prefix(&changed, &prefix, None, &others);
            for tracker in filtered {
                let but = Some(tracker.client_id);
                self.tell_prefix(&changed, &prefix, but, std::slice::from_ref(&tracker));
            }
        }
    }

    fn tell_prefix(&mut self, changed: &Changed, prefix: &[u8], but: Option<u64>, trackers: &[Arc<Tracker>]) {
        let keys = changed.beginning_with(prefix, but);
        if keys.is_empty() {
            return;
        }
        let (engine, mut text) = (self.engine.clone(), Invalid::new(&keys));
        for tracker in trackers {
            self.messages.invalidate(&engine, tracker, &mut text, changed.after);
        }
    }
}
