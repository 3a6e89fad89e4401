//! One numbered database's part of a shard: the table of entries, the expiry index and the count of bytes.
//!
//! It keeps entries, index and accounting in step; whether a key has expired for a reader is decided above, where the
//! Unit's time is known.

use crate::entry::Entry;
use crate::object::ObjectBox;
use crate::value::{EMBEDDED_MAX, Encoding, INLINE_MAX, Kind, NewValue, Typed};
use std::collections::BTreeSet;
use structs::table::{Position, Table, prefetch_line};

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

/// One numbered database's part of a shard.
pub struct Db {
    table: Table,
    expiries: BTreeSet<(i64, u64)>,
    bytes: usize,
    seed: u64,
}

// SAFETY: a `Db` owns its entries and the objects they point to, all of which are `Send` (`Object: Send`).
unsafe impl Send for Db {}

/// A view of a key and its value.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    entry: Entry,
    db: std::marker::PhantomData<&'a Db>,
}

/// A string value as it is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Str<'a> {
    /// Held as an integer.
    Int(i64),
    /// Held as bytes.
    Bytes(&'a [u8]),
}

impl Str<'_> {
    /// Appends the text to `out`.
    pub fn push_to(&self, out: &mut Vec<u8>) {
        match self {
            Str::Int(n) => base::num::push_i64(out, *n),
            Str::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }

    /// The text.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.push_to(&mut text);
        text
    }
}

/// A value out of the table: what RENAME, MOVE and COPY carry from key to key.
pub enum Value {
    /// An integer string.
    Int(i64),
    /// A string; the flag says that OBJECT ENCODING is to answer `raw` though it is short.
    Bytes(Vec<u8>, bool),
    /// Any other type.
    Object(ObjectBox),
}

impl<'a> Item<'a> {
    fn new(entry: Entry) -> Self {
        Item { entry, db: std::marker::PhantomData }
    }

    /// The key.
    pub fn key(&self) -> &'a [u8] {
        self.entry.key()
    }

    /// The type.
    pub fn kind(&self) -> Kind {
        self.entry.kind()
    }

    /// When the key expires, in milliseconds since the epoch.
    #[inline]
    pub fn expiry_ms(&self) -> Option<i64> {
        self.entry.expiry_ms()
    }

    /// Whether the key's time is over at `now_ms`.
    #[inline]
    pub fn is_expired(&self, now_ms: i64) -> bool {
        self.entry.expiry_ms().is_some_and(|at| at < now_ms)
    }

    /// The string value, if it is one.
    #[inline]
    pub fn string(&self) -> Option<Str<'a>> {
        match self.entry.encoding() {
            Encoding::Int => Some(Str::Int(self.entry.word() as i64)),
            Encoding::Embedded | Encoding::Raw => Some(Str::Bytes(self.entry.inline())),
            Encoding::Large => Some(Str::Bytes(large(self.entry))),
            Encoding::Object => None,
        }
    }

    /// The object, if it is of type `T`.
    pub fn object<T: Typed>(&self) -> Option<&'a T> {
        (self.entry.encoding() == Encoding::Object && self.kind() == T::KIND)
            // SAFETY: the entry owns an object of this kind, and the table is borrowed for 'a.
            .then(|| unsafe { ObjectBox::peek::<T>(self.entry.word()) })
    }

    /// What OBJECT ENCODING answers.
    pub fn encoding_name(&self) -> &'static str {
        match self.entry.encoding() {
            Encoding::Int => "int",
            Encoding::Embedded => "embstr",
            Encoding::Raw | Encoding::Large => "raw",
            // SAFETY: as in `object`.
            Encoding::Object => unsafe { ObjectBox::peek_dyn(self.kind(), self.entry.word()) }.encoding(),
        }
    }

    /// Bytes that the key and its value take, without its share of the table.
    pub fn memory_bytes(&self) -> usize {
        self.entry.size() + outside_bytes(self.entry)
    }

    /// The 24 access bits.
    pub fn access(&self) -> u32 {
        self.entry.access()
    }

    /// Stores the 24 access bits.
    #[inline]
    pub fn set_access(&self, access: u32) {
        self.entry.set_access(access);
    }

    /// A copy of the value.
    pub fn copy_value(&self) -> Value {
        match self.entry.encoding() {
            Encoding::Int => Value::Int(self.entry.word() as i64),
            Encoding::Embedded => Value::Bytes(self.entry.inline().to_vec(), false),
            Encoding::Raw => Value::Bytes(self.entry.inline().to_vec(), true),
            Encoding::Large => Value::Bytes(large(self.entry).to_vec(), true),
            // SAFETY: as in `object`.
            Encoding::Object => {
                Value::Object(unsafe { ObjectBox::peek_dyn(self.kind(), self.entry.word()).duplicate() })
            }
        }
    }
}

/// An entry taken out of its table, with the value it owned. Dropping it frees both.
pub struct Removed(Entry);

// SAFETY: it owns the entry and its object, which is `Send`.
unsafe impl Send for Removed {}

impl Removed {
    /// The type of the value.
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// How many allocations dropping it frees, about.
    pub fn free_effort(&self) -> usize {
        match self.0.encoding() {
            // SAFETY: the entry owns the object.
            Encoding::Object => unsafe { ObjectBox::peek_dyn(self.kind(), self.0.word()) }.free_effort(),
            _ => 1,
        }
    }

    /// When the key would have expired.
    pub fn expiry_ms(&self) -> Option<i64> {
        self.0.expiry_ms()
    }

    /// The value.
    pub fn into_value(self) -> Value {
        let entry = self.0;
        std::mem::forget(self);
        let value = match entry.encoding() {
            Encoding::Int => Value::Int(entry.word() as i64),
            Encoding::Embedded => Value::Bytes(entry.inline().to_vec(), false),
            Encoding::Raw => Value::Bytes(entry.inline().to_vec(), true),
            // SAFETY: the word owns the vector, and the entry is freed below without touching it.
            Encoding::Large => Value::Bytes(*unsafe { take_large(entry.word()) }, true),
            // SAFETY: likewise for the object.
            Encoding::Object => Value::Object(unsafe { ObjectBox::from_word(entry.kind(), entry.word()) }),
        };
        entry.free();
        value
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        match self.0.encoding() {
            // SAFETY: the word owns the vector, and nobody uses the word after this.
            Encoding::Large => drop(unsafe { take_large(self.0.word()) }),
            // SAFETY: likewise for the object.
            Encoding::Object => drop(unsafe { ObjectBox::from_word(self.kind(), self.0.word()) }),
            Encoding::Int | Encoding::Embedded | Encoding::Raw => {}
        }
        self.0.free();
    }
}

fn make_large(bytes: Vec<u8>) -> u64 {
    Box::into_raw(Box::new(bytes)).expose_provenance() as u64
}

/// SAFETY: `word` comes from `make_large` and isn't used again.
unsafe fn take_large(word: u64) -> Box<Vec<u8>> {
    // SAFETY: the caller's promise.
    unsafe { Box::from_raw(std::ptr::with_exposed_provenance_mut(word as usize)) }
}

fn large_mut<'a>(entry: Entry) -> &'a mut Vec<u8> {
    debug_assert!(entry.encoding() == Encoding::Large);
    // SAFETY: a large entry's word owns a vector; callers hold the table (mutably where they change it).
    unsafe { &mut *std::ptr::with_exposed_provenance_mut::<Vec<u8>>(entry.word() as usize) }
}

fn large<'a>(entry: Entry) -> &'a [u8] {
    large_mut(entry)
}

/// Bytes that the entry's value takes outside the entry.
fn outside_bytes(entry: Entry) -> usize {
    match entry.encoding() {
        Encoding::Int | Encoding::Embedded | Encoding::Raw => 0,
        Encoding::Large => size_of::<Vec<u8>>() + large_mut(entry).capacity(),
        // SAFETY: the entry owns an object of its kind.
        Encoding::Object => unsafe { ObjectBox::peek_dyn(entry.kind(), entry.word()) }.memory_bytes(),
    }
}

fn string_value(bytes: &[u8]) -> NewValue<'_> {
    if bytes.len() <= 20
        && let Some(n) = base::num::parse_i64(bytes)
    {
        return NewValue::Int(n);
    }
    match bytes.len() {
        0..=EMBEDDED_MAX => NewValue::Inline(bytes, Encoding::Embedded),
        0..=INLINE_MAX => NewValue::Inline(bytes, Encoding::Raw),
        _ => NewValue::Large(make_large(bytes.to_vec())),
    }
}

impl Db {
    /// An empty database whose keys are hashed with `seed`.
    pub fn new(seed: u64) -> Self {
        Db { table: Table::new(), expiries: BTreeSet::new(), bytes: 0, seed }
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

    /// Sum of the expiry times of the keys that have one.
    pub fn expiry_sum_ms(&self) -> i128 {
        self.expiries.iter().map(|(at, _)| i128::from(*at)).sum()
    }

    /// Bytes of all entries and values, without the table.
    pub fn value_bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of table and expiry index.
    pub fn overhead_bytes(&self) -> usize {
        // A B-tree's leaf holds up to 11 pairs and is about two thirds full.
        self.table.memory_bytes() + self.expiries.len() * 24
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

    /// Stores a string, replacing whatever the key held; `place` is where the key lies. Answers what must be freed.
    pub fn put_string(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        bytes: &[u8],
        expiry: Expiry,
        access: u32,
    ) -> Option<Removed> {
        self.put(key, place, &string_value(bytes), expiry, access)
    }

    /// Stores an integer string.
    pub fn put_int(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        n: i64,
        expiry: Expiry,
        access: u32,
    ) -> Option<Removed> {
        self.put(key, place, &NewValue::Int(n), expiry, access)
    }

    /// Stores an object.
    pub fn put_object(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        object: ObjectBox,
        expiry: Expiry,
        access: u32,
    ) -> Option<Removed> {
        let (kind, word) = object.into_word();
        self.put(key, place, &NewValue::Object(kind, word), expiry, access)
    }

    /// Stores any value.
    pub fn put_value(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        value: Value,
        expiry: Expiry,
        access: u32,
    ) -> Option<Removed> {
        match value {
            Value::Int(n) => self.put_int(key, place, n, expiry, access),
            Value::Object(object) => self.put_object(key, place, object, expiry, access),
            Value::Bytes(bytes, _) if bytes.len() > INLINE_MAX => {
                self.put(key, place, &NewValue::Large(make_large(bytes)), expiry, access)
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
    ) -> Option<Removed> {
        let Some(place) = place else {
            let at = if let Expiry::At(at) = expiry { Some(at) } else { None };
            let entry = Entry::new(key.bytes, value, at, access);
            let seed = self.seed;
            self.table.insert(key.hash, entry.handle(), |handle| hash_of(handle, seed));
            self.enter(entry, at);
            return None;
        };
        let old = self.entry(place);
        let old_at = old.expiry_ms();
        let at = match expiry {
            Expiry::Never => None,
            Expiry::Keep => old_at,
            Expiry::At(at) => Some(at),
        };
        let owns = matches!(old.encoding(), Encoding::Large | Encoding::Object);
        if !owns && old.overwrite(value, at) {
            old.set_access(access);
            self.bytes += outside_bytes(old);
            self.reindex(old, old_at, at);
            return None;
        }
        let entry = Entry::new(key.bytes, value, at, access);
        self.leave(old);
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        Some(Removed(old))
    }

    /// Takes a key out. O(1).
    pub fn remove(&mut self, key: &Key<'_>) -> Option<Removed> {
        let handle = self.table.remove(key.hash, |handle| Entry::from_handle(handle).key() == key.bytes)?;
        let entry = Entry::from_handle(handle);
        self.leave(entry);
        Some(Removed(entry))
    }

    /// The string at `place` as `len` bytes to be changed in place: cut off or filled up with zero bytes.
    /// The place stays valid.
    pub fn edit_string(&mut self, place: Place, len: usize) -> &mut [u8] {
        let entry = self.entry(place);
        match entry.encoding() {
            Encoding::Large => {
                let vec = large_mut(entry);
                self.bytes -= vec.capacity();
                vec.resize(len, 0);
                self.bytes += vec.capacity();
                vec
            }
            Encoding::Embedded | Encoding::Raw if entry.inline().len() == len => {
                entry.set_encoding(Encoding::Raw);
                entry.inline_mut()
            }
            _ => self.resize_string(place, len),
        }
    }

    fn resize_string(&mut self, place: Place, len: usize) -> &mut [u8] {
        let old = self.entry(place);
        let mut bytes = Item::new(old).string().expect("a string is edited").to_vec();
        if len > INLINE_MAX {
            // Room to grow: a string that is appended to usually goes on growing.
            bytes.reserve_exact(len + len / 4 - bytes.len());
        }
        bytes.resize(len, 0);
        let value = if len > INLINE_MAX {
            NewValue::Large(make_large(bytes))
        } else {
            NewValue::Inline(&bytes, Encoding::Raw)
        };
        let at = old.expiry_ms();
        let entry = Entry::new(old.key(), &value, at, old.access());
        self.leave(old);
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        drop(Removed(old));
        if len > INLINE_MAX { large_mut(entry) } else { entry.inline_mut() }
    }

    /// The object at `place` for changing, if it is a `T`. After the change call [`Db::account`] with the bytes it
    /// took before.
    pub fn object_mut<T: Typed>(&mut self, place: Place) -> Option<&mut T> {
        let entry = self.entry(place);
        (entry.encoding() == Encoding::Object && entry.kind() == T::KIND)
            // SAFETY: the entry owns an object of this kind and we hold the database mutably.
            .then(|| unsafe { ObjectBox::peek_mut::<T>(entry.word()) })
    }

    /// Enters a change of an object's size into the account.
    pub fn account(&mut self, before_bytes: usize, after_bytes: usize) {
        self.bytes = self.bytes + after_bytes - before_bytes;
    }

    /// Sets or removes the time to live of the key at `place`, which stays valid.
    pub fn set_expiry(&mut self, place: Place, at: Option<i64>) {
        let old = self.entry(place);
        let old_at = old.expiry_ms();
        if old_at == at {
            return;
        }
        if let Some(at) = at
            && old.set_expiry_in_place(at)
        {
            return self.reindex(old, old_at, Some(at));
        }
        // The entry's layout changes: the value moves to a new one.
        self.leave(old);
        let value = match old.encoding() {
            Encoding::Int => NewValue::Int(old.word() as i64),
            Encoding::Large => NewValue::Large(old.word()),
            Encoding::Object => NewValue::Object(old.kind(), old.word()),
            encoding => NewValue::Inline(old.inline(), encoding),
        };
        let entry = Entry::new(old.key(), &value, at, old.access());
        self.table.replace(place.0, entry.handle());
        self.enter(entry, at);
        old.free();
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
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(Item<'_>)) -> u64 {
        self.table.scan(cursor, |handle| visit(Item::new(Entry::from_handle(handle))))
    }

    /// Visits all keys.
    pub fn for_each(&self, mut visit: impl FnMut(Item<'_>)) {
        self.table.for_each(|handle| visit(Item::new(Entry::from_handle(handle))));
    }

    /// A key chosen at random.
    pub fn sample(&self, random: impl FnMut() -> u64) -> Option<Item<'_>> {
        self.table.sample(random).map(|handle| Item::new(Entry::from_handle(handle)))
    }

    fn entry(&self, place: Place) -> Entry {
        Entry::from_handle(self.table.at(place.0))
    }

    fn enter(&mut self, entry: Entry, at: Option<i64>) {
        self.bytes += entry.size() + outside_bytes(entry);
        if let Some(at) = at {
            self.expiries.insert((at, entry.handle()));
        }
    }

    fn leave(&mut self, entry: Entry) {
        self.bytes -= entry.size() + outside_bytes(entry);
        if let Some(at) = entry.expiry_ms() {
            self.expiries.remove(&(at, entry.handle()));
        }
    }

    fn reindex(&mut self, entry: Entry, old: Option<i64>, new: Option<i64>) {
        if old != new {
            if let Some(at) = old {
                self.expiries.remove(&(at, entry.handle()));
            }
            if let Some(at) = new {
                self.expiries.insert((at, entry.handle()));
            }
        }
    }
}

fn hash_of(handle: u64, seed: u64) -> u64 {
    base::hash::hash(Entry::from_handle(handle).key(), seed)
}

impl Drop for Db {
    fn drop(&mut self) {
        self.table.for_each(|handle| drop(Removed(Entry::from_handle(handle))));
    }
}
