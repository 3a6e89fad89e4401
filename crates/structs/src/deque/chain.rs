//! A chain of nodes: what a list becomes when one node can't hold it.

use std::collections::VecDeque;

use super::change::Side;
use super::limits::Limits;
use super::node::Node;
use crate::packed::{End, Packed};

/// Nodes in order, with the sums a list is asked for all the time.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    nodes: VecDeque<Node>,
    /// Number of values in all nodes.
    len: usize,
    /// Bytes allocated by all nodes for values.
    allocated: usize,
}

/// Where a value stands: the node, and the index within the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) node: usize,
    pub(super) index: usize,
}

impl Chain {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn nodes(&self) -> &VecDeque<Node> {
        &self.nodes
    }

    /// Bytes allocated for values and nodes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.allocated + self.nodes.capacity() * size_of::<Node>()
    }

    /// The packed node at `index`, when there is one and it is packed.
    pub(super) fn packed(&self, index: usize) -> Option<&Packed> {
        match self.nodes.get(index)? {
            Node::Packed(packed) => Some(packed),
            Node::Plain(_) => None,
        }
    }

    /// The only node, when there is no other and it is packed.
    pub(super) fn only_packed(&self) -> Option<&Packed> {
        if self.nodes.len() == 1 { self.packed(0) } else { None }
    }

    /// Takes the first node out of the chain.
    pub(super) fn take_first(&mut self) -> Option<Node> {
        self.remove_node(0)
    }

    /// Puts a node, which must not be empty, before the one at `index`.
    pub(super) fn insert_node(&mut self, index: usize, node: Node) {
        self.len += node.count();
        self.allocated += node.memory_bytes();
        self.nodes.insert(index, node);
    }

    fn remove_node(&mut self, index: usize) -> Option<Node> {
        let node = self.nodes.remove(index)?;
        self.len -= node.count();
        self.allocated -= node.memory_bytes();
        self.release_nodes();
        Some(node)
    }

    /// Gives memory of the sequence of nodes back once less than half of it is in use: removing nodes one by one from
    /// a long list moves the others a constant number of times.
    #[inline]
    fn release_nodes(&mut self) {
        if self.nodes.capacity() > 2 * self.nodes.len() + 16 {
            self.nodes.shrink_to(self.nodes.len() + self.nodes.len() / 4);
        }
    }

    /// Removes the nodes from `from` up to `to`, not included.
    pub(super) fn remove_nodes(&mut self, from: usize, to: usize) {
        for node in self.nodes.drain(from..to) {
            self.len -= node.count();
            self.allocated -= node.memory_bytes();
        }
        self.release_nodes();
    }

    /// Changes the packed node at `index` with `f`, which gets the bytes the whole chain has allocated, and
    /// removes the node when that left it empty. `None` when the node is not packed.
    #[inline]
    pub(super) fn edit<R>(&mut self, index: usize, f: impl FnOnce(&mut Packed, usize) -> R) -> Option<R> {
        let Node::Packed(packed) = self.nodes.get_mut(index)? else { return None };
        let (count, memory) = (packed.count(), packed.memory_bytes());
        let result = f(packed, self.allocated);
        self.len = self.len - count + packed.count();
        self.allocated = self.allocated - memory + packed.memory_bytes();
        if packed.is_empty() {
            self.remove_node(index);
        }
        Some(result)
    }

    /// Index of the node at either end. The chain must not be empty.
    #[inline]
    fn end_index(&self, end: End) -> usize {
        match end {
            End::Front => 0,
            End::Back => self.nodes.len().saturating_sub(1),
        }
    }

    /// The node at either end.
    #[inline]
    pub(super) fn end_node(&self, end: End) -> Option<&Node> {
        self.nodes.get(self.end_index(end))
    }

    /// Adds a value at either end.
    #[inline]
    pub(super) fn push(&mut self, end: End, value: &[u8], limits: &Limits) {
        let index = self.end_index(end);
        match self.nodes.get(index) {
            Some(Node::Packed(packed)) if limits.admits(packed, value.len()) => {
                self.edit(index, |packed, _| packed.push(end, value));
            }
            _ => self.push_node(end, value, limits),
        }
    }

    /// Adds a value at either end in a node of its own.
    fn push_node(&mut self, end: End, value: &[u8], limits: &Limits) {
        let index = self.end_index(end);
        let node = if limits.is_plain(value.len()) {
            Node::Plain(value.into())
        } else {
            let expected = limits.expected_bytes(self.packed(index)).min(self.allocated / 4);
            let mut packed = Packed::with_room(end, expected);
            packed.push(end, value);
            Node::Packed(packed)
        };
        self.edit(index, |full, _| full.release_beyond(full.byte_len() / 16));
        self.insert_node(if end == End::Front { 0 } else { self.nodes.len() }, node);
    }

    /// Removes the value at either end.
    #[inline]
    pub(super) fn drop_end(&mut self, end: End) {
        let index = self.end_index(end);
        let edited = self.edit(index, |packed, allocated| {
            packed.drop_end_keeping_room(end);
            packed.release(allocated / 8);
        });
        if edited.is_none() {
            self.remove_node(index);
        }
    }

    /// Finds the value with an index, walking over the nodes from the nearer end. An index of the length or
    /// more gives the place behind the last value.
    pub(super) fn locate(&self, index: usize) -> Place {
        if index >= self.len / 2 {
            return self.locate_from_back(index);
        }
        let mut rest = index;
        for (node, values) in self.nodes.iter().enumerate() {
            if rest < values.count() {
                return Place { node, index: rest };
            }
            rest -= values.count();
        }
        Place { node: self.nodes.len(), index: 0 }
    }

    fn locate_from_back(&self, index: usize) -> Place {
        let mut start = self.len;
        for (node, values) in self.nodes.iter().enumerate().rev() {
            if index >= start {
                break;
            }
            start -= values.count();
            if index >= start {
                return Place { node, index: index - start };
            }
        }
        Place { node: self.nodes.len(), index: 0 }
    }

    /// Inserts a value next to the one at `pivot`. The value goes to the pivot's node or, from its end, to the
    /// neighbour; when neither has room, to a new node or to one half of the split node.
    pub(super) fn insert(&mut self, pivot: Place, side: Side, value: &[u8], limits: &Limits) {
        let admits = |node: Option<&Packed>| node.is_some_and(|packed| limits.admits(packed, value.len()));
        let Some(count) = self.nodes.get(pivot.node).map(Node::count) else { return };
        let index = pivot.index + usize::from(side == Side::After);
        if admits(self.packed(pivot.node)) {
            self.insert_into(Place { node: pivot.node, index }, value);
        } else if side == Side::After && index == count {
            if admits(self.packed(pivot.node + 1)) {
                self.insert_into(Place { node: pivot.node + 1, index: 0 }, value);
            } else {
                self.insert_node(pivot.node + 1, Node::with_value(value, limits));
            }
        } else if side == Side::Before && index == 0 {
            match pivot.node.checked_sub(1).filter(|&before| admits(self.packed(before))) {
                Some(before) => self.insert_into(Place { node: before, index: usize::MAX }, value),
                None => self.insert_node(pivot.node, Node::with_value(value, limits)),
            }
        } else {
            self.insert_splitting(Place { node: pivot.node, index }, side, value, limits);
        }
    }

    /// Inserts a value before the one at `at`, or at the node's end, whatever the node's size.
    fn insert_into(&mut self, at: Place, value: &[u8]) {
        self.edit(at.node, |packed, _| {
            let position = i64::try_from(at.index).ok().and_then(|index| packed.position(index));
            packed.insert(position.unwrap_or(packed.end()), value);
        });
    }

    /// Splits a full node before the value at `at`. The new value joins the half without the pivot, or stands
    /// alone between the halves when it is too large to be packed.
    fn insert_splitting(&mut self, at: Place, side: Side, value: &[u8], limits: &Limits) {
        let second = at.node + 1;
        let tail = self.edit(at.node, |packed, _| {
            packed.position(at.index as i64).map(|position| packed.split_off(position, at.index))
        });
        if let Some(tail) = tail.flatten() {
            self.insert_node(second, Node::Packed(tail));
        }
        if limits.is_plain(value.len()) {
            return self.insert_node(second, Node::Plain(value.into()));
        }
        match side {
            Side::After => self.insert_into(Place { node: second, index: 0 }, value),
            Side::Before => self.insert_into(Place { node: at.node, index: usize::MAX }, value),
        }
        self.merge_around(if side == Side::After { at.node } else { second }, limits);
    }

    /// Joins small nodes around a changed one: the two before it, the two behind it, then it with both.
    fn merge_around(&mut self, center: usize, limits: &Limits) {
        let mut center = center;
        if center >= 2 && self.merge_with_next(center - 2, limits) {
            center -= 1;
        }
        self.merge_with_next(center + 1, limits);
        if center >= 1 && self.merge_with_next(center - 1, limits) {
            center -= 1;
        }
        self.merge_with_next(center, limits);
    }

    /// Moves the values of the node after `index` into that at `index` when one node may hold them all.
    fn merge_with_next(&mut self, index: usize, limits: &Limits) -> bool {
        let (Some(left), Some(right)) = (self.packed(index), self.packed(index + 1)) else { return false };
        if !limits.admits_merge(left, right) {
            return false;
        }
        if let Some(Node::Packed(right)) = self.remove_node(index + 1) {
            self.edit(index, |left, _| left.append(&right));
        }
        true
    }

    /// Replaces the value at `at`: in place while both the old and the new one are packed, or both are plain.
    pub(super) fn set(&mut self, at: Place, value: &[u8], limits: &Limits) {
        let plain = limits.is_plain(value.len());
        match self.nodes.get_mut(at.node) {
            Some(Node::Packed(_)) if !plain => {
                self.edit(at.node, |packed, _| {
                    if let Some(position) = packed.position(at.index as i64) {
                        packed.replace(position, value);
                    }
                });
            }
            Some(Node::Plain(old)) if plain => {
                self.allocated = self.allocated - old.len() + value.len();
                *old = value.into();
            }
            _ => {
                self.insert(at, Side::After, value, limits);
                let nodes = self.nodes.len();
                self.remove_in_node(at, 1);
                if self.nodes.len() == nodes {
                    self.merge_around(at.node + 1, limits);
                }
            }
        }
    }

    /// Removes up to `count` values of one node, from the one at `at` on.
    pub(super) fn remove_in_node(&mut self, at: Place, count: usize) {
        let Some(node) = self.nodes.get(at.node) else { return };
        if at.index == 0 && count >= node.count() {
            self.remove_node(at.node);
            return;
        }
        self.edit(at.node, |packed, _| {
            if let Some(position) = packed.position(at.index as i64) {
                packed.remove(position, count);
            }
        });
    }
}
