//! `Tree`: chunks in order under a tree that knows how much lies below each of its nodes, and that is cloned in O(1).
//!
//! A chunk is whatever its owner puts into one allocation: a block of stream entries, a node of a list, a run of pairs.
//! It has a weight, the number of things in it. The tree finds the chunk that a key belongs to, or that holds the n-th
//! thing, and tells how many things lie before a chunk, in O(log n).
//!
//! # Sharing
//! Nodes are counted references and a clone shares all of them but the root. Whoever changes a tree copies the nodes on
//! the path to the change if they are shared, and none if they are not: two trees with a common past drift apart node
//! by node. Chunks are counted references, too (or as small), and follow the same rule: change them by `make_mut`.

mod change;
mod map;
mod seek;
#[cfg(test)]
mod tests;
mod walk;

use triomphe::Arc;

pub(crate) use map::Map;
pub(crate) use seek::{ByKey, ByWeight, Seek};
pub(crate) use walk::{Backward, Forward};

/// Most children of an inner node, and most chunks of a leaf. Few in tests, for deep trees of few chunks.
const FAN_OUT: usize = if cfg!(test) { 8 } else { 32 };
/// A node with fewer children than this looks for a neighbour to join.
const SPARSE: usize = FAN_OUT / 4;
/// No tree is deeper: the root is split only when it is full, and halves are at least `FAN_OUT / 2` wide or stand at an
/// edge of the tree.
const DEPTH_MAX: usize = 12;

/// What the leaves of a [`Tree`] hold: a counted reference, or something else that is cheap to clone. A chunk in a tree
/// is never empty: its weight is at least 1.
pub(crate) trait Chunk: Clone {
    /// Number of things in the chunk.
    fn weight(&self) -> u64;
    /// Bytes the chunk has allocated beyond its own size.
    fn memory_bytes(&self) -> usize;
}

/// Chunks `C` in order of their keys `K`; `()` where only the order matters.
///
/// ```text
///             Inner [ first, weight, node | first, weight, node | ... ]     weight: sum over everything below
///                      |                     |
///             Leaf [ first, weight, chunk | ... ]    Leaf [ first, weight, chunk | ... ]
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Tree<K, C> {
    root: Node<K, C>,
    chunks: usize,
    weight: u64,
    /// Bytes allocated by the chunks.
    chunk_bytes: usize,
}

#[derive(Clone, Debug)]
enum Node<K, C> {
    Leaf(Vec<Slot<K, C>>),
    Inner(Vec<Slot<K, Arc<Self>>>),
}

/// A chunk, or a node, with what is to be known without looking into it.
#[derive(Clone, Debug)]
pub(crate) struct Slot<K, T> {
    /// Nothing below has a smaller key. Of no meaning in a node's first slot: what comes before all others goes there.
    first: K,
    weight: u64,
    item: T,
}

impl<K, C> Default for Tree<K, C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, C> Tree<K, C> {
    /// A tree without chunks. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self { root: Node::Leaf(Vec::new()), chunks: 0, weight: 0, chunk_bytes: 0 }
    }

    /// Number of chunks.
    #[inline]
    pub(crate) fn chunks(&self) -> usize {
        self.chunks
    }

    /// Number of nodes above the chunks. Visits those that stand above other nodes only.
    pub(crate) fn nodes(&self) -> usize {
        self.root.nodes()
    }

    /// Sum of the weights of all chunks.
    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    /// Bytes allocated by the chunks.
    #[inline]
    pub(crate) fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    /// Bytes allocated: by chunks exactly, by the tree itself as if its nodes were full. O(1).
    pub(crate) fn memory_bytes(&self) -> usize {
        let leaves = self.chunks * size_of::<Slot<K, C>>();
        let inner = size_of::<Slot<K, Arc<Node<K, C>>>>() + size_of::<usize>() + size_of::<Node<K, C>>();
        let inner = if self.chunks > FAN_OUT { self.chunks.div_ceil(FAN_OUT) * inner } else { 0 };
        self.chunk_bytes + leaves + inner
    }

    /// The chunk that is sought; `None` in an empty tree.
    #[inline]
    pub(crate) fn get(&self, mut seek: impl Seek<K>) -> Option<&C> {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(slots) => return slots.get(seek.choose(slots)).map(|slot| &slot.item),
                Node::Inner(slots) => node = &slots[seek.choose(slots)].item,
            }
        }
    }

    /// The sum of the weights of the chunks before the one that is sought, and that one.
    pub(crate) fn rank(&self, mut seek: impl Seek<K>) -> (u64, Option<&C>) {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(slots) => {
                    let index = seek.choose(slots);
                    before += weight_of(&slots[..index]);
                    return (before, slots.get(index).map(|slot| &slot.item));
                }
                Node::Inner(slots) => {
                    let index = seek.choose(slots);
                    before += weight_of(&slots[..index]);
                    node = &slots[index].item;
                }
            }
        }
    }

    /// The chunks from the one that is sought on.
    #[inline]
    pub(crate) fn forward(&self, seek: impl Seek<K>) -> Forward<'_, K, C> {
        Forward::new(&self.root, seek)
    }

    /// The chunks from the one that is sought back to the first.
    #[inline]
    pub(crate) fn backward(&self, seek: impl Seek<K>) -> Backward<'_, K, C> {
        Backward::new(&self.root, seek)
    }
}

#[cfg(test)]
impl<K, C: Chunk> Tree<K, C> {
    /// Panics unless all counts hold.
    pub(crate) fn check(&self) {
        let (mut weight, mut chunks, mut bytes) = (0, 0, 0);
        for chunk in self.forward(crate::packed::End::Front) {
            assert!(chunk.weight() > 0);
            weight += chunk.weight();
            chunks += 1;
            bytes += chunk.memory_bytes();
        }
        assert_eq!((weight, chunks, bytes), (self.weight, self.chunks, self.chunk_bytes));
        assert_eq!(self.backward(crate::packed::End::Back).count(), chunks);
        assert_eq!(self.root.check(), (self.nodes(), weight));
    }
}

#[cfg(test)]
impl<K, C: Chunk> Node<K, C> {
    /// Counts the nodes from this one down, one by one, and the things in them.
    fn check(&self) -> (usize, u64) {
        assert!(self.len() <= FAN_OUT);
        match self {
            Node::Leaf(slots) => {
                assert!(slots.iter().all(|slot| slot.weight == slot.item.weight()));
                (1, self.weight())
            }
            Node::Inner(slots) => slots.iter().fold((1, 0), |(nodes, weight), slot| {
                assert!(slot.item.len() > 0);
                let (below, held) = slot.item.check();
                assert_eq!(slot.weight, held);
                (nodes + below, weight + held)
            }),
        }
    }
}

/// The value behind a shared reference for changing: the value itself if nobody else refers to it, else a copy that
/// takes its place. The ordinary case costs a load and a comparison.
#[inline]
pub(crate) fn own<T: Clone>(shared: &mut Arc<T>) -> &mut T {
    #[cold]
    #[inline(never)]
    fn copy<T: Clone>(shared: &mut Arc<T>) {
        *shared = Arc::new(T::clone(shared));
    }
    if !Arc::is_unique(shared) {
        copy(shared);
    }
    Arc::get_mut(shared).expect("nobody else refers to it")
}

fn weight_of<K, T>(slots: &[Slot<K, T>]) -> u64 {
    slots.iter().map(|slot| slot.weight).sum()
}

impl<K, C> Node<K, C> {
    fn weight(&self) -> u64 {
        match self {
            Node::Leaf(slots) => weight_of(slots),
            Node::Inner(slots) => weight_of(slots),
        }
    }

    fn len(&self) -> usize {
        match self {
            Node::Leaf(slots) => slots.len(),
            Node::Inner(slots) => slots.len(),
        }
    }

    /// Number of nodes from this one down.
    fn nodes(&self) -> usize {
        let Node::Inner(slots) = self else { return 1 };
        // All leaves are equally deep.
        match slots.first().map(|slot| &*slot.item) {
            Some(Node::Inner(_)) => 1 + slots.iter().map(|slot| slot.item.nodes()).sum::<usize>(),
            _ => 1 + slots.len(),
        }
    }
}
