//! Everything that changes a list, and the rule by which it changes its shape.

use super::chain::{Chain, Place};
use super::limits::Limits;
use super::node::Node;
use super::{Deque, Shape};
use crate::packed::{End, Item, Needle, Packed};

/// On which side of a pivot a value is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards the first value.
    Before,
    /// Towards the last value.
    After,
}

impl Deque {
    /// Adds a value at either end. Amortised O(1).
    #[inline]
    pub fn push(&mut self, end: End, value: &[u8], limits: &Limits) {
        self.prepare_growth(value.len(), 1, limits);
        self.push_prepared(end, value, limits);
    }

    /// Adds values at either end, one after the other: at the front they end up in reverse. Whether the list
    /// becomes a chain is decided once, for all of them, as Redis does for the arguments of one command.
    pub fn extend<'a>(&mut self, end: End, values: impl Iterator<Item = &'a [u8]> + Clone, limits: &Limits) {
        let (bytes, count) =
            values.clone().fold((0, 0), |(bytes, count), value| (bytes + value.len(), count + 1));
        self.prepare_growth(bytes, count, limits);
        if let Shape::Single(packed) = &mut self.shape
            && count > 1
        {
            packed.reserve(end, values.clone());
        }
        for value in values {
            self.push_prepared(end, value, limits);
        }
    }

    #[inline]
    fn push_prepared(&mut self, end: End, value: &[u8], limits: &Limits) {
        match &mut self.shape {
            Shape::Single(packed) => packed.push(end, value),
            Shape::Chain(chain) => chain.push(end, value, limits),
        }
    }

    /// Removes the value at either end after showing it to `f`. Amortised O(1).
    #[inline]
    pub fn pop<R>(&mut self, end: End, limits: &Limits, f: impl FnOnce(Item<'_>) -> R) -> Option<R> {
        let result = f(self.peek(end)?);
        match &mut self.shape {
            Shape::Single(packed) => {
                packed.drop_end(end);
            }
            Shape::Chain(chain) => {
                chain.drop_end(end);
                self.shrink(limits);
            }
        }
        Some(result)
    }

    /// Replaces the value with an index. Returns false when there is none.
    pub fn set(&mut self, index: usize, value: &[u8], limits: &Limits) -> bool {
        if index >= self.len() {
            return false;
        }
        self.prepare_growth(value.len(), 1, limits);
        match &mut self.shape {
            Shape::Single(packed) => {
                if let Some(position) = packed.position(index as i64) {
                    packed.replace(position, value);
                }
            }
            Shape::Chain(chain) => {
                chain.set(chain.locate(index), value, limits);
                self.shrink(limits);
            }
        }
        true
    }

    /// Inserts a value next to the first one equal to `pivot`. Returns false when there is none.
    pub fn insert(&mut self, side: Side, pivot: &[u8], value: &[u8], limits: &Limits) -> bool {
        let needle = Needle::new(pivot);
        let Some(index) = self.iter().position(|item| needle.matches(item)) else { return false };
        self.insert_at(index, side, value, limits);
        true
    }

    /// Inserts a value next to the one with an index. Returns false when there is none.
    pub fn insert_at(&mut self, index: usize, side: Side, value: &[u8], limits: &Limits) -> bool {
        if index >= self.len() {
            return false;
        }
        self.prepare_growth(value.len(), 1, limits);
        match &mut self.shape {
            Shape::Single(packed) => {
                let at = packed.position((index + usize::from(side == Side::After)) as i64);
                packed.insert(at.unwrap_or(packed.end()), value);
            }
            Shape::Chain(chain) => chain.insert(chain.locate(index), side, value, limits),
        }
        true
    }

    /// Removes up to `count` values from the one with index `start` on. Returns how many were removed.
    pub fn remove_range(&mut self, start: usize, count: usize, limits: &Limits) -> usize {
        let removed = self.detach_range(start, count);
        self.shrink(limits);
        removed
    }

    /// As [`Self::remove_range`], but leaves a chain a chain: for values that are about to be added again elsewhere.
    /// [`Self::shrink`] must follow.
    pub fn detach_range(&mut self, start: usize, count: usize) -> usize {
        let len = self.len();
        let count = count.min(len.saturating_sub(start));
        if count == 0 {
            return 0;
        }
        match &mut self.shape {
            Shape::Single(packed) => {
                if let Some(at) = packed.position(start as i64) {
                    packed.remove(at, count);
                }
            }
            Shape::Chain(chain) => remove_from_chain(chain, start, count),
        }
        count
    }

    /// Keeps `count` values from the one with index `start` on and removes the others.
    pub fn keep_range(&mut self, start: usize, count: usize, limits: &Limits) {
        self.remove_range(start.saturating_add(count), usize::MAX, limits);
        self.remove_range(0, start, limits);
    }

    /// Removes values equal to `value`: with a positive `count` up to so many from the front, with a negative
    /// one from the back, with 0 all. Returns how many were removed.
    pub fn remove_matching(&mut self, value: &[u8], count: i64, limits: &Limits) -> usize {
        let needle = Needle::new(value);
        let most = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
        let end = if count < 0 { End::Back } else { End::Front };
        match &mut self.shape {
            Shape::Single(packed) => remove_from_packed(packed, needle, end, most),
            Shape::Chain(chain) => {
                let removed = remove_matching_from_chain(chain, needle, end, most);
                self.shrink(limits);
                removed
            }
        }
    }

    /// Appends a node as it was stored elsewhere, however large; [`Self::settle`] must follow the last one.
    pub fn append_packed(&mut self, packed: Packed) {
        if !packed.is_empty() {
            self.make_chain().append_node(Node::Packed(packed));
        }
    }

    /// Appends a value in a node of its own; [`Self::settle`] must follow the last one.
    pub fn append_plain(&mut self, value: Box<[u8]>) {
        self.make_chain().append_node(Node::Plain(value));
    }

    /// Brings a list put together from stored nodes into the shape its size asks for.
    pub fn settle(&mut self, limits: &Limits) {
        self.make_single_when(|packed| !limits.exceeded_by(packed.listpack_len(), packed.count()));
    }

    /// Makes the list a chain when it would be too large for one node with `count` more values of `bytes` bytes.
    #[inline]
    fn prepare_growth(&mut self, bytes: usize, count: usize, limits: &Limits) {
        let Shape::Single(packed) = &self.shape else { return };
        if limits.exceeded_by(packed.listpack_len() + bytes, packed.count() + count) {
            self.make_chain();
        }
    }

    fn make_chain(&mut self) -> &mut Chain {
        if let Shape::Single(packed) = &mut self.shape {
            let packed = std::mem::take(packed);
            let mut chain = Chain::default();
            if !packed.is_empty() {
                chain.append_node(Node::Packed(packed));
            }
            self.shape = Shape::Chain(Box::new(chain));
        }
        match &mut self.shape {
            Shape::Chain(chain) => chain,
            Shape::Single(_) => unreachable!("made a chain above"),
        }
    }

    /// Makes the list a single listpack again when it came down to one small node.
    #[inline]
    pub fn shrink(&mut self, limits: &Limits) {
        self.make_single_when(|packed| limits.half_holds(packed));
    }

    fn make_single_when(&mut self, condition: impl FnOnce(&Packed) -> bool) {
        let Shape::Chain(chain) = &mut self.shape else { return };
        if chain.nodes() == 0 {
            self.shape = Shape::Single(Packed::new());
        } else if chain.only_packed().is_some_and(condition)
            && let Some(Node::Packed(mut packed)) = chain.take_first()
        {
            packed.release(0);
            self.shape = Shape::Single(packed);
        }
    }
}

/// Removes `count` values, which there must be, from the one with index `start` on.
fn remove_from_chain(chain: &mut Chain, start: usize, count: usize) {
    let len = chain.len();
    let removed = |chain: &Chain| len - chain.len();
    let at = chain.locate(start);
    if at.index > 0 {
        chain.remove_in_node(at, count);
    }
    // What is left begins with a node.
    chain.remove_nodes(start..start + count - removed(chain));
    if removed(chain) < count {
        chain.remove_in_node(Place { start, index: 0 }, count - removed(chain));
    }
}

/// Removes up to `most` elements the needle matches, searching from `end`.
fn remove_from_packed(packed: &mut Packed, needle: Needle<'_>, end: End, most: usize) -> usize {
    let before = packed.count();
    let removed = |packed: &Packed| before - packed.count();
    match end {
        End::Front => {
            let mut at = packed.start();
            while removed(packed) < most
                && let Some(item) = packed.item(at)
            {
                if needle.matches(item) {
                    packed.remove(at, 1);
                } else {
                    at = packed.next(at).unwrap_or(packed.end());
                }
            }
        }
        End::Back => {
            let mut at = packed.end();
            while removed(packed) < most
                && let Some(here) = packed.prev(at)
            {
                if packed.item(here).is_some_and(|item| needle.matches(item)) {
                    packed.remove(here, 1);
                }
                at = here;
            }
        }
    }
    removed(packed)
}

/// Removes up to `most` values the needle matches, node by node from `end`.
fn remove_matching_from_chain(chain: &mut Chain, needle: Needle<'_>, end: End, most: usize) -> usize {
    let len = chain.len();
    let removed = |chain: &Chain| len - chain.len();
    // Values before (or, from the back, behind) this one have been looked at.
    let mut edge = if end == End::Front { 0 } else { len };
    while removed(chain) < most {
        let next = if end == End::Front { Some(edge) } else { edge.checked_sub(1) };
        let Some(node) = next.and_then(|index| chain.node(index)) else { break };
        let start = if end == End::Front { edge } else { edge - node.count() };
        let (count, before) = (node.count(), chain.len());
        match node {
            Node::Plain(value) if needle.matches(Item::Bytes(value)) => {
                chain.remove_in_node(Place { start, index: 0 }, 1);
            }
            Node::Packed(packed) if packed.iter().any(|item| needle.matches(item)) => {
                let left = most - removed(chain);
                chain.edit(start, |packed| remove_from_packed(packed, needle, end, left));
            }
            _ => {}
        }
        edge = if end == End::Front { start + count + chain.len() - before } else { start };
    }
    removed(chain)
}
