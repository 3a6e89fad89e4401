//! How large a node may become: the rule behind `list-max-listpack-size`.

use crate::packed::{LISTPACK_OVERHEAD, Packed, SAFE_BYTES};

/// Byte limits of the settings -1 to -5.
const BYTE_LIMITS: [usize; 5] = [4096, 8192, 16384, 32768, 65536];
/// With a limit on the number of elements, a node is held below this size as well.
const COUNTED_NODE_BYTES: usize = 8192;
/// Most elements a node may be set to hold.
const COUNT_MAX: usize = (1 << 15) - 1;
/// What Redis reckons an element costs beyond its value when it asks whether one more fits into a node.
const ELEMENT_ESTIMATE: usize = 8;

/// What bounds a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeLimit {
    /// Bytes of the node as a listpack.
    Bytes(usize),
    /// Number of elements.
    Count(usize),
}

/// The limits a list is held within, handed to every call that changes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What bounds a node.
    pub node: NodeLimit,
    /// Values of at least so many bytes get a node of their own; without it, those larger than a node may be.
    /// Values of [`SAFE_BYTES`] always do.
    pub plain_from: Option<usize>,
}

impl Default for Limits {
    /// `list-max-listpack-size -2`: nodes of 8 KiB.
    fn default() -> Self {
        Self::from_fill(-2)
    }
}

impl Limits {
    /// The limits of a `list-max-listpack-size` setting: -1 to -5 are 4 to 64 KiB per node (anything lower counts
    /// as -5), a positive number is elements per node (at most 32767), 0 counts as 1.
    pub fn from_fill(fill: i64) -> Self {
        let node = if fill < 0 {
            let step = fill.unsigned_abs().min(BYTE_LIMITS.len() as u64) as usize;
            NodeLimit::Bytes(BYTE_LIMITS[step - 1])
        } else {
            NodeLimit::Count((fill as usize).clamp(1, COUNT_MAX))
        };
        Self { node, plain_from: None }
    }

    /// Whether a value of `len` bytes gets a node of its own.
    #[inline]
    pub(super) fn is_plain(&self, len: usize) -> bool {
        match (self.plain_from, self.node) {
            (Some(threshold), _) => len >= threshold.min(SAFE_BYTES),
            (None, NodeLimit::Bytes(limit)) => len > limit,
            (None, NodeLimit::Count(_)) => len > COUNTED_NODE_BYTES,
        }
    }

    /// Whether a listpack of `bytes` bytes and `count` elements is larger than a node may be.
    #[inline]
    pub(super) fn exceeded_by(&self, bytes: usize, count: usize) -> bool {
        match self.node {
            NodeLimit::Bytes(limit) => bytes > limit,
            NodeLimit::Count(limit) => count > limit || bytes > COUNTED_NODE_BYTES,
        }
    }

    /// Whether a value of `len` bytes may be added to `node`.
    #[inline]
    pub(super) fn admits(&self, node: &Packed, len: usize) -> bool {
        let bytes = node.listpack_len() + len + ELEMENT_ESTIMATE;
        !self.is_plain(len) && !self.exceeded_by(bytes, node.count() + 1)
    }

    /// Whether two neighbouring nodes may become one.
    pub(super) fn admits_merge(&self, left: &Packed, right: &Packed) -> bool {
        let bytes = left.listpack_len() + right.byte_len();
        !self.exceeded_by(bytes, left.count() + right.count())
    }

    /// Whether `node` is at most half of what a node may be: a list that came down to one such node is a plain
    /// listpack again. (The distance to [`Self::exceeded_by`] keeps a list from changing back and forth.)
    pub(super) fn half_holds(&self, node: &Packed) -> bool {
        match self.node {
            NodeLimit::Bytes(limit) => node.listpack_len() <= limit / 2,
            NodeLimit::Count(limit) => node.count() <= limit / 2,
        }
    }

    /// Bytes of elements a node that follows `neighbour` will probably come to hold.
    pub(super) fn expected_bytes(&self, neighbour: Option<&Packed>) -> usize {
        match self.node {
            NodeLimit::Bytes(limit) => limit - LISTPACK_OVERHEAD,
            NodeLimit::Count(_) => neighbour.map_or(0, Packed::byte_len),
        }
    }
}
