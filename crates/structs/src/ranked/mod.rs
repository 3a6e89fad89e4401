//! `Ranked`: a set of members in the order of their scores, which knows the rank of each (Redis' sorted set).
//!
//! A small set is one [`Packed`]; a larger one has its members in leaves below a counted tree, and an index from members
//! to leaves. Finding a member costs O(1), everything by rank, score or order O(log n) and what is visited. A clone
//! shares all of a large set with its origin until either changes, in parts of a few kilobytes: making one is O(1).

mod expiry;
mod index;
mod iter;
mod large;
mod leaf;
mod leaves;
mod moments;
mod order;
mod small;
#[cfg(test)]
mod tests;
mod view;

pub use iter::{Iter, IterBack};
pub use view::View;

use std::ops::Range;

use crate::packed::{Item, Packed};
use crate::small::Small;
use large::Large;
use leaf::Key;
use moments::NEVER;
use small::Timed;

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
///  Timed:  the same, and [ moment moment ... ]       if some members expire  OBJECT ENCODING listpack
///  Large:  order -> leaves <- index                  see `large`             OBJECT ENCODING skiplist
/// ```
#[derive(Clone, Debug)]
pub struct Ranked {
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    Small(Packed),
    Timed(Box<Timed>),
    Large(Box<Large>),
}

/// A set's shape, to look at.
enum Form<'a> {
    /// A packed sequence, and when each member expires; no moments at all if none does.
    Small(&'a Packed, &'a [i64]),
    Large(&'a Large),
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

    /// The set as bytes, while it is small and none of its members expires.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        match &self.shape {
            Shape::Small(packed) => packed.small(),
            Shape::Timed(_) | Shape::Large(_) => None,
        }
    }

    #[inline]
    fn form(&self) -> Form<'_> {
        match &self.shape {
            Shape::Small(packed) => Form::Small(packed, &[]),
            Shape::Timed(timed) => Form::Small(&timed.packed, &timed.moments),
            Shape::Large(large) => Form::Large(large),
        }
    }

    /// The packed sequence and the moments of its members, unless the set is large.
    fn small_mut(&mut self) -> Option<(&mut Packed, Option<&mut Vec<i64>>)> {
        match &mut self.shape {
            Shape::Small(packed) => Some((packed, None)),
            Shape::Timed(timed) => Some((&mut timed.packed, Some(&mut timed.moments))),
            Shape::Large(_) => None,
        }
    }

    /// Number of members. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match self.form() {
            Form::Small(packed, _) => packed.count() / 2,
            Form::Large(large) => large.len(),
        }
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The packed sequence, while the set is small.
    pub fn packed(&self) -> Option<&Packed> {
        match self.form() {
            Form::Small(packed, _) => Some(packed),
            Form::Large(_) => None,
        }
    }

    /// Parts that are allocated, about: what it takes to free the set.
    pub fn parts(&self) -> usize {
        match self.form() {
            Form::Small(..) => 1,
            Form::Large(large) => 2 * large.leaves(),
        }
    }

    /// Bytes allocated beyond the `Ranked` itself, spare room included. O(1).
    pub fn memory_bytes(&self) -> usize {
        match &self.shape {
            Shape::Small(packed) => packed.memory_bytes(),
            Shape::Timed(timed) => timed.memory_bytes(),
            Shape::Large(large) => size_of::<Large>() + large.memory_bytes(),
        }
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match self.form() {
            Form::Small(packed, _) => small::find(packed, member).map(|(_, score)| score),
            Form::Large(large) => large.score(member),
        }
    }

    /// The number of elements before a member, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match self.form() {
            Form::Small(packed, _) => small::rank(packed, member),
            Form::Large(large) => large.rank(member),
        }
    }

    /// The element of a rank, 0 being the first.
    pub fn get(&self, rank: usize) -> Option<Element<'_>> {
        match self.form() {
            Form::Small(packed, _) => small::Pairs::from_rank(packed, rank).next(),
            Form::Large(large) => large.select(rank).map(|(leaf, at)| Element::of(leaf.key(at))),
        }
    }

    /// Number of the leading elements for which `before` holds. It must hold for all places in front of some place in the
    /// order, and for none behind.
    pub fn partition_point(&self, before: impl Fn(Probe<'_>) -> bool) -> usize {
        match self.form() {
            Form::Small(packed, _) => small::count_while(small::Pairs::new(packed), before),
            Form::Large(large) => {
                large.partition_point(|key| before(Probe { score: key.score, member: key.member }))
            }
        }
    }

    /// As [`Self::partition_point`], where `before` is known to hold for the first `start` elements.
    pub fn partition_point_from(&self, start: usize, before: impl Fn(Probe<'_>) -> bool) -> usize {
        match self.form() {
            Form::Small(packed, _) => {
                start + small::count_while(small::Pairs::from_rank(packed, start), before)
            }
            Form::Large(_) => self.partition_point(before).max(start),
        }
    }

    /// Gives a member a score, which must not be NaN; adds the member if it isn't there. Answers the score it had. Nothing
    /// changes if that is equal.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &Limits) -> Option<f64> {
        debug_assert!(!score.is_nan(), "a score is a number");
        if let Some((packed, moments)) = self.small_mut() {
            let found = small::find(packed, member);
            if let Some((at, old)) = found {
                if old != score {
                    let from = moments.as_ref().and_then(|_| small::rank(packed, member));
                    packed.remove(at, 2);
                    let rank = small::insert(packed, member, score);
                    if let (Some(moments), Some((from, _))) = (moments, from) {
                        let at_ms = moments.remove(from);
                        moments.insert(rank, at_ms);
                    }
                }
                return Some(old);
            }
            let fits = packed.count() / 2 < limits.packed_members
                && member.len() <= limits.packed_member_bytes
                && packed.has_room_for(member.len() + small::OVERHEAD_MAX);
            if fits {
                let rank = small::insert(packed, member, score);
                if let Some(moments) = moments {
                    moments.insert(rank, NEVER);
                }
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
        let Form::Small(packed, moments) = self.form() else { return };
        let mut large = Box::new(Large::new(seed));
        let moments = moments.iter().copied().chain(std::iter::repeat(NEVER));
        for (Element { member, score }, at_ms) in small::Pairs::new(packed).zip(moments) {
            member.with_text(|member| {
                large.insert(Key { score, member });
                large.set_moment(member, at_ms);
            });
        }
        self.shape = Shape::Large(large);
    }

    /// Removes a member. Answers its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        if let Shape::Large(large) = &mut self.shape {
            return large.remove(member);
        }
        let (packed, moments) = self.small_mut()?;
        let (at, score) = small::find(packed, member)?;
        if let Some(moments) = moments {
            moments.remove(small::rank(packed, member)?.0);
        }
        packed.remove(at, 2);
        self.forget_moments_if_never();
        Some(score)
    }

    /// Removes the elements with these ranks, as far as they exist. Answers how many were removed.
    pub fn remove_range(&mut self, ranks: Range<usize>) -> usize {
        let end = ranks.end.min(self.len());
        let start = ranks.start.min(end);
        if let Shape::Large(large) = &mut self.shape {
            large.remove_range(start..end);
        } else if let Some((packed, moments)) = self.small_mut()
            && let Some(at) = packed.position(2 * start as i64)
        {
            packed.remove(at, 2 * (end - start));
            if let Some(moments) = moments {
                moments.drain(start..end);
            }
            self.forget_moments_if_never();
        }
        end - start
    }

    /// Visits about `count` elements in an order that doesn't depend on scores, from a cursor on (0 at the start), and
    /// answers the cursor to go on with (0 at the end). A small set is visited at once. A member that is there from
    /// the first to the last call is visited, whatever happens to scores and other members meanwhile.
    pub fn scan<'a>(&'a self, cursor: u64, count: usize, mut visit: impl FnMut(Element<'a>)) -> u64 {
        match self.form() {
            Form::Small(packed, _) => {
                small::Pairs::new(packed).for_each(visit);
                0
            }
            Form::Large(large) => {
                let Ok(from) = u32::try_from(cursor) else { return 0 };
                let next = large.scan(from, count, |key| visit(Element::of(key)));
                next.map_or(0, u64::from)
            }
        }
    }
}
