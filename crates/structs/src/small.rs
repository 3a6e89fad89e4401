//! Small containers as bytes: what an owner keeps who has better places for a few bytes than an allocation.

/// The bytes that a container consists of while it has one of its small forms. The container's `small` shows them, its
/// `of_small` makes a container of them again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Small<'a> {
    /// The elements of a [`crate::packed::Packed`].
    Packed {
        /// How many there are.
        count: u16,
        /// One behind the other.
        bytes: &'a [u8],
    },
    /// The elements of a [`crate::intset::IntSet`].
    Ints {
        /// Bytes that each of them has.
        width: u16,
        /// One behind the other.
        bytes: &'a [u8],
    },
}

impl<'a> Small<'a> {
    /// The elements' bytes.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Small::Packed { bytes, .. } | Small::Ints { bytes, .. } => bytes,
        }
    }
}
