//! The nodes of a long list: those at its ends at hand, the others under a tree.

use std::ops::Range;

use triomphe::Arc;

use super::node::Node;
use crate::packed::End;
use crate::tree::{self, ByWeight, Chunk, Tree};

/// Nodes in order, none of them empty.
///
/// ```text
///  front | middle: a counted tree of nodes | back          front and back may be missing, whatever the middle holds
/// ```
///
/// A node is told by the index of its first value in the whole list, its start. What happens at an end touches its node
/// alone; everything else takes O(log n). Nodes are counted references: they are shared with clones until they change.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    front: Option<Arc<Node>>,
    middle: Tree<(), Arc<Node>>,
    back: Option<Arc<Node>>,
    /// Number of values in all nodes.
    len: usize,
    /// Bytes allocated by all nodes.
    allocated: usize,
}

/// Where a node is held.
enum Zone {
    Front,
    /// At this index in the middle.
    Middle(usize),
    Back,
}

fn count(end: Option<&Arc<Node>>) -> usize {
    end.map_or(0, |node| node.count())
}

fn to(index: usize) -> ByWeight {
    ByWeight(index as u64)
}

impl Nodes {
    /// Number of values.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Number of nodes.
    pub(super) fn count(&self) -> usize {
        usize::from(self.front.is_some()) + self.middle.chunks() + usize::from(self.back.is_some())
    }

    /// Bytes allocated by nodes.
    #[inline]
    pub(super) fn allocated(&self) -> usize {
        self.allocated
    }

    /// Bytes allocated by nodes and the tree.
    pub(super) fn memory_bytes(&self) -> usize {
        self.allocated + self.middle.memory_bytes() - self.middle.chunk_bytes()
    }

    /// Where the node of the value with an index is held. The index must be below the length.
    fn zone(&self, index: usize) -> Zone {
        let front = count(self.front.as_ref());
        let rest = index.wrapping_sub(front);
        if index < front {
            Zone::Front
        } else if rest < self.middle.weight() as usize {
            Zone::Middle(rest)
        } else {
            Zone::Back
        }
    }

    /// The node of the value with an index.
    pub(super) fn get(&self, index: usize) -> Option<&Node> {
        if index >= self.len {
            return None;
        }
        let node = match self.zone(index) {
            Zone::Front => self.front.as_ref(),
            Zone::Middle(index) => self.middle.get(to(index)),
            Zone::Back => self.back.as_ref(),
        };
        node.map(|node| &**node)
    }

    /// Start of the node of the value with an index, which must be below the length.
    pub(super) fn start_of(&self, index: usize) -> usize {
        match self.zone(index) {
            Zone::Front => 0,
            Zone::Middle(rest) => index - rest + self.middle.rank(to(rest)).0 as usize,
            Zone::Back => self.len - count(self.back.as_ref()),
        }
    }

    /// The node at either end.
    #[inline]
    pub(super) fn end(&self, end: End) -> Option<&Node> {
        let (near, far) = match end {
            End::Front => (&self.front, &self.back),
            End::Back => (&self.back, &self.front),
        };
        near.as_ref().or_else(|| self.middle.get(end)).or(far.as_ref()).map(|node| &**node)
    }

    /// Changes the node at either end, and removes it when that left it empty. `None` when there is none.
    #[inline]
    pub(super) fn edit_end<R>(&mut self, end: End, edit: impl FnOnce(&mut Arc<Node>) -> R) -> Option<R> {
        let held = match end {
            End::Front => &mut self.front,
            End::Back => &mut self.back,
        };
        if held.is_none() {
            self.take_at_hand(end);
        }
        let held = match end {
            End::Front => &mut self.front,
            End::Back => &mut self.back,
        };
        let node = held.as_mut()?;
        let (count, bytes) = (node.count(), Chunk::memory_bytes(node));
        let result = edit(node);
        self.len = self.len - count + node.count();
        self.allocated = self.allocated - bytes + Chunk::memory_bytes(node);
        if node.count() == 0 {
            self.allocated -= Chunk::memory_bytes(node);
            *held = None;
        }
        Some(result)
    }

    /// Fetches the node at an end from where it is held.
    #[cold]
    fn take_at_hand(&mut self, end: End) {
        let node = self.middle.remove(end);
        match end {
            End::Front => self.front = node.or_else(|| self.back.take()),
            End::Back => self.back = node.or_else(|| self.front.take()),
        }
    }

    /// Puts a node at either end.
    pub(super) fn push(&mut self, end: End, node: Node) {
        let node = Arc::new(node);
        self.len += node.count();
        self.allocated += Chunk::memory_bytes(&node);
        match end {
            End::Front => {
                if let Some(old) = self.front.replace(node) {
                    self.middle.insert_before(End::Front, (), old);
                }
            }
            End::Back => {
                if let Some(old) = self.back.replace(node) {
                    self.middle.insert_after(End::Back, (), old);
                }
            }
        }
    }

    /// Puts a node before the one with this start, or at the end.
    pub(super) fn insert(&mut self, start: usize, node: Node) {
        if start == 0 || start >= self.len {
            return self.push(if start == 0 { End::Front } else { End::Back }, node);
        }
        let zone = self.zone(start);
        let node = Arc::new(node);
        self.len += node.count();
        self.allocated += Chunk::memory_bytes(&node);
        match zone {
            Zone::Middle(index) => self.middle.insert_before(to(index), (), node),
            Zone::Front | Zone::Back => self.middle.insert_after(End::Back, (), node),
        }
    }

    /// Changes the node with this start, and removes it when that left it empty. `None` when there is none.
    pub(super) fn edit<R>(&mut self, start: usize, edit: impl FnOnce(&mut Arc<Node>) -> R) -> Option<R> {
        if start >= self.len {
            return None;
        }
        match self.zone(start) {
            Zone::Front => self.edit_end(End::Front, edit),
            Zone::Back => self.edit_end(End::Back, edit),
            Zone::Middle(index) => {
                let (len, bytes) = (self.middle.weight(), self.middle.chunk_bytes());
                let result = self.middle.edit(to(index), |node| (edit(node), None));
                self.follow_middle(len, bytes);
                result
            }
        }
    }

    /// Removes the node of the value with an index.
    pub(super) fn remove(&mut self, index: usize) -> Option<Arc<Node>> {
        if index >= self.len {
            return None;
        }
        let node = match self.zone(index) {
            Zone::Front => self.front.take(),
            Zone::Middle(index) => self.middle.remove(to(index)),
            Zone::Back => self.back.take(),
        }?;
        self.len -= node.count();
        self.allocated -= Chunk::memory_bytes(&node);
        Some(node)
    }

    /// Removes the nodes that lie within a range of values.
    pub(super) fn remove_range(&mut self, range: Range<usize>) {
        let (front, back) = (count(self.front.as_ref()), self.len - count(self.back.as_ref()));
        if range.end >= self.len && range.start <= back {
            self.remove_end(End::Back);
        }
        let (len, bytes) = (self.middle.weight(), self.middle.chunk_bytes());
        let within = |index: usize| index.saturating_sub(front) as u64;
        self.middle.remove_range(within(range.start)..within(range.end));
        self.follow_middle(len, bytes);
        if range.start == 0 && range.end >= front {
            self.remove_end(End::Front);
        }
    }

    /// Removes the node held at an end, if there is one.
    fn remove_end(&mut self, end: End) {
        let node = match end {
            End::Front => self.front.take(),
            End::Back => self.back.take(),
        };
        if let Some(node) = node {
            self.len -= node.count();
            self.allocated -= Chunk::memory_bytes(&node);
        }
    }

    /// Brings the sums in step with the middle, of which these were the figures before.
    fn follow_middle(&mut self, len: u64, bytes: usize) {
        self.len = self.len - len as usize + self.middle.weight() as usize;
        self.allocated = self.allocated - bytes + self.middle.chunk_bytes();
    }

    /// The nodes from that of a value on; none when the index is out of range.
    pub(super) fn forward(&self, index: usize) -> Forward<'_> {
        let (front, back) = (self.front.as_ref(), self.back.as_ref());
        let middle = |index| Some(self.middle.forward(to(index)));
        match self.zone(index) {
            _ if index >= self.len => Forward { front: None, middle: None, back: None },
            Zone::Front => Forward { front, middle: middle(0), back },
            Zone::Middle(index) => Forward { front: None, middle: middle(index), back },
            Zone::Back => Forward { front: None, middle: None, back },
        }
    }

    /// The nodes from that of a value back to the first; none when the index is out of range.
    pub(super) fn backward(&self, index: usize) -> Backward<'_> {
        let (front, back) = (self.front.as_ref(), self.back.as_ref());
        let middle = |index| Some(self.middle.backward(to(index)));
        match self.zone(index) {
            _ if index >= self.len => Backward { front: None, middle: None, back: None },
            Zone::Front => Backward { front, middle: None, back: None },
            Zone::Middle(index) => Backward { front, middle: middle(index), back: None },
            Zone::Back => Backward { front, middle: middle(self.len), back },
        }
    }
}

/// Nodes in order.
#[derive(Clone, Debug)]
pub(super) struct Forward<'a> {
    front: Option<&'a Arc<Node>>,
    middle: Option<tree::Forward<'a, (), Arc<Node>>>,
    back: Option<&'a Arc<Node>>,
}

impl<'a> Iterator for Forward<'a> {
    type Item = &'a Node;

    #[inline]
    fn next(&mut self) -> Option<&'a Node> {
        let middle = || self.middle.as_mut().and_then(Iterator::next);
        let node = self.front.take().or_else(middle).or_else(|| self.back.take());
        node.map(|node| &**node)
    }
}

/// Nodes in reverse order.
#[derive(Clone, Debug)]
pub(super) struct Backward<'a> {
    back: Option<&'a Arc<Node>>,
    middle: Option<tree::Backward<'a, (), Arc<Node>>>,
    front: Option<&'a Arc<Node>>,
}

impl<'a> Iterator for Backward<'a> {
    type Item = &'a Node;

    #[inline]
    fn next(&mut self) -> Option<&'a Node> {
        let middle = || self.middle.as_mut().and_then(Iterator::next);
        let node = self.back.take().or_else(middle).or_else(|| self.front.take());
        node.map(|node| &**node)
    }
}
