//! `Ranked`: a set of members in the order of their scores, which knows the rank of each (Redis' sorted set).
//!
//! A small set is one [`Packed`]; a larger one has its members in leaves below a counted tree, and an index from members
//! to leaves. Finding a member costs O(1), everything by rank, score or order O(log n) and what is visited. A clone
//! shares all of a large set with its origin until either changes, in parts of a few kilobytes: making one is O(1).

mod index;
mod iter;
mod large;
mod leaf;
mod leaves;
mod order;
mod small;
#[cfg(test)]
mod tests;

pub use iter::{Iter, IterBack};

use std::ops::Range;

use crate::packed::{Item, Packed};
use crate::small::Small;
use large::Large;
use leaf::Key;

/// Longest member, bytes. Its owners see to that.
pub const MEMBER_MAX: usize = 1 << 30;

/// When a set is packed, and how larger ones are hashed; handed to every call that may change that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Members up to which a set is packed.
    pub packed_members: usize,
    /// Longest member, in bytes, of a packed set.
    pub packed_member_bytes: usize,
    /// What members are hashed with. Whoever knows it can choose members that collide.
    pub seed: u64,
}

impl Default for Limits {
    /// `zset-max-listpack-entries 128`, `zset-max-listpack-value 64`, and a seed that isn't secret.
    fn default() -> Self {
        Self { packed_members: 128, packed_member_bytes: 64, seed: 0 }
    }
}

/// A member with its score.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The member.
    pub member: Item<'a>,
    /// Its score, never NaN.
    pub score: f64,
}

impl<'a> Element<'a> {
    fn of(key: Key<'a>) -> Self {
        Self { member: Item::Bytes(key.member), score: key.score }
    }
}

/// A place in a set's order, as those who look for one are asked about it: an element, or a place between two.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    /// The score.
    pub score: f64,
    /// The member, or as much of it as it takes.
    pub member: &'a [u8],
}

/// A set of members in the order of their scores, those of equal score in the order of their bytes.
///
/// ```text
///  Small:  [ member score member score ... ]         one packed sequence     OBJECT ENCODING listpack
///  Large:  order -> leaves <- index                  see `large`             OBJECT ENCODING skiplist
/// ```
#[derive(Clone, Debug)]
pub struct Ranked {
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Small(Packed),
    Large(Box<Large>),
}

impl Default for Ranked {
    fn default() -> Self {
        Self::new()
    }
}

impl Ranked {
    /// An empty set. Does not allocate.
    pub const fn new() -> Self {
        Self { shape: Shape::Small(Packed::new()) }
    }

    /// An empty set that so many members are about to be added to, the first of that length: it isn't packed if it
    /// would not stay so.
    pub fn expecting(members: usize, member_bytes: usize, limits: &Limits) -> Self {
        if members <= limits.packed_members && member_bytes <= limits.packed_member_bytes {
            return Self::new();
        }
        Self { shape: Shape::Large(Box::new(Large::new(limits.seed))) }
    }

    /// Prepares for so many members that are about to be added: the set is large from then on if that is more than a packed
    /// one may have, whether they turn out to be new or not.
    pub fn expect(&mut self, members: usize, limits: &Limits) {
        if members > limits.packed_members {
            self.enlarge(limits.seed);
        }
    }

    /// The set of a packed sequence: members, each followed by its score, in order.
    ///
    /// # Errors
    /// Gives the sequence back when it isn't that: a score is no number, an element is out of order or there twice.
    pub fn from_packed(packed: Packed) -> Result<Self, Packed> {
        if small::is_well_formed(&packed) { Ok(Self { shape: Shape::Small(packed) }) } else { Err(packed) }
    }

    /// The set whose small form this is.
    pub fn of_small(small: Small<'_>) -> Self {
        Self { shape: Shape::Small(Packed::of_small(small)) }
    }

    /// The set as bytes, while it is small.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        self.packed().and_then(Packed::small)
    }

    /// Number of members. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.shape {
            Shape::Small(packed) => packed.count() / 2,
            Shape::Large(large) => large.len(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packed sequence, while the set is small.
    pub fn packed(&self) -> Option<&Packed> {
        match &self.shape {
            Shape::Small(packed) => Some(packed),
            Shape::Large(_) => None,
        }
    }

    /// Parts that are allocated, about: what it takes to free the set.
    pub fn parts(&self) -> usize {
        match &self.shape {
            Shape::Small(_) => 1,
            Shape::Large(large) => 2 * large.leaves(),
        }
    }

    /// Bytes allocated beyond the `Ranked` itself, spare room included. O(1).
    pub fn memory_bytes(&self) -> usize {
        match &self.shape {
            Shape::Small(packed) => packed.memory_bytes(),
            Shape::Large(large) => size_of::<Large>() + large.memory_bytes(),
        }
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match &self.shape {
            Shape::Small(packed) => small::find(packed, member).map(|(_, score)| score),
            Shape::Large(large) => large.score(member),
        }
    }

    /// The number of elements before a member, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match &self.shape {
            Shape::Small(packed) => small::rank(packed, member),
            Shape::Large(large) => large.rank(member),
        }
    }

    /// The element of a rank, 0 being the first.
    pub fn get(&self, rank: usize) -> Option<Element<'_>> {
        match &self.shape {
            Shape::Small(packed) => small::Pairs::from_rank(packed, rank).next(),
            Shape::Large(large) => large.select(rank).map(|(leaf, at)| Element::of(leaf.key(at))),
        }
    }

    /// Number of the leading elements for which `before` holds. It must hold for all places in front of some place in the
    /// order, and for none behind.
    pub fn partition_point(&self, before: impl Fn(Probe<'_>) -> bool) -> usize {
        match &self.shape {
            Shape::Small(packed) => small::count_while(small::Pairs::new(packed), before),
            Shape::Large(large) => {
                large.partition_point(|key| before(Probe { score: key.score, member: key.member }))
            }
        }
    }

    /// As [`Self::partition_point`], where `before` is known to hold for the first `start` elements.
    pub fn partition_point_from(&self, start: usize, before: impl Fn(Probe<'_>) -> bool) -> usize {
        match &self.shape {
            Shape::Small(packed) => {
                start + small::count_while(small::Pairs::from_rank(packed, start), before)
            }
            Shape::Large(_) => self.partition_point(before).max(start),
        }
    }

    /// Gives a member a score, which must not be NaN; adds the member if it isn't there. Answers the score it had. Nothing
    /// changes if that is equal.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &Limits) -> Option<f64> {
        debug_assert!(!score.is_nan(), "a score is a number");
        if let Shape::Small(packed) = &mut self.shape {
            let found = small::find(packed, member);
            if let Some((at, old)) = found {
                if old != score {
                    packed.remove(at, 2);
                    small::insert(packed, member, score);
                }
                return Some(old);
            }
            let fits = packed.count() / 2 < limits.packed_members
                && member.len() <= limits.packed_member_bytes
                && packed.has_room_for(member.len() + small::OVERHEAD_MAX);
            if fits {
                small::insert(packed, member, score);
                return None;
            }
            self.enlarge(limits.seed);
        }
        let Shape::Large(large) = &mut self.shape else { unreachable!("just enlarged") };
        large.insert(Key { score, member })
    }

    /// Makes a small set that has more members than it may a large one.
    pub fn settle(&mut self, limits: &Limits) {
        if self.len() > limits.packed_members {
            self.enlarge(limits.seed);
        }
    }

    /// Makes a small set a large one.
    fn enlarge(&mut self, seed: u64) {
        let Shape::Small(packed) = &self.shape else { return };
        let mut large = Box::new(Large::new(seed));
        for Element { member, score } in small::Pairs::new(packed) {
            member.with_text(|member| large.insert(Key { score, member }));
        }
        self.shape = Shape::Large(large);
    }

    /// Removes a member. Answers its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match &mut self.shape {
            Shape::Small(packed) => {
                let (at, score) = small::find(packed, member)?;
                packed.remove(at, 2);
                Some(score)
            }
            Shape::Large(large) => large.remove(member),
        }
    }

    /// Removes the elements with these ranks, as far as they exist. Answers how many were removed.
    pub fn remove_range(&mut self, ranks: Range<usize>) -> usize {
        let end = ranks.end.min(self.len());
        let start = ranks.start.min(end);
        match &mut self.shape {
            Shape::Small(packed) => {
                if let Some(at) = packed.position(2 * start as i64) {
                    packed.remove(at, 2 * (end - start));
                }
            }
            Shape::Large(large) => large.remove_range(start..end),
        }
        end - start
    }

    /// Visits about `count` elements in an order that doesn't depend on scores, from a cursor on (0 at the start), and
    /// answers the cursor to go on with (0 at the end). A small set is visited at once. A member that is there from
    /// the first to the last call is visited, whatever happens to scores and other members meanwhile.
    pub fn scan(&self, cursor: u64, count: usize, mut visit: impl FnMut(Element<'_>)) -> u64 {
        match &self.shape {
            Shape::Small(packed) => {
                small::Pairs::new(packed).for_each(visit);
                0
            }
            Shape::Large(large) => {
                let Ok(from) = u32::try_from(cursor) else { return 0 };
                let next = large.scan(from, count, |key| visit(Element::of(key)));
                next.map_or(0, u64::from)
            }
        }
    }
}
