//! `Packed`: a short sequence of values in one allocation, in the element encoding of Redis' listpack.
//!
//! Small lists, hashes, sets and sorted sets live in one `Packed`, long lists in a [`crate::deque::Deque`] of
//! them. Access is by walking; what makes it fast is that a walk is a straight run over few cache lines.

mod encoding;
mod gap;
mod item;
mod iter;
#[cfg(test)]
mod tests;
mod wire;

use crate::room::size_class;
use crate::small::Small;
pub use item::{Item, Needle};
pub use iter::{Iter, IterBack};
pub use wire::BadListpack;

pub(crate) use encoding::{
    Encoded, append_backlen, backlen_size, bare_size, decode, decode_bare, element_before, element_size,
};
pub(crate) use gap::GapBuffer;
pub(crate) use iter::BareIter;
pub(crate) use wire::{header, payload};

/// Bytes a listpack has besides its elements: total size (4), element count (2), end mark (1).
pub const LISTPACK_OVERHEAD: usize = 7;

/// Room that a sequence has for more when it is made of its small form: mostly it is about to be changed.
const SMALL_ROOM: usize = 64;

/// Sizes beyond this are refused by Redis when it adds to a listpack; stay below with [`Packed::has_room_for`].
pub const SAFE_BYTES: usize = 1 << 30;

/// Where an element stands. Valid until the next change of the container it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(usize);

/// One end of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The left end, index 0.
    Front,
    /// The right end, index -1.
    Back,
}

/// A sequence of values in one buffer with spare room at both ends.
///
/// Pushing and popping are amortised O(1) in the number of elements at both ends and move no other element.
/// Everything else is O(n) with a small constant.
///
/// ```text
///  | room | element | element | ... | element | room |
///           head+payload+backlen each
/// ```
#[derive(Clone, Default)]
pub struct Packed {
    bytes: GapBuffer,
}

impl Packed {
    /// An empty sequence. Does not allocate.
    pub const fn new() -> Self {
        Self { bytes: GapBuffer::new() }
    }

    /// An empty sequence with room for about `bytes` bytes of elements to be pushed at `end`.
    pub(crate) fn with_room(end: End, bytes: usize) -> Self {
        let (front, back) = match end {
            End::Front => (bytes, 0),
            End::Back => (0, bytes),
        };
        Self { bytes: GapBuffer::with_room(front, back) }
    }

    /// The sequence whose small form this is, with room for a few more elements. What isn't the small form of a `Packed`
    /// gives elements that make no sense, but are safe to look at.
    #[inline]
    pub fn of_small(small: Small<'_>) -> Self {
        let (Small::Packed { count, bytes } | Small::Ints { width: count, bytes }) = small;
        let mut packed = Self { bytes: GapBuffer::with_room(0, bytes.len() + SMALL_ROOM) };
        packed.bytes.append(bytes.len(), |out| out.extend_from_slice(bytes));
        packed.bytes.count = count.into();
        packed
    }

    /// The elements as bytes.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        let count = u16::try_from(self.count()).ok()?;
        Some(Small::Packed { count, bytes: self.as_bytes() })
    }

    /// Number of elements. O(1).
    #[inline]
    pub fn count(&self) -> usize {
        self.bytes.count as usize
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.bytes.count == 0
    }

    /// Bytes of all elements, without the listpack's own [`LISTPACK_OVERHEAD`]. O(1).
    #[inline]
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes of the listpack this would be: elements and overhead. O(1).
    #[inline]
    pub fn listpack_len(&self) -> usize {
        self.byte_len() + LISTPACK_OVERHEAD
    }

    /// Asks the processor to load the first items.
    #[inline]
    pub fn prefetch(&self) {
        crate::table::prefetch_line(self.as_bytes().as_ptr());
    }

    /// Bytes allocated for elements, spare room included, as allocators round them. O(1).
    #[inline]
    pub fn memory_bytes(&self) -> usize {
        size_class(self.bytes.capacity())
    }

    /// Whether `extra` more bytes of values keep the listpack below [`SAFE_BYTES`].
    pub fn has_room_for(&self, extra: usize) -> bool {
        self.listpack_len().saturating_add(extra) <= SAFE_BYTES
    }

    /// The encoded elements.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// The encoded elements from the one at `at` on.
    #[inline]
    pub(crate) fn bytes_from(&self, at: Position) -> &[u8] {
        self.as_bytes().get(at.0..).unwrap_or_default()
    }

    /// Appends a value.
    #[inline]
    pub fn push_back(&mut self, value: &[u8]) {
        self.append_element(&Encoded::new(value));
    }

    /// Appends an integer.
    pub fn push_back_int(&mut self, value: i64) {
        self.append_element(&Encoded::int(value));
    }

    #[inline]
    fn append_element(&mut self, element: &Encoded<'_>) {
        self.bytes.append(element.len(), |out| element.append_to(out));
        self.bytes.count += 1;
    }

    /// Prepends a value.
    #[inline]
    pub fn push_front(&mut self, value: &[u8]) {
        self.insert_at(0, &Encoded::new(value));
    }

    /// Adds a value at either end.
    #[inline]
    pub fn push(&mut self, end: End, value: &[u8]) {
        match end {
            End::Front => self.push_front(value),
            End::Back => self.push_back(value),
        }
    }

    /// The element at either end.
    #[inline]
    pub fn peek(&self, end: End) -> Option<Item<'_>> {
        match end {
            End::Front => self.iter().next(),
            End::Back => self.iter_back().next(),
        }
    }

    /// Removes the element at either end. Returns whether there was one; [`Self::peek`] shows it before.
    pub fn drop_end(&mut self, end: End) -> bool {
        let dropped = self.drop_end_keeping_room(end);
        self.bytes.release(0);
        dropped
    }

    /// [`Self::drop_end`] that leaves the allocation as it is, for callers that decide about memory themselves.
    #[inline]
    pub(crate) fn drop_end_keeping_room(&mut self, end: End) -> bool {
        let bytes = self.bytes.as_slice();
        let len = bytes.len();
        let size = match end {
            End::Front => element_size(bytes),
            End::Back => element_before(bytes),
        };
        let Some(size) = size else { return false };
        match end {
            End::Front => self.bytes.remove(0..size),
            End::Back => self.bytes.remove(len - size..len),
        }
        self.bytes.count -= 1;
        true
    }

    /// Makes room for values that are about to be pushed at `end`, so that they are all that the memory is for.
    pub(crate) fn reserve<'v>(&mut self, end: End, values: impl Iterator<Item = &'v [u8]>) {
        let bytes = values.map(|value| Encoded::new(value).len()).sum();
        match end {
            End::Front => self.bytes.reserve_front(bytes),
            End::Back => self.bytes.reserve_back(bytes),
        }
    }

    /// Gives memory back when more than `allowed` bytes, and more than a fixed part of the bytes held, are spare.
    #[inline]
    pub(crate) fn release(&mut self, allowed: usize) {
        self.bytes.release(allowed);
    }

    /// Gives all spare memory back when it is more than `spare` bytes.
    pub(crate) fn release_beyond(&mut self, spare: usize) {
        if self.bytes.capacity() - self.byte_len() > spare {
            self.bytes.shrink_to_fit();
        }
    }

    /// Appends all elements of `other`.
    pub(crate) fn append(&mut self, other: &Self) {
        let bytes = other.as_bytes();
        self.bytes.append(bytes.len(), |out| out.extend_from_slice(bytes));
        self.bytes.count += other.bytes.count;
    }

    /// Gives all spare memory back.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// Inserts a value before the element at `at`; at [`Self::end`] it is appended.
    ///
    /// # Panics
    /// When `at` lies beyond the end.
    pub fn insert(&mut self, at: Position, value: &[u8]) {
        self.insert_at(at.0, &Encoded::new(value));
    }

    /// Inserts an integer before the element at `at`; at [`Self::end`] it is appended.
    ///
    /// # Panics
    /// When `at` lies beyond the end.
    pub fn insert_int(&mut self, at: Position, value: i64) {
        self.insert_at(at.0, &Encoded::int(value));
    }

    #[inline]
    fn insert_at(&mut self, at: usize, element: &Encoded<'_>) {
        self.bytes.insert(at, element.parts(), element.len());
        self.bytes.count += 1;
    }

    /// Replaces the value of the element at `at`, which stays where it is. Nothing happens when `at` is the end.
    pub fn replace(&mut self, at: Position, value: &[u8]) {
        self.replace_at(at, &Encoded::new(value));
    }

    /// Replaces the value of the element at `at` by an integer. Nothing happens when `at` is the end.
    pub fn replace_int(&mut self, at: Position, value: i64) {
        self.replace_at(at, &Encoded::int(value));
    }

    fn replace_at(&mut self, at: Position, element: &Encoded<'_>) {
        let Some(end) = self.next(at) else { return };
        self.bytes.replace(at.0..end.0, element.parts(), element.len());
        self.bytes.release(0);
    }

    /// Removes up to `count` elements from the one at `at` on. Returns how many were removed; what stood behind
    /// them now stands at `at`.
    pub fn remove(&mut self, at: Position, count: usize) -> usize {
        let mut end = at;
        let mut removed = 0;
        while removed < count {
            let Some(next) = self.next(end) else { break };
            end = next;
            removed += 1;
        }
        if removed == 0 {
            return 0;
        }
        self.bytes.remove(at.0..end.0);
        self.bytes.count -= removed as u32;
        self.bytes.release(0);
        removed
    }

    /// Splits off the elements from the one at `at` on. `before` is the number of elements before `at`.
    pub(crate) fn split_off(&mut self, at: Position, before: usize) -> Self {
        let mut tail = Self { bytes: self.bytes.split_off(at.0) };
        tail.bytes.count = self.bytes.count - before as u32;
        self.bytes.count = before as u32;
        tail
    }

    /// Removes all elements and their memory.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Where the first element stands; the end when there is none.
    pub fn start(&self) -> Position {
        Position(0)
    }

    /// The position behind the last element.
    pub fn end(&self) -> Position {
        Position(self.bytes.len())
    }

    /// The element at `at`; `None` at the end.
    #[inline]
    pub fn item(&self, at: Position) -> Option<Item<'_>> {
        decode(self.bytes.as_slice().get(at.0..)?).map(|(item, _)| item)
    }

    /// The position behind the element at `at`, which may be the end; `None` when `at` is the end.
    #[inline]
    pub fn next(&self, at: Position) -> Option<Position> {
        Some(Position(at.0 + element_size(self.bytes.as_slice().get(at.0..)?)?))
    }

    /// The position of the element before `at`; `None` when `at` is the first.
    #[inline]
    pub fn prev(&self, at: Position) -> Option<Position> {
        let size = element_before(self.bytes.as_slice().get(..at.0)?)?;
        Some(Position(at.0 - size))
    }

    /// Where the element with an index stands: 0 is the first, -1 the last. Walks from the nearer end.
    pub fn position(&self, index: i64) -> Option<Position> {
        let count = i64::from(self.bytes.count);
        let index = if index < 0 { index.checked_add(count)? } else { index };
        if index < 0 || index >= count {
            return None;
        }
        if index <= count / 2 {
            return (0..index).try_fold(self.start(), |at, _| self.next(at));
        }
        (index..count).try_fold(self.end(), |at, _| self.prev(at))
    }

    /// The element with an index: 0 is the first, -1 the last. Walks from the nearer end.
    pub fn get(&self, index: i64) -> Option<Item<'_>> {
        self.item(self.position(index)?)
    }

    /// Looks for a value among every `step`-th element, starting with the one at `from`: `step` 2 from the start
    /// searches the fields of field-value pairs. `step` 0 counts as 1.
    pub fn find(&self, value: &[u8], from: Position, step: usize) -> Option<Position> {
        let needle = Needle::new(value);
        let bytes = self.bytes.as_slice();
        let mut rest = bytes.get(from.0..)?;
        loop {
            let (item, size) = decode(rest)?;
            if needle.matches(item) {
                return Some(Position(bytes.len() - rest.len()));
            }
            rest = &rest[size..];
            for _ in 1..step {
                rest = &rest[element_size(rest)?..];
            }
        }
    }

    /// All elements from the first to the last.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(self.bytes.as_slice())
    }

    /// The elements from the one at `at` to the last.
    pub fn iter_from(&self, at: Position) -> Iter<'_> {
        Iter::new(self.bytes.as_slice().get(at.0..).unwrap_or_default())
    }

    /// All elements from the last to the first.
    #[inline]
    pub fn iter_back(&self) -> IterBack<'_> {
        IterBack::new(self.bytes.as_slice())
    }

    /// The elements before `at`, from the last of them to the first.
    pub fn iter_back_from(&self, at: Position) -> IterBack<'_> {
        IterBack::new(self.bytes.as_slice().get(..at.0).unwrap_or_default())
    }
}

impl<'a> IntoIterator for &'a Packed {
    type Item = Item<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
