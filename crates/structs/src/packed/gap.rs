//! Bytes with spare room at both ends.

use std::ops::Range;

use crate::room::size_class;

/// A buffer that is used at both ends has room for this part of its bytes at each.
const ROOM_DIVISOR: usize = 10;
/// A buffer is cut back when more than this many bytes beyond two fifths of the bytes held are spare.
const KEEP_SPARE: usize = 32;

/// A byte sequence that grows and shrinks at both ends without moving what it holds.
///
/// ```text
///  vec:  | head: unused | live bytes | spare capacity |
///          0..head        head..len    len..capacity
/// ```
///
/// A change in the middle moves the shorter side. A buffer holds less than 4 GiB: its owners see to that.
#[derive(Clone, Default)]
pub(crate) struct GapBuffer {
    vec: Vec<u8>,
    head: u32,
    /// A number for the owner, who counts things in the bytes; beside `head` it takes no memory.
    pub(crate) count: u32,
}

impl GapBuffer {
    pub(crate) const fn new() -> Self {
        Self { vec: Vec::new(), head: 0, count: 0 }
    }

    /// An empty buffer with room for `front` bytes before and `back` bytes after its first element.
    pub(crate) fn with_room(front: usize, back: usize) -> Self {
        let mut vec = Vec::with_capacity(front + back);
        vec.resize(front, 0);
        Self { vec, head: front as u32, count: 0 }
    }

    /// Wraps bytes as they are, without copying.
    pub(crate) fn from_vec(vec: Vec<u8>) -> Self {
        Self { vec, head: 0, count: 0 }
    }

    /// Number of unused bytes at the front.
    #[inline]
    fn head(&self) -> usize {
        self.head as usize
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.vec[self.head()..]
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.vec.len() - self.head()
    }

    /// Bytes allocated.
    pub(crate) fn capacity(&self) -> usize {
        self.vec.capacity()
    }

    #[inline]
    fn spare(&self) -> usize {
        self.vec.capacity() - self.vec.len()
    }

    /// Appends the `total` bytes that `write` appends.
    #[inline]
    pub(crate) fn append(&mut self, total: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.reserve_back(total);
        write(&mut self.vec);
    }

    /// Inserts the concatenation of `parts`, `total` bytes, so that it begins at `at`.
    #[inline]
    pub(crate) fn insert(&mut self, at: usize, parts: [&[u8]; 3], total: usize) {
        if at == 0 && self.head() >= total {
            self.head -= total as u32;
        } else {
            self.open(at, total);
        }
        self.write(at, parts);
    }

    /// Replaces the bytes of `range` by the concatenation of `parts`, `total` bytes.
    pub(crate) fn replace(&mut self, range: Range<usize>, parts: [&[u8]; 3], total: usize) {
        let old = range.len();
        if total > old {
            self.open(range.end, total - old);
        } else {
            self.remove(range.start..range.start + (old - total));
        }
        self.write(range.start, parts);
    }

    /// Removes the bytes of `range`. The allocation stays as it is: see [`Self::release`].
    #[inline]
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        let (head, size) = (self.head(), range.len());
        let (start, end) = (head + range.start, head + range.end);
        let after = self.vec.len() - end;
        if range.start <= after {
            self.vec.copy_within(head..start, head + size);
            self.head += size as u32;
        } else {
            self.vec.copy_within(end.., start);
            self.vec.truncate(start + after);
        }
        if self.len() == 0 {
            self.vec.clear();
            self.head = 0;
        }
    }

    /// Splits off the bytes from `at` on into a buffer of their own.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let tail = Self::from_vec(self.as_slice()[at..].to_vec());
        self.vec.truncate(self.head() + at);
        self.release(0);
        tail
    }

    /// Gives memory back when what is spare is more than `allowed` bytes and a fixed part of the bytes held.
    #[inline]
    pub(crate) fn release(&mut self, allowed: usize) {
        let len = self.len();
        let spare = self.capacity() - len;
        if spare > allowed.max(KEEP_SPARE + 2 * len / 5) {
            self.rebuild(0, size_class(len + len / ROOM_DIVISOR));
        }
    }

    /// Gives all spare memory back.
    pub(crate) fn shrink_to_fit(&mut self) {
        if self.head > 0 {
            self.rebuild(0, self.len());
        } else {
            self.vec.shrink_to_fit();
        }
    }

    /// Makes room for `extra` more bytes at the front.
    pub(crate) fn reserve_front(&mut self, extra: usize) {
        let (head, len) = (self.head(), self.len());
        if head >= extra {
            return;
        }
        let (keep_back, room) = room_beside(self.spare(), len);
        let slack = self.capacity() - len;
        if slack >= extra + keep_back + len / ROOM_DIVISOR {
            let end = self.vec.len();
            let front = slack - keep_back;
            self.vec.resize(front + len, 0);
            self.vec.copy_within(head..end, front);
            self.head = front as u32;
        } else {
            let capacity = size_class(len + extra + keep_back + room);
            self.rebuild(capacity - len - keep_back, capacity);
        }
    }

    /// Makes room for `extra` more bytes at the back.
    #[inline]
    pub(crate) fn reserve_back(&mut self, extra: usize) {
        if self.spare() < extra {
            self.grow_back(extra);
        }
    }

    #[cold]
    fn grow_back(&mut self, extra: usize) {
        let (head, len) = (self.head(), self.len());
        let (keep_front, room) = room_beside(head, len);
        let slack = self.capacity() - len;
        let capacity = size_class(len + extra + keep_front + room);
        if slack >= extra + keep_front + len / ROOM_DIVISOR {
            self.vec.copy_within(head.., keep_front);
            self.vec.truncate(keep_front + len);
            self.head = keep_front as u32;
        } else if head == keep_front {
            self.vec.reserve_exact(capacity - self.vec.len());
        } else {
            self.rebuild(keep_front, capacity);
        }
    }

    /// Moves the live bytes into an allocation of `capacity` bytes, behind `front` unused ones.
    fn rebuild(&mut self, front: usize, capacity: usize) {
        let mut vec = Vec::with_capacity(capacity);
        vec.resize(front, 0);
        vec.extend_from_slice(self.as_slice());
        self.vec = vec;
        self.head = front as u32;
    }

    /// Opens a hole of `size` bytes at `at` by moving the shorter side.
    fn open(&mut self, at: usize, size: usize) {
        if at < self.len() - at {
            self.reserve_front(size);
            let head = self.head();
            self.vec.copy_within(head..head + at, head - size);
            self.head -= size as u32;
        } else {
            self.reserve_back(size);
            let (from, end) = (self.head() + at, self.vec.len());
            self.vec.resize(end + size, 0);
            self.vec.copy_within(from..end, from + size);
        }
    }

    fn write(&mut self, at: usize, parts: [&[u8]; 3]) {
        let mut to = self.head() + at;
        for part in parts {
            self.vec[to..to + part.len()].copy_from_slice(part);
            to += part.len();
        }
    }
}

/// Given what is unused at the end that doesn't grow: what is to be left there, and how much more room a buffer that is
/// used at both ends needs, so that its bytes needn't be moved at every turn.
#[inline]
fn room_beside(unused: usize, len: usize) -> (usize, usize) {
    let part = len / ROOM_DIVISOR;
    if unused == 0 { (0, 0) } else { (unused.min(part), part) }
}
