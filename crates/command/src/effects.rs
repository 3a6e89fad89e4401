//! What a Unit leaves behind: the one place that changes are reported to. The engine turns it into journal records,
//! served waiters, events and counters.

use crate::spec::Event;
use keyspace::{DbIndex, Garbage, Key, Presence, Removed, ShardId, Trackers};

/// Freeing more allocations than this is left to the background thread where the configuration says lazily.
const LAZY_EFFORT: usize = 64;

/// Who wants to hear of changes besides waiters and watchers, which the shards know themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Interest {
    /// The journal has readers.
    pub journal: bool,
    /// Replies may have to wait until the journal is safe: which keys have changed has to be noted.
    pub gate: bool,
    /// Somebody receives keyspace events.
    pub changes: bool,
    /// And of the elements that they were about.
    pub elements: bool,
    /// Somebody caches whatever begins with a prefix, and is to be told of all changes.
    pub invalidations: bool,
}

impl Interest {
    #[inline]
    fn any(self) -> bool {
        self.journal | self.changes | self.gate | self.invalidations
    }
}

/// A change of a key; also a lookup that missed, whose event's class tells it apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The database.
    pub db: DbIndex,
    /// The key.
    pub key: Box<[u8]>,
    /// What happened.
    pub event: Event,
    /// The elements that it happened to, if somebody wants to hear of them.
    pub elements: Vec<Box<[u8]>>,
}

/// What clients may have cached and must forget.
pub enum Invalidation {
    /// A key.
    Key {
        /// The key.
        key: Box<[u8]>,
        /// Those who have read it since it was changed last; none if it wasn't tracked.
        trackers: Option<Trackers>,
        /// It was the server's own doing: the key's time was over, or there was no room for it.
        unasked: bool,
    },
    /// Everything: so many tracked keys have been forgotten.
    All {
        /// Keys.
        keys: usize,
    },
}

/// Counters that a Unit adds to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Lookups that found a key.
    pub hits: u64,
    /// Lookups that found none.
    pub misses: u64,
    /// Keys whose time was over.
    pub expired: u64,
    /// Elements of sets and hashes whose time was over.
    pub expired_elements: u64,
    /// Keys removed to make room.
    pub evicted: u64,
    /// Values given to the background thread.
    pub lazy_freed: u64,
}

/// Records of the journal, each a command with its database. Reused from Unit to Unit: it allocates only while it grows.
#[derive(Default)]
pub struct Records {
    bytes: Vec<u8>,
    /// The database of each record, and where it ends.
    ends: Vec<(DbIndex, usize)>,
}

impl Records {
    /// Bytes that stay allocated when all records are gone.
    const KEPT_CAPACITY: usize = 64 << 10;

    /// Whether there is no record.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Appends a record.
    pub fn push(&mut self, db: DbIndex, words: &[&[u8]]) {
        resp::push_command(&mut self.bytes, words);
        self.ends.push((db, self.bytes.len()));
    }

    /// The records, each with its database, encoded as commands.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (DbIndex, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(db, end)| (*db, &self.bytes[std::mem::replace(&mut start, *end)..*end]))
    }

    /// Forgets all records.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.bytes.shrink_to(Self::KEPT_CAPACITY);
    }
}

/// What a Unit leaves behind.
#[derive(Default)]
pub struct Effects {
    /// Changes so far: what `rdb_changes_since_last_save` counts.
    pub dirty: u64,
    /// Who wants to hear.
    pub interest: Interest,
    /// Counters.
    pub tally: Tally,
    /// The changed keys, as their shards and hashes, if that has to be noted.
    pub touched: Vec<(ShardId, u64)>,
    /// Whole databases have changed: every key of the shards that the Unit holds counts as touched.
    pub touched_all: bool,
    /// Keys with waiters that have changed, in order, each once.
    pub ready: Vec<(DbIndex, Box<[u8]>)>,
    /// Changes, if somebody wants to hear of them.
    pub changes: Vec<Change>,
    /// What is to enter the journal.
    pub records: Records,
    /// Whether the handler of the running command has said how it is to be recorded.
    pub outcome_given: bool,
    /// Keys whose time is over, found by a command that visits shards one after another and so can't remove them in
    /// the journal's order. Each is to be removed by a Unit of its own, right after this one.
    pub overdue: Vec<(DbIndex, Box<[u8]>)>,
    /// What clients may have cached and must forget, in the order of the changes.
    pub invalidations: Vec<Invalidation>,
    /// Whether all of them were emptied.
    pub emptied: bool,
    /// What is to be freed once no lock is held: in place, or by the background thread.
    pub freed: Vec<Garbage>,
    /// Likewise, but always by the background thread.
    pub freed_lazily: Vec<Garbage>,
    /// What an operator may want to read in the log, for those who look closely.
    pub remarks: Vec<String>,
    /// The earliest time to live that the Unit has given to a key: the worker then wakes in time.
    pub earliest_expiry_ms: Option<i64>,
}

impl Effects {
    /// Whether nothing has happened that must be settled.
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.ready.is_empty()
            & self.changes.is_empty()
            & self.records.is_empty()
            & self.invalidations.is_empty()
    }

    /// A key has changed: counts it and tells those who observe the shard.
    #[inline]
    pub(crate) fn changed(
        &mut self,
        shard: &mut crate::park::Shard,
        db: DbIndex,
        key: &Key<'_>,
        event: Event,
        count: usize,
    ) {
        self.dirty += count as u64;
        if shard.has_observers() | self.interest.any() {
            self.tell(shard, db, key, event);
        }
    }

    /// A further event of a key that has changed, not counted again.
    pub(crate) fn also(&mut self, db: DbIndex, key: &[u8], event: Event) {
        if self.interest.changes {
            self.changes.push(Change { db, key: key.into(), event, elements: Vec::new() });
        }
    }

    /// Names the elements that the last change was about, if somebody wants to hear of them.
    #[inline]
    pub(crate) fn name_elements<'n>(&mut self, names: impl IntoIterator<Item = &'n [u8]>) {
        if self.interest.elements
            && let Some(change) = self.changes.last_mut()
        {
            change.elements.extend(names.into_iter().map(Box::from));
        }
    }

    /// A value has just been moved from one key to another: lets it be told that the other is new, if it is, before it is
    /// told where the value has come from.
    pub fn tell_new_first(&mut self) {
        let new = self.changes.iter().rposition(|change| change.event == Event::NEW);
        if let Some(at) = new.filter(|at| *at > 0) {
            self.changes.swap(at - 1, at);
        }
    }

    /// The keys of a whole database have changed at once, as FLUSHDB and SWAPDB do it, from what `before` answers to what
    /// `after` answers: marks watchers and finds waiters to be served. Counts nothing, makes no event. O(watched and
    /// awaited keys).
    pub fn database_changed(
        &mut self,
        shard: &crate::park::Shard,
        db: DbIndex,
        before: impl Fn(&[u8]) -> Presence,
        after: impl Fn(&[u8]) -> Presence,
    ) {
        self.touched_all = true;
        shard.watched.touch_all(db, &before, &after);
        let changed = |key: &[u8]| before(key) != Presence::Absent || after(key) != Presence::Absent;
        let awaited = shard.waiters.keys().filter(|(d, key)| *d == db && changed(key));
        let mut awaited: Vec<&[u8]> = awaited.map(|(_, key)| key).collect();
        // In an order that doesn't depend on the map's: equal histories have equal outcomes.
        awaited.sort_unstable();
        awaited.into_iter().for_each(|key| self.ready_if_awaited(shard, db, key));
    }

    #[cold]
    fn tell(&mut self, shard: &mut crate::park::Shard, db: DbIndex, key: &Key<'_>, event: Event) {
        self.invalidate(shard, key, event);
        if !shard.watched.is_empty() {
            let there = shard.db(db).find(key).is_some();
            shard.watched.touch(db, key.bytes, if there { Presence::Live } else { Presence::Absent });
        }
        if self.interest.gate {
            self.touched.push((shard.id(), key.hash));
        }
        self.ready_if_awaited(shard, db, key.bytes);
        self.also(db, key.bytes, event);
    }

    /// Those who have read the key must forget it, and may read it again afterwards, even within this Unit.
    fn invalidate(&mut self, shard: &mut crate::park::Shard, key: &Key<'_>, event: Event) {
        let trackers = shard.tracked.take(key);
        if trackers.is_some() | self.interest.invalidations {
            let unasked = event.is_unasked();
            self.invalidations.push(Invalidation::Key { key: key.bytes.into(), trackers, unasked });
        }
    }

    /// Notes a key for serving if somebody waits for it.
    pub(crate) fn ready_if_awaited(&mut self, shard: &crate::park::Shard, db: DbIndex, key: &[u8]) {
        if shard.waiters.has(db, key) && !self.ready.iter().any(|(d, k)| *d == db && **k == *key) {
            self.ready.push((db, key.into()));
        }
    }

    /// Says how the running command is to be recorded, in place of its own words. May be called several times.
    /// Ignored while nobody reads the journal.
    pub fn outcome(&mut self, db: DbIndex, words: &[&[u8]]) {
        self.outcome_given = self.interest.journal;
        self.record(db, words);
    }

    /// Says that the running command is not to be recorded though it changed something.
    pub fn no_outcome(&mut self) {
        self.outcome_given = true;
    }

    /// Appends a journal record. Ignored while nobody reads the journal.
    pub fn record(&mut self, db: DbIndex, words: &[&[u8]]) {
        if self.interest.journal {
            self.records.push(db, words);
        }
    }

    /// A key has been given a time to live.
    pub(crate) fn expires(&mut self, at_ms: i64) {
        self.earliest_expiry_ms = Some(self.earliest_expiry_ms.map_or(at_ms, |other| other.min(at_ms)));
    }

    /// Takes a value out of use.
    pub(crate) fn free(&mut self, removed: Option<Removed>, lazily: bool) {
        let Some(removed) = removed else { return };
        let effort = removed.free_effort();
        if effort <= 1 {
            drop(removed);
        } else if lazily && effort > LAZY_EFFORT {
            self.tally.lazy_freed += 1;
            self.freed_lazily.push(Garbage::Value(removed));
        } else {
            self.freed.push(Garbage::Value(removed));
        }
    }

    /// Takes the contents of a database out of use.
    pub fn free_database(&mut self, database: Box<keyspace::Db>, lazily: bool) {
        if lazily {
            self.tally.lazy_freed += database.len() as u64;
            self.freed_lazily.push(Garbage::Database(database));
        } else {
            self.freed.push(Garbage::Database(database));
        }
    }
}
