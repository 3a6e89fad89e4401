//! One numbered database's part of a shard: the table of entries, the expiry index and the count of bytes.
//!
//! It keeps entries, index and accounting in step; whether a key has expired for a reader is decided above, where the
//! Unit's time is known.

use crate::cut::{Handover, PreImage};
use crate::entry::{Entry, Marks};
use crate::item::{Item, Removed, Value, large_mut, make_large, outside_bytes};
use crate::object::ObjectBox;
use crate::shard::DbIndex;
use crate::slab::{PagePool, Slab};
use crate::value::{EMBEDDED_MAX, Encoding, INLINE_MAX, INT_TEXT_MAX, NewValue};
use crate::watch::Presence;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use structs::blob::Blob;
use structs::table::{Position, Table, prefetch_line};

pub use objects::{Account, Opened};

/// A key with its hash, computed once.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The key's bytes.
    pub bytes: &'a [u8],
    /// `base::hash::hash` of them with the keyspace's seed.
    pub hash: u64,
}

impl<'a> Key<'a> {
    /// A key of a keyspace with this seed.
    #[inline]
    pub fn new(bytes: &'a [u8], seed: u64) -> Self {
        Key { bytes, hash: base::hash::hash(bytes, seed) }
    }
}

/// Where a key lies in its table. Valid until the next insertion or removal in the same database.
#[derive(Clone, Copy, Debug)]
pub struct Place(Position);

/// What happens to a key's time to live when its value is replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expiry {
    /// The key lives forever.
    Never,
    /// What it was.
    Keep,
    /// Milliseconds since the epoch.
    At(i64),
}

/// Buckets that a cut visits at most without releasing the shard.
const BUCKETS_PER_HOLD: usize = 128;
/// What a key takes in the expiry index: a B-tree's leaf holds up to 11 pairs of 16 bytes and is about two thirds full.
const EXPIRY_BYTES: usize = 24;
/// What a key takes in the table: buckets of 64 bytes hold six on average, and an eighth of them is free or chained.
const SLOT_BYTES: usize = 12;

/// One numbered database's part of a shard.
pub struct Db {
    table: Table,
    expiries: BTreeSet<(i64, u64)>,
    /// Sum of the moments in `expiries`.
    expiry_sum_ms: i128,
    /// Keys with elements that expire, by the moment at which the first one does.
    element_expiries: BTreeSet<(i64, u64)>,
    slab: Slab,
    bytes: usize,
    seed: u64,
    /// What the entries are marked with that the present cut has seen, or that were made since it began.
    epoch: u8,
    /// The cut under way, if it hasn't seen all entries yet.
    cut: Option<Box<Pending>>,
}

/// What a running cut wants of a database.
struct Pending {
    /// The database's number when the cut began: SWAPDB may have changed it.
    origin: DbIndex,
    handover: Arc<Handover>,
}

// SAFETY: a `Db` owns its entries and the objects they point to, all of which are `Send` (`Object: Send`).
unsafe impl Send for Db {}

fn string_value(bytes: &[u8]) -> NewValue<'_> {
    if bytes.len() <= INT_TEXT_MAX
        && let Some(n) = base::num::parse_i64(bytes)
    {
        return NewValue::Int(n);
    }
    if bytes.len() > INLINE_MAX {
        return NewValue::Large(make_large(Box::new(Blob::from_vec(bytes.to_vec()))));
    }
    let encoding = if bytes.len() <= EMBEDDED_MAX { Encoding::Embedded } else { Encoding::Raw };
    NewValue::Inline(bytes, encoding)
}

impl Db {
    /// An empty database whose keys are hashed with `seed`.
    pub fn new(seed: u64) -> Self {
        Db::in_pool(seed, Arc::default())
    }

    /// As [`Db::new`], with the entries' pages from `pool`.
    pub fn in_pool(seed: u64, pool: Arc<PagePool>) -> Self {
        Db {
            table: Table::new(),
            expiries: BTreeSet::new(),
            expiry_sum_ms: 0,
            element_expiries: BTreeSet::new(),
            slab: Slab::new(pool),
            bytes: 0,
            seed,
            epoch: 0,
            cut: None,
        }
    }

    /// The entries that are there now belong to a new cut of this epoch, which hears of them before they change.
    pub(crate) fn begin_cut(&mut self, epoch: u8, origin: DbIndex, handover: &Arc<Handover>) {
        debug_assert!(self.cut.is_none(), "the cut before this one has been run or abandoned");
        self.epoch = epoch;
        self.cut = (!self.is_empty()).then(|| Box::new(Pending { origin, handover: handover.clone() }));
    }

    /// Marks what is made from now on with `epoch`. The database is empty.
    pub(crate) fn set_epoch(&mut self, epoch: u8) {
        debug_assert!(self.is_empty(), "the entries of a running cut are told apart by their epoch");
        self.epoch = epoch;
    }

    /// The number that the database had when the cut began that hasn't seen all of it yet.
    pub(crate) fn cut_origin(&self) -> Option<DbIndex> {
        self.cut.as_ref().map(|cut| cut.origin)
    }

    /// Where a database that is emptied while it is cut must go.
    pub(crate) fn handover(&self) -> Option<Arc<Handover>> {
        self.cut.as_ref().map(|cut| cut.handover.clone())
    }

    /// Shows entries that belong to the cut, from bucket to bucket, until `visit` answers false; answers where to go on,
    /// none when all have been seen.
    pub(crate) fn walk(&mut self, mut cursor: u64, mut visit: impl FnMut(Item<'_>) -> bool) -> Option<u64> {
        let (epoch, mut go_on) = (self.epoch, true);
        for _ in 0..BUCKETS_PER_HOLD {
            if !go_on || self.cut.is_none() {
                break;
            }
            cursor = self.table.scan(cursor, |handle| {
                let entry = Entry::from_handle(handle);
                if entry.epoch() != epoch {
                    go_on &= visit(Item::new(entry));
                    entry.set_epoch(epoch);
                }
            });
            if cursor == 0 {
                self.cut = None;
            }
        }
        self.cut.is_some().then_some(cursor)
    }

    /// Gives the entry's present state to the cut that it belongs to, if there is one: it is about to change.
    #[inline]
    fn preserve(&self, entry: Entry) {
        if let Some(cut) = &self.cut
            && entry.epoch() != self.epoch
        {
            cut.handover.item(PreImage::of(cut.origin, &Item::new(entry)), entry.size());
            entry.set_epoch(self.epoch);
        }
    }

    fn marks(&self, access: u32) -> Marks {
        Marks { access, epoch: self.epoch }
    }

    /// Keys, expired ones that nobody has removed yet included.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Keys with a time to live.
    pub fn expiring_len(&self) -> usize {
        self.expiries.len()
    }

    /// Sum of the expiry times of the keys that have one. O(1).
    pub fn expiry_sum_ms(&self) -> i128 {
        self.expiry_sum_ms
    }

    /// Bytes of all entries and values, without the table.
    pub fn value_bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of table and expiry index. O(1).
    pub fn overhead_bytes(&self) -> usize {
        self.table.memory_bytes() + self.expiry_index_bytes()
    }

    /// Bytes of everything. Free room between entries isn't counted: it is reused, or shows in what is resident. O(1).
    pub fn all_bytes(&self) -> usize {
        self.bytes + self.overhead_bytes()
    }

    /// Bytes of the expiry indexes, about.
    pub fn expiry_index_bytes(&self) -> usize {
        (self.expiries.len() + self.element_expiries.len()) * EXPIRY_BYTES
    }

    /// What a key takes in table and expiry index, bytes, about.
    pub fn share_bytes(item: &Item<'_>) -> usize {
        let indexed = [item.expiry_ms(), item.first_element_expiry_ms()];
        SLOT_BYTES + indexed.iter().flatten().count() * EXPIRY_BYTES
    }

    /// Table buckets: primary, chained.
    pub fn buckets(&self) -> (usize, usize) {
        self.table.buckets()
    }

    /// Finds a key, whether expired or not. O(1).
    #[inline]
    pub fn find(&self, key: &Key<'_>) -> Option<Place> {
        self.table.find(key.hash, |handle| Entry::from_handle(handle).key() == key.bytes).map(Place)
    }

    /// Whether a key is there at `now_ms`, for watchers.
    pub fn presence(&self, key: &Key<'_>, now_ms: i64) -> Presence {
        match self.find(key) {
            None => Presence::Absent,
            Some(place) if self.item(place).is_expired(now_ms) => Presence::Expired,
            Some(_) => Presence::Live,
        }
    }

    /// The key at `place`.
    #[inline]
    pub fn item(&self, place: Place) -> Item<'_> {
        Item::new(self.entry(place))
    }

    /// Loads the bucket of `hash` into the cache.
    #[inline]
    pub fn prefetch_bucket(&self, hash: u64) {
        self.table.prefetch(hash);
    }

    /// Loads the entry that is probably the key's into the cache.
    #[inline]
    pub fn prefetch_entry(&self, hash: u64) {
        if let Some(handle) = self.table.candidate(hash) {
            let address = Entry::from_handle(handle).address();
            prefetch_line(address);
            prefetch_line(address.wrapping_add(64));
        }
    }

    /// Loads the object that is probably the key's into the cache.
    #[inline]
    pub fn prefetch_object(&self, hash: u64) {
        if let Some(handle) = self.table.candidate(hash) {
            Item::new(Entry::from_handle(handle)).prefetch_object();
        }
    }

    /// Loads what a search for elements of the object that is probably the key's touches at its step, as
    /// [`crate::Object::prefetch_element`]. Answers whether another step follows for any.
    #[inline]
    pub fn prefetch_elements<'n>(
        &self,
        hash: u64,
        names: impl Iterator<Item = &'n [u8]>,
        step: usize,
    ) -> bool {
        let item = self.table.candidate(hash).map(|handle| Item::new(Entry::from_handle(handle)));
        let Some(object) = item.and_then(|item| item.any_boxed()) else { return false };
        let mut more = false;
        names.for_each(|name| more |= object.prefetch_element(name, step));
        more
    }

    /// Stores a string, replacing whatever the key held; `place` is where the key lies, if it exists. Answers where
    /// it lies now and what must be freed. O(1).
    #[inline]
    pub fn put_string(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        bytes: &[u8],
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        self.put(key, place, &string_value(bytes), expiry, access)
    }

    /// Stores an integer string; as [`Db::put_string`].
    #[inline]
    pub fn put_int(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        n: i64,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        self.put(key, place, &NewValue::Int(n), expiry, access)
    }

    /// Stores an object; as [`Db::put_string`].
    pub fn put_object(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        object: ObjectBox,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        match NewValue::of_small(object.get()) {
            Some(small) => self.put(key, place, &small, expiry, access),
            None => self.put_large_object(key, place, object, expiry, access),
        }
    }

    /// As [`Db::put_object`], of one that isn't small.
    fn put_large_object(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        object: ObjectBox,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        let (kind, word) = object.into_word();
        self.put(key, place, &NewValue::Object(kind, word), expiry, access)
    }

    /// Stores any value; as [`Db::put_string`].
    pub fn put_value(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        value: Value,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        match value {
            Value::Int(n) => self.put_int(key, place, n, expiry, access),
            Value::Object(object) => self.put_object(key, place, object, expiry, access),
            Value::Blob(blob) => self.put(key, place, &NewValue::Large(make_large(blob)), expiry, access),
            Value::Bytes(bytes, _) if bytes.len() > INLINE_MAX => {
                self.put_value(key, place, Value::Blob(Box::new(Blob::from_vec(bytes))), expiry, access)
            }
            Value::Bytes(bytes, raw) => {
                let short = !raw && bytes.len() <= EMBEDDED_MAX;
                let encoding = if short { Encoding::Embedded } else { Encoding::Raw };
                self.put(key, place, &NewValue::Inline(&bytes, encoding), expiry, access)
            }
        }
    }

    fn put(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        value: &NewValue<'_>,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        let Some(place) = place else { return (self.insert(key, value, expiry, access), None) };
        let old = self.entry(place);
        let old_at = old.expiry_ms();
        let at = match expiry {
            Expiry::Never => None,
            Expiry::Keep => old_at,
            Expiry::At(at) => Some(at),
        };
        self.preserve(old);
        if !old.encoding().owns() && old.overwrite(value, at) {
            old.set_access(access);
            self.bytes += outside_bytes(old);
            self.reindex(old, old_at, at);
            // An integer may give way to an object; what was there before had no elements that expire.
            self.enter_element_expiry(old, Item::new(old).first_element_expiry_ms());
            return (place, None);
        }
        let marks = self.marks(access);
        let entry = Entry::new(&mut self.slab, key.bytes, value, at, marks);
        self.leave(old);
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        (place, self.retire(old))
    }

    fn insert(&mut self, key: &Key<'_>, value: &NewValue<'_>, expiry: Expiry, access: u32) -> Place {
        let at = if let Expiry::At(at) = expiry { Some(at) } else { None };
        let marks = self.marks(access);
        let entry = Entry::new(&mut self.slab, key.bytes, value, at, marks);
        self.enter(entry, at);
        let seed = self.seed;
        Place(self.table.insert(key.hash, entry.handle(), |handle| hash_of(handle, seed)))
    }

    /// Removes the key at `place`; answers what must be freed. O(1).
    pub fn remove(&mut self, key: &Key<'_>, place: Place) -> Option<Removed> {
        let entry = self.unlist(key, place);
        self.retire(entry)
    }

    /// Takes the key at `place` out: its value and its expiry. O(length of a short string).
    pub fn take(&mut self, key: &Key<'_>, place: Place) -> (Value, Option<i64>) {
        let entry = self.unlist(key, place);
        let expiry_ms = entry.expiry_ms();
        let short = (!entry.encoding().owns()).then(|| Item::new(entry).copy_value());
        let removed = self.retire(entry);
        let value =
            short.or(removed.map(Removed::into_value)).expect("a value lies inside its entry or outside");
        (value, expiry_ms)
    }

    /// Takes an entry out of table and account.
    fn unlist(&mut self, key: &Key<'_>, place: Place) -> Entry {
        let entry = Entry::from_handle(self.table.remove_at(key.hash, place.0));
        self.preserve(entry);
        debug_assert!(entry.key() == key.bytes, "the place is the key's");
        self.leave(entry);
        entry
    }

    /// Frees an entry that nothing refers to any more; answers what its value held outside.
    fn retire(&mut self, entry: Entry) -> Option<Removed> {
        let removed = Removed::of(entry);
        entry.free(&mut self.slab);
        removed
    }

    /// Cuts the string at `place` off or fills it up with zero bytes to `len`, and answers its bytes in the range
    /// `changed`, for changing in place. The place stays valid.
    ///
    /// # Panics
    /// When the range reaches beyond `len`.
    pub fn edit_string(&mut self, place: Place, len: usize, changed: Range<usize>) -> &mut [u8] {
        let entry = self.entry(place);
        self.preserve(entry);
        match entry.encoding() {
            Encoding::Large => self.edit_large(entry, len, changed),
            Encoding::Embedded | Encoding::Raw if entry.resize_inline(len) => {
                &mut entry.inline_mut()[changed]
            }
            _ => self.resize_string(place, len, changed),
        }
    }

    fn edit_large(&mut self, entry: Entry, len: usize, changed: Range<usize>) -> &mut [u8] {
        // SAFETY: we hold the database mutably.
        let blob = unsafe { large_mut(entry) };
        self.bytes -= blob.memory_bytes();
        blob.resize(len);
        self.bytes += blob.memory_bytes();
        blob.edit(changed)
    }

    fn resize_string(&mut self, place: Place, len: usize, changed: Range<usize>) -> &mut [u8] {
        let old = self.entry(place);
        let mut bytes = Item::new(old).string().expect("a string is edited").to_vec();
        let value = if len > INLINE_MAX {
            NewValue::Large(make_large(Box::new(Blob::from_vec(bytes))))
        } else {
            bytes.resize(len, 0);
            NewValue::Inline(&bytes, Encoding::Raw)
        };
        let at = old.expiry_ms();
        let marks = self.marks(old.access());
        let entry = Entry::new(&mut self.slab, old.key(), &value, at, marks);
        self.leave(old);
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        drop(self.retire(old));
        if len > INLINE_MAX { self.edit_large(entry, len, changed) } else { &mut entry.inline_mut()[changed] }
    }

    /// Sets or removes the time to live of the key at `place`, which stays valid.
    pub fn set_expiry(&mut self, place: Place, at: Option<i64>) {
        let old = self.entry(place);
        let old_at = old.expiry_ms();
        if old_at == at {
            return;
        }
        self.preserve(old);
        if let Some(at) = at
            && old.set_expiry_in_place(at)
        {
            return self.reindex(old, old_at, Some(at));
        }
        // The entry's layout changes: the value moves to a new one.
        self.leave(old);
        let value = match (old.encoding(), old.small()) {
            (_, Some(small)) => NewValue::Small(old.kind(), small),
            (Encoding::Int, _) => NewValue::Int(old.word() as i64),
            (Encoding::Large, _) => NewValue::Large(old.word()),
            (Encoding::Object, _) => NewValue::Object(old.kind(), old.word()),
            (encoding, _) => NewValue::Inline(old.inline(), encoding),
        };
        let marks = self.marks(old.access());
        let entry = Entry::new(&mut self.slab, old.key(), &value, at, marks);
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        old.free(&mut self.slab);
    }

    /// When the first key expires.
    pub fn first_expiry_ms(&self) -> Option<i64> {
        self.expiries.first().map(|(at, _)| *at)
    }

    /// Keys whose time is over at `now_ms`, the earliest first.
    pub fn due(&self, now_ms: i64) -> impl Iterator<Item = &[u8]> {
        let due = self.expiries.iter().take_while(move |(at, _)| *at < now_ms);
        due.map(|(_, handle)| Entry::from_handle(*handle).key())
    }

    /// Visits the keys of the next buckets; see [`Table::scan`] for the guarantee.
    pub fn scan<'d>(&'d self, cursor: u64, mut visit: impl FnMut(Item<'d>)) -> u64 {
        self.table.scan(cursor, |handle| visit(Item::new(Entry::from_handle(handle))))
    }

    /// Visits all keys.
    pub fn for_each<'d>(&'d self, mut visit: impl FnMut(Item<'d>)) {
        self.table.for_each(|handle| visit(Item::new(Entry::from_handle(handle))));
    }

    fn entry(&self, place: Place) -> Entry {
        Entry::from_handle(self.table.at(place.0))
    }

    fn enter(&mut self, entry: Entry, at: Option<i64>) {
        self.bytes += entry.footprint() + outside_bytes(entry);
        if let Some(at) = at {
            self.enter_expiry(entry, at);
        }
        self.enter_element_expiry(entry, Item::new(entry).first_element_expiry_ms());
    }

    fn leave(&mut self, entry: Entry) {
        self.bytes -= entry.footprint() + outside_bytes(entry);
        if let Some(at) = entry.expiry_ms() {
            self.leave_expiry(entry, at);
        }
        self.leave_element_expiry(entry, Item::new(entry).first_element_expiry_ms());
    }

    fn reindex(&mut self, entry: Entry, old: Option<i64>, new: Option<i64>) {
        if old != new {
            if let Some(at) = old {
                self.leave_expiry(entry, at);
            }
            if let Some(at) = new {
                self.enter_expiry(entry, at);
            }
        }
    }

    fn enter_expiry(&mut self, entry: Entry, at: i64) {
        if self.expiries.insert((at, entry.handle())) {
            self.expiry_sum_ms += i128::from(at);
        }
    }

    fn leave_expiry(&mut self, entry: Entry, at: i64) {
        if self.expiries.remove(&(at, entry.handle())) {
            self.expiry_sum_ms -= i128::from(at);
        }
    }
}

fn hash_of(handle: u64, seed: u64) -> u64 {
    base::hash::hash(Entry::from_handle(handle).key(), seed)
}

impl Drop for Db {
    fn drop(&mut self) {
        let slab = &mut self.slab;
        self.table.for_each(|handle| {
            let entry = Entry::from_handle(handle);
            drop(Removed::of(entry));
            entry.free(slab);
        });
    }
}

mod objects;
mod sample;
#[cfg(test)]
mod tests;
