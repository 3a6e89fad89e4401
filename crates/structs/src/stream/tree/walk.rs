//! Walking over the chunks of a tree in both directions. A walk keeps no path: from the end of a leaf it finds the
//! next one from the root, which is rare and needs no memory.

use super::super::id::StreamId;
use super::{Chunk, Tree};

/// Chunks in order.
#[derive(Debug)]
pub(in super::super) struct Forward<'a, C> {
    tree: &'a Tree<C>,
    leaf: std::slice::Iter<'a, C>,
    /// An id that belongs to the leaf being walked.
    reached: StreamId,
}

impl<'a, C> Forward<'a, C> {
    #[inline]
    pub(super) fn new(tree: &'a Tree<C>, leaf: &'a [C], reached: StreamId) -> Self {
        Self { tree, leaf: leaf.iter(), reached }
    }
}

impl<'a, C: Chunk> Iterator for Forward<'a, C> {
    type Item = &'a C;

    #[inline]
    fn next(&mut self) -> Option<&'a C> {
        if let Some(chunk) = self.leaf.next() {
            return Some(chunk);
        }
        self.leaf = self.tree.neighbour_leaf(self.reached, 1)?.iter();
        let chunk = self.leaf.next()?;
        self.reached = chunk.first();
        Some(chunk)
    }
}

/// Chunks in reverse order.
#[derive(Debug)]
pub(in super::super) struct Backward<'a, C> {
    tree: &'a Tree<C>,
    leaf: std::slice::Iter<'a, C>,
    /// An id that belongs to the leaf being walked.
    reached: StreamId,
}

impl<'a, C> Backward<'a, C> {
    #[inline]
    pub(super) fn new(tree: &'a Tree<C>, leaf: &'a [C], reached: StreamId) -> Self {
        Self { tree, leaf: leaf.iter(), reached }
    }
}

impl<'a, C: Chunk> Iterator for Backward<'a, C> {
    type Item = &'a C;

    #[inline]
    fn next(&mut self) -> Option<&'a C> {
        if let Some(chunk) = self.leaf.next_back() {
            return Some(chunk);
        }
        self.leaf = self.tree.neighbour_leaf(self.reached, -1)?.iter();
        let chunk = self.leaf.next_back()?;
        self.reached = chunk.first();
        Some(chunk)
    }
}

impl<C> Clone for Forward<'_, C> {
    fn clone(&self) -> Self {
        Self { tree: self.tree, leaf: self.leaf.clone(), reached: self.reached }
    }
}

impl<C> Clone for Backward<'_, C> {
    fn clone(&self) -> Self {
        Self { tree: self.tree, leaf: self.leaf.clone(), reached: self.reached }
    }
}
