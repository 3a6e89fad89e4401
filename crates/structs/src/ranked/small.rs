//! The small form of a sorted set: one packed sequence of members, each followed by its score, in order.
//!
//! A score that is an integer is packed as one, any other as its text: what a Redis listpack has.

use std::cmp::Ordering;

use super::moments::NEVER;
use super::{Element, Probe};
use crate::packed::{Item, Iter, IterBack, Packed, Position};
use base::num::{F64Buffer, parse_f64};

/// A packed set some of whose members expire.
#[derive(Clone, Debug)]
pub(super) struct Timed {
    pub(super) packed: Packed,
    /// When each member expires, in their order.
    pub(super) moments: Vec<i64>,
}

impl Timed {
    /// A set whose members don't expire yet.
    pub(super) fn new(packed: Packed) -> Self {
        let moments = vec![NEVER; packed.count() / 2];
        Self { packed, moments }
    }

    /// Bytes of this with what it has allocated.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.packed.memory_bytes() + self.moments.capacity() * size_of::<i64>()
    }
}

/// Integers beyond this have other texts as a score than as an integer.
const INTEGER_LIMIT: f64 = (1_i64 << 52) as f64;

/// The most that a score takes in a packed sequence, and a member beside its bytes.
pub(super) const OVERHEAD_MAX: usize = 64;

/// The score that an item of a packed set holds. Anything that is no number counts as zero.
pub(super) fn score_of(item: Item<'_>) -> f64 {
    match item {
        Item::Int(score) => score as f64,
        Item::Bytes(text) => parse_f64(text).unwrap_or(0.0),
    }
}

/// Whether a sequence has members, each followed by its score, in order and each once.
pub(super) fn is_well_formed(packed: &Packed) -> bool {
    let is_score = |item: Item<'_>| matches!(item, Item::Int(_)) || item.with_text(parse_f64).is_some();
    if !packed.count().is_multiple_of(2) || !packed.iter().skip(1).step_by(2).all(is_score) {
        return false;
    }
    let elements: Vec<(f64, Vec<u8>)> =
        Pairs::new(packed).map(|element| (element.score, element.member.to_vec())).collect();
    let mut members: Vec<&[u8]> = elements.iter().map(|(_, member)| member.as_slice()).collect();
    members.sort_unstable();
    elements.is_sorted_by(|left, right| left < right) && members.is_sorted_by(|left, right| left < right)
}

/// Elements first to last.
#[derive(Clone, Debug)]
pub(super) struct Pairs<'a> {
    items: Iter<'a>,
}

impl<'a> Pairs<'a> {
    pub(super) fn new(packed: &'a Packed) -> Self {
        Self { items: packed.iter() }
    }

    /// From the element of a rank on.
    pub(super) fn from_rank(packed: &'a Packed, rank: usize) -> Self {
        let at = packed.position(2 * rank as i64).unwrap_or(packed.end());
        Self { items: packed.iter_from(at) }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let member = self.items.next()?;
        Some(Element { member, score: score_of(self.items.next()?) })
    }
}

/// Elements last to first.
#[derive(Clone, Debug)]
pub(super) struct PairsBack<'a> {
    items: IterBack<'a>,
}

impl<'a> PairsBack<'a> {
    /// From the element of a rank on.
    pub(super) fn from_rank(packed: &'a Packed, rank: usize) -> Self {
        let behind = packed.position(2 * (rank as i64 + 1)).unwrap_or(packed.end());
        Self { items: packed.iter_back_from(behind) }
    }
}

impl<'a> Iterator for PairsBack<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let score = score_of(self.items.next()?);
        Some(Element { member: self.items.next()?, score })
    }
}

/// Number of the first elements for which `holds`.
pub(super) fn count_while(pairs: Pairs<'_>, holds: impl Fn(Probe<'_>) -> bool) -> usize {
    let holds = |element: &Element<'_>| {
        element.member.with_text(|member| holds(Probe { score: element.score, member }))
    };
    pairs.take_while(holds).count()
}

/// Where a member stands, and its score.
pub(super) fn find(packed: &Packed, member: &[u8]) -> Option<(Position, f64)> {
    let at = packed.find(member, packed.start(), 2)?;
    Some((at, score_of(packed.item(packed.next(at)?)?)))
}

/// The number of elements before a member, and its score.
pub(super) fn rank(packed: &Packed, member: &[u8]) -> Option<(usize, f64)> {
    let needle = crate::packed::Needle::new(member);
    let (rank, element) =
        Pairs::new(packed).enumerate().find(|(_, element)| needle.matches(element.member))?;
    Some((rank, element.score))
}

/// Inserts a member that isn't there. Answers its rank.
pub(super) fn insert(packed: &mut Packed, member: &[u8], score: f64) -> usize {
    let before = |element: &Element<'_>| match element.score.partial_cmp(&score) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => element.member.with_text(|text| text < member),
        _ => false,
    };
    let rank = Pairs::new(packed).take_while(before).count();
    let at = packed.position(2 * rank as i64).unwrap_or(packed.end());
    packed.insert(at, member);
    let Some(at) = packed.next(at) else { return rank };
    if score == score.trunc() && score.abs() < INTEGER_LIMIT {
        packed.insert_int(at, score as i64);
    } else {
        packed.insert(at, F64Buffer::new().format(score));
    }
    rank
}
