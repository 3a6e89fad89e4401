//! The leaves of a large sorted set, by number: a wide tree whose parts are shared until they change.

use triomphe::Arc;

use super::leaf::Leaf;

/// Bits of a number that choose a branch at one level.
const BITS: u32 = if cfg!(test) { 2 } else { 6 };
const WIDTH: usize = 1 << BITS;

/// ```text
///  number  | .. | 6 bits | 6 bits | 6 bits |
///                    |        |        |
///               Inner[64] Inner[64] Slots[64] -> leaf
/// ```
#[derive(Clone, Debug)]
pub(super) struct Leaves {
    root: Arc<Node>,
    /// Levels above the slots.
    height: u32,
    /// Numbers that were ever given: all below.
    given: u32,
    /// The number given back last, first of a chain through the vacant slots.
    vacant: Option<u32>,
    used: usize,
    nodes: usize,
    leaf_bytes: usize,
}

#[derive(Clone)]
enum Node {
    Inner(Vec<Arc<Node>>),
    Slots(Vec<Slot>),
}

#[derive(Clone)]
enum Slot {
    Leaf(Arc<Leaf>),
    Vacant { next: Option<u32> },
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("leaves")
    }
}

fn branch(number: u32, level: u32) -> usize {
    (number >> (BITS * level)) as usize & (WIDTH - 1)
}

impl Leaves {
    pub(super) fn new() -> Self {
        let root = Arc::new(Node::Slots(Vec::new()));
        Self { root, height: 0, given: 0, vacant: None, used: 0, nodes: 1, leaf_bytes: 0 }
    }

    /// Number of leaves.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// Bytes of all leaves and of the nodes above them, as if all but a single one were full. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        let slots = if let Node::Slots(slots) = &*self.root { slots.capacity() } else { self.nodes * WIDTH };
        self.leaf_bytes + slots * size_of::<Slot>()
    }

    /// Bytes of all leaves.
    #[cfg(test)]
    pub(super) fn leaf_bytes(&self) -> usize {
        self.leaf_bytes
    }

    /// The leaf with this number, which must be in use.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &Leaf {
        let mut node = &*self.root;
        let mut level = self.height;
        loop {
            match node {
                Node::Inner(children) => node = &children[branch(number, level)],
                Node::Slots(slots) => match &slots[branch(number, 0)] {
                    Slot::Leaf(leaf) => return leaf,
                    Slot::Vacant { .. } => unreachable!("a number in use"),
                },
            }
            level = level.wrapping_sub(1);
        }
    }

    /// Changes the leaf with this number, which must be in use.
    #[inline]
    pub(super) fn edit<R>(&mut self, number: u32, edit: impl FnOnce(&mut Leaf) -> R) -> R {
        let before = self.get(number).memory_bytes();
        let Slot::Leaf(leaf) = self.slot_mut(number) else { unreachable!("a number in use") };
        let leaf = Arc::make_mut(leaf);
        let result = edit(leaf);
        let after = leaf.memory_bytes();
        self.leaf_bytes = self.leaf_bytes - before + after;
        result
    }

    /// Takes a leaf in and gives it a number.
    pub(super) fn add(&mut self, leaf: Leaf) -> u32 {
        self.used += 1;
        self.leaf_bytes += leaf.memory_bytes();
        let leaf = Slot::Leaf(Arc::new(leaf));
        match self.vacant {
            Some(number) => {
                let slot = self.slot_mut(number);
                let Slot::Vacant { next } = std::mem::replace(slot, leaf) else {
                    unreachable!("a vacant slot")
                };
                self.vacant = next;
                number
            }
            None => self.append(leaf),
        }
    }

    /// Takes a leaf out; its number may be given again.
    pub(super) fn take(&mut self, number: u32) -> Arc<Leaf> {
        self.used -= 1;
        let vacant = Slot::Vacant { next: self.vacant.replace(number) };
        let Slot::Leaf(leaf) = std::mem::replace(self.slot_mut(number), vacant) else {
            unreachable!("a number in use")
        };
        self.leaf_bytes -= leaf.memory_bytes();
        leaf
    }

    fn slot_mut(&mut self, number: u32) -> &mut Slot {
        let mut node = Arc::make_mut(&mut self.root);
        let mut level = self.height;
        loop {
            match node {
                Node::Inner(children) => node = Arc::make_mut(&mut children[branch(number, level)]),
                Node::Slots(slots) => return &mut slots[branch(number, 0)],
            }
            level = level.wrapping_sub(1);
        }
    }

    /// Puts a slot behind all others.
    fn append(&mut self, slot: Slot) -> u32 {
        let number = self.given;
        self.given += 1;
        if number >> (BITS * (self.height + 1)) > 0 {
            let below = std::mem::replace(&mut self.root, Arc::new(Node::Slots(Vec::new())));
            self.root = Arc::new(Node::Inner(vec![below]));
            self.height += 1;
            self.nodes += 1;
        }
        let mut node = Arc::make_mut(&mut self.root);
        for level in (1..=self.height).rev() {
            let Node::Inner(children) = node else { unreachable!("slots are at the bottom") };
            let at = branch(number, level);
            if at == children.len() {
                let empty = if level == 1 { Node::Slots(Vec::new()) } else { Node::Inner(Vec::new()) };
                children.push(Arc::new(empty));
                self.nodes += 1;
            }
            node = Arc::make_mut(&mut children[at]);
        }
        let Node::Slots(slots) = node else { unreachable!("slots are at the bottom") };
        slots.push(slot);
        number
    }
}
