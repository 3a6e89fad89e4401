//! One key with its value, expiry and access bits, in one allocation.
//!
//! # Layout
//! ```text
//! offset 0  kind      u8      type (low 4 bits), encoding (high 4 bits)
//!        1  flags     u8      WIDE, EXPIRY, IN_PAGE
//!        2  epoch     u8      the last cut that has seen this entry, or during which it was made
//!        3  access    [u8;3]  LRU clock or LFU counter, little endian
//!        6  key_len   u8      when not WIDE
//!        7  value_len u8      when not WIDE, of an inline value
//!        8  [key_len u32][value_len u32]        when WIDE
//!           [expiry_ms i64]                     when EXPIRY
//!           [word u64]                          when the encoding has one: an integer, or the address of an object
//!           key
//!           value                               when inline: a string, or an object's small form
//! ```
//! Everything before the key is 8-byte aligned and the total is rounded up to 8 bytes, so that a 16-byte key with a
//! 64-byte value takes 88 bytes. The size follows from the header alone; a value is overwritten in place whenever the
//! new size rounds to the same.

use crate::slab::{self, Slab};
use crate::value::{Encoding, Kind, NewValue};
use std::ptr::NonNull;
use structs::small::Small;

const WIDE: u8 = 1;
const EXPIRY: u8 = 2;
/// The entry lies in a page of its database's slab, not in memory of the allocator.
const IN_PAGE: u8 = 4;

const HEADER: usize = 8;
const NARROW_MAX: usize = u8::MAX as usize;

/// The address of an entry. Copying it doesn't copy the entry; whoever holds the table it came from owns it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry(NonNull<u8>);

/// What an entry's header says beside its layout.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    /// The 24 access bits.
    pub(crate) access: u32,
    /// The database's present epoch.
    pub(crate) epoch: u8,
}

/// What the size and the offsets follow from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    wide: bool,
    expiry: bool,
    word: bool,
    key_len: usize,
    value_len: usize,
}

impl Shape {
    fn of(key: &[u8], value: &NewValue<'_>, expiry: bool) -> Shape {
        let value_len = value.inline_len();
        let wide = key.len() > NARROW_MAX || value_len > NARROW_MAX;
        Shape { wide, expiry, word: value.word().is_some(), key_len: key.len(), value_len }
    }

    fn expiry_at(self) -> usize {
        HEADER + 8 * usize::from(self.wide)
    }

    fn word_at(self) -> usize {
        self.expiry_at() + 8 * usize::from(self.expiry)
    }

    fn key_at(self) -> usize {
        self.word_at() + 8 * usize::from(self.word)
    }

    fn value_at(self) -> usize {
        self.key_at() + self.key_len
    }

    fn size(self) -> usize {
        (self.value_at() + self.value_len).next_multiple_of(8)
    }
}

/// SAFETY of this whole `impl`: an `Entry` is only made by `Entry::new`, and `Db` keeps the invariant that every entry
/// it can reach is allocated until `Entry::free`, which consumes it. Shared access happens under `&Db`, changes under
/// `&mut Db`. All offsets come from `shape`, which reads the lengths that `new` wrote, so they lie in the allocation.
impl Entry {
    /// Makes an entry. The word of an object value is owned by the entry from now on.
    pub(crate) fn new(
        slab: &mut Slab,
        key: &[u8],
        value: &NewValue<'_>,
        expiry_ms: Option<i64>,
        marks: Marks,
    ) -> Entry {
        let shape = Shape::of(key, value, expiry_ms.is_some());
        let (memory, in_page) = slab.allocate(shape.size());
        let entry = Entry(memory);
        // SAFETY: see above; the allocation has room for the shape that the header is given first.
        unsafe {
            entry.write_header(shape, value.kind(), value.encoding(), in_page);
            entry.set_epoch(marks.epoch);
            if let Some(at) = expiry_ms {
                entry.write_u64(shape.expiry_at(), at as u64);
            }
            if let Some(word) = value.word() {
                entry.write_u64(shape.word_at(), word);
            }
            entry.write_bytes(shape.key_at(), key);
            entry.write_inline(shape, value);
        }
        entry.set_access(marks.access);
        entry
    }

    /// Gives the memory back to the slab it came from; a value outside the entry must have been taken before.
    pub(crate) fn free(self, slab: &mut Slab) {
        // SAFETY: `new` took the memory with this size, which follows from the header.
        unsafe { slab.free(self.0, self.size(), self.in_page()) }
    }

    fn in_page(self) -> bool {
        self.byte(1) & IN_PAGE != 0
    }

    pub(crate) fn handle(self) -> u64 {
        self.0.as_ptr().expose_provenance() as u64
    }

    /// The entry that `handle` is the address of.
    pub(crate) fn from_handle(handle: u64) -> Entry {
        debug_assert!(handle != 0);
        // SAFETY: handles are made by `handle` only and are never zero.
        Entry(unsafe { NonNull::new_unchecked(std::ptr::with_exposed_provenance_mut(handle as usize)) })
    }

    /// Where the entry lies, for prefetching.
    pub(crate) fn address(self) -> *const u8 {
        self.0.as_ptr()
    }

    pub(crate) fn kind(self) -> Kind {
        Kind::from_bits(self.byte(0) & 15)
    }

    pub(crate) fn encoding(self) -> Encoding {
        Encoding::from_bits(self.byte(0) >> 4)
    }

    /// Cuts off the inline value or fills it up with zero bytes, and calls it `Raw`, if the entry keeps its size and
    /// layout; else answers false.
    pub(crate) fn resize_inline(self, len: usize) -> bool {
        let old = self.shape();
        let new = Shape { value_len: len, ..old };
        let wide = old.key_len > NARROW_MAX || len > NARROW_MAX;
        if wide != old.wide || new.size() != old.size() {
            return false;
        }
        // SAFETY: see the impl; the sizes are equal.
        unsafe {
            self.write_header(new, Kind::String, Encoding::Raw, self.in_page());
            if len > old.value_len {
                self.0.as_ptr().add(new.value_at() + old.value_len).write_bytes(0, len - old.value_len);
            }
        }
        true
    }

    /// Bytes of the allocation.
    pub(crate) fn size(self) -> usize {
        self.shape().size()
    }

    /// Bytes that are taken for it.
    pub(crate) fn footprint(self) -> usize {
        slab::footprint(self.size())
    }

    /// The key, for as long as the caller's borrow of the table lasts.
    pub(crate) fn key<'a>(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: see the impl.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(shape.key_at()), shape.key_len) }
    }

    /// The inline value (empty for other encodings), for as long as the caller's borrow of the table lasts.
    pub(crate) fn inline<'a>(self) -> &'a [u8] {
        let shape = self.shape();
        // SAFETY: see the impl.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(shape.value_at()), shape.value_len) }
    }

    /// As `inline`; the caller holds the table mutably.
    pub(crate) fn inline_mut<'a>(self) -> &'a mut [u8] {
        let shape = self.shape();
        // SAFETY: see the impl.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr().add(shape.value_at()), shape.value_len) }
    }

    /// The small form of an object, if that is what the entry holds, for as long as the caller's borrow of the table lasts.
    #[inline]
    pub(crate) fn small<'a>(self) -> Option<Small<'a>> {
        let encoding = self.encoding();
        if !matches!(encoding, Encoding::Packed | Encoding::Ints) {
            return None;
        }
        let (head, bytes) = self.inline().split_first_chunk().expect("a small form begins with its head");
        let head = u16::from_le_bytes(*head);
        Some(match encoding {
            Encoding::Ints => Small::Ints { width: head, bytes },
            _ => Small::Packed { count: head, bytes },
        })
    }

    pub(crate) fn expiry_ms(self) -> Option<i64> {
        let shape = self.shape();
        // SAFETY: see the impl.
        shape.expiry.then(|| unsafe { self.read_u64(shape.expiry_at()) } as i64)
    }

    /// Overwrites the expiry of an entry that has one; answers false when it has no room for one.
    pub(crate) fn set_expiry_in_place(self, expiry_ms: i64) -> bool {
        let shape = self.shape();
        if shape.expiry {
            // SAFETY: see the impl.
            unsafe { self.write_u64(shape.expiry_at(), expiry_ms as u64) }
        }
        shape.expiry
    }

    /// The integer or object address of an encoding that has one.
    pub(crate) fn word(self) -> u64 {
        let shape = self.shape();
        debug_assert!(shape.word);
        // SAFETY: see the impl.
        unsafe { self.read_u64(shape.word_at()) }
    }

    /// Puts `value` in place of the present value if the entry keeps its size and layout, else answers false.
    /// The present value must not own an object.
    pub(crate) fn overwrite(self, value: &NewValue<'_>, expiry_ms: Option<i64>) -> bool {
        let old = self.shape();
        let value_len = value.inline_len();
        let new = Shape { value_len, word: value.word().is_some(), ..old };
        let wide = old.key_len > NARROW_MAX || value_len > NARROW_MAX;
        if wide != old.wide
            || new.word != old.word
            || expiry_ms.is_some() != old.expiry
            || new.size() != old.size()
        {
            return false;
        }
        // SAFETY: see the impl; the sizes are equal.
        unsafe {
            self.write_header(new, value.kind(), value.encoding(), self.in_page());
            if let Some(at) = expiry_ms {
                self.write_u64(new.expiry_at(), at as u64);
            }
            if let Some(word) = value.word() {
                self.write_u64(new.word_at(), word);
            }
            self.write_inline(new, value);
        }
        true
    }

    /// The number of the last cut that has seen the entry, or during which it was made.
    #[inline]
    pub(crate) fn epoch(self) -> u8 {
        self.byte(2)
    }

    pub(crate) fn set_epoch(self, epoch: u8) {
        // SAFETY: the header is 8 bytes, and an entry is changed under its shard's lock only.
        unsafe { *self.0.as_ptr().add(2) = epoch }
    }

    /// The 24 bits of LRU clock or LFU counter.
    pub(crate) fn access(self) -> u32 {
        u32::from(self.byte(3)) | u32::from(self.byte(4)) << 8 | u32::from(self.byte(5)) << 16
    }

    pub(crate) fn set_access(self, access: u32) {
        let [a, b, c, _] = access.to_le_bytes();
        // SAFETY: the header is 8 bytes. Readers under a shared borrow may store access bits too, but every access to
        // an entry happens under its shard's lock.
        unsafe {
            *self.0.as_ptr().add(3) = a;
            *self.0.as_ptr().add(4) = b;
            *self.0.as_ptr().add(5) = c;
        }
    }

    fn byte(self, at: usize) -> u8 {
        // SAFETY: only offsets of the header are passed.
        unsafe { *self.0.as_ptr().add(at) }
    }

    fn shape(self) -> Shape {
        let flags = self.byte(1);
        let wide = flags & WIDE != 0;
        let (key_len, value_len) = if wide {
            // SAFETY: a wide header is 16 bytes.
            let lengths = unsafe { self.read_u64(HEADER) };
            (lengths as u32 as usize, (lengths >> 32) as usize)
        } else {
            (usize::from(self.byte(6)), usize::from(self.byte(7)))
        };
        Shape { wide, expiry: flags & EXPIRY != 0, word: self.encoding().has_word(), key_len, value_len }
    }

    /// SAFETY: the allocation has room for `shape`.
    unsafe fn write_header(self, shape: Shape, kind: Kind, encoding: Encoding, in_page: bool) {
        let at = self.0.as_ptr();
        // SAFETY: the caller's promise.
        unsafe {
            *at = kind as u8 | (encoding as u8) << 4;
            let flags = [(shape.wide, WIDE), (shape.expiry, EXPIRY), (in_page, IN_PAGE)];
            *at.add(1) = flags.iter().map(|(set, flag)| u8::from(*set) * flag).sum();
            *at.add(6) = shape.key_len as u8;
            *at.add(7) = shape.value_len as u8;
            if shape.wide {
                self.write_u64(HEADER, shape.key_len as u64 | (shape.value_len as u64) << 32);
            }
        }
    }

    /// SAFETY: `at` is a multiple of 8 and `at + 8` lies in the allocation.
    unsafe fn read_u64(self, at: usize) -> u64 {
        // SAFETY: the caller's promise; allocations are 8-byte aligned.
        unsafe { self.0.as_ptr().add(at).cast::<u64>().read() }
    }

    /// SAFETY: as `read_u64`.
    unsafe fn write_u64(self, at: usize, value: u64) {
        // SAFETY: the caller's promise.
        unsafe { self.0.as_ptr().add(at).cast::<u64>().write(value) }
    }

    /// SAFETY: the allocation has room for `shape`, which is that of an entry with this value.
    unsafe fn write_inline(self, shape: Shape, value: &NewValue<'_>) {
        let (head, rest) = value.inline();
        let head = head.as_ref().map_or(&[][..], |head| head);
        // SAFETY: the caller's promise.
        unsafe {
            self.write_bytes(shape.value_at(), head);
            self.write_bytes(shape.value_at() + head.len(), rest);
        }
    }

    /// SAFETY: `at + bytes.len()` lies in the allocation.
    unsafe fn write_bytes(self, at: usize, bytes: &[u8]) {
        // SAFETY: the caller's promise; the source is another object.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.0.as_ptr().add(at), bytes.len()) }
    }
}
