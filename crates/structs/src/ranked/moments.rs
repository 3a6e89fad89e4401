//! When members expire: each member of a leaf, if any of them does, and in short all that lie below a node.

use std::ops::Range;

use super::leaf::CAPACITY;

/// The moment of a member that doesn't expire.
pub(super) const NEVER: i64 = i64::MAX;

/// The first and the last moment at which some members expire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) first: i64,
    /// [`NEVER`] if one of them doesn't expire.
    pub(super) last: i64,
}

impl Span {
    /// Of members that don't expire.
    pub(super) const NEVER: Span = Span { first: NEVER, last: NEVER };
    /// Of no members.
    const NONE: Span = Span { first: NEVER, last: i64::MIN };

    /// Of all members that have these moments.
    fn of_moments(moments: &[i64]) -> Span {
        let spans = moments.iter().map(|&at_ms| Span { first: at_ms, last: at_ms });
        Span::of(spans)
    }

    /// Of all members that have these spans.
    pub(super) fn of(spans: impl Iterator<Item = Span>) -> Span {
        let joined = |one: Span, other: Span| Span {
            first: one.first.min(other.first),
            last: one.last.max(other.last),
        };
        spans.fold(Span::NONE, joined)
    }
}

/// The moments of a leaf's members, in their order; nothing at all as long as none expires.
#[derive(Clone, Default)]
pub(super) struct Moments(Option<Box<[i64; CAPACITY]>>);

impl Moments {
    /// Bytes allocated.
    pub(super) fn memory_bytes(&self) -> usize {
        if self.0.is_some() { size_of::<[i64; CAPACITY]>() } else { 0 }
    }

    /// When the member at an index expires.
    #[inline]
    pub(super) fn get(&self, at: usize) -> i64 {
        self.0.as_ref().map_or(NEVER, |moments| moments[at])
    }

    /// Sets when the member at an index, one of `len`, expires.
    pub(super) fn set(&mut self, at: usize, at_ms: i64, len: usize) {
        if at_ms != NEVER || self.0.is_some() {
            self.allocated()[at] = at_ms;
            self.settle(len);
        }
    }

    fn allocated(&mut self) -> &mut [i64; CAPACITY] {
        self.0.get_or_insert_with(|| Box::new([NEVER; CAPACITY]))
    }

    /// A member has come in front of the one at `at`, where `len` were before.
    #[inline]
    pub(super) fn insert(&mut self, at: usize, at_ms: i64, len: usize) {
        if at_ms != NEVER || self.0.is_some() {
            let moments = self.allocated();
            moments.copy_within(at..len, at + 1);
            moments[at] = at_ms;
        }
    }

    /// Members are gone, where `len` were before.
    #[inline]
    pub(super) fn remove(&mut self, range: Range<usize>, len: usize) {
        if let Some(moments) = &mut self.0 {
            moments.copy_within(range.end..len, range.start);
            self.settle(len - range.len());
        }
    }

    /// Only the first `len` members are left.
    pub(super) fn truncate(&mut self, len: usize) {
        self.settle(len);
    }

    /// Behind `len` members come `count` of another leaf, from the one at `from` on.
    pub(super) fn append(&mut self, len: usize, other: &Self, from: usize, count: usize) {
        let Some(others) = &other.0 else {
            return self.0.iter_mut().for_each(|moments| moments[len..len + count].fill(NEVER));
        };
        self.allocated()[len..len + count].copy_from_slice(&others[from..from + count]);
        self.settle(len + count);
    }

    /// Gives the memory back if none of `len` members expires.
    fn settle(&mut self, len: usize) {
        if self.0.as_ref().is_some_and(|moments| moments[..len].iter().all(|at_ms| *at_ms == NEVER)) {
            self.0 = None;
        }
    }

    /// When the first and the last of `len` members expire.
    pub(super) fn span(&self, len: usize) -> Span {
        self.0.as_ref().map_or(Span::NEVER, |moments| Span::of_moments(&moments[..len]))
    }

    /// How many of the first `len` members expire before a moment.
    pub(super) fn due(&self, len: usize, from_ms: i64) -> usize {
        self.0.as_ref().map_or(0, |moments| count_due(&moments[..len], from_ms))
    }
}

/// How many moments lie before one.
pub(super) fn count_due(moments: &[i64], from_ms: i64) -> usize {
    moments.iter().filter(|at_ms| **at_ms < from_ms).count()
}

/// The index of the first of some moments, if any isn't [`NEVER`].
pub(super) fn first_of(moments: impl Iterator<Item = i64>) -> Option<usize> {
    let expiring = moments.enumerate().filter(|(_, at_ms)| *at_ms != NEVER);
    expiring.min_by_key(|(_, at_ms)| *at_ms).map(|(at, _)| at)
}
