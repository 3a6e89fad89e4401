//! One node of a list: a few packed values, or one value too large to be packed.

use triomphe::Arc;

use super::limits::Limits;
use crate::packed::{End, Item, Iter as PackedIter, IterBack as PackedIterBack, Packed};
use crate::tree::Chunk;

/// A node is never empty while it is part of a chain. A plain one is replaced, never changed.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Several values.
    Packed(Packed),
    /// One value, as it is.
    Plain(Box<[u8]>),
}

impl Node {
    /// A node with one value.
    pub(super) fn with_value(value: &[u8], limits: &Limits) -> Self {
        if limits.is_plain(value.len()) {
            return Node::Plain(value.into());
        }
        let mut packed = Packed::new();
        packed.push_back(value);
        Node::Packed(packed)
    }

    /// The packed values.
    #[inline]
    pub(super) fn as_packed(&self) -> Option<&Packed> {
        match self {
            Node::Packed(packed) => Some(packed),
            Node::Plain(_) => None,
        }
    }

    /// The packed values, for changing.
    #[inline]
    pub(super) fn as_packed_mut(&mut self) -> Option<&mut Packed> {
        match self {
            Node::Packed(packed) => Some(packed),
            Node::Plain(_) => None,
        }
    }

    /// Number of values.
    #[inline]
    pub(super) fn count(&self) -> usize {
        match self {
            Node::Packed(packed) => packed.count(),
            Node::Plain(_) => 1,
        }
    }

    /// Bytes allocated for values.
    #[inline]
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Node::Packed(packed) => packed.memory_bytes(),
            Node::Plain(value) => value.len(),
        }
    }

    /// The values from the one with index `skip` on.
    #[inline]
    pub(super) fn values_from(&self, skip: usize) -> Values<'_> {
        match self {
            Node::Packed(packed) => Values::of(packed, skip),
            Node::Plain(value) => Values::Plain((skip == 0).then_some(value)),
        }
    }

    /// The values before the one with index `before`, last first.
    #[inline]
    pub(super) fn values_back_from(&self, before: usize) -> ValuesBack<'_> {
        match self {
            Node::Packed(packed) => ValuesBack::of(packed, before),
            Node::Plain(value) => ValuesBack::Plain((before > 0).then_some(value)),
        }
    }

    /// The value with an index.
    pub(super) fn get(&self, index: usize) -> Option<Item<'_>> {
        match self {
            Node::Packed(packed) => packed.get(index as i64),
            Node::Plain(value) => (index == 0).then_some(Item::Bytes(value)),
        }
    }

    /// The value at either end.
    #[inline]
    pub(super) fn peek(&self, end: End) -> Option<Item<'_>> {
        match self {
            Node::Packed(packed) => packed.peek(end),
            Node::Plain(value) => Some(Item::Bytes(value)),
        }
    }
}

impl Chunk for Arc<Node> {
    #[inline]
    fn weight(&self) -> u64 {
        self.count() as u64
    }

    #[inline]
    fn memory_bytes(&self) -> usize {
        size_of::<usize>() + size_of::<Node>() + Node::memory_bytes(self)
    }
}

/// The values of a node, first to last.
#[derive(Clone, Debug)]
pub(super) enum Values<'a> {
    Packed(PackedIter<'a>),
    Plain(Option<&'a [u8]>),
}

impl<'a> Values<'a> {
    /// The elements from the one with index `skip` on.
    #[inline]
    pub(super) fn of(packed: &'a Packed, skip: usize) -> Self {
        Values::Packed(match skip {
            0 => packed.iter(),
            _ => packed.iter_from(packed.position(skip as i64).unwrap_or(packed.end())),
        })
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        match self {
            Values::Packed(values) => values.next(),
            Values::Plain(value) => value.take().map(Item::Bytes),
        }
    }
}

/// The values of a node, last to first.
#[derive(Clone, Debug)]
pub(super) enum ValuesBack<'a> {
    Packed(PackedIterBack<'a>),
    Plain(Option<&'a [u8]>),
}

impl<'a> ValuesBack<'a> {
    /// The elements before the one with index `before`, last first.
    #[inline]
    pub(super) fn of(packed: &'a Packed, before: usize) -> Self {
        ValuesBack::Packed(match packed.position(i64::try_from(before).unwrap_or(i64::MAX)) {
            Some(at) => packed.iter_back_from(at),
            None => packed.iter_back(),
        })
    }
}

impl<'a> Iterator for ValuesBack<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        match self {
            ValuesBack::Packed(values) => values.next(),
            ValuesBack::Plain(value) => value.take().map(Item::Bytes),
        }
    }
}
