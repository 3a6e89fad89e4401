//! The order of a large sorted set's leaves: a B+ tree above their numbers that counts what lies below each node.
//!
//! It knows where each leaf begins, how many members it has and when they expire, not what is in it.

mod spans;

pub(super) use spans::{Due, Reached};

use triomphe::Arc;

use super::leaf::{Key, partition_point};
use super::moments::Span;

/// Most children of a node. Few in tests, for deep trees of few leaves.
const FAN_OUT: usize = if cfg!(test) { 5 } else { 64 };
/// A node with fewer children looks for a neighbour to join.
const SPARSE: usize = FAN_OUT / 4 + 1;

/// A place between two elements: a score, and as much of a member as tells them apart.
#[derive(Clone, Debug)]
pub(super) struct Separator {
    score: f64,
    member: Box<[u8]>,
}

impl Separator {
    /// The shortest place behind `left` that isn't behind `right`, which is its successor.
    pub(super) fn between(left: Key<'_>, right: Key<'_>) -> Self {
        let member = if left.score < right.score {
            &[]
        } else {
            let common = left.member.iter().zip(right.member).take_while(|(a, b)| a == b).count();
            &right.member[..right.member.len().min(common + 1)]
        };
        Self { score: right.score, member: member.into() }
    }
}

/// ```text
///                  Inner   begins   |   -  | 3.0 "" | 7.5 "ab" | ...      of no meaning at a node's first child
///                          counts   |  812 |   790  |   801    | ...      members below
///                          children |   |  |    |   |    |     |
///                       ............     ......      ......
///  Inner  begins   | - | 0.5 "" | ...
///         counts   | 40 |  33   | ...
///         children | 17 |   4   | ...       numbers of leaves
/// ```
/// Where members expire there are spans as well: the first and the last moment below each child.
#[derive(Clone, Debug)]
pub(super) struct Order {
    root: Arc<Inner>,
    nodes: usize,
    /// Bytes of the members in separators.
    separator_bytes: usize,
}

#[derive(Clone, Debug)]
struct Inner {
    /// No element below a child comes before the child's place. Scores and members apart: the scores decide nearly
    /// always, and lie close together.
    scores: Vec<f64>,
    members: Vec<Box<[u8]>>,
    counts: Vec<u64>,
    /// When members below each child expire; empty if none does.
    spans: Vec<Span>,
    children: Children,
}

#[derive(Clone, Debug)]
enum Children {
    Leaves(Vec<u32>),
    Nodes(Vec<Arc<Inner>>),
}

/// A leaf and those beside it that have the same parent, with their numbers of members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Siblings {
    pub(super) left: Option<u32>,
    pub(super) right: Option<u32>,
}

/// Which of two halves is the new leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NewSide {
    Left,
    Right,
}

impl Order {
    /// The order of a single leaf.
    pub(super) fn new(leaf: u32) -> Self {
        let root = Inner {
            scores: vec![0.0],
            members: vec![Box::default()],
            counts: vec![0],
            spans: Vec::new(),
            children: Children::Leaves(vec![leaf]),
        };
        Self { root: Arc::new(root), nodes: 1, separator_bytes: 0 }
    }

    /// Bytes allocated, as if all nodes but a single one were full. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        let child = size_of::<f64>() + size_of::<Box<[u8]>>() + size_of::<u64>() + size_of::<Arc<Inner>>();
        let child = if self.is_timed() { child + size_of::<Span>() } else { child };
        let children = if self.nodes == 1 { self.root.counts.capacity() } else { FAN_OUT };
        self.nodes * (size_of::<Inner>() + children * child) + self.separator_bytes
    }

    /// The leaf that an element belongs to.
    #[cfg(test)]
    pub(super) fn find(&self, key: Key<'_>) -> u32 {
        let mut node = &*self.root;
        loop {
            let at = node.child_of(key);
            match &node.children {
                Children::Leaves(leaves) => return leaves[at],
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// Number of elements in the leaves before the one that an element belongs to.
    #[inline]
    pub(super) fn rank(&self, key: Key<'_>) -> u64 {
        let mut before = 0;
        let mut node = &*self.root;
        loop {
            let at = node.child_of(key);
            before += node.counts[..at].iter().sum::<u64>();
            match &node.children {
                Children::Leaves(_) => return before,
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// The leaf in which, or at an end of which, the elements end for which `before` holds; and the number of elements in
    /// the leaves before it.
    pub(super) fn search(&self, before: impl Fn(Key<'_>) -> bool) -> (u64, u32) {
        let mut rank = 0;
        let mut node = &*self.root;
        loop {
            let at = partition_point(node.len() - 1, |at| before(node.begin(at + 1)));
            rank += node.counts[..at].iter().sum::<u64>();
            match &node.children {
                Children::Leaves(leaves) => return (rank, leaves[at]),
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// The leaf with the element of a rank, which must exist, and the element's index there.
    pub(super) fn select(&self, mut rank: u64) -> (u32, usize) {
        let mut node = &*self.root;
        loop {
            let mut at = 0;
            while rank >= node.counts[at] {
                rank -= node.counts[at];
                at += 1;
            }
            match &node.children {
                Children::Leaves(leaves) => return (leaves[at], rank as usize),
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// Adds to the number of members of the leaf that an element belongs to; answers the leaf.
    #[inline]
    pub(super) fn add(&mut self, key: Key<'_>, gained: i64) -> u32 {
        let mut node = Arc::make_mut(&mut self.root);
        loop {
            let at = node.child_of(key);
            node.counts[at] = node.counts[at].wrapping_add_signed(gained);
            match &mut node.children {
                Children::Leaves(leaves) => return leaves[at],
                Children::Nodes(nodes) => node = Arc::make_mut(&mut nodes[at]),
            }
        }
    }

    /// The leaves beside the one that an element belongs to, as far as they have the same parent.
    pub(super) fn siblings(&self, key: Key<'_>) -> Siblings {
        let mut node = &*self.root;
        loop {
            let at = node.child_of(key);
            match &node.children {
                Children::Leaves(leaves) => {
                    let left = at.checked_sub(1).map(|left| leaves[left]);
                    return Siblings { left, right: leaves.get(at + 1).copied() };
                }
                Children::Nodes(nodes) => node = &nodes[at],
            }
        }
    }

    /// The leaf that `key` belongs to was split at `separator`; the new leaf has the number `new` and `count` members
    /// of those counted before. When they expire is to be said again.
    pub(super) fn split(
        &mut self,
        key: Key<'_>,
        separator: Separator,
        new: u32,
        count: usize,
        side: NewSide,
    ) {
        self.separator_bytes += separator.member.len();
        self.restructure(key, |node, at| {
            let count = count as u64;
            node.scores.insert(at + 1, separator.score);
            node.members.insert(at + 1, separator.member);
            node.counts[at] -= count;
            let place = at + usize::from(side == NewSide::Right);
            node.counts.insert(place, count);
            if let Some(span) = node.spans.get(at).copied() {
                node.spans.insert(at, span);
            }
            let Children::Leaves(leaves) = &mut node.children else { unreachable!("a parent of leaves") };
            leaves.insert(place, new);
        });
    }

    /// The leaf that `key` belongs to is one with its right neighbour now, under the number `kept`.
    pub(super) fn join(&mut self, key: Key<'_>, kept: u32) {
        let mut freed = 0;
        self.restructure(key, |node, at| {
            let count = node.counts.remove(at + 1);
            node.counts[at] += count;
            node.join_spans(at);
            node.scores.remove(at + 1);
            freed = node.members.remove(at + 1).len();
            let Children::Leaves(leaves) = &mut node.children else { unreachable!("a parent of leaves") };
            leaves.remove(at + 1);
            leaves[at] = kept;
        });
        self.separator_bytes -= freed;
    }

    /// The leaf that `key` belongs to has no members and goes. It isn't the only one.
    pub(super) fn remove(&mut self, key: Key<'_>) {
        let mut freed = 0;
        self.restructure(key, |node, at| {
            debug_assert_eq!(node.counts[at], 0, "an empty leaf");
            freed = node.remove_child(at);
        });
        self.separator_bytes -= freed;
    }

    /// Changes the parent of the leaf that `key` belongs to, whose index there `edit` is given, and the nodes above as
    /// their numbers of children demand it. The members below stay as many as they are.
    fn restructure(&mut self, key: Key<'_>, edit: impl FnOnce(&mut Inner, usize)) {
        let mut change = Change { nodes: 0, separator_bytes: 0 };
        let root = Arc::make_mut(&mut self.root);
        root.restructure(key, edit, &mut change);
        if let Some((separator, right)) = root.split_if_large() {
            change.nodes += 2;
            let left = std::mem::replace(&mut self.root, right.clone());
            let root = Inner {
                scores: vec![0.0, separator.score],
                members: vec![Box::default(), separator.member],
                counts: vec![left.count(), right.count()],
                spans: spans::of_nodes(&[&left, &right]),
                children: Children::Nodes(vec![left, right]),
            };
            self.root = Arc::new(root);
        }
        while let Children::Nodes(nodes) = &self.root.children
            && nodes.len() == 1
        {
            change.nodes -= 1;
            change.separator_bytes -= self.root.members[0].len() as isize;
            self.root = nodes[0].clone();
        }
        self.nodes = self.nodes.wrapping_add_signed(change.nodes);
        self.separator_bytes = self.separator_bytes.wrapping_add_signed(change.separator_bytes);
    }

    /// Panics unless counts and sizes hold everywhere. Answers the leaves in order, with their numbers of members.
    #[cfg(test)]
    pub(super) fn check(&self) -> Vec<(u32, u64)> {
        let mut leaves = Vec::new();
        let (nodes, bytes) = self.root.check(&mut leaves);
        assert_eq!((nodes, bytes), (self.nodes, self.separator_bytes));
        leaves
    }
}

/// What a restructuring has changed.
struct Change {
    nodes: isize,
    separator_bytes: isize,
}

impl Inner {
    fn len(&self) -> usize {
        self.counts.len()
    }

    /// Members below.
    fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    #[inline]
    fn begin(&self, at: usize) -> Key<'_> {
        Key { score: self.scores[at], member: &self.members[at] }
    }

    /// The child that an element belongs to: the last one that doesn't begin behind it.
    #[inline]
    fn child_of(&self, key: Key<'_>) -> usize {
        let scores = &self.scores[1..];
        let before = scores.partition_point(|&score| score < key.score);
        if before == scores.len() || scores[before] > key.score {
            return before;
        }
        let tied = scores[before..].partition_point(|&score| score == key.score);
        before + partition_point(tied, |at| *self.members[1 + before + at] <= *key.member)
    }

    fn restructure(&mut self, key: Key<'_>, edit: impl FnOnce(&mut Inner, usize), change: &mut Change) {
        let at = self.child_of(key);
        match &mut self.children {
            Children::Leaves(_) => edit(self, at),
            Children::Nodes(nodes) => {
                Arc::make_mut(&mut nodes[at]).restructure(key, edit, change);
                self.settle(at, change);
                self.renew_spans(at);
            }
        }
    }

    /// Splits or joins the node at `at` as its number of children demands it.
    fn settle(&mut self, at: usize, change: &mut Change) {
        let Children::Nodes(nodes) = &mut self.children else { return };
        let len = nodes[at].len();
        if len > FAN_OUT {
            if let Some((separator, right)) = Arc::make_mut(&mut nodes[at]).split_if_large() {
                let count = right.count();
                nodes.insert(at + 1, right);
                self.counts[at] -= count;
                self.counts.insert(at + 1, count);
                if let Some(span) = self.spans.get(at).copied() {
                    self.spans.insert(at, span);
                }
                change.nodes += 1;
                self.scores.insert(at + 1, separator.score);
                self.members.insert(at + 1, separator.member);
            }
        } else if len == 0 {
            change.nodes -= 1;
            change.separator_bytes -= self.remove_child(at) as isize;
        } else if len < SPARSE {
            let fits = |other: usize| nodes.get(other).is_some_and(|node| node.len() + len <= FAN_OUT / 2);
            match at.checked_sub(1).filter(|&left| fits(left)) {
                Some(left) => self.join_nodes(left, change),
                None if fits(at + 1) => self.join_nodes(at, change),
                None => {}
            }
        }
    }

    /// Splits the second half off when there are too many children.
    fn split_if_large(&mut self) -> Option<(Separator, Arc<Inner>)> {
        if self.len() <= FAN_OUT {
            return None;
        }
        let half = self.len() / 2;
        let children = match &mut self.children {
            Children::Leaves(leaves) => Children::Leaves(leaves.split_off(half)),
            Children::Nodes(nodes) => Children::Nodes(nodes.split_off(half)),
        };
        let mut right = Inner {
            scores: self.scores.split_off(half),
            members: self.members.split_off(half),
            counts: self.counts.split_off(half),
            spans: self.split_spans(half),
            children,
        };
        // A node's place is known above it.
        let member = std::mem::take(&mut right.members[0]);
        Some((Separator { score: right.scores[0], member }, Arc::new(right)))
    }

    /// Makes one node of those at `left` and behind it.
    fn join_nodes(&mut self, left: usize, change: &mut Change) {
        let Children::Nodes(nodes) = &mut self.children else { return };
        let mut right = Arc::unwrap_or_clone(nodes.remove(left + 1));
        let into = Arc::make_mut(&mut nodes[left]);
        let dropped = std::mem::replace(&mut right.members[0], self.members.remove(left + 1));
        right.scores[0] = self.scores.remove(left + 1);
        into.append_spans(&right);
        into.scores.append(&mut right.scores);
        into.members.append(&mut right.members);
        into.counts.append(&mut right.counts);
        match (&mut into.children, &mut right.children) {
            (Children::Leaves(into), Children::Leaves(right)) => into.append(right),
            (Children::Nodes(into), Children::Nodes(right)) => into.append(right),
            _ => unreachable!("all leaves are equally deep"),
        }
        let count = self.counts.remove(left + 1);
        self.counts[left] += count;
        self.join_spans(left);
        change.nodes -= 1;
        change.separator_bytes -= dropped.len() as isize;
    }

    /// Removes a child; what comes in its place belongs to the one before it. Answers the bytes of its separator.
    fn remove_child(&mut self, at: usize) -> usize {
        self.scores.remove(at);
        self.counts.remove(at);
        self.remove_span(at);
        match &mut self.children {
            Children::Leaves(leaves) => drop(leaves.remove(at)),
            Children::Nodes(nodes) => drop(nodes.remove(at)),
        }
        self.members.remove(at).len()
    }

    /// Nodes from this one down and bytes of their separators.
    #[cfg(test)]
    fn check(&self, leaves: &mut Vec<(u32, u64)>) -> (usize, usize) {
        assert!(self.len() <= FAN_OUT && self.len() > 0);
        self.check_spans();
        assert_eq!((self.scores.len(), self.members.len()), (self.len(), self.len()));
        for at in 2..self.len() {
            assert_eq!(self.begin(at - 1).cmp(self.begin(at)), std::cmp::Ordering::Less);
        }
        let (mut nodes, mut bytes) = (1, self.members.iter().map(|member| member.len()).sum());
        match &self.children {
            Children::Leaves(numbers) => {
                leaves.extend(numbers.iter().copied().zip(self.counts.iter().copied()))
            }
            Children::Nodes(children) => {
                for (child, count) in children.iter().zip(&self.counts) {
                    assert_eq!(child.count(), *count);
                    let below = child.check(leaves);
                    nodes += below.0;
                    bytes += below.1;
                }
            }
        }
        (nodes, bytes)
    }
}
