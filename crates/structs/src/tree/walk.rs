//! Walking over the chunks of a tree in both directions, without allocating: a walk knows its way from the root.

use std::slice;

use super::{DEPTH_MAX, Node, Seek, Slot};
use crate::packed::End;

/// The way from the root to a leaf: the index of the slot taken in each inner node.
#[derive(Clone, Copy)]
pub(super) struct Path {
    indices: [u8; DEPTH_MAX],
    depth: u8,
}

impl Path {
    #[inline]
    pub(super) fn new() -> Self {
        Self { indices: [0; DEPTH_MAX], depth: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, index: usize) {
        self.indices[usize::from(self.depth)] = index as u8;
        self.depth += 1;
    }

    #[inline]
    pub(super) fn indices(&self) -> &[u8] {
        &self.indices[..usize::from(self.depth)]
    }

    /// Goes on from `node` to a leaf. Answers its slots, and the index of the one that is sought.
    #[inline]
    pub(super) fn descend<'a, K, C>(
        &mut self,
        mut node: &'a Node<K, C>,
        mut seek: impl Seek<K>,
    ) -> (&'a [Slot<K, C>], usize) {
        loop {
            match node {
                Node::Leaf(slots) => return (slots, seek.choose(slots)),
                Node::Inner(slots) => {
                    let index = seek.choose(slots);
                    self.push(index);
                    node = &slots[index].item;
                }
            }
        }
    }

    /// Goes to the next leaf behind (`End::Back`) or before the present one.
    fn advance<'a, K, C>(&mut self, root: &'a Node<K, C>, towards: End) -> Option<&'a [Slot<K, C>]> {
        // The lowest node on the way in which there is a neighbour: its level, the neighbour's index, and the neighbour.
        let mut turn = None;
        let mut node = root;
        for (level, &index) in self.indices().iter().enumerate() {
            let Node::Inner(slots) = node else { break };
            let index = usize::from(index);
            let neighbour = match towards {
                End::Back => Some(index + 1),
                End::Front => index.checked_sub(1),
            };
            if let Some((index, slot)) = neighbour.and_then(|index| Some((index, slots.get(index)?))) {
                turn = Some((level, index, slot));
            }
            node = &slots[index].item;
        }
        let (level, index, slot) = turn?;
        self.depth = level as u8;
        self.push(index);
        let near = if towards == End::Back { End::Front } else { End::Back };
        Some(self.descend(&slot.item, near).0)
    }
}

/// Chunks in order.
pub(crate) struct Forward<'a, K, C> {
    root: &'a Node<K, C>,
    path: Path,
    leaf: slice::Iter<'a, Slot<K, C>>,
}

impl<'a, K, C> Forward<'a, K, C> {
    #[inline]
    pub(super) fn new(root: &'a Node<K, C>, seek: impl Seek<K>) -> Self {
        let mut path = Path::new();
        let (leaf, index) = path.descend(root, seek);
        Self { root, path, leaf: leaf[index..].iter() }
    }

    #[cold]
    fn next_leaf(&mut self) -> Option<&'a C> {
        self.leaf = self.path.advance(self.root, End::Back)?.iter();
        self.leaf.next().map(|slot| &slot.item)
    }
}

impl<'a, K, C> Iterator for Forward<'a, K, C> {
    type Item = &'a C;

    #[inline]
    fn next(&mut self) -> Option<&'a C> {
        match self.leaf.next() {
            Some(slot) => Some(&slot.item),
            None => self.next_leaf(),
        }
    }
}

/// Chunks in reverse order.
pub(crate) struct Backward<'a, K, C> {
    root: &'a Node<K, C>,
    path: Path,
    leaf: slice::Iter<'a, Slot<K, C>>,
}

impl<'a, K, C> Backward<'a, K, C> {
    #[inline]
    pub(super) fn new(root: &'a Node<K, C>, seek: impl Seek<K>) -> Self {
        let mut path = Path::new();
        let (leaf, index) = path.descend(root, seek);
        let upto = leaf.len().min(index + 1);
        Self { root, path, leaf: leaf[..upto].iter() }
    }

    #[cold]
    fn next_leaf(&mut self) -> Option<&'a C> {
        self.leaf = self.path.advance(self.root, End::Front)?.iter();
        self.leaf.next_back().map(|slot| &slot.item)
    }
}

impl<'a, K, C> Iterator for Backward<'a, K, C> {
    type Item = &'a C;

    #[inline]
    fn next(&mut self) -> Option<&'a C> {
        match self.leaf.next_back() {
            Some(slot) => Some(&slot.item),
            None => self.next_leaf(),
        }
    }
}

impl<K, C> Clone for Forward<'_, K, C> {
    fn clone(&self) -> Self {
        Self { root: self.root, path: self.path, leaf: self.leaf.clone() }
    }
}

impl<K, C> Clone for Backward<'_, K, C> {
    fn clone(&self) -> Self {
        Self { root: self.root, path: self.path, leaf: self.leaf.clone() }
    }
}

impl<K, C> std::fmt::Debug for Forward<'_, K, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forward").finish_non_exhaustive()
    }
}

impl<K, C> std::fmt::Debug for Backward<'_, K, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backward").finish_non_exhaustive()
    }
}
