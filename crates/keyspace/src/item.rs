//! Views of entries, and values out of their tables.

use crate::db::Db;
use crate::entry::Entry;
use crate::frozen::Frozen;
use crate::object::ObjectBox;
use crate::value::{Encoding, INT_TEXT_MAX, Kind, Object, Typed};
use crate::view::{AnyRef, Ref};
use structs::blob::Blob;
use structs::fields::{FieldMap, MemberSet, View};
use structs::room::size_class;
use structs::table::prefetch_line;

/// Bytes that the processor loads at once.
const CACHE_LINE: usize = 64;
/// Bytes of an entry that are asked for before anything is known about it.
const ENTRY_PREFETCHED: usize = 2 * CACHE_LINE;

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

impl<'a> From<structs::packed::Item<'a>> for Str<'a> {
    #[inline]
    fn from(item: structs::packed::Item<'a>) -> Str<'a> {
        match item {
            structs::packed::Item::Int(n) => Str::Int(n),
            structs::packed::Item::Bytes(bytes) => Str::Bytes(bytes),
        }
    }
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

    /// Length of the text in bytes.
    pub fn text_len(&self) -> usize {
        self.with_text(<[u8]>::len)
    }

    /// What `f` makes of the text, which is not copied to the heap.
    #[inline]
    pub fn with_text<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Str::Int(n) => f(itoa::Buffer::new().format(*n).as_bytes()),
            Str::Bytes(bytes) => f(bytes),
        }
    }

    /// The number that the text is in canonical form.
    #[inline]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Str::Int(n) => Some(*n),
            Str::Bytes(bytes) => base::num::parse_i64(bytes),
        }
    }
}

/// A value out of the table: what RENAME, MOVE and COPY carry from key to key.
pub enum Value {
    /// An integer string.
    Int(i64),
    /// A string; the flag says that OBJECT ENCODING is to answer `raw` though it is short.
    Bytes(Vec<u8>, bool),
    /// A long string.
    Blob(Box<Blob>),
    /// Any other type.
    Object(ObjectBox),
}

impl Value {
    /// A string as SET would store it: an integer if it is the canonical text of one.
    pub fn text(bytes: Vec<u8>) -> Value {
        let number = (bytes.len() <= INT_TEXT_MAX).then(|| base::num::parse_i64(&bytes)).flatten();
        number.map_or(Value::Bytes(bytes, false), Value::Int)
    }

    /// Its type.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Int(_) | Value::Bytes(..) | Value::Blob(_) => Kind::String,
            Value::Object(object) => object.kind(),
        }
    }
}

impl<'a> Item<'a> {
    pub(crate) fn new(entry: Entry) -> Self {
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
            Encoding::Large => Some(Str::Bytes(large(self.entry).as_slice())),
            Encoding::Object | Encoding::Packed | Encoding::Ints => None,
        }
    }

    /// The object, if it is of type `T`. A small one is copied: the members of a set and the fields of a hash are better
    /// looked at through [`Item::members`] and [`Item::fields`].
    pub fn object<T: Typed>(&self) -> Option<Ref<'a, T>> {
        if self.kind() != T::KIND {
            return None;
        }
        let small = || self.entry.small().map(|small| Ref::Copied(T::of_small(small)));
        self.boxed().map(Ref::Held).or_else(small)
    }

    /// The object, if it is of type `T` and lies outside of the entry.
    #[inline]
    pub fn boxed<T: Typed>(&self) -> Option<&'a T> {
        (self.entry.encoding() == Encoding::Object && self.kind() == T::KIND)
            // SAFETY: the entry owns an object of this kind, and the table is borrowed for 'a.
            .then(|| unsafe { ObjectBox::peek::<T>(self.entry.word()) })
    }

    /// The object, whatever its type, if the value is one. A small one is copied.
    pub fn any_object(&self) -> Option<AnyRef<'a>> {
        let small = || self.entry.small().map(|small| ObjectBox::of_small(self.kind(), small));
        self.any_boxed().map(AnyRef::Held).or_else(|| small().map(AnyRef::Copied))
    }

    /// The object, whatever its type, if the value is one that lies outside of the entry.
    #[inline]
    pub(crate) fn any_boxed(&self) -> Option<&'a (dyn Object + 'static)> {
        (self.entry.encoding() == Encoding::Object)
            // SAFETY: as in `boxed`.
            .then(|| unsafe { ObjectBox::peek_dyn(self.kind(), self.entry.word()) })
    }

    /// The members of the set, if it is one.
    #[inline]
    pub fn members(&self) -> Option<View<'a>> {
        match self.entry.small().filter(|_| self.kind() == Kind::Set) {
            Some(small) => Some(MemberSet::view_of(small)),
            None => self.boxed().map(MemberSet::view),
        }
    }

    /// The fields of the hash, if it is one.
    #[inline]
    pub fn fields(&self) -> Option<View<'a>> {
        match self.entry.small().filter(|_| self.kind() == Kind::Hash) {
            Some(small) => Some(FieldMap::view_of(small)),
            None => self.boxed().map(FieldMap::view),
        }
    }

    /// Asks the processor to load the object, if the value is one: of a small one what lies behind the entry's beginning.
    #[inline]
    pub(crate) fn prefetch_object(&self) {
        match self.entry.encoding() {
            Encoding::Object => prefetch_line(std::ptr::without_provenance(self.entry.word() as usize)),
            Encoding::Packed | Encoding::Ints => {
                let rest = (ENTRY_PREFETCHED..self.entry.size()).step_by(CACHE_LINE);
                rest.for_each(|at| prefetch_line(self.entry.address().wrapping_add(at)));
            }
            _ => {}
        }
    }

    /// When the first element expires, in milliseconds since the epoch, if the value has elements that do.
    #[inline]
    pub fn first_element_expiry_ms(&self) -> Option<i64> {
        if !self.kind().has_expiring_elements() {
            return None;
        }
        self.any_boxed().and_then(Object::first_element_expiry_ms)
    }

    /// Whether an element's time is over at `now_ms`.
    #[inline]
    pub fn has_due_element(&self, now_ms: i64) -> bool {
        self.first_element_expiry_ms().is_some_and(|at| at < now_ms)
    }

    /// What OBJECT ENCODING answers.
    pub fn encoding_name(&self) -> &'static str {
        match self.entry.encoding() {
            Encoding::Int => "int",
            Encoding::Embedded => "embstr",
            Encoding::Raw | Encoding::Large => "raw",
            Encoding::Packed => "listpack",
            Encoding::Ints => "intset",
            // SAFETY: as in `boxed`.
            Encoding::Object => unsafe { ObjectBox::peek_dyn(self.kind(), self.entry.word()) }.encoding(),
        }
    }

    /// Bytes that the key and its value take, without its share of the table.
    pub fn memory_bytes(&self) -> usize {
        self.entry.footprint() + outside_bytes(self.entry)
    }

    /// The part of it that lies outside of the key's entry: all of a long string or of an object, nothing of others.
    pub fn outside_bytes(&self) -> usize {
        outside_bytes(self.entry)
    }

    /// Where the entry lies.
    pub fn address(&self) -> *const u8 {
        self.entry.address()
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
            Encoding::Large => Value::Blob(Box::new(large(self.entry).clone())),
            Encoding::Object => {
                // SAFETY: as in `boxed`.
                let object = unsafe { ObjectBox::peek_dyn(self.kind(), self.entry.word()) };
                Value::Object(object.duplicate())
            }
            Encoding::Packed | Encoding::Ints => {
                let small = self.entry.small().expect("the encoding of a small form");
                Value::Object(ObjectBox::of_small(self.kind(), small))
            }
        }
    }

    /// The value as it is now, whatever becomes of the key: for a cut of the state. O(1) for what is large, see
    /// [`Frozen`].
    pub fn freeze(&self) -> Frozen {
        match self.entry.encoding() {
            Encoding::Large => Frozen::of_blob(large(self.entry)),
            _ => self.copy_value().into(),
        }
    }
}

/// A value that lay outside its entry and has been taken out of use. Dropping it frees it.
pub struct Removed {
    kind: Kind,
    encoding: Encoding,
    word: u64,
}

// SAFETY: it owns a blob or an object, both of which are `Send`.
unsafe impl Send for Removed {}

impl Removed {
    /// Takes over what the entry's word owns, if it owns something; the entry is about to be freed.
    pub(crate) fn of(entry: Entry) -> Option<Removed> {
        let encoding = entry.encoding();
        encoding.owns().then(|| Removed { kind: entry.kind(), encoding, word: entry.word() })
    }

    /// The type of the value.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many allocations dropping it frees, about.
    pub fn free_effort(&self) -> usize {
        match self.encoding {
            // SAFETY: the word owns the object.
            Encoding::Object => unsafe { ObjectBox::peek_dyn(self.kind, self.word) }.free_effort(),
            _ => 1,
        }
    }

    /// The value.
    pub(crate) fn into_value(self) -> Value {
        let (kind, encoding, word) = (self.kind, self.encoding, self.word);
        std::mem::forget(self);
        if encoding == Encoding::Large {
            // SAFETY: the word owned the blob, and `self` is forgotten.
            return Value::Blob(unsafe { take_large(word) });
        }
        // SAFETY: likewise for the object.
        Value::Object(unsafe { ObjectBox::from_word(kind, word) })
    }
}

impl Drop for Removed {
    fn drop(&mut self) {
        if self.encoding == Encoding::Large {
            // SAFETY: the word owns the blob, and nobody uses the word after this.
            drop(unsafe { take_large(self.word) });
        } else {
            // SAFETY: likewise for the object.
            drop(unsafe { ObjectBox::from_word(self.kind, self.word) });
        }
    }
}

/// Answers the word that owns a long string.
pub(crate) fn make_large(blob: Box<Blob>) -> u64 {
    Box::into_raw(blob).expose_provenance() as u64
}

/// SAFETY: `word` comes from `make_large` and isn't used again.
unsafe fn take_large(word: u64) -> Box<Blob> {
    // SAFETY: the caller's promise.
    unsafe { Box::from_raw(std::ptr::with_exposed_provenance_mut(word as usize)) }
}

/// SAFETY: the entry is a large one, and the caller holds its table mutably for 'a.
pub(crate) unsafe fn large_mut<'a>(entry: Entry) -> &'a mut Blob {
    debug_assert!(entry.encoding() == Encoding::Large);
    // SAFETY: a large entry's word owns a blob; the caller's promise keeps it unaliased.
    unsafe { &mut *std::ptr::with_exposed_provenance_mut::<Blob>(entry.word() as usize) }
}

/// The long string of a large entry; the caller holds its table for 'a.
pub(crate) fn large<'a>(entry: Entry) -> &'a Blob {
    debug_assert!(entry.encoding() == Encoding::Large);
    // SAFETY: a large entry's word owns a blob, which nobody changes while the table is borrowed.
    unsafe { &*std::ptr::with_exposed_provenance::<Blob>(entry.word() as usize) }
}

/// Bytes that the entry's value takes outside the entry.
pub(crate) fn outside_bytes(entry: Entry) -> usize {
    match entry.encoding() {
        Encoding::Int | Encoding::Embedded | Encoding::Raw | Encoding::Packed | Encoding::Ints => 0,
        Encoding::Large => size_of::<Blob>() + large(entry).memory_bytes(),
        Encoding::Object => {
            // SAFETY: the entry owns an object of its kind.
            let object = unsafe { ObjectBox::peek_dyn(entry.kind(), entry.word()) };
            size_class(size_of_val(object)) + object.memory_bytes()
        }
    }
}

/// What has been taken out of use and is to be freed when no lock is held.
pub enum Garbage {
    /// A key with its value.
    Value(Removed),
    /// A whole database.
    Database(Box<Db>),
}

impl Garbage {
    /// How many keys it consists of.
    pub fn keys(&self) -> usize {
        match self {
            Garbage::Value(_) => 1,
            Garbage::Database(db) => db.len(),
        }
    }
}
