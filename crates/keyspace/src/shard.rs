//! One shard: its part of every numbered database, its waiters, its watched and its tracked keys. Everything behind one lock.

use crate::cut::Handover;
use crate::db::Db;
use crate::meter::Load;
use crate::recent::Recent;
use crate::shards::ShardId;
use crate::slab::PagePool;
use crate::tracked::Tracked;
use crate::waiters::Waiters;
use crate::watch::Watched;
use std::sync::Arc;

/// The number of a logical database.
pub type DbIndex = u32;

/// A shard, parked waiters being `W`.
pub struct Shard<W> {
    id: ShardId,
    /// Database 0: the one nearly everybody uses, without a detour.
    first: Db,
    rest: Vec<Option<Box<Db>>>,
    empty: Box<Db>,
    seed: u64,
    pool: Arc<PagePool>,
    /// Of the last cut; all databases have it.
    epoch: u8,
    /// What the meter knows of it.
    pub(crate) metered: Load,
    /// Parked blocking commands, by key.
    pub waiters: Waiters<W>,
    /// Keys that some client watches.
    pub watched: Watched,
    /// Keys that some client has read and may have cached.
    pub tracked: Tracked,
    /// Which keys have changed lately, while that matters.
    pub recent: Recent,
}

impl<W> Shard<W> {
    /// The empty shard of this number, whose keys are hashed with `seed`, with the entries' pages from `pool`.
    pub fn new(id: ShardId, seed: u64, pool: Arc<PagePool>) -> Self {
        Shard {
            id,
            first: Db::in_pool(seed, pool.clone()),
            rest: Vec::new(),
            empty: Box::new(Db::in_pool(seed, pool.clone())),
            seed,
            pool,
            epoch: 0,
            metered: Load::default(),
            waiters: Waiters::default(),
            watched: Watched::default(),
            tracked: Tracked::default(),
            recent: Recent::default(),
        }
    }

    /// Its number.
    #[inline]
    pub fn id(&self) -> ShardId {
        self.id
    }

    /// Whether a changed key may interest somebody here.
    #[inline]
    pub fn has_observers(&self) -> bool {
        !self.waiters.is_empty() | !self.watched.is_empty() | !self.tracked.is_empty()
    }

    /// A database for reading.
    #[inline]
    pub fn db(&self, index: DbIndex) -> &Db {
        if index == 0 {
            return &self.first;
        }
        self.rest.get(index as usize - 1).and_then(Option::as_deref).unwrap_or(&self.empty)
    }

    /// A database for changing, made if need be.
    #[inline]
    pub fn db_mut(&mut self, index: DbIndex) -> &mut Db {
        if index == 0 {
            return &mut self.first;
        }
        let at = index as usize - 1;
        if self.rest.len() <= at {
            self.rest.resize_with(at + 1, || None);
        }
        let (seed, pool, epoch) = (self.seed, &self.pool, self.epoch);
        self.rest[at].get_or_insert_with(|| Box::new(fresh(seed, pool, epoch)))
    }

    /// The databases that exist, with their numbers.
    pub fn dbs(&self) -> impl Iterator<Item = (DbIndex, &Db)> {
        let rest = self.rest.iter().enumerate();
        let rest = rest.filter_map(|(at, db)| db.as_deref().map(|db| (at as DbIndex + 1, db)));
        std::iter::once((0, &self.first)).chain(rest)
    }

    /// What it holds. O(databases).
    pub(crate) fn load(&self) -> Load {
        let mut load = Load { bytes: self.tracked.bytes(), ..Load::default() };
        for db in std::iter::once(&self.first).chain(self.rest.iter().filter_map(Option::as_deref)) {
            load.bytes += db.all_bytes();
            load.occupied |= !db.is_empty();
            load.expiring |= db.expiring_len() > 0;
        }
        load
    }

    /// Exchanges the contents of two databases.
    pub fn swap_dbs(&mut self, a: DbIndex, b: DbIndex) {
        let (low, high) = (a.min(b), a.max(b));
        if low == high {
            return;
        }
        self.db_mut(high);
        self.db_mut(low);
        let high = high as usize - 1;
        match low.checked_sub(1) {
            Some(low) => self.rest.swap(low as usize, high),
            None => {
                let other = self.rest[high].as_deref_mut().expect("made above");
                std::mem::swap(&mut self.first, other);
            }
        }
    }

    /// Takes a database's contents out, leaving it empty; nothing if it is empty already.
    pub fn take_db(&mut self, index: DbIndex) -> Option<Taken> {
        let keys = self.db(index).len();
        if keys == 0 {
            return None;
        }
        let fresh = fresh(self.seed, &self.pool, self.epoch);
        let db = Box::new(std::mem::replace(self.db_mut(index), fresh));
        let Some(handover) = db.handover() else { return Some(Taken { keys, contents: Some(db) }) };
        handover.database(db);
        Some(Taken { keys, contents: None })
    }

    /// All entries belong to a new cut from now on, which hears of each before it changes.
    pub(crate) fn begin_cut(&mut self, handover: &Arc<Handover>) {
        self.epoch = self.epoch.wrapping_add(1);
        self.first.begin_cut(self.epoch, 0, handover);
        for (at, db) in self.rest.iter_mut().enumerate() {
            if let Some(db) = db {
                db.begin_cut(self.epoch, at as DbIndex + 1, handover);
            }
        }
    }

    /// The database that had this number when the cut began, unless the cut has seen all of it.
    pub(crate) fn cut_db(&mut self, origin: DbIndex) -> Option<&mut Db> {
        let rest = self.rest.iter_mut().filter_map(Option::as_deref_mut);
        std::iter::once(&mut self.first).chain(rest).find(|db| db.cut_origin() == Some(origin))
    }
}

/// A database's contents that have been taken out.
pub struct Taken {
    /// How many keys there were.
    pub keys: usize,
    /// The contents; none if a running cut has them.
    pub contents: Option<Box<Db>>,
}

fn fresh(seed: u64, pool: &Arc<PagePool>, epoch: u8) -> Db {
    let mut db = Db::in_pool(seed, pool.clone());
    db.set_epoch(epoch);
    db
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expiry, Key};

    fn put(shard: &mut Shard<()>, db: DbIndex, key: &[u8]) {
        shard.db_mut(db).put_string(&Key::new(key, 1), None, b"v", Expiry::Never, 0);
    }

    fn has(shard: &Shard<()>, db: DbIndex, key: &[u8]) -> bool {
        shard.db(db).find(&Key::new(key, 1)).is_some()
    }

    #[test]
    fn databases_change_places() {
        for (a, b) in [(0, 3), (3, 0), (2, 5), (5, 2)] {
            let mut shard = Shard::new(0, 1, Arc::default());
            put(&mut shard, a, b"x");
            put(&mut shard, b, b"y");
            shard.swap_dbs(a, b);
            assert!(has(&shard, b, b"x") && has(&shard, a, b"y") && !has(&shard, a, b"x"), "{a} {b}");
        }
    }

    #[test]
    fn one_that_does_not_exist_is_empty() {
        let mut shard = Shard::new(0, 1, Arc::default());
        put(&mut shard, 2, b"x");
        shard.swap_dbs(2, 7);
        assert!(shard.db(2).is_empty() && has(&shard, 7, b"x"));
        shard.swap_dbs(7, 7);
        assert!(has(&shard, 7, b"x"));
    }

    #[test]
    fn a_taken_database_leaves_an_empty_one() {
        let mut shard = Shard::new(0, 1, Arc::default());
        put(&mut shard, 4, b"x");
        assert_eq!(shard.take_db(4).map(|taken| taken.keys), Some(1));
        assert!(shard.db(4).is_empty() && shard.take_db(4).is_none() && shard.take_db(9).is_none());
    }
}
