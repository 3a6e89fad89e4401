//! A sorted set of any size: leaves of members in order, a tree above them, and an index from members to leaves.

mod expiry;

use std::ops::Range;

use super::index::Index;
use super::leaf::{CAPACITY, Key, Leaf};
use super::leaves::Leaves;
use super::moments::NEVER;
use super::order::{NewSide, Order, Separator};

/// A leaf with fewer members looks for a neighbour to join.
const SPARSE: usize = CAPACITY / 4 + 1;

/// ```text
///  order                                  index
///  3.0 "" -> leaf 5 (41 members)          hash of "bob"   -> leaf 5
///  7.5 "" -> leaf 2 (60 members)          hash of "carol" -> leaf 2
///  ...                                    ...
///        \                               /
///         leaves   5: [ 3.0 bob | 3.5 dave | ... ]
///                  2: [ 7.5 carol | ... ]
/// ```
///
/// A member lies in its leaf and nowhere else. The index follows it when it changes leaves, which happens to one member
/// per insertion on average, when leaves are split. All parts are shared between clones until they change.
#[derive(Clone, Debug)]
pub(super) struct Large {
    order: Order,
    leaves: Leaves,
    index: Index,
    len: usize,
    seed: u64,
}

/// Where a member lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    leaf: u32,
    at: usize,
}

/// A member's hash: the part that the index knows, and the leaf's part of it.
#[derive(Clone, Copy, Debug)]
struct Hash(u32);

impl Hash {
    #[inline]
    fn new(member: &[u8], seed: u64) -> Self {
        Self((base::hash::hash(member, seed) >> 32) as u32)
    }

    /// The index' branches are chosen by the other end.
    fn tag(self) -> u8 {
        self.0 as u8
    }
}

impl Large {
    /// An empty set whose members are hashed with `seed`.
    pub(super) fn new(seed: u64) -> Self {
        let mut leaves = Leaves::new();
        let first = leaves.add(Leaf::new());
        Self { order: Order::new(first), leaves, index: Index::new(), len: 0, seed }
    }

    /// Number of members.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Number of leaves.
    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// Bytes allocated. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        self.order.memory_bytes() + self.leaves.memory_bytes() + self.index.memory_bytes()
    }

    /// Finds a member through the index.
    #[inline]
    fn find(&self, member: &[u8], hash: Hash) -> Option<Place> {
        self.index.find(hash.0).find_map(|leaf| {
            let at = self.leaves.get(leaf).find(hash.tag(), member)?;
            Some(Place { leaf, at })
        })
    }

    /// The score of a member.
    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        let place = self.find(member, Hash::new(member, self.seed))?;
        Some(self.leaves.get(place.leaf).score(place.at))
    }

    /// The number of elements before a member, and its score.
    pub(super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let place = self.find(member, Hash::new(member, self.seed))?;
        let score = self.leaves.get(place.leaf).score(place.at);
        let before = self.order.rank(Key { score, member });
        Some((before as usize + place.at, score))
    }

    /// Number of the leading elements for which `before` holds.
    pub(super) fn partition_point(&self, before: impl Fn(Key<'_>) -> bool) -> usize {
        let (rank, leaf) = self.order.search(&before);
        rank as usize + self.leaves.get(leaf).partition_point(before)
    }

    /// The leaf with the element of a rank, and the element's index there.
    pub(super) fn select(&self, rank: usize) -> Option<(&Leaf, usize)> {
        if rank >= self.len {
            return None;
        }
        let (leaf, at) = self.order.select(rank as u64);
        Some((self.leaves.get(leaf), at))
    }

    /// Gives a member a score, adding it if it isn't there. Answers its score before.
    pub(super) fn insert(&mut self, key: Key<'_>) -> Option<f64> {
        let hash = Hash::new(key.member, self.seed);
        let Some(place) = self.find(key.member, hash) else {
            let leaf = self.put(key, hash, NEVER);
            self.index.insert(hash.0, leaf);
            self.len += 1;
            return None;
        };
        let leaf = self.leaves.get(place.leaf);
        let old = leaf.score(place.at);
        if old == key.score {
            return Some(old);
        }
        if leaf.stays(place.at, key.score) {
            self.leaves.edit(place.leaf, |leaf| leaf.set_score(place.at, key.score));
        } else {
            let at_ms = leaf.moment(place.at);
            self.cut(Key { score: old, member: key.member }, place);
            let leaf = self.put(key, hash, at_ms);
            if leaf != place.leaf {
                self.index.relocate(hash.0, place.leaf, leaf);
            }
        }
        Some(old)
    }

    /// Removes a member. Answers its score.
    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let hash = Hash::new(member, self.seed);
        let place = self.find(member, hash)?;
        let score = self.leaves.get(place.leaf).score(place.at);
        self.index.remove(hash.0, place.leaf);
        self.cut(Key { score, member }, place);
        self.len -= 1;
        Some(score)
    }

    /// Removes the elements with these ranks, all of which must exist.
    pub(super) fn remove_range(&mut self, range: Range<usize>) {
        let mut left = range.len();
        while left > 0 {
            let (number, at) = self.order.select(range.start as u64);
            let leaf = self.leaves.get(number);
            let count = left.min(leaf.len() - at);
            for member in (at..at + count).map(|at| leaf.member(at)) {
                self.index.remove(Hash::new(member, self.seed).0, number);
            }
            let first = leaf.key(at);
            let (score, member) = (first.score, first.member.to_vec());
            let key = Key { score, member: &member };
            self.order.add(key, -(count as i64));
            self.leaves.edit(number, |leaf| leaf.remove(at..at + count));
            self.renew_span(key, number);
            self.tidy(key, number);
            self.len -= count;
            left -= count;
        }
    }

    /// Puts an element that isn't there into its leaf, which it answers. The index isn't told.
    fn put(&mut self, key: Key<'_>, hash: Hash, at_ms: i64) -> u32 {
        loop {
            let number = self.order.add(key, 1);
            if self.leaves.get(number).has_room() {
                self.leaves.edit(number, |leaf| leaf.insert(leaf.lower_bound(key), key, hash.tag(), at_ms));
                if at_ms != NEVER || self.order.is_timed() {
                    self.order.set_span(key, self.leaves.get(number).span());
                }
                return number;
            }
            self.order.add(key, -1);
            self.split(key, number);
        }
    }

    /// Takes an element out of its leaf. The index isn't told.
    fn cut(&mut self, key: Key<'_>, place: Place) {
        self.order.add(key, -1);
        self.leaves.edit(place.leaf, |leaf| leaf.remove(place.at..place.at + 1));
        self.renew_span(key, place.leaf);
        self.tidy(key, place.leaf);
    }

    /// Makes two leaves of the one that has no room for `key`.
    fn split(&mut self, key: Key<'_>, number: u32) {
        let leaf = self.leaves.get(number);
        let at = leaf.split_point(leaf.lower_bound(key));
        let separator = Separator::between(leaf.key(at - 1), leaf.key(at));
        // The smaller part moves: fewer members to tell the index about.
        let side = if at * 2 < leaf.len() { NewSide::Left } else { NewSide::Right };
        let part = self.leaves.edit(number, |leaf| {
            let mut part = leaf.split_off(at);
            if side == NewSide::Left {
                std::mem::swap(leaf, &mut part);
            }
            part
        });
        let count = part.len();
        let new = self.leaves.add(part);
        self.relocate(new, 0..count, number);
        self.order.split(key, separator, new, count, side);
        self.renew_first_span(number);
        self.renew_first_span(new);
    }

    /// Tells the index that members which are in the leaf `to` now were in `from`.
    fn relocate(&mut self, to: u32, range: Range<usize>, from: u32) {
        let leaf = self.leaves.get(to);
        for member in range.map(|at| leaf.member(at)) {
            self.index.relocate(Hash::new(member, self.seed).0, from, to);
        }
    }

    /// Joins the leaf that `key` belongs to with a neighbour when it has become sparse, removes it when it is empty.
    fn tidy(&mut self, key: Key<'_>, number: u32) {
        let leaf = self.leaves.get(number);
        if leaf.len() >= SPARSE || self.leaves.len() == 1 {
            return;
        }
        if leaf.len() == 0 {
            self.order.remove(key);
            self.leaves.take(number);
            return;
        }
        let siblings = self.order.siblings(key);
        let fits = |other: &u32| leaf.may_join(self.leaves.get(*other));
        if let Some(left) = siblings.left.filter(fits) {
            let first = self.leaves.get(left).key(0);
            let (score, member) = (first.score, first.member.to_vec());
            self.join(Key { score, member: &member }, left, number);
        } else if let Some(right) = siblings.right.filter(fits) {
            self.join(key, number, right);
        }
    }

    /// Makes one leaf of two neighbours. `key` belongs to the left one.
    fn join(&mut self, key: Key<'_>, left: u32, right: u32) {
        let (left_len, right_len) = (self.leaves.get(left).len(), self.leaves.get(right).len());
        if left_len >= right_len {
            let taken = self.leaves.take(right);
            self.leaves.edit(left, |leaf| leaf.append(&taken));
            self.relocate(left, left_len..left_len + right_len, right);
            self.order.join(key, left);
        } else {
            let taken = self.leaves.take(left);
            self.leaves.edit(right, |leaf| {
                let tail = std::mem::replace(leaf, (*taken).clone());
                leaf.append(&tail);
            });
            self.relocate(right, 0..left_len, left);
            self.order.join(key, right);
        }
    }

    /// Visits elements in the order of their hashes, about `count` of them, from a hash on; answers the hash to go on
    /// with. See [`Index::scan`].
    pub(super) fn scan<'a>(&'a self, from: u32, count: usize, mut visit: impl FnMut(Key<'a>)) -> Option<u32> {
        let mut entries: Vec<(u32, u32)> = Vec::new();
        let next = self.index.scan(from, count.max(1), |hash, leaf| {
            // Equal entries stand for members that are found together.
            if !entries.iter().rev().take_while(|entry| entry.0 == hash).any(|entry| entry.1 == leaf) {
                entries.push((hash, leaf));
            }
        });
        for (hash, leaf) in entries {
            let leaf = self.leaves.get(leaf);
            for at in leaf.tagged(Hash(hash).tag()) {
                if Hash::new(leaf.member(at), self.seed).0 == hash {
                    visit(leaf.key(at));
                }
            }
        }
        next
    }

    /// Panics unless order, counts, bytes and index agree.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let leaves = self.order.check();
        assert_eq!(leaves.len(), self.leaves.len());
        let mut bytes = 0;
        let mut elements: Vec<(f64, Vec<u8>)> = Vec::new();
        for (number, count) in leaves {
            let leaf = self.leaves.get(number);
            assert_eq!(leaf.len() as u64, count);
            self.check_span(number);
            assert!(leaf.len() > 0 || self.len == 0);
            bytes += leaf.memory_bytes();
            for key in (0..leaf.len()).map(|at| leaf.key(at)) {
                assert_eq!(self.order.find(key), number);
                let place = self.find(key.member, Hash::new(key.member, self.seed));
                assert_eq!(place.map(|place| place.leaf), Some(number));
                elements.push((key.score, key.member.to_vec()));
            }
        }
        assert!(elements.is_sorted_by(|left, right| left < right));
        assert_eq!((elements.len(), self.index.check()), (self.len, self.len));
        assert_eq!(self.leaves.leaf_bytes(), bytes);
    }
}
