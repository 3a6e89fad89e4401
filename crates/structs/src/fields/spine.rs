//! The leaves of a table in a row: a tree of fixed fan-out, whose clone costs one reference count.
//!
//! ```text
//! root ── node ── leaf 0, leaf 1 ... leaf 255
//!      ── node ── leaf 256 ...
//! ```
//! Every path has the same length, which grows with the number of leaves: two steps to 65,536 leaves, three to 16
//! million. The first change below a node that a clone shares copies the node: at most 256 reference counts per step.
//!
//! Each node knows when the first element below each of its children expires, and which child is the soonest, so the
//! first of all is found in as many steps as a leaf is. Nodes of a table without such elements keep nothing for it.

use super::leaf::Leaf;
use crate::longs::ARC_HEADER;
use crate::room::size_class;
use triomphe::Arc;

const FANOUT_BITS: usize = 8;
const FANOUT: usize = 1 << FANOUT_BITS;
/// What counts as the expiry of an element that doesn't expire.
const NEVER: i64 = i64::MAX;

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(super) struct Spine {
    root: Arc<Node>,
    len: usize,
    /// Nodes above those that hold leaves.
    height: usize,
}

#[derive(Clone, Debug)]
struct Node {
    children: Children,
    /// When the first element below each child expires; empty as long as none does.
    first_ms: Vec<i64>,
    /// A child of the smallest of those moments; 0 as long as there is none.
    soonest: usize,
}

#[derive(Clone, Debug)]
enum Children {
    Leaves(Vec<Leaf>),
    Nodes(Vec<Arc<Node>>),
}

/// The position of `index` among the children of a node with `height` nodes below it on each path.
#[inline]
fn digit(index: usize, height: usize) -> usize {
    index >> (FANOUT_BITS * height) & (FANOUT - 1)
}

impl Spine {
    /// A single leaf.
    pub(super) fn new(leaf: Leaf) -> Spine {
        let mut leaves = Vec::new();
        push(&mut leaves, leaf);
        Spine { root: Arc::new(Node::over(Children::Leaves(leaves))), len: 1, height: 0 }
    }

    /// Number of leaves, at least one.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes that leaves without their buffers, and nodes, take: about.
    pub(super) fn memory_bytes(&self) -> usize {
        let expiry = if self.root.first_ms.is_empty() { 0 } else { size_of::<i64>() };
        let children = |count: usize| size_class(count * size_of::<Leaf>()) + count * expiry;
        let node = size_class(ARC_HEADER + size_of::<Node>());
        let (full, rest) = (self.len / FANOUT, self.len % FANOUT);
        // The last node has grown by a quarter at times: half of that is free as a rule.
        full * (node + children(FANOUT)) + rest.min(1) * node + children(rest + rest / 8)
    }

    /// The leaf with an index.
    #[inline]
    pub(super) fn get(&self, index: usize) -> &Leaf {
        let (mut node, mut height) = (&*self.root, self.height);
        loop {
            match &node.children {
                Children::Leaves(leaves) => return &leaves[digit(index, 0)],
                Children::Nodes(nodes) => node = &nodes[digit(index, height)],
            }
            height -= 1;
        }
    }

    /// The leaf with an index, for changing.
    #[inline]
    pub(super) fn get_mut(&mut self, index: usize) -> &mut Leaf {
        let (mut node, mut height) = (Arc::make_mut(&mut self.root), self.height);
        loop {
            match &mut node.children {
                Children::Leaves(leaves) => return &mut leaves[digit(index, 0)],
                Children::Nodes(nodes) => node = Arc::make_mut(&mut nodes[digit(index, height)]),
            }
            height -= 1;
        }
    }

    /// Appends a leaf without elements that expire; see [`Self::note_expiry`].
    pub(super) fn push(&mut self, leaf: Leaf) {
        if self.len == FANOUT << (FANOUT_BITS * self.height) {
            let first_ms = match self.first_expiry() {
                None => Vec::new(),
                Some((at, _)) => vec![at],
            };
            let root = Node { children: Children::Nodes(vec![self.root.clone()]), first_ms, soonest: 0 };
            self.root = Arc::new(root);
            self.height += 1;
        }
        Arc::make_mut(&mut self.root).push(leaf, self.len, self.height);
        self.len += 1;
    }

    /// Removes and returns the last leaf. There must be another one.
    pub(super) fn pop(&mut self) -> Leaf {
        self.note_expiry(self.len - 1, None);
        self.len -= 1;
        let leaf = Arc::make_mut(&mut self.root).pop();
        if self.height > 0 && self.len == FANOUT << (FANOUT_BITS * (self.height - 1)) {
            if let Children::Nodes(nodes) = &self.root.children {
                self.root = nodes[0].clone();
            }
            self.height -= 1;
        }
        leaf
    }

    /// Says when the first element of a leaf expires.
    pub(super) fn note_expiry(&mut self, index: usize, at_ms: Option<i64>) {
        let at_ms = at_ms.unwrap_or(NEVER);
        if at_ms != NEVER || !self.root.first_ms.is_empty() {
            Arc::make_mut(&mut self.root).note_expiry(index, self.height, at_ms);
        }
    }

    /// When the first element of all expires, and a leaf that it is in: the same one, as long as no other element becomes
    /// the first, until all that expire at that moment have gone from it.
    pub(super) fn first_expiry(&self) -> Option<(i64, usize)> {
        let (mut node, mut index) = (&*self.root, 0);
        let at_ms = node.soonest_ms();
        if at_ms == NEVER {
            return None;
        }
        loop {
            index = index << FANOUT_BITS | node.soonest;
            match &node.children {
                Children::Leaves(_) => return Some((at_ms, index)),
                Children::Nodes(nodes) => node = &nodes[node.soonest],
            }
        }
    }

    /// Number of elements that expire before a moment. Looks into the leaves that have some.
    pub(super) fn expiring_before(&self, at_ms: i64) -> usize {
        self.root.expiring_before(at_ms)
    }
}

impl Node {
    fn over(children: Children) -> Node {
        Node { children, first_ms: Vec::new(), soonest: 0 }
    }

    /// When the first element of all below expires.
    fn soonest_ms(&self) -> i64 {
        self.first_ms.get(self.soonest).copied().unwrap_or(NEVER)
    }

    /// Enters the first expiry below a child. Looks at the others only if that was the soonest and is so no longer.
    fn set_first(&mut self, child: usize, at_ms: i64) {
        let before = std::mem::replace(&mut self.first_ms[child], at_ms);
        if at_ms < self.soonest_ms() {
            self.soonest = child;
        } else if child == self.soonest && at_ms > before {
            let first = self.first_ms.iter().copied().min().unwrap_or(NEVER);
            self.soonest = self.first_ms.iter().position(|at| *at == first).unwrap_or(0);
        }
    }

    /// Appends the leaf that is to have an index.
    fn push(&mut self, leaf: Leaf, index: usize, height: usize) {
        match &mut self.children {
            Children::Leaves(leaves) => push(leaves, leaf),
            Children::Nodes(nodes) => match nodes.get_mut(digit(index, height)) {
                Some(node) => return Arc::make_mut(node).push(leaf, index, height - 1),
                None => nodes.push(Arc::new(Node::chain(leaf, height - 1))),
            },
        }
        if !self.first_ms.is_empty() {
            self.first_ms.push(NEVER);
        }
    }

    /// A node of some height with a single leaf below.
    fn chain(leaf: Leaf, height: usize) -> Node {
        let lowest = Node::over(Children::Leaves(vec![leaf]));
        (0..height).fold(lowest, |node, _| Node::over(Children::Nodes(vec![Arc::new(node)])))
    }

    /// Removes and returns the last leaf.
    fn pop(&mut self) -> Leaf {
        let leaf = match &mut self.children {
            Children::Leaves(leaves) => leaves.pop().expect("the last leaf is here"),
            Children::Nodes(nodes) => {
                let last = nodes.last_mut().expect("no node is empty");
                let last = Arc::make_mut(last);
                let leaf = last.pop();
                if last.children_len() == 0 {
                    nodes.pop();
                }
                leaf
            }
        };
        self.first_ms.truncate(self.children_len());
        if self.soonest >= self.first_ms.len() {
            // No leaf goes before its expiry has: the soonest child of all can only be the last where none expires.
            self.soonest = 0;
        }
        leaf
    }

    fn children_len(&self) -> usize {
        match &self.children {
            Children::Leaves(leaves) => leaves.len(),
            Children::Nodes(nodes) => nodes.len(),
        }
    }

    fn expiring_before(&self, at_ms: i64) -> usize {
        let due = self.first_ms.iter().enumerate().filter(|(_, first_ms)| **first_ms < at_ms);
        let counts = due.map(|(child, _)| match &self.children {
            Children::Leaves(leaves) => leaves[child].expiring_before(at_ms),
            Children::Nodes(nodes) => nodes[child].expiring_before(at_ms),
        });
        counts.sum()
    }

    /// Enters the first expiry of a leaf; answers the first of all below.
    fn note_expiry(&mut self, index: usize, height: usize, at_ms: i64) -> i64 {
        if at_ms == NEVER && self.first_ms.is_empty() {
            return NEVER;
        }
        let child = digit(index, height);
        let at_ms = match &mut self.children {
            Children::Leaves(_) => at_ms,
            Children::Nodes(nodes) => Arc::make_mut(&mut nodes[child]).note_expiry(index, height - 1, at_ms),
        };
        if self.first_ms.is_empty() {
            self.first_ms = vec![NEVER; self.children_len()];
        }
        self.set_first(child, at_ms);
        self.soonest_ms()
    }
}

/// Appends with little room to spare: half of all tables have a single leaf.
fn push(leaves: &mut Vec<Leaf>, leaf: Leaf) {
    if leaves.len() == leaves.capacity() {
        leaves.reserve_exact((leaves.len() / 4).clamp(1, FANOUT - leaves.len()));
    }
    leaves.push(leaf);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Columns;

    const NAMES: Columns = Columns { value: false };

    fn leaf(number: usize) -> Leaf {
        let mut leaf = Leaf::default();
        leaf.push(0, number.to_string().as_bytes(), b"", None, NAMES);
        leaf
    }

    fn number(leaf: &Leaf) -> usize {
        leaf.element(0, NAMES).name.as_int().expect("a number") as usize
    }

    #[test]
    fn leaves_come_and_go_at_the_end() {
        const MANY: usize = 70_000;
        let mut spine = Spine::new(leaf(0));
        (1..MANY).for_each(|n| spine.push(leaf(n)));
        assert_eq!((spine.len(), spine.height), (MANY, 2));
        assert!((0..MANY).all(|n| number(spine.get(n)) == n));
        let frozen = spine.clone();
        for n in (1..MANY).rev() {
            assert_eq!(number(&spine.pop()), n);
        }
        assert_eq!((spine.len(), spine.height, number(spine.get_mut(0))), (1, 0, 0));
        assert!((0..MANY).all(|n| number(frozen.get(n)) == n));
    }

    #[test]
    fn the_first_expiry_is_found_at_any_size() {
        let mut spine = Spine::new(leaf(0));
        assert_eq!(spine.first_expiry(), None);
        spine.note_expiry(0, Some(500));
        (1..1000).for_each(|n| spine.push(leaf(n)));
        assert_eq!(spine.first_expiry(), Some((500, 0)));
        spine.note_expiry(777, Some(300));
        spine.note_expiry(778, Some(400));
        assert_eq!(spine.first_expiry(), Some((300, 777)));
        spine.note_expiry(777, None);
        assert_eq!(spine.first_expiry(), Some((400, 778)));
        while spine.len() > 600 {
            spine.pop();
        }
        assert_eq!(spine.first_expiry(), Some((500, 0)));
        spine.note_expiry(0, None);
        assert_eq!(spine.first_expiry(), None);
    }
}
