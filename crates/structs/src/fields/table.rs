//! The large form of sets and maps: leaves under linear hashing.
//!
//! With `2^level <= leaves < 2^(level+1)` an element lies in leaf `hash mod 2^(level+1)` if there is such a leaf yet,
//! else in `hash mod 2^level` (Litwin, 1980; as in [`crate::table`]). An insertion above the load splits one leaf, a
//! removal below the low mark merges two: constant work at any size, never a second table. The scan cursor counts with
//! its bits reversed and visits a leaf with the one that it has been, or will be, split into.
//!
//! Leaves are of unequal weight on purpose ([`weighted`]): were they alike, all would outgrow one of the allocator's block
//! sizes together, and leave its pages half used. As it is, leaves of all sizes come and go at any time.
//!
//! A clone costs one reference count; what changes afterwards is copied leaf by leaf. Elements that expire are found in
//! the order of their time through the spine's nodes.

use super::leaf::Leaf;
use super::spine::Spine;
use super::{Columns, Element, Ttl};
use crate::packed::Needle;
use crate::table::prefetch_line;
use base::prng::Prng;

/// Elements per leaf above which an insertion splits a leaf. Leaves hold a third to three times as many.
const SPLIT_LOAD: usize = 22;
/// Elements per leaf below which a removal merges two.
const MERGE_LOAD: usize = 10;

/// Of 256 hashes, how many have a one in the lowest bits of the leaf's index: the weights of eight neighbouring leaves are
/// a geometric series from 1 to 2.6.
const ONES: [u8; 3] = [137, 145, 162];

/// The weight of the heaviest of them to their mean.
const HEAVIEST_LEAF_PERCENT: usize = 154;

/// A hash whose three lowest bits are ones more often than not, as [`ONES`] says; drawn from bits that choose neither leaves
/// nor tags.
#[inline]
fn weighted(hash: u64) -> u64 {
    let [_, _, _, first, second, third, _, _] = hash.to_le_bytes();
    let one = |byte: u8, bit: usize| u64::from(byte < ONES[bit]) << bit;
    hash & !7 | one(first, 0) | one(second, 1) | one(third, 2)
}

#[inline]
fn hash_of(name: &[u8], seed: u64) -> u64 {
    weighted(base::hash::hash(name, seed))
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct Table {
    leaves: Spine,
    columns: Columns,
    seed: u64,
    len: usize,
    /// Elements that expire.
    expiring: usize,
    /// Bytes of the leaves' buffers.
    bytes: usize,
}

/// Where an element lies, until the next change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place {
    leaf: usize,
    index: usize,
}

impl Table {
    /// An empty table whose names are hashed with `seed`.
    pub(super) fn new(columns: Columns, seed: u64) -> Table {
        let leaf = Leaf::default();
        let bytes = leaf.memory_bytes();
        Table { leaves: Spine::new(leaf), columns, seed, len: 0, expiring: 0, bytes }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Number of elements that expire.
    pub(super) fn expiring(&self) -> usize {
        self.expiring
    }

    /// Number of elements that expire before a moment: a step for each leaf that has some.
    pub(super) fn expiring_before(&self, at_ms: i64) -> usize {
        self.leaves.expiring_before(at_ms)
    }

    /// Bytes allocated beyond the table itself.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes + self.leaves.memory_bytes()
    }

    /// Number of leaves.
    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// What elements consist of.
    pub(super) fn columns(&self) -> Columns {
        self.columns
    }

    /// The leaf with an index.
    #[inline]
    pub(super) fn leaf(&self, index: usize) -> &Leaf {
        self.leaves.get(index)
    }

    /// The leaf in which an element with this hash lies, if it is there.
    #[inline]
    pub(super) fn leaf_with(&self, hash: u64) -> &Leaf {
        self.leaf(self.leaf_of(hash))
    }

    /// The hash of a name.
    #[inline]
    pub(super) fn hash(&self, name: &[u8]) -> u64 {
        hash_of(name, self.seed)
    }

    /// Whether names have the same hashes as in another table.
    pub(super) fn hashes_as(&self, other: &Table) -> bool {
        self.seed == other.seed
    }

    /// The leaf in which everything lies that lies in leaf `index` of another table, which hashes alike and has so many
    /// leaves; none if that may be several.
    pub(super) fn leaf_for(&self, index: usize, leaves: usize) -> Option<&Leaf> {
        let (level, own) = (leaves.ilog2(), self.level());
        let is_split = index >> level != 0 || index + (1 << level) < leaves;
        // The bits that `index` tells of all hashes.
        let known = level + u32::from(is_split);
        let narrow = index & ((1 << own) - 1);
        let has_sibling = narrow + (1 << own) < self.leaves.len();
        if known > own || known == own && !has_sibling { Some(self.leaf_with(index as u64)) } else { None }
    }

    fn level(&self) -> u32 {
        self.leaves.len().ilog2()
    }

    #[inline]
    fn leaf_of(&self, hash: u64) -> usize {
        let level = self.level();
        let wide = hash as usize & ((2 << level) - 1);
        if wide < self.leaves.len() { wide } else { hash as usize & ((1 << level) - 1) }
    }

    /// Asks the processor to load what a search for this name touches at its step: the leaf, its slots, its cell. Answers
    /// whether another step follows.
    #[inline]
    pub(super) fn prefetch(&self, name: &[u8], step: usize) -> bool {
        let hash = self.hash(name);
        let leaf = self.leaves.get(self.leaf_of(hash));
        match step {
            0 => prefetch_line(std::ptr::from_ref(leaf).cast()),
            1 => leaf.prefetch_slots(),
            _ => leaf.prefetch_cell(hash),
        }
        step < 2
    }

    /// Finds the element with this name. O(1).
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<Place> {
        self.find_hashed(self.hash(name), name)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, name: &[u8]) -> Option<Place> {
        let leaf = self.leaf_of(hash);
        let index = self.leaves.get(leaf).find(hash, &Needle::new(name))?;
        Some(Place { leaf, index })
    }

    /// The element at a place.
    #[inline]
    pub(super) fn element(&self, place: Place) -> Element<'_> {
        self.leaves.get(place.leaf).element(place.index, self.columns)
    }

    /// Adds an element or changes the one with this name; answers whether it is new. O(1).
    pub(super) fn set(&mut self, name: &[u8], value: &[u8], ttl: Ttl) -> bool {
        let hash = self.hash(name);
        let place = self.find_hashed(hash, name);
        match place {
            Some(place) => self.change(place, value, ttl),
            None => self.insert(hash, name, value, ttl.of_new()),
        }
        place.is_none()
    }

    fn change(&mut self, place: Place, value: &[u8], ttl: Ttl) {
        let columns = self.columns;
        let old_ms = self.leaves.get(place.leaf).expiry_ms(place.index);
        let new_ms = ttl.of(old_ms);
        if columns.value {
            self.edit(place.leaf, |leaf| leaf.set(place.index, value, new_ms, columns));
        } else if old_ms != new_ms {
            self.edit(place.leaf, |leaf| leaf.set_expiry(place.index, new_ms, columns));
        }
        self.expiry_changed(place.leaf, old_ms, new_ms);
    }

    /// Gives the element at a place another expiry, or none.
    pub(super) fn set_expiry(&mut self, place: Place, expiry_ms: Option<i64>) {
        let columns = self.columns;
        let old_ms = self.leaves.get(place.leaf).expiry_ms(place.index);
        if old_ms != expiry_ms {
            self.edit(place.leaf, |leaf| leaf.set_expiry(place.index, expiry_ms, columns));
            self.expiry_changed(place.leaf, old_ms, expiry_ms);
        }
    }

    fn insert(&mut self, hash: u64, name: &[u8], value: &[u8], expiry_ms: Option<i64>) {
        let columns = self.columns;
        self.len += 1;
        if self.len > self.leaves.len() * SPLIT_LOAD {
            self.split();
        }
        let at = self.leaf_of(hash);
        self.edit(at, |leaf| leaf.push(hash, name, value, expiry_ms, columns));
        self.expiry_changed(at, None, expiry_ms);
    }

    /// Removes the element at a place. O(1).
    pub(super) fn remove(&mut self, place: Place) {
        let columns = self.columns;
        let old_ms = self.leaves.get(place.leaf).expiry_ms(place.index);
        self.edit(place.leaf, |leaf| leaf.remove(place.index, columns));
        self.len -= 1;
        self.expiry_changed(place.leaf, old_ms, None);
        if self.leaves.len() > 1 && self.len < self.leaves.len() * MERGE_LOAD {
            self.merge();
        }
    }

    /// Changes a leaf and enters the change of its size.
    fn edit<R>(&mut self, index: usize, change: impl FnOnce(&mut Leaf) -> R) -> R {
        let leaf = self.leaves.get_mut(index);
        let before = leaf.memory_bytes();
        let result = change(leaf);
        self.bytes = self.bytes + leaf.memory_bytes() - before;
        result
    }

    fn expiry_changed(&mut self, leaf: usize, old_ms: Option<i64>, new_ms: Option<i64>) {
        if old_ms != new_ms {
            self.expiring = self.expiring + usize::from(new_ms.is_some()) - usize::from(old_ms.is_some());
            self.note_expiry(leaf);
        }
    }

    fn note_expiry(&mut self, leaf: usize) {
        let first = self.leaves.get(leaf).first_expiring();
        self.leaves.note_expiry(leaf, first.map(|(at, _)| at));
    }

    /// Adds a leaf, moving to it the elements of its sibling that belong there now.
    fn split(&mut self) {
        let (bit, columns, seed) = (1usize << self.level(), self.columns, self.seed);
        let source = self.leaves.len() - bit;
        let old = self.leaves.get(source);
        let goes =
            |element: &Element<'_>| element.name.with_text(|name| hash_of(name, seed)) as usize & bit != 0;
        let (gone, stays) = old.split(columns, goes);
        self.bytes = self.bytes + gone.memory_bytes() + stays.memory_bytes() - old.memory_bytes();
        *self.leaves.get_mut(source) = stays;
        self.leaves.push(gone);
        if self.expiring > 0 {
            self.note_expiry(source);
            self.note_expiry(self.leaves.len() - 1);
        }
    }

    /// Removes the last leaf, moving its elements to its sibling.
    fn merge(&mut self) {
        let (last, columns) = (self.leaves.pop(), self.columns);
        let sibling = self.leaves.len() - (1usize << self.leaves.len().ilog2());
        self.bytes -= last.memory_bytes();
        self.edit(sibling, |leaf| leaf.absorb(&last, columns));
        if self.expiring > 0 {
            self.note_expiry(sibling);
        }
    }

    /// When the first element expires. O(1).
    pub(super) fn first_expiry_ms(&self) -> Option<i64> {
        self.leaves.first_expiry().map(|(at, _)| at)
    }

    /// The element that expires first. O(1).
    pub(super) fn first_expiring(&self) -> Option<Place> {
        let (_, leaf) = self.leaves.first_expiry()?;
        let (_, index) = self.leaves.get(leaf).first_expiring()?;
        Some(Place { leaf, index })
    }

    /// Visits the elements of the next leaves of a scan and returns the next cursor, 0 at the end. Start with 0.
    /// Every element that is there from the first to the last call is visited, some perhaps more than once.
    pub(super) fn scan<'t>(&'t self, cursor: u64, mut visit: impl FnMut(Element<'t>)) -> u64 {
        let mask = (1u64 << self.level()) - 1;
        let low = (cursor & mask) as usize;
        let sibling = low + (1usize << self.level());
        let last = if sibling < self.leaves.len() { sibling } else { low };
        for leaf in [low, sibling].into_iter().filter(|leaf| *leaf <= last) {
            let leaf = self.leaves.get(leaf);
            (0..leaf.len()).for_each(|index| visit(leaf.element(index, self.columns)));
        }
        let next = (cursor | !mask).reverse_bits().wrapping_add(1).reverse_bits();
        next & mask
    }

    /// The `at`-th element of the leaf with an index below [`Self::leaves`], if it has so many.
    #[inline]
    pub(super) fn nth_of_leaf(&self, index: usize, at: usize) -> Option<Element<'_>> {
        let leaf = self.leaves.get(index);
        (at < leaf.len()).then(|| leaf.element(at, self.columns))
    }

    /// An element chosen at random, each with the same probability. O(1) expected.
    pub(super) fn sample(&self, rng: &mut Prng) -> Option<Place> {
        if self.len == 0 {
            return None;
        }
        // A leaf is drawn, then one of as many places as no leaf has elements; whoever draws an empty one draws anew.
        let mean = (self.len >> self.level()) * HEAVIEST_LEAF_PERCENT / 100;
        let bound = mean + 8 * mean.isqrt() + 8;
        loop {
            let leaf = rng.below(self.leaves.len() as u64) as usize;
            let count = self.leaves.get(leaf).len();
            let index = rng.below(bound.max(count) as u64) as usize;
            if index < count {
                return Some(Place { leaf, index });
            }
        }
    }
}
