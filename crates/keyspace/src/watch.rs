//! WATCH: which sessions must not run their transaction once a key has changed.

use crate::shard::DbIndex;
use std::cell::Cell;
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

/// Whether a key is there, as far as a watcher is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// There is no such key.
    Absent,
    /// The key's time is over, but nobody has removed it yet.
    Expired,
    /// The key is there.
    Live,
}

/// One session's interest in a key.
struct Watch {
    flag: DirtyFlag,
    /// The key's time was over already when it was watched: that it goes is no change.
    expired: Cell<bool>,
}

impl Watch {
    fn touch(&self, before: Presence, after: Presence) {
        if self.expired.get() {
            match after {
                Presence::Absent => self.expired.set(false),
                Presence::Expired => {}
                Presence::Live => self.flag.set(),
            }
        } else if before == Presence::Absent && after == Presence::Expired {
            self.expired.set(true);
        } else if before != Presence::Absent || after != Presence::Absent {
            self.flag.set();
        }
    }
}

/// The watched keys of one shard.
#[derive(Default)]
pub struct Watched {
    keys: HashMap<DbIndex, HashMap<Box<[u8]>, Vec<Watch>>>,
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

    /// Sets `flag` when the key changes; `expired` says that its time is over already. Watching twice is watching once.
    pub fn add(&mut self, db: DbIndex, key: &[u8], flag: &DirtyFlag, expired: bool) {
        let watches = self.keys.entry(db).or_default().entry(key.into()).or_default();
        self.len += usize::from(watches.is_empty());
        if !watches.iter().any(|other| other.flag.is(flag)) {
            watches.push(Watch { flag: flag.clone(), expired: Cell::new(expired) });
        }
    }

    /// Ends the watching of a key.
    pub fn remove(&mut self, db: DbIndex, key: &[u8], flag: &DirtyFlag) {
        let Some(keys) = self.keys.get_mut(&db) else { return };
        let Some(watches) = keys.get_mut(key) else { return };
        watches.retain(|other| !other.flag.is(flag));
        if watches.is_empty() {
            keys.remove(key);
            self.len -= 1;
        }
    }

    /// Whether the key's time was over before the session could count on it, so that its end is no change.
    pub fn is_excused(&self, db: DbIndex, key: &[u8], flag: &DirtyFlag) -> bool {
        let watches = self.keys.get(&db).and_then(|keys| keys.get(key));
        watches.into_iter().flatten().any(|watch| watch.flag.is(flag) && watch.expired.get())
    }

    /// The key has changed, and is there or not from now on.
    pub fn touch(&self, db: DbIndex, key: &[u8], after: Presence) {
        if !self.is_empty()
            && let Some(watches) = self.keys.get(&db).and_then(|keys| keys.get(key))
        {
            watches.iter().for_each(|watch| watch.touch(Presence::Live, after));
        }
    }

    /// The keys of a database have changed at once: from what `before` answers to what `after` answers.
    pub fn touch_all(
        &self,
        db: DbIndex,
        before: impl Fn(&[u8]) -> Presence,
        after: impl Fn(&[u8]) -> Presence,
    ) {
        for (key, watches) in self.keys.get(&db).into_iter().flatten() {
            let (before, after) = (before(key), after(key));
            watches.iter().for_each(|watch| watch.touch(before, after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Presence::{Absent, Expired, Live};

    /// Whether a watcher's transaction must fail after a change, by what the key was when watched, before and after it.
    #[test]
    fn that_an_expired_key_goes_is_no_change() {
        let cases = [
            (false, Live, Absent, true),
            (false, Live, Live, true),
            (false, Absent, Live, true),
            (false, Absent, Expired, false),
            (false, Absent, Absent, false),
            (true, Live, Absent, false),
            (true, Expired, Expired, false),
            (true, Expired, Live, true),
        ];
        for (expired, before, after, disturbed) in cases {
            let (mut watched, flag) = (Watched::default(), DirtyFlag::default());
            watched.add(0, b"k", &flag, expired);
            watched.touch_all(0, |_| before, |_| after);
            assert_eq!(flag.is_set(), disturbed, "{expired} {before:?} {after:?}");
        }
    }
}
