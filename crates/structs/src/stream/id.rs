//! The identity of a stream entry.

use crate::tree::{ByKey, Seek};

/// A time in milliseconds and a sequence number within it. Ordered by time, then sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Milliseconds, usually since the Unix epoch.
    pub ms: u64,
    /// Number among the entries of one millisecond.
    pub seq: u64,
}

impl StreamId {
    /// The smallest id, `0-0`, which no entry has.
    pub const MIN: Self = Self::new(0, 0);
    /// The largest id.
    pub const MAX: Self = Self::new(u64::MAX, u64::MAX);

    /// The id `ms-seq`.
    #[inline]
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// The id right after this one; `None` after [`Self::MAX`].
    pub fn next(self) -> Option<Self> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(Self::new(self.ms, seq)),
            None => Some(Self::new(self.ms.checked_add(1)?, 0)),
        }
    }

    /// The id right before this one; `None` before [`Self::MIN`].
    pub fn prev(self) -> Option<Self> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(Self::new(self.ms, seq)),
            None => Some(Self::new(self.ms.checked_sub(1)?, u64::MAX)),
        }
    }
}

/// To the chunk that an id belongs to, in a tree of chunks by their first ids.
#[inline]
pub(super) fn to(id: StreamId) -> impl Seek<StreamId> {
    ByKey(move |first: &StreamId| *first <= id)
}
