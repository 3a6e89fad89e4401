//! One shard: its part of every numbered database, its waiters and its watched keys. Everything behind one lock.

use crate::db::Db;
use crate::waiters::Waiters;
use crate::watch::Watched;

/// The number of a logical database.
pub type DbIndex = u32;

/// A shard, parked waiters being `W`.
pub struct Shard<W> {
    /// Database 0: the one nearly everybody uses, without a detour.
    first: Db,
    rest: Vec<Option<Box<Db>>>,
    empty: Db,
    seed: u64,
    /// Parked blocking commands, by key.
    pub waiters: Waiters<W>,
    /// Keys that some client watches.
    pub watched: Watched,
}

impl<W> Shard<W> {
    /// An empty shard whose keys are hashed with `seed`.
    pub fn new(seed: u64) -> Self {
        Shard {
            first: Db::new(seed),
            rest: Vec::new(),
            empty: Db::new(seed),
            seed,
            waiters: Waiters::default(),
            watched: Watched::default(),
        }
    }

    /// Whether a changed key may interest somebody here.
    #[inline]
    pub fn has_observers(&self) -> bool {
        !self.waiters.is_empty() || !self.watched.is_empty()
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
        let seed = self.seed;
        self.rest[at].get_or_insert_with(|| Box::new(Db::new(seed)))
    }

    /// The databases that exist, with their numbers.
    pub fn dbs(&self) -> impl Iterator<Item = (DbIndex, &Db)> {
        let rest = self.rest.iter().enumerate();
        let rest = rest.filter_map(|(at, db)| db.as_deref().map(|db| (at as DbIndex + 1, db)));
        std::iter::once((0, &self.first)).chain(rest)
    }

    /// Exchanges the contents of two databases.
    pub fn swap_dbs(&mut self, a: DbIndex, b: DbIndex) {
        if a != b {
            let taken = self.take_db(a);
            let other = std::mem::replace(self.db_mut(b), taken);
            *self.db_mut(a) = other;
        }
    }

    /// Takes a database's contents out, leaving it empty.
    pub fn take_db(&mut self, index: DbIndex) -> Db {
        let seed = self.seed;
        std::mem::replace(self.db_mut(index), Db::new(seed))
    }
}
