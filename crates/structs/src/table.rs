//! The keyspace's hash table: linear hashing over cache-line buckets, holding 48-bit handles.
//!
//! It owns where a handle lies, and nothing about what a handle means: the caller hashes keys, compares them and
//! frees what the handles stand for.
//!
//! # Layout
//! ```text
//! bucket (64 bytes, one cache line): eight slots
//!   slot   63........48 47.........................0
//!          tag (hash's  handle (never zero)            an element
//!          top 16 bits,
//!          never zero)
//!          0            address of the next bucket     last slot only: the chain goes on there
//!          0            0                              empty
//! ```
//! A chain is dense: every bucket but its last is full, and the last one's elements come first. A removed element's
//! place is taken by the chain's last element.
//!
//! # Growth
//! Linear hashing (Litwin, 1980): with `2^level <= buckets < 2^(level+1)` an element lives in bucket
//! `hash mod 2^(level+1)` if that bucket exists already, else in `hash mod 2^level`. An insertion above the target
//! load splits one bucket, a removal below the low mark merges one. So there never is a rehash, never a second table,
//! and the load (hence bytes per key) is the same at every size.
//!
//! Buckets lie in segments, four for each doubling (so that at most a quarter of the newest doubling is allocated ahead
//! of its use): segments 0 to 3 hold buckets 0 to 3, then `4 * level - 4 + quarter` holds the quarter of
//! `2^level .. 2^(level+1)`. They never move, and a bucket's address takes one load from the segment array.
//!
//! # Scan
//! The cursor counts with its bits reversed over the smaller of the two moduli, visiting a bucket together with its
//! split sibling. Every element that is present from the first to the last call is returned at least once, whatever
//! the table grew or shrank to in between (the argument is Pieter Noordhuis' for power-of-two tables: here each call
//! sees exactly two such tables, of `2^level` and `2^(level+1)` buckets).

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::null_mut;

/// Slots of a bucket.
const SLOTS: usize = 8;
/// Elements per bucket above which an insertion splits a bucket, in tenths.
const SPLIT_LOAD_TENTHS: usize = 60;
/// Elements per bucket below which a removal merges two buckets, in tenths.
const MERGE_LOAD_TENTHS: usize = 25;
/// Segments: enough for 2^24 buckets, a hundred million elements.
const SEGMENTS: usize = 92;

const HANDLE_BITS: u32 = 48;
const HANDLE_MASK: u64 = (1 << HANDLE_BITS) - 1;

#[repr(C, align(64))]
struct Bucket {
    slots: [u64; SLOTS],
}

/// A hash table of 48-bit handles. See the module's documentation.
///
/// Handles must be non-zero and below 2^48. The table doesn't own what they stand for.
pub struct Table {
    segments: [*mut Bucket; SEGMENTS],
    /// Buckets in use, chained ones not counted. Zero until the first insertion.
    buckets: usize,
    len: usize,
    /// Chained buckets.
    chained: usize,
}

// SAFETY: the table owns its segments and chained buckets alone; handles are plain numbers.
unsafe impl Send for Table {}
// SAFETY: as above, and `&Table` gives no way to change anything.
unsafe impl Sync for Table {}

/// Where an element lies. Valid until the next insertion or removal.
#[derive(Clone, Copy, Debug)]
pub struct Position(*mut u64);

fn tag_of(hash: u64) -> u64 {
    (hash >> HANDLE_BITS).max(1)
}

/// The segment of a bucket, and the bucket's place in it.
#[inline]
fn segment_of(index: usize) -> (usize, usize) {
    if index < 4 {
        return (index, 0);
    }
    let level = (usize::BITS - 1 - index.leading_zeros()) as usize;
    let size_log2 = level - 2;
    (4 * level - 4 + ((index >> size_log2) & 3), index & ((1 << size_log2) - 1))
}

fn segment_layout(segment: usize) -> Layout {
    let count = if segment < 4 { 1 } else { 1usize << (segment / 4 - 1) };
    Layout::array::<Bucket>(count).expect("a segment is below isize::MAX bytes")
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// An empty table, which holds no memory.
    pub const fn new() -> Self {
        Table { segments: [null_mut(); SEGMENTS], buckets: 0, len: 0, chained: 0 }
    }

    /// Elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Buckets in use: primary ones and chained ones.
    pub fn buckets(&self) -> (usize, usize) {
        (self.buckets, self.chained)
    }

    /// Bytes of all buckets, those of the newest segment that no split has reached yet included. O(1).
    pub fn memory_bytes(&self) -> usize {
        let primary = self.buckets.checked_sub(1).map_or(0, |last| {
            let (segment, offset) = segment_of(last);
            last - offset + segment_layout(segment).size() / size_of::<Bucket>()
        });
        (primary + self.chained) * size_of::<Bucket>()
    }

    /// `floor(log2(buckets))`.
    fn level(&self) -> u32 {
        debug_assert!(self.buckets > 0);
        usize::BITS - 1 - self.buckets.leading_zeros()
    }

    fn index(&self, hash: u64) -> usize {
        let level = self.level();
        let wide = hash as usize & ((2usize << level) - 1);
        if wide < self.buckets { wide } else { hash as usize & ((1usize << level) - 1) }
    }

    fn bucket(&self, index: usize) -> *mut Bucket {
        let (segment, offset) = segment_of(index);
        // SAFETY: callers pass `index < buckets`, whose segment is allocated with room for it.
        unsafe { self.segments[segment].add(offset) }
    }

    /// Finds the element with this hash for which `same` answers true. O(1).
    #[inline]
    pub fn find(&self, hash: u64, mut same: impl FnMut(u64) -> bool) -> Option<Position> {
        if self.buckets == 0 {
            return None;
        }
        let tag = tag_of(hash);
        let mut bucket = self.bucket(self.index(hash));
        loop {
            for at in 0..SLOTS {
                // SAFETY: `bucket` is a bucket of this table; nothing changes it while `&self` lives. No reference is
                // made, so that the pointer may outlive the borrow as a `Position`.
                let (slot, content) = unsafe {
                    let slot = (&raw mut (*bucket).slots).cast::<u64>().add(at);
                    (slot, *slot)
                };
                if content >> HANDLE_BITS == tag && same(content & HANDLE_MASK) {
                    return Some(Position(slot));
                }
            }
            // SAFETY: as above.
            bucket = next_of(unsafe { &(*bucket).slots })?;
        }
    }

    /// The handle at a position that `find` gave since the last insertion or removal.
    pub fn at(&self, position: Position) -> u64 {
        // SAFETY: the caller keeps to the documented validity of `Position`.
        unsafe { *position.0 & HANDLE_MASK }
    }

    /// Puts another handle of the same key in place of the one at `position`.
    pub fn replace(&mut self, position: Position, handle: u64) {
        debug_assert!(handle != 0 && handle <= HANDLE_MASK);
        // SAFETY: as in `at`; we hold `&mut self`.
        unsafe { *position.0 = (*position.0 & !HANDLE_MASK) | handle }
    }

    /// Inserts a handle whose key isn't in the table and answers where it lies. `rehash` gives the hash of a handle
    /// that is. O(1): at most one bucket is split.
    pub fn insert(&mut self, hash: u64, handle: u64, rehash: impl Fn(u64) -> u64) -> Position {
        debug_assert!(handle != 0 && handle <= HANDLE_MASK);
        if self.buckets == 0 {
            self.ensure_segment(0);
            self.buckets = 1;
        }
        self.len += 1;
        if self.len * 10 > self.buckets * SPLIT_LOAD_TENTHS {
            self.split(&rehash);
        }
        let bucket = self.bucket(self.index(hash));
        Position(self.push(bucket, tag_of(hash) << HANDLE_BITS | handle))
    }

    /// Removes and returns the element with this hash for which `same` answers true. O(1).
    pub fn remove(&mut self, hash: u64, same: impl FnMut(u64) -> bool) -> Option<u64> {
        let position = self.find(hash, same)?;
        Some(self.remove_at(hash, position))
    }

    /// Removes and returns the element at a position that `find` or `insert` gave for this hash since the last
    /// insertion or removal. O(1).
    pub fn remove_at(&mut self, hash: u64, position: Position) -> u64 {
        let handle = self.at(position);
        self.fill_hole(self.bucket(self.index(hash)), position.0);
        self.len -= 1;
        if self.buckets > 1 && self.len * 10 < self.buckets * MERGE_LOAD_TENTHS {
            self.merge();
        }
        handle
    }

    /// Asks the processor to load the bucket of `hash`.
    pub fn prefetch(&self, hash: u64) {
        if self.buckets > 0 {
            prefetch_line(self.bucket(self.index(hash)).cast());
        }
    }

    /// The first handle in the bucket of `hash` that could be its element, without comparing keys: what is worth
    /// prefetching. If the element can only be further down the chain, the chain's next bucket is prefetched.
    #[inline]
    pub fn candidate(&self, hash: u64) -> Option<u64> {
        if self.buckets == 0 {
            return None;
        }
        // SAFETY: a bucket of this table; nothing changes it while `&self` lives.
        let slots = unsafe { &(*self.bucket(self.index(hash))).slots };
        let found = slots.iter().find(|slot| **slot >> HANDLE_BITS == tag_of(hash));
        if found.is_none()
            && let Some(next) = next_of(slots)
        {
            prefetch_line(next.cast());
        }
        found.map(|slot| slot & HANDLE_MASK)
    }

    /// Visits the elements of the next buckets of a scan and returns the next cursor, 0 at the end.
    /// Start with cursor 0; elements may be seen more than once while the table changes between calls.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(u64)) -> u64 {
        if self.buckets == 0 {
            return 0;
        }
        let mask = (1u64 << self.level()) - 1;
        let low = (cursor & mask) as usize;
        self.visit_chain(low, &mut visit);
        let sibling = low + (1usize << self.level());
        if sibling < self.buckets {
            self.visit_chain(sibling, &mut visit);
        }
        // Count up on the reversed bits above the mask's complement.
        let next = (cursor | !mask).reverse_bits().wrapping_add(1).reverse_bits();
        next & mask
    }

    /// Visits every element.
    pub fn for_each(&self, mut visit: impl FnMut(u64)) {
        for index in 0..self.buckets {
            self.visit_chain(index, &mut visit);
        }
    }

    /// Visits the elements of one bucket and its chain; `index` counts from 0 to `buckets().0`.
    pub fn visit_chain(&self, index: usize, visit: &mut impl FnMut(u64)) {
        let mut bucket = self.bucket(index);
        loop {
            // SAFETY: `bucket` is a bucket of this table; the visitor can't reach the table mutably.
            let slots = unsafe { &(*bucket).slots };
            for slot in slots.iter().filter(|slot| **slot >> HANDLE_BITS != 0) {
                visit(*slot & HANDLE_MASK);
            }
            match next_of(slots) {
                Some(next) => bucket = next,
                None => return,
            }
        }
    }

    /// An element chosen with the help of `random`, a source of uniform numbers. Buckets are drawn uniformly, then an
    /// element within: elements of fuller buckets come up slightly less often. O(1) expected.
    pub fn sample(&self, mut random: impl FnMut() -> u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        // Acceptance keeps the choice fair: a chain's elements are accepted in proportion to their number.
        const FAIR: usize = 24;
        loop {
            let index = (random() % self.buckets as u64) as usize;
            let mut count = 0;
            self.visit_chain(index, &mut |_| count += 1);
            let pick = (random() % FAIR.max(count) as u64) as usize;
            if pick < count {
                let (mut seen, mut chosen) = (0, None);
                self.visit_chain(index, &mut |handle| {
                    if seen == pick {
                        chosen = Some(handle);
                    }
                    seen += 1;
                });
                return chosen;
            }
        }
    }

    /// Forgets all elements and frees the table's memory.
    pub fn clear(&mut self) {
        for index in 0..self.buckets {
            let bucket = self.bucket(index);
            // SAFETY: chained buckets belong to their chain alone and are freed once.
            unsafe {
                let mut next = next_of(&(*bucket).slots);
                while let Some(child) = next {
                    next = next_of(&(*child).slots);
                    dealloc(child.cast(), Layout::new::<Bucket>());
                }
            }
        }
        for segment in 0..SEGMENTS {
            self.free_segment(segment);
        }
        (self.buckets, self.len, self.chained) = (0, 0, 0);
    }

    fn ensure_segment(&mut self, segment: usize) {
        if self.segments[segment].is_null() {
            let layout = segment_layout(segment);
            // SAFETY: the layout isn't empty. All zeroes is the empty bucket.
            let memory = unsafe { alloc_zeroed(layout) };
            if memory.is_null() {
                handle_alloc_error(layout);
            }
            self.segments[segment] = memory.cast();
        }
    }

    fn free_segment(&mut self, segment: usize) {
        let memory = std::mem::replace(&mut self.segments[segment], null_mut());
        if !memory.is_null() {
            // SAFETY: allocated by `ensure_segment` with this layout, freed once: the pointer was just taken out.
            unsafe { dealloc(memory.cast(), segment_layout(segment)) }
        }
    }

    /// Appends a slot to the chain of `bucket` and answers where it lies.
    fn push(&mut self, mut bucket: *mut Bucket, slot: u64) -> *mut u64 {
        loop {
            // SAFETY: `bucket` is a bucket of this table and we hold `&mut self`. `at` and 1 are below `SLOTS`.
            unsafe {
                let slots = &raw mut (*bucket).slots;
                if let Some(next) = next_of(&*slots) {
                    bucket = next;
                } else if let Some(at) = (&*slots).iter().position(|s| *s == 0) {
                    let free = slots.cast::<u64>().add(at);
                    *free = slot;
                    return free;
                } else {
                    let child = self.new_chained();
                    let moved = &raw mut (*child).slots;
                    *moved.cast::<u64>() = (*slots)[SLOTS - 1];
                    (*slots)[SLOTS - 1] = child.expose_provenance() as u64;
                    let free = moved.cast::<u64>().add(1);
                    *free = slot;
                    return free;
                }
            }
        }
    }

    fn new_chained(&mut self) -> *mut Bucket {
        let layout = Layout::new::<Bucket>();
        // SAFETY: the layout isn't empty.
        let bucket: *mut Bucket = unsafe { alloc(layout) }.cast();
        if bucket.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: just allocated with the right layout.
        unsafe { bucket.write(Bucket { slots: [0; SLOTS] }) };
        self.chained += 1;
        bucket
    }

    /// Puts the last element of the chain of `head` into `hole`, so that chains stay dense; drops a chained bucket that
    /// would keep one element only.
    fn fill_hole(&mut self, head: *mut Bucket, hole: *mut u64) {
        let (mut parent, mut last) = (null_mut::<Bucket>(), head);
        // SAFETY: all are buckets of one chain of this table, we hold `&mut self`, and a dropped bucket is unlinked
        // from its parent first. `hole` lies in the chain; it is written before a bucket is dropped and never after.
        unsafe {
            while let Some(next) = next_of(&(*last).slots) {
                (parent, last) = (last, next);
            }
            let slots = &raw mut (*last).slots;
            let used = (*slots).iter().take_while(|s| **s != 0).count();
            let tail = slots.cast::<u64>().add(used - 1);
            *hole = *tail;
            *tail = 0;
            if used == 2 && !parent.is_null() {
                // One is left: it returns to the slot that held the link. (The hole may be that very slot's element.)
                (&mut (*parent).slots)[SLOTS - 1] = (&(*slots))[0];
                dealloc(last.cast(), Layout::new::<Bucket>());
                self.chained -= 1;
            }
        }
    }

    /// Adds one bucket, moving to it those elements of its sibling that belong there now.
    fn split(&mut self, rehash: &impl Fn(u64) -> u64) {
        let target = self.buckets;
        self.ensure_segment(segment_of(target).0);
        let bit = 1usize << self.level();
        let source = target - bit;
        self.buckets += 1;
        let target = self.bucket(target);
        self.redistribute(source, |table, slot| {
            if rehash(slot & HANDLE_MASK) as usize & bit != 0 {
                table.push(target, slot);
                true
            } else {
                false
            }
        });
    }

    /// Takes the chain of bucket `source` apart: slots for which `take` answers false are put back.
    fn redistribute(&mut self, source: usize, mut take: impl FnMut(&mut Self, u64) -> bool) {
        let head = self.bucket(source);
        // SAFETY: a bucket of this table; the old chain is owned by this function from here on.
        let mut slots = unsafe { std::mem::replace(&mut (*head).slots, [0; SLOTS]) };
        loop {
            let next = next_of(&slots);
            let elements = if next.is_some() { SLOTS - 1 } else { SLOTS };
            for slot in slots[..elements].iter().take_while(|s| **s != 0) {
                if !take(self, *slot) {
                    self.push(head, *slot);
                }
            }
            let Some(child) = next else { return };
            // SAFETY: the child belonged to the chain that was taken apart; nothing links to it any more.
            unsafe {
                slots = (*child).slots;
                dealloc(child.cast(), Layout::new::<Bucket>());
            }
            self.chained -= 1;
        }
    }

    /// Removes the last bucket, moving its elements to its sibling.
    fn merge(&mut self) {
        let last = self.buckets - 1;
        let (segment, offset) = segment_of(last);
        let highest_bit = 1 << (usize::BITS - 1 - last.leading_zeros());
        let sibling = self.bucket(last - highest_bit);
        self.redistribute(last, |table, slot| {
            table.push(sibling, slot);
            true
        });
        self.buckets -= 1;
        if offset == 0 {
            self.free_segment(segment);
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The next bucket of a chain: the last slot with tag zero and an address.
fn next_of(slots: &[u64; SLOTS]) -> Option<*mut Bucket> {
    let link = slots[SLOTS - 1];
    (link >> HANDLE_BITS == 0 && link != 0).then(|| std::ptr::with_exposed_provenance_mut(link as usize))
}

/// Asks the processor to load the cache line at `address`, which needn't be valid.
#[inline]
pub fn prefetch_line(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint; it can't fault.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    /// Few distinct low bits and tags, so that chains and tag collisions are common.
    fn hash(key: u64) -> u64 {
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 40 & 0x3ff) | (key & 3) << 48
    }

    fn insert(table: &mut Table, key: u64) {
        table.insert(hash(key), key, hash);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64),
        Remove(u64),
        Find(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = 1..400u64;
        prop_oneof![
            3 => key.clone().prop_map(Step::Insert),
            2 => key.clone().prop_map(Step::Remove),
            1 => key.prop_map(Step::Find),
        ]
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(steps in proptest::collection::vec(step(), 0..2000)) {
            let (mut table, mut model) = (Table::new(), HashSet::new());
            for step in steps {
                match step {
                    Step::Insert(key) => if model.insert(key) { insert(&mut table, key) },
                    Step::Remove(key) => {
                        let removed = table.remove(hash(key), |h| h == key);
                        prop_assert_eq!(removed.is_some(), model.remove(&key));
                    }
                    Step::Find(key) => {
                        let found = table.find(hash(key), |h| h == key).map(|p| table.at(p));
                        prop_assert_eq!(found, model.contains(&key).then_some(key));
                    }
                }
                prop_assert_eq!(table.len(), model.len());
            }
            let mut seen = HashSet::new();
            table.for_each(|h| assert!(seen.insert(h), "twice"));
            prop_assert_eq!(seen, model);
        }

        #[test]
        fn a_scan_returns_what_stays(
            stays in proptest::collection::hash_set(1..100_000u64, 1..300),
            churn in proptest::collection::vec((100_000..101_000u64, any::<bool>()), 0..3000),
            each in 1..40usize,
        ) {
            let mut table = Table::new();
            stays.iter().for_each(|key| insert(&mut table, *key));
            let (mut others, mut seen, mut cursor) = (HashSet::new(), HashSet::new(), 0);
            let mut churn = churn.into_iter();
            loop {
                cursor = table.scan(cursor, |h| { seen.insert(h); });
                if cursor == 0 { break; }
                for (key, add) in churn.by_ref().take(each) {
                    if add && others.insert(key) { insert(&mut table, key); }
                    if !add && others.remove(&key) { table.remove(hash(key), |h| h == key); }
                }
            }
            prop_assert!(stays.is_subset(&seen));
        }
    }

    #[test]
    fn emptied_by_removal_it_holds_one_bucket() {
        let mut table = Table::new();
        (1..=10_000).for_each(|key| insert(&mut table, key));
        assert_eq!(table.buckets().0, 10_000 * 10 / SPLIT_LOAD_TENTHS + 1);
        for key in 1..=10_000 {
            assert_eq!(table.remove(hash(key), |h| h == key), Some(key));
        }
        assert_eq!((table.len(), table.buckets()), (0, (1, 0)));
    }

    #[test]
    fn samples_are_fair() {
        let mut table = Table::new();
        (1..=50).for_each(|key| insert(&mut table, key));
        let mut state = 7u64;
        let mut counts = HashMap::new();
        for _ in 0..50_000 {
            let picked = table.sample(|| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                state >> 33
            });
            *counts.entry(picked.unwrap()).or_insert(0u32) += 1;
        }
        assert!(counts.len() == 50 && counts.values().all(|n| (600..1500).contains(n)), "{counts:?}");
    }

    #[test]
    fn replacing_keeps_the_tag() {
        let mut table = Table::new();
        table.insert(0xABCD << 48 | 5, 77, |_| unreachable!());
        let position = table.find(0xABCD << 48 | 5, |_| true).unwrap();
        table.replace(position, 88);
        assert_eq!(table.find(0xABCD << 48 | 5, |h| h == 88).map(|p| table.at(p)), Some(88));
    }
}
