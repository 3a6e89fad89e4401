//! `Deque`: a list of values that is cheap to change at both ends, whatever its length (Redis' quicklist).
//!
//! A short list is a single [`Packed`]; a longer one is a chain of them, each held within the caller's
//! [`Limits`], with values too large to be packed in nodes of their own. `list-compress-depth` is accepted and
//! kept by the server for compatibility; nodes are never compressed.

mod chain;
mod change;
mod iter;
mod limits;
mod node;
#[cfg(test)]
mod tests;

pub use change::Side;
pub use iter::{Iter, IterBack};
pub use limits::{Limits, NodeLimit};

use crate::packed::{End, Item, Packed};
use chain::{Chain, Place};
use node::Node;

/// A list of values.
///
/// ```text
///  Single:  [ v v v ]                              one packed node            OBJECT ENCODING listpack
///  Chain:   [ v v v ] [ v v ] ( one large v ) [ v ]  packed and plain nodes   OBJECT ENCODING quicklist
/// ```
///
/// Pushing and popping cost amortised O(1); access by index walks over the nodes from the nearer end, then over
/// the values of one node.
#[derive(Clone, Debug)]
pub struct Deque {
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// All values, or none, in one packed node.
    Single(Packed),
    /// Any number of nodes, none of them empty.
    Chain(Box<Chain>),
}

impl Default for Deque {
    fn default() -> Self {
        Self::new()
    }
}

impl Deque {
    /// An empty list. Does not allocate.
    pub const fn new() -> Self {
        Self { shape: Shape::Single(Packed::new()) }
    }

    /// Number of values. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.shape {
            Shape::Single(packed) => packed.count(),
            Shape::Chain(chain) => chain.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        match &self.shape {
            Shape::Single(_) => 1,
            Shape::Chain(chain) => chain.nodes().len(),
        }
    }

    /// Whether the list is a single listpack: what `OBJECT ENCODING` calls `listpack`, else `quicklist`.
    pub fn is_single_packed(&self) -> bool {
        matches!(self.shape, Shape::Single(_))
    }

    /// Bytes allocated beyond the `Deque` itself, spare room included. O(1).
    pub fn memory_bytes(&self) -> usize {
        match &self.shape {
            Shape::Single(packed) => packed.memory_bytes(),
            Shape::Chain(chain) => size_of::<Chain>() + chain.memory_bytes(),
        }
    }

    /// The nodes in order, as RDB files and DUMP payloads carry them.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk<'_>> {
        self.chunks_from(0)
    }

    /// The nodes in order, beginning with that at `index`.
    pub fn chunks_from(&self, index: usize) -> impl Iterator<Item = Chunk<'_>> {
        (index..self.nodes()).filter_map(|index| match &self.shape {
            Shape::Single(packed) => Some(Chunk::Packed(packed)),
            Shape::Chain(chain) => chain.nodes().get(index).map(Chunk::of),
        })
    }

    /// The value at either end. O(1).
    #[inline]
    pub fn peek(&self, end: End) -> Option<Item<'_>> {
        match &self.shape {
            Shape::Single(packed) => packed.peek(end),
            Shape::Chain(chain) => chain.end_node(end)?.peek(end),
        }
    }

    /// The value with an index, 0 being the first.
    pub fn get(&self, index: usize) -> Option<Item<'_>> {
        match &self.shape {
            Shape::Single(packed) => packed.get(i64::try_from(index).ok()?),
            Shape::Chain(chain) => {
                let at = chain.locate(index);
                chain.nodes().get(at.node)?.get(at.index)
            }
        }
    }

    fn locate(&self, index: usize) -> Place {
        match &self.shape {
            Shape::Single(packed) => Place { node: usize::from(index >= packed.count()), index },
            Shape::Chain(chain) => chain.locate(index),
        }
    }
}

/// A node of a list as it is stored.
#[derive(Clone, Copy, Debug)]
pub enum Chunk<'a> {
    /// Several values.
    Packed(&'a Packed),
    /// One large value, as it is.
    Plain(&'a [u8]),
}

impl<'a> Chunk<'a> {
    fn of(node: &'a Node) -> Self {
        match node {
            Node::Packed(packed) => Chunk::Packed(packed),
            Node::Plain(value) => Chunk::Plain(value),
        }
    }
}
