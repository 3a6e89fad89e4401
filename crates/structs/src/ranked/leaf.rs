//! One leaf of a large sorted set: some dozens of members in order, with their scores.

use std::cmp::Ordering;
use std::ops::Range;

use super::moments::{Moments, Span, first_of};
use crate::room::size_class;

/// Most members of a leaf. Few in tests, for deep trees of few members.
pub(super) const CAPACITY: usize = if cfg!(test) { 6 } else { 64 };
/// A leaf with so many bytes of members takes no more of them, unless it has only one.
const FULL_BYTES: usize = if cfg!(test) { 40 } else { 16 << 10 };
/// Room that is left for further members where a leaf is divided.
const BYTES_STEP: usize = 64;
/// What a reference count takes beside what it counts.
const COUNTS_BYTES: usize = size_of::<usize>();

/// What the elements of a sorted set are ordered by. Scores are numbers, never NaN.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) score: f64,
    pub(super) member: &'a [u8],
}

impl Key<'_> {
    pub(super) fn cmp(&self, other: Key<'_>) -> Ordering {
        // A difference in score decides nearly always.
        match self.score.partial_cmp(&other.score) {
            Some(Ordering::Less) => Ordering::Less,
            Some(Ordering::Greater) => Ordering::Greater,
            _ => self.member.cmp(other.member),
        }
    }
}

/// Members in order. The arrays' first `len` elements count.
///
/// ```text
///  tags    | t0 | t1 | t2 | ...          one byte of each member's hash: finds a member without its score
///  scores  | s0 | s1 | s2 | ...
///  ends    |  3 |  5 |  9 | ...          where each member ends in `bytes`
///  bytes   | a b c | d e | f g h i | ...
///  moments | m0 | m1 | m2 | ...          when each member expires, if any does
/// ```
#[derive(Clone)]
pub(super) struct Leaf {
    len: u32,
    /// Where the last element was inserted: the next one beside it tells of a run in order.
    last: u32,
    tags: [u8; CAPACITY],
    ends: [u32; CAPACITY],
    scores: [f64; CAPACITY],
    bytes: Vec<u8>,
    moments: Moments,
}

impl Leaf {
    /// A leaf without members.
    pub(super) fn new() -> Self {
        Self {
            len: 0,
            last: 0,
            tags: [0; CAPACITY],
            ends: [0; CAPACITY],
            scores: [0.0; CAPACITY],
            bytes: Vec::new(),
            moments: Moments::default(),
        }
    }

    /// Number of members.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    /// Bytes of the leaf with what it has allocated, its reference count included.
    pub(super) fn memory_bytes(&self) -> usize {
        const OWN_BYTES: usize = COUNTS_BYTES + size_of::<Leaf>();
        size_class(OWN_BYTES) + size_class(self.bytes.capacity()) + self.moments.memory_bytes()
    }

    /// Whether one more member may be inserted.
    pub(super) fn has_room(&self) -> bool {
        self.len() < CAPACITY && (self.bytes.len() < FULL_BYTES || self.len < 2)
    }

    /// Whether two neighbours are better one: together they leave some room.
    pub(super) fn may_join(&self, other: &Self) -> bool {
        self.len() + other.len() <= CAPACITY * 3 / 4
            && self.bytes.len() + other.bytes.len() <= FULL_BYTES * 3 / 4
    }

    #[inline]
    fn start(&self, at: usize) -> usize {
        if at == 0 { 0 } else { self.ends[at - 1] as usize }
    }

    /// The member at an index below [`Self::len`].
    #[inline]
    pub(super) fn member(&self, at: usize) -> &[u8] {
        &self.bytes[self.start(at)..self.ends[at] as usize]
    }

    /// The score at an index below [`Self::len`].
    #[inline]
    pub(super) fn score(&self, at: usize) -> f64 {
        self.scores[at]
    }

    /// The element at an index below [`Self::len`].
    #[inline]
    pub(super) fn key(&self, at: usize) -> Key<'_> {
        Key { score: self.scores[at], member: self.member(at) }
    }

    /// When the element at an index below [`Self::len`] expires.
    #[inline]
    pub(super) fn moment(&self, at: usize) -> i64 {
        self.moments.get(at)
    }

    /// Sets when the element at an index below [`Self::len`] expires.
    pub(super) fn set_moment(&mut self, at: usize, at_ms: i64) {
        self.moments.set(at, at_ms, self.len());
    }

    /// When the first and the last element expire.
    pub(super) fn span(&self) -> Span {
        self.moments.span(self.len())
    }

    /// How many of the first `len` elements expire before a moment.
    pub(super) fn due(&self, len: usize, from_ms: i64) -> usize {
        self.moments.due(len.min(self.len()), from_ms)
    }

    /// The element that expires first.
    pub(super) fn first_to_expire(&self) -> Option<usize> {
        first_of((0..self.len()).map(|at| self.moment(at)))
    }

    /// Where a member with this tag stands, whatever its score.
    #[inline]
    pub(super) fn find(&self, tag: u8, member: &[u8]) -> Option<usize> {
        memchr::memchr_iter(tag, &self.tags[..self.len()]).find(|&at| self.member(at) == member)
    }

    /// Where the members with this tag stand.
    pub(super) fn tagged(&self, tag: u8) -> impl Iterator<Item = usize> {
        memchr::memchr_iter(tag, &self.tags[..self.len()])
    }

    /// Index of the first element that doesn't come before `key`.
    #[inline]
    pub(super) fn lower_bound(&self, key: Key<'_>) -> usize {
        let scores = &self.scores[..self.len()];
        let first = scores.partition_point(|&score| score < key.score);
        if first == scores.len() || scores[first] > key.score {
            return first;
        }
        let tied = scores[first..].partition_point(|&score| score == key.score);
        first + partition_point(tied, |at| self.member(first + at) < key.member)
    }

    /// Number of the leading elements for which `before` holds.
    pub(super) fn partition_point(&self, before: impl Fn(Key<'_>) -> bool) -> usize {
        partition_point(self.len(), |at| before(self.key(at)))
    }

    /// Whether the element at `at` may have another score without changing places. The ends of a leaf may not: who
    /// their neighbours are isn't known here.
    pub(super) fn stays(&self, at: usize, score: f64) -> bool {
        let key = Key { score, member: self.member(at) };
        at > 0
            && at + 1 < self.len()
            && self.key(at - 1).cmp(key) == Ordering::Less
            && key.cmp(self.key(at + 1)) == Ordering::Less
    }

    /// Gives the element at `at` another score, with which it stays where it is.
    pub(super) fn set_score(&mut self, at: usize, score: f64) {
        self.scores[at] = score;
    }

    /// Inserts an element before the one at `at`, which expires at a moment. There must be [room](Self::has_room).
    pub(super) fn insert(&mut self, at: usize, key: Key<'_>, tag: u8, at_ms: i64) {
        let (len, size) = (self.len(), key.member.len());
        let start = self.start(at);
        self.open(start, size);
        self.bytes[start..start + size].copy_from_slice(key.member);
        self.tags.copy_within(at..len, at + 1);
        self.scores.copy_within(at..len, at + 1);
        self.ends.copy_within(at..len, at + 1);
        self.ends[at + 1..=len].iter_mut().for_each(|end| *end += size as u32);
        (self.tags[at], self.scores[at], self.ends[at]) = (tag, key.score, (start + size) as u32);
        self.moments.insert(at, at_ms, len);
        self.len += 1;
        self.last = at as u32;
    }

    /// Opens a hole of `size` bytes at `start`.
    fn open(&mut self, start: usize, size: usize) {
        let old = self.bytes.len();
        if self.bytes.capacity() < old + size {
            // At least a fifth more on average, all of which the allocator takes anyway.
            self.bytes.reserve_exact(size_class((old + size).max(BYTES_STEP)) - old);
        }
        self.bytes.resize(old + size, 0);
        self.bytes.copy_within(start..old, start + size);
    }

    /// Removes the elements with these indexes.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        let len = self.len();
        let (start, end) = (self.start(range.start), self.start(range.end));
        self.bytes.copy_within(end.., start);
        self.bytes.truncate(self.bytes.len() - (end - start));
        self.tags.copy_within(range.end..len, range.start);
        self.scores.copy_within(range.end..len, range.start);
        self.ends.copy_within(range.end..len, range.start);
        self.moments.remove(range.clone(), len);
        self.len -= range.len() as u32;
        let len = self.len();
        self.ends[range.start..len].iter_mut().for_each(|end_of| *end_of -= (end - start) as u32);
        if self.bytes.capacity() > self.bytes.len() * 2 + BYTES_STEP {
            self.bytes.shrink_to(self.bytes.len() + BYTES_STEP);
        }
    }

    /// Splits off the elements from the one at `at` on.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let mut tail = Self::new();
        tail.append_part(self, at);
        let start = self.start(at);
        self.bytes.truncate(start);
        self.bytes.shrink_to(start + BYTES_STEP);
        self.len = at as u32;
        self.moments.truncate(at);
        self.last = self.len.saturating_sub(1);
        tail
    }

    /// Appends all elements of a leaf that comes behind this one.
    pub(super) fn append(&mut self, other: &Self) {
        self.append_part(other, 0);
    }

    fn append_part(&mut self, other: &Self, from: usize) {
        let (len, count) = (self.len(), other.len() - from);
        let (start, base) = (other.start(from), self.bytes.len());
        self.bytes.reserve_exact(other.bytes.len() - start + BYTES_STEP);
        self.bytes.extend_from_slice(&other.bytes[start..]);
        self.tags[len..len + count].copy_from_slice(&other.tags[from..other.len()]);
        self.scores[len..len + count].copy_from_slice(&other.scores[from..other.len()]);
        for (to, end) in self.ends[len..].iter_mut().zip(&other.ends[from..other.len()]) {
            *to = (*end as usize - start + base) as u32;
        }
        self.moments.append(len, &other.moments, from, count);
        self.len += count as u32;
    }

    /// Where to split a leaf that has no room for an element at index `at`: in the middle, by members or by bytes; but
    /// where a run in order arrives, so that it leaves full leaves behind.
    pub(super) fn split_point(&self, at: usize) -> usize {
        let last = self.last as usize;
        let point = if at == last + 1 || at == last {
            at
        } else if self.len() == CAPACITY {
            self.len() / 2
        } else {
            let half = (self.bytes.len() / 2) as u32;
            self.ends[..self.len()].partition_point(|&end| end <= half)
        };
        point.clamp(1, self.len() - 1)
    }
}

/// Number of the leading indexes below `len` for which `before` holds.
pub(super) fn partition_point(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
