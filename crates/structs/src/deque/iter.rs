//! Walking over the values of a list in both directions.

use std::collections::VecDeque;

use super::node::{Node, Values, ValuesBack};
use super::{Deque, Shape};
use crate::packed::{Item, Packed};

/// The nodes of a list, whatever its shape.
#[derive(Clone, Copy, Debug)]
enum Nodes<'a> {
    One(&'a Packed),
    Many(&'a VecDeque<Node>),
}

impl<'a> Nodes<'a> {
    fn of(deque: &'a Deque) -> Self {
        match &deque.shape {
            Shape::Single(packed) => Nodes::One(packed),
            Shape::Chain(chain) => Nodes::Many(chain.nodes()),
        }
    }

    /// The values of the node at `index` from the one with index `skip` on.
    #[inline]
    fn values_from(self, index: usize, skip: usize) -> Option<Values<'a>> {
        match self {
            Nodes::One(packed) => (index == 0).then(|| Values::of(packed, skip)),
            Nodes::Many(nodes) => nodes.get(index).map(|node| node.values_from(skip)),
        }
    }

    /// The values of the node at `index` before the one with index `before`, last first.
    #[inline]
    fn values_back_from(self, index: usize, before: usize) -> Option<ValuesBack<'a>> {
        match self {
            Nodes::One(packed) => (index == 0).then(|| ValuesBack::of(packed, before)),
            Nodes::Many(nodes) => nodes.get(index).map(|node| node.values_back_from(before)),
        }
    }
}

/// Values from one with a given index to the last.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    nodes: Nodes<'a>,
    next_node: usize,
    values: Values<'a>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            if let Some(item) = self.values.next() {
                return Some(item);
            }
            self.values = self.nodes.values_from(self.next_node, 0)?;
            self.next_node += 1;
        }
    }
}

/// Values from one with a given index to the first.
#[derive(Clone, Debug)]
pub struct IterBack<'a> {
    nodes: Nodes<'a>,
    /// Nodes not yet begun: those before this index.
    nodes_left: usize,
    values: ValuesBack<'a>,
}

impl<'a> Iterator for IterBack<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            if let Some(item) = self.values.next() {
                return Some(item);
            }
            self.nodes_left = self.nodes_left.checked_sub(1)?;
            self.values = self.nodes.values_back_from(self.nodes_left, usize::MAX)?;
        }
    }
}

impl Deque {
    /// All values, first to last.
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    /// The values from the one with an index to the last; none when the index is out of range.
    pub fn iter_from(&self, index: usize) -> Iter<'_> {
        let at = self.locate(index);
        let nodes = Nodes::of(self);
        let values = nodes.values_from(at.node, at.index).unwrap_or(Values::Plain(None));
        Iter { nodes, next_node: at.node + 1, values }
    }

    /// All values, last to first.
    pub fn iter_back(&self) -> IterBack<'_> {
        self.iter_back_from(self.len().saturating_sub(1))
    }

    /// The values from the one with an index to the first; an index out of range counts as the last.
    pub fn iter_back_from(&self, index: usize) -> IterBack<'_> {
        let at = self.locate(index.min(self.len().saturating_sub(1)));
        let nodes = Nodes::of(self);
        let values = nodes.values_back_from(at.node, at.index + 1).unwrap_or(ValuesBack::Plain(None));
        IterBack { nodes, nodes_left: at.node, values }
    }
}

impl<'a> IntoIterator for &'a Deque {
    type Item = Item<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
