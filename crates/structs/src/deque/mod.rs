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
mod nodes;
#[cfg(test)]
mod tests;

pub use change::Side;
pub use iter::{Iter, IterBack};
pub use limits::{Limits, NodeLimit};

use crate::packed::{End, Item, Packed};
use crate::small::Small;
use chain::Chain;
use node::Node;

/// A list of values.
///
/// ```text
///  Single:  [ v v v ]                              one packed node            OBJECT ENCODING listpack
///  Chain:   [ v v v ] [ v v ] ( one large v ) [ v ]  packed and plain nodes   OBJECT ENCODING quicklist
/// ```
///
/// Pushing and popping cost amortised O(1), access by index O(log n) and a walk over the values of one node. A clone shares all
/// nodes of a chain until either changes: it costs no more than a clone of a list that is a single node.
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

    /// The list whose small form this is.
    pub fn of_small(small: Small<'_>) -> Self {
        Self { shape: Shape::Single(Packed::of_small(small)) }
    }

    /// The list as bytes, if it is a single packed node.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        if let Shape::Single(packed) = &self.shape { packed.small() } else { None }
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
            Shape::Chain(chain) => chain.nodes(),
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

    /// The nodes in order, beginning with that of the value with an index.
    pub fn chunks_from(&self, index: usize) -> impl Iterator<Item = Chunk<'_>> {
        let (single, nodes) = match &self.shape {
            Shape::Single(packed) => {
                (Some(Chunk::Packed(packed)).filter(|_| index == 0 || index < self.len()), None)
            }
            Shape::Chain(chain) => (None, Some(chain.forward(index)).filter(|_| index < chain.len())),
        };
        single.into_iter().chain(nodes.into_iter().flatten().map(Chunk::of))
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
                chain.node(at.start)?.get(at.index)
            }
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
    /// Number of values.
    pub fn count(&self) -> usize {
        match self {
            Chunk::Packed(packed) => packed.count(),
            Chunk::Plain(_) => 1,
        }
    }

    fn of(node: &'a Node) -> Self {
        match node {
            Node::Packed(packed) => Chunk::Packed(packed),
            Node::Plain(value) => Chunk::Plain(value),
        }
    }
}
