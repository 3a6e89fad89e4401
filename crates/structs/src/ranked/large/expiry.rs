//! Members of large sets that expire.
//!
//! A leaf has the moments of its members, the order the spans of its leaves: no second index has to be kept.

use super::super::leaf::{Key, Leaf};
#[cfg(test)]
use super::super::moments::NEVER;
use super::super::order::{Due, Reached};
use super::{Hash, Large};

impl Large {
    /// When the first member expires. O(1).
    #[inline]
    pub(in super::super) fn first_expiry_ms(&self) -> Option<i64> {
        self.order.first_expiry_ms()
    }

    /// The member that expires first.
    pub(in super::super) fn first_to_expire(&self) -> Option<&[u8]> {
        let leaf = self.leaves.get(self.order.first_to_expire()?);
        leaf.first_to_expire().map(|at| leaf.member(at))
    }

    /// A member's score and when it expires.
    #[inline]
    pub(in super::super) fn score_and_moment(&self, member: &[u8]) -> Option<(f64, i64)> {
        let place = self.find(member, Hash::new(member, self.seed))?;
        let leaf = self.leaves.get(place.leaf);
        Some((leaf.score(place.at), leaf.moment(place.at)))
    }

    /// Sets when a member expires; answers whether it is there.
    pub(in super::super) fn set_moment(&mut self, member: &[u8], at_ms: i64) -> bool {
        let Some(place) = self.find(member, Hash::new(member, self.seed)) else { return false };
        let leaf = self.leaves.get(place.leaf);
        if leaf.moment(place.at) != at_ms {
            let score = leaf.score(place.at);
            self.leaves.edit(place.leaf, |leaf| leaf.set_moment(place.at, at_ms));
            self.order.set_span(Key { score, member }, self.leaves.get(place.leaf).span());
        }
        true
    }

    /// How many of the first `rank` elements expire before a moment; see [`super::Order::due_before`].
    pub(in super::super) fn due_before(&self, rank: usize, from_ms: i64) -> usize {
        let in_leaf = |leaf, len| self.leaves.get(leaf).due(len, from_ms);
        self.order.due_before(rank as u64, &Due { from_ms, in_leaf: &in_leaf }) as usize
    }

    /// The rank of the element that so many come before which don't expire before a moment.
    pub(in super::super) fn select_alive(&self, rank: usize, from_ms: i64) -> Option<usize> {
        let in_leaf = |leaf, len| self.leaves.get(leaf).due(len, from_ms);
        let Reached { leaf, before, rest } =
            self.order.select_alive(rank, &Due { from_ms, in_leaf: &in_leaf })?;
        let leaf = self.leaves.get(leaf);
        let at = (0..leaf.len()).filter(|at| leaf.moment(*at) >= from_ms).nth(rest)?;
        Some(before as usize + at)
    }

    /// Elements of the leaf that `key` belongs to have gone: tells the order when the others expire.
    #[inline]
    pub(super) fn renew_span(&mut self, key: Key<'_>, number: u32) {
        if self.order.is_timed() {
            self.order.set_span(key, self.leaves.get(number).span());
        }
    }

    /// As [`Self::renew_span`], for a leaf that isn't empty.
    #[inline]
    pub(super) fn renew_first_span(&mut self, number: u32) {
        if self.order.is_timed() {
            let leaf: &Leaf = self.leaves.get(number);
            self.order.set_span(leaf.key(0), leaf.span());
        }
    }

    /// Panics unless the order knows when the members of a leaf expire.
    #[cfg(test)]
    pub(super) fn check_span(&self, number: u32) {
        let leaf = self.leaves.get(number);
        if leaf.len() > 0 {
            let mut order = self.order.clone();
            order.set_span(leaf.key(0), leaf.span());
            assert_eq!(format!("{order:?}"), format!("{:?}", self.order));
        }
        let expires = (0..leaf.len()).any(|at| leaf.moment(at) != NEVER);
        assert_eq!(expires, leaf.first_to_expire().is_some());
    }
}
