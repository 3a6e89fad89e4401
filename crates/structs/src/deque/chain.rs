//! A chain of nodes: what a list becomes when one node can't hold it.

use std::ops::Range;

use triomphe::Arc;

use super::change::Side;
use super::limits::Limits;
use super::node::Node;
use super::nodes::{Backward, Forward, Nodes};
use crate::packed::{End, Packed};
use crate::tree::own;

/// Nodes in order, and how they change. A node is told by the index of its first value in the whole chain, its start.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    nodes: Nodes,
}

/// Where a value stands: the start of its node, and the index within the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) index: usize,
}

impl Chain {
    /// Number of values.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.count()
    }

    /// Bytes allocated for values and nodes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.nodes.memory_bytes()
    }

    /// The nodes from that of a value on; none when the index is out of range.
    pub(super) fn forward(&self, index: usize) -> Forward<'_> {
        self.nodes.forward(index)
    }

    /// The nodes from that of a value back to the first; none when the index is out of range.
    pub(super) fn backward(&self, index: usize) -> Backward<'_> {
        self.nodes.backward(index)
    }

    /// The node of the value with an index.
    pub(super) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The node of the value with an index, when it is packed.
    fn packed(&self, index: usize) -> Option<&Packed> {
        self.node(index)?.as_packed()
    }

    /// Start of the node before the one with this start.
    fn before(&self, start: usize) -> Option<usize> {
        start.checked_sub(1).map(|index| self.nodes.start_of(index))
    }

    /// The node at either end.
    #[inline]
    pub(super) fn end_node(&self, end: End) -> Option<&Node> {
        self.nodes.end(end)
    }

    /// The only node, when there is no other and it is packed.
    pub(super) fn only_packed(&self) -> Option<&Packed> {
        if self.nodes() == 1 { self.packed(0) } else { None }
    }

    /// Takes the first node out of the chain.
    pub(super) fn take_first(&mut self) -> Option<Node> {
        self.nodes.remove(0).map(Arc::unwrap_or_clone)
    }

    /// Puts a node, which must not be empty, at the end.
    pub(super) fn append_node(&mut self, node: Node) {
        self.nodes.push(End::Back, node);
    }

    /// Removes the nodes that lie within a range of values.
    pub(super) fn remove_nodes(&mut self, range: Range<usize>) {
        self.nodes.remove_range(range);
    }

    /// Changes the packed node with this start, and removes it when that left it empty. `None` when it is not packed.
    pub(super) fn edit<R>(&mut self, start: usize, change: impl FnOnce(&mut Packed) -> R) -> Option<R> {
        let edited = self.nodes.edit(start, |node| {
            node.as_packed()?;
            own(node).as_packed_mut().map(change)
        });
        edited.flatten()
    }

    /// Adds a value at either end.
    #[inline]
    pub(super) fn push(&mut self, end: End, value: &[u8], limits: &Limits) {
        let pushed = self.nodes.edit_end(end, |node| {
            let admits = node.as_packed().is_some_and(|packed| limits.admits(packed, value.len()));
            if admits && let Some(packed) = own(node).as_packed_mut() {
                packed.push(end, value);
            }
            admits
        });
        if pushed != Some(true) {
            self.push_node(end, value, limits);
        }
    }

    /// Adds a value at either end in a node of its own.
    #[cold]
    fn push_node(&mut self, end: End, value: &[u8], limits: &Limits) {
        let node = if limits.is_plain(value.len()) {
            Node::Plain(value.into())
        } else {
            let neighbour = self.end_node(end).and_then(Node::as_packed);
            let expected = limits.expected_bytes(neighbour).min(self.nodes.allocated() / 4);
            let mut packed = Packed::with_room(end, expected);
            packed.push(end, value);
            Node::Packed(packed)
        };
        self.nodes.edit_end(end, |node| {
            if let Some(full) = Arc::get_mut(node).and_then(Node::as_packed_mut) {
                full.release_beyond(full.byte_len() / 16);
            }
        });
        self.nodes.push(end, node);
    }

    /// Removes the value at either end.
    #[inline]
    pub(super) fn drop_end(&mut self, end: End) {
        let allocated = self.nodes.allocated();
        self.nodes.edit_end(end, |node| match node.as_packed() {
            None => *node = Arc::new(Node::Packed(Packed::new())),
            Some(_) => {
                if let Some(packed) = own(node).as_packed_mut() {
                    packed.drop_end_keeping_room(end);
                    packed.release(allocated / 8);
                }
            }
        });
    }

    /// Finds the value with an index. An index of the length or more gives the place behind the last value. O(log n).
    pub(super) fn locate(&self, index: usize) -> Place {
        if index >= self.len() {
            return Place { start: self.len(), index: 0 };
        }
        let start = self.nodes.start_of(index);
        Place { start, index: index - start }
    }

    /// Inserts a value next to the one at `pivot`. The value goes to the pivot's node or, from its end, to the
    /// neighbour; when neither has room, to a new node or to one half of the split node.
    pub(super) fn insert(&mut self, pivot: Place, side: Side, value: &[u8], limits: &Limits) {
        let admits = |node: Option<&Packed>| node.is_some_and(|packed| limits.admits(packed, value.len()));
        let Some(count) = self.node(pivot.start).map(Node::count) else { return };
        let index = pivot.index + usize::from(side == Side::After);
        let next = pivot.start + count;
        if admits(self.packed(pivot.start)) {
            self.insert_into(Place { start: pivot.start, index }, value);
        } else if side == Side::After && index == count {
            if admits(self.packed(next)) {
                self.insert_into(Place { start: next, index: 0 }, value);
            } else {
                self.nodes.insert(next, Node::with_value(value, limits));
            }
        } else if side == Side::Before && index == 0 {
            match self.before(pivot.start).filter(|&before| admits(self.packed(before))) {
                Some(before) => self.insert_into(Place { start: before, index: usize::MAX }, value),
                None => self.nodes.insert(pivot.start, Node::with_value(value, limits)),
            }
        } else {
            self.insert_splitting(Place { start: pivot.start, index }, side, value, limits);
        }
    }

    /// Inserts a value before the one at `at`, or at the node's end, whatever the node's size.
    fn insert_into(&mut self, at: Place, value: &[u8]) {
        self.edit(at.start, |packed| {
            let position = i64::try_from(at.index).ok().and_then(|index| packed.position(index));
            packed.insert(position.unwrap_or(packed.end()), value);
        });
    }

    /// Splits a full node before the value at `at`. The new value joins the half without the pivot, or stands
    /// alone between the halves when it is too large to be packed.
    fn insert_splitting(&mut self, at: Place, side: Side, value: &[u8], limits: &Limits) {
        let second = at.start + at.index;
        let tail = self.edit(at.start, |packed| {
            packed.position(at.index as i64).map(|position| packed.split_off(position, at.index))
        });
        if let Some(tail) = tail.flatten() {
            self.nodes.insert(second, Node::Packed(tail));
        }
        if limits.is_plain(value.len()) {
            return self.nodes.insert(second, Node::Plain(value.into()));
        }
        match side {
            Side::After => {
                self.insert_into(Place { start: second, index: 0 }, value);
                self.merge_around(at.start, limits);
            }
            Side::Before => {
                self.insert_into(Place { start: at.start, index: usize::MAX }, value);
                self.merge_around(second + 1, limits);
            }
        }
    }

    /// Joins small nodes around a changed one: the two before it, the two behind it, then it with both. (That two nodes
    /// become one changes no other's start.)
    fn merge_around(&mut self, center: usize, limits: &Limits) {
        let mut center = center;
        if let Some(second) = self.before(center).and_then(|first| self.before(first)) {
            self.merge_with_next(second, limits);
        }
        if let Some(count) = self.node(center).map(Node::count) {
            self.merge_with_next(center + count, limits);
        }
        if let Some(before) = self.before(center)
            && self.merge_with_next(before, limits)
        {
            center = before;
        }
        self.merge_with_next(center, limits);
    }

    /// Moves the values of the node behind the one with this start into that one when one node may hold them all.
    fn merge_with_next(&mut self, start: usize, limits: &Limits) -> bool {
        let Some(left) = self.packed(start) else { return false };
        let next = start + left.count();
        if self.packed(next).is_none_or(|right| !limits.admits_merge(left, right)) {
            return false;
        }
        let right = self.nodes.remove(next);
        if let Some(right) = right.as_deref().and_then(Node::as_packed) {
            self.edit(start, |left| left.append(right));
        }
        true
    }

    /// Replaces the value at `at`: in place while both the old and the new one are packed, or both are plain.
    pub(super) fn set(&mut self, at: Place, value: &[u8], limits: &Limits) {
        let Some(node) = self.node(at.start) else { return };
        match (node.as_packed().is_some(), limits.is_plain(value.len())) {
            (true, false) => {
                self.edit(at.start, |packed| {
                    if let Some(position) = packed.position(at.index as i64) {
                        packed.replace(position, value);
                    }
                });
            }
            (false, true) => {
                let plain = Arc::new(Node::Plain(value.into()));
                self.nodes.edit(at.start, |node| *node = plain);
            }
            _ => {
                self.insert(at, Side::After, value, limits);
                let nodes = self.nodes();
                self.remove_in_node(at, 1);
                if self.nodes() == nodes {
                    let next = at.start + self.node(at.start).map_or(0, Node::count);
                    self.merge_around(next, limits);
                }
            }
        }
    }

    /// Removes up to `count` values of one node, from the one at `at` on.
    pub(super) fn remove_in_node(&mut self, at: Place, count: usize) {
        let Some(node) = self.node(at.start) else { return };
        if at.index == 0 && count >= node.count() {
            self.nodes.remove(at.start);
            return;
        }
        self.edit(at.start, |packed| {
            if let Some(position) = packed.position(at.index as i64) {
                packed.remove(position, count);
            }
        });
    }
}
