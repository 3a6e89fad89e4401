//! Cuts: the state of all shards at one moment, read while everybody goes on working.
//!
//! Beginning a cut takes all shards for a moment and gives each a new epoch. An entry with an older epoch belongs to the
//! cut. [`Walk`] visits the tables in short holds, shows such entries to its [`Sink`], and marks them with the new
//! epoch. Whoever changes an entry that hasn't been visited hands its present state over first and marks it; a database
//! that is emptied is handed over whole. So the sink gets each entry of the beginning exactly once, in the state that it
//! had then, and memory grows by what has been changed and not yet been taken.
//!
//! ```text
//!  epoch 4 | a4 b4 c4 d4 |      the cut begins: epoch 5
//!  epoch 5 | a4 b4 c4 d4 |      the walk has seen a; SET d hands d4 over; SET e makes a new key
//!  epoch 5 | a5 b4 c4 d5 e5 |   b and c are still to be seen; e is none of the cut's business
//! ```

use crate::db::Db;
use crate::frozen::Frozen;
use crate::item::Item;
use crate::shard::{DbIndex, Shard};
use crate::shards::{Held, ShardId, Shards};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a cut is read into.
pub trait Sink {
    /// An entry, shown while its shard is held: large values are to be frozen now and read later.
    fn item(&mut self, db: DbIndex, item: &Item<'_>) -> Hold;
    /// An entry as it was before somebody changed it.
    fn changed(&mut self, entry: PreImage);
    /// No shard is held now: the time for everything that takes long. Answers whether to go on; if not, the rest of the
    /// walk only marks entries.
    fn between(&mut self) -> bool;
}

/// Whether the walk may show more entries before it releases the shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// It may.
    Longer,
    /// The shard has been held long enough.
    Enough,
}

/// An entry as it was when the cut began.
pub struct PreImage {
    /// The number that its database had then.
    pub db: DbIndex,
    /// The key.
    pub key: Box<[u8]>,
    /// When the key expires, in milliseconds since the epoch.
    pub expiry_ms: Option<i64>,
    /// The 24 access bits.
    pub access: u32,
    /// The value.
    pub value: Frozen,
}

impl PreImage {
    /// The state of `item`. Large values are shared, not copied.
    pub fn of(db: DbIndex, item: &Item<'_>) -> PreImage {
        PreImage {
            db,
            key: item.key().into(),
            expiry_ms: item.expiry_ms(),
            access: item.access(),
            value: item.freeze(),
        }
    }
}

enum Handed {
    Entry(PreImage),
    Database(Box<Db>),
}

/// What writers hand over to the cut under way. Its lock is a leaf: taken under a shard's, calls out to nothing.
#[derive(Default)]
pub struct Handover {
    queue: Mutex<Vec<Handed>>,
    entries: AtomicUsize,
    bytes: AtomicUsize,
}

impl Handover {
    pub(crate) fn item(&self, entry: PreImage, bytes: usize) {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.queue.lock().push(Handed::Entry(entry));
    }

    pub(crate) fn database(&self, db: Box<Db>) {
        self.queue.lock().push(Handed::Database(db));
    }

    /// Entries that writers have handed over one by one since the cut began.
    pub fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    /// Bytes of these entries, without what large values share with those that are in use.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn take(&self) -> Vec<Handed> {
        std::mem::take(&mut *self.queue.lock())
    }
}

/// A cut that is to be read by [`Walk::run`], or given up by [`Walk::abandon`]. One that is only dropped would never be
/// over: writers would go on handing entries over, and the entries it hasn't marked could seem to be seen by a later cut,
/// whose epoch is the same again after 256 of them.
#[derive(Default)]
#[must_use = "a cut is over when it has been run or abandoned"]
pub struct Walk {
    handover: Arc<Handover>,
    /// One more than the highest number of a database.
    databases: DbIndex,
    /// Keys that there were when the cut began.
    keys: usize,
}

impl Walk {
    /// A cut of nothing yet: [`Walk::add`] each shard, all of them held at once, while no other cut is under way.
    pub fn new() -> Walk {
        Walk::default()
    }

    /// A cut of the present moment. The caller holds all shards.
    pub fn of<W>(held: &mut Held<'_, W>) -> Walk {
        let mut walk = Walk::new();
        held.shards.iter_mut().for_each(|locked| walk.add(&mut locked.shard));
        walk
    }

    /// The shard's entries belong to the cut from now on.
    pub fn add<W>(&mut self, shard: &mut Shard<W>) {
        for (index, db) in shard.dbs() {
            self.databases = self.databases.max(index + 1);
            self.keys += db.len();
        }
        shard.begin_cut(&self.handover);
    }

    /// What writers hand over.
    pub fn handover(&self) -> &Arc<Handover> {
        &self.handover
    }

    /// Keys that there were when the cut began, expired ones included.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// Ends a cut that nobody will read, by marking its entries. O(keys), in short holds.
    pub fn abandon<W>(self, shards: &Shards<W>) {
        self.read(shards, &mut Nobody, false);
    }

    /// Reads the whole cut into `sink`: database by database as far as nobody changes anything. Answers whether it came to
    /// the end before the sink wanted no more. Whatever it answers, the cut is over then.
    pub fn run<W>(self, shards: &Shards<W>, sink: &mut dyn Sink) -> bool {
        self.read(shards, sink, true)
    }

    fn read<W>(self, shards: &Shards<W>, sink: &mut dyn Sink, wanted: bool) -> bool {
        let mut reading = Reading { handover: self.handover, sink, wanted };
        for origin in 0..self.databases {
            shards.ids().for_each(|id| reading.shard(shards, id, origin));
        }
        // Every entry has been seen by now, so nothing more is handed over.
        reading.take_handed();
        reading.wanted
    }
}

/// Who reads an abandoned cut.
struct Nobody;

impl Sink for Nobody {
    fn item(&mut self, _: DbIndex, _: &Item<'_>) -> Hold {
        Hold::Longer
    }

    fn changed(&mut self, _: PreImage) {}

    fn between(&mut self) -> bool {
        false
    }
}

/// A walk on its way.
struct Reading<'s> {
    handover: Arc<Handover>,
    sink: &'s mut dyn Sink,
    wanted: bool,
}

impl Reading<'_> {
    /// Visits one shard's part of the database that had the number `origin`.
    fn shard<W>(&mut self, shards: &Shards<W>, id: ShardId, origin: DbIndex) {
        let mut cursor = Some(0);
        while let Some(at) = cursor {
            let mut shard = shards.lock(id);
            cursor = shard.cut_db(origin).and_then(|db| self.walk(db, origin, at));
            drop(shard);
            self.between();
            self.take_handed();
        }
    }

    fn walk(&mut self, db: &mut Db, origin: DbIndex, cursor: u64) -> Option<u64> {
        if !self.wanted {
            return db.walk(cursor, |_| true);
        }
        db.walk(cursor, |item| self.sink.item(origin, &item) == Hold::Longer)
    }

    fn between(&mut self) {
        self.wanted = self.wanted && self.sink.between();
    }

    fn take_handed(&mut self) {
        for handed in self.handover.take() {
            match handed {
                Handed::Entry(entry) if self.wanted => self.sink.changed(entry),
                Handed::Entry(_) => (),
                Handed::Database(db) => self.database(db),
            }
            self.between();
        }
    }

    /// Reads a database that has been emptied since the cut began: nobody else sees it any more.
    fn database(&mut self, mut db: Box<Db>) {
        let origin = db.cut_origin().expect("handed over because it is being cut");
        let mut cursor = Some(0);
        while let Some(at) = cursor.filter(|_| self.wanted) {
            cursor = self.walk(&mut db, origin, at);
            self.between();
        }
    }
}

#[cfg(test)]
mod tests;
