//! Walking over the values of a list in both directions.

use super::node::{Values, ValuesBack};
use super::nodes::{Backward, Forward};
use super::{Deque, Shape};
use crate::packed::Item;

/// Values from one with a given index to the last.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    /// Nodes not yet begun.
    nodes: Option<Forward<'a>>,
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
            self.values = self.nodes.as_mut()?.next()?.values_from(0);
        }
    }
}

/// Values from one with a given index to the first.
#[derive(Clone, Debug)]
pub struct IterBack<'a> {
    /// Nodes not yet begun.
    nodes: Option<Backward<'a>>,
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
            self.values = self.nodes.as_mut()?.next()?.values_back_from(usize::MAX);
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
        match &self.shape {
            Shape::Single(packed) => Iter { nodes: None, values: Values::of(packed, index) },
            Shape::Chain(chain) => {
                let at = chain.locate(index);
                let mut nodes = chain.forward(index);
                let first = nodes.next();
                let values = first.map_or(Values::Plain(None), |node| node.values_from(at.index));
                Iter { nodes: Some(nodes), values }
            }
        }
    }

    /// All values, last to first.
    pub fn iter_back(&self) -> IterBack<'_> {
        self.iter_back_from(self.len().saturating_sub(1))
    }

    /// The values from the one with an index to the first; an index out of range counts as the last.
    pub fn iter_back_from(&self, index: usize) -> IterBack<'_> {
        let index = index.min(self.len().saturating_sub(1));
        match &self.shape {
            Shape::Single(packed) => IterBack { nodes: None, values: ValuesBack::of(packed, index + 1) },
            Shape::Chain(chain) => {
                let at = chain.locate(index);
                let mut nodes = chain.backward(index);
                let last = nodes.next();
                let values = last.map_or(ValuesBack::Plain(None), |node| node.values_back_from(at.index + 1));
                IterBack { nodes: Some(nodes), values }
            }
        }
    }
}

impl<'a> IntoIterator for &'a Deque {
    type Item = Item<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
