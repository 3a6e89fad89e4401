//! From a member to its leaf: a trie over the members' hashes whose leaves are sorted runs of entries.
//!
//! It knows hashes and numbers of leaves, no members: who looks one up compares it in the leaves that have its hash.

use crate::room::size_class;
use triomphe::Arc;

/// Bits of a hash that choose a branch at one level.
const BITS: u32 = 4;
const WIDTH: usize = 1 << BITS;
/// At this level all bits have been used.
const DEEPEST: u32 = u32::BITS / BITS;
/// Entries up to which a run stays one, from the least to sixteen times as many: which of them is a matter of its place.
/// Hashes being even, runs of one limit would all grow at once, from one of the allocator's sizes to the next, and
/// leave its pages half used.
const RUN_LIMITS: [usize; WIDTH] = if cfg!(test) {
    [12; WIDTH]
} else {
    [80, 95, 113, 135, 160, 190, 226, 269, 320, 381, 453, 538, 640, 761, 905, 1076]
};
/// What a reference count takes beside what it counts.
const COUNTS_BYTES: usize = size_of::<usize>();

/// ```text
///  hash     | 4 bits | 4 bits | ...        the highest choose first, so that runs follow each other by hash
///
///  Branch[16] -> Branch[16] -> Run | hash: 32, leaf: 32 | hash: 32, leaf: 32 | ...     sorted by hash
/// ```
#[derive(Clone, Debug)]
pub(super) struct Index {
    root: Node,
    bytes: usize,
}

#[derive(Clone)]
enum Node {
    Run(Arc<Vec<u64>>),
    Branch(Arc<Branch>),
}

#[derive(Clone)]
struct Branch {
    /// Entries in all runs below.
    len: usize,
    children: [Node; WIDTH],
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} entries", self.len())
    }
}

/// Bytes of a run with room for `capacity` entries.
fn run_bytes(capacity: usize) -> usize {
    size_class(COUNTS_BYTES + size_of::<Vec<u64>>()) + size_class(capacity * size_of::<u64>())
}

fn entry(hash: u32, leaf: u32) -> u64 {
    (u64::from(hash) << 32) | u64::from(leaf)
}

fn hash_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

/// Entries up to which the run for a hash at a level stays one.
fn run_limit(hash: u32, level: u32) -> usize {
    let place = u64::from(hash.checked_shr(u32::BITS - BITS * level).unwrap_or(0)) << 4 | u64::from(level);
    let spread = place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    RUN_LIMITS[(spread >> (u64::BITS - BITS)) as usize]
}

fn branch(hash: u32, level: u32) -> usize {
    (hash >> (u32::BITS - BITS * (level + 1))) as usize & (WIDTH - 1)
}

/// Index of the first entry of a run at `level` whose hash isn't smaller. Hashes are spread evenly, so the first
/// guess is hardly ever far off.
#[inline]
fn lower_bound(run: &[u64], hash: u32, level: u32) -> usize {
    let rest = hash.checked_shl(BITS * level).unwrap_or(0);
    let mut at = ((u64::from(rest) * run.len() as u64) >> 32) as usize;
    while at > 0 && hash_of(run[at - 1]) >= hash {
        at -= 1;
    }
    while at < run.len() && hash_of(run[at]) < hash {
        at += 1;
    }
    at
}

/// The entries of a run with a hash.
#[inline]
fn with_hash(run: &[u64], hash: u32, level: u32) -> std::ops::Range<usize> {
    let start = lower_bound(run, hash, level);
    let count = run[start..].iter().take_while(|&&entry| hash_of(entry) == hash).count();
    start..start + count
}

impl Index {
    pub(super) fn new() -> Self {
        Self { root: Node::Run(Arc::default()), bytes: run_bytes(0) }
    }

    /// Bytes allocated. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes
    }

    /// The leaves that hold members with this hash; one may come several times.
    #[inline]
    pub(super) fn find(&self, hash: u32) -> impl Iterator<Item = u32> {
        let mut node = &self.root;
        let mut level = 0;
        loop {
            match node {
                Node::Branch(inner) => node = &inner.children[branch(hash, level)],
                Node::Run(run) => {
                    return run[with_hash(run, hash, level)].iter().map(|&entry| entry as u32);
                }
            }
            level += 1;
        }
    }

    /// Enters a member's hash and its leaf.
    pub(super) fn insert(&mut self, hash: u32, leaf: u32) {
        let (node, level) = self.run_mut(hash, 1);
        let Node::Run(run) = node else { unreachable!("a way ends at a run") };
        let before = run.capacity();
        let run = Arc::make_mut(run);
        let at = lower_bound(run, hash, level);
        if run.len() == run.capacity() {
            run.reserve_exact(run.len() / 8 + 4);
        }
        run.insert(at, entry(hash, leaf));
        let after = run.capacity();
        let split =
            if run.len() > run_limit(hash, level) && level < DEEPEST { split(node, level) } else { 0 };
        self.bytes = (self.bytes - run_bytes(before) + run_bytes(after)).wrapping_add_signed(split);
    }

    /// Takes out the entry of a member with this hash in this leaf, which must be there.
    pub(super) fn remove(&mut self, hash: u32, leaf: u32) {
        let (node, level) = self.run_mut(hash, -1);
        let Node::Run(run) = node else { unreachable!("a way ends at a run") };
        let at = position(run, hash, level, leaf);
        let before = run.capacity();
        let run = Arc::make_mut(run);
        run.remove(at);
        if run.capacity() > run.len() * 2 + 8 {
            run.shrink_to(run.len() + run.len() / 8);
        }
        let after = run.capacity();
        self.bytes = self.bytes - run_bytes(before) + run_bytes(after);
        if level > 0 {
            self.collapse(hash);
        }
    }

    /// A member with this hash has moved from one leaf to another.
    pub(super) fn relocate(&mut self, hash: u32, from: u32, to: u32) {
        let (node, level) = self.run_mut(hash, 0);
        let Node::Run(run) = node else { unreachable!("a way ends at a run") };
        let at = position(run, hash, level, from);
        let before = run.capacity();
        let run = Arc::make_mut(run);
        run[at] = entry(hash, to);
        let after = run.capacity();
        self.bytes = self.bytes - run_bytes(before) + run_bytes(after);
    }

    /// The run for a hash and its level; adds `gained` to the counts above.
    #[inline]
    fn run_mut(&mut self, hash: u32, gained: isize) -> (&mut Node, u32) {
        let mut node = &mut self.root;
        let mut level = 0;
        while let Node::Branch(inner) = node {
            let inner = Arc::make_mut(inner);
            inner.len = inner.len.wrapping_add_signed(gained);
            node = &mut inner.children[branch(hash, level)];
            level += 1;
        }
        (node, level)
    }

    /// Turns the uppermost branch on the way to a hash that has too few entries into a run.
    fn collapse(&mut self, hash: u32) {
        let Some(level) = self.sparse_level(hash) else { return };
        let mut node = &mut self.root;
        for above in 0..level {
            let Node::Branch(inner) = node else { unreachable!("above a branch") };
            node = &mut Arc::make_mut(inner).children[branch(hash, above)];
        }
        let freed = node.memory_bytes();
        let mut run = Vec::with_capacity(node.len() + node.len() / 8);
        node.for_each_run(&mut |entries| run.extend_from_slice(entries));
        *node = Node::Run(Arc::new(run));
        self.bytes = self.bytes - freed + node.memory_bytes();
    }

    /// The level of the uppermost branch on the way to a hash that has too few entries.
    fn sparse_level(&self, hash: u32) -> Option<u32> {
        let mut node = &self.root;
        let mut level = 0;
        while let Node::Branch(inner) = node {
            if inner.len < run_limit(hash, level) / 4 {
                return Some(level);
            }
            node = &inner.children[branch(hash, level)];
            level += 1;
        }
        None
    }

    /// Visits the entries in the order of their hashes, from `start` on, until `enough` of them have been seen and
    /// all that share the last one's hash. Answers the hash to go on with; `None` at the end. Which hash a member has
    /// never changes: so one that is there all the time is seen by a walk that goes on like this, whatever happens
    /// meanwhile.
    pub(super) fn scan(&self, start: u32, enough: usize, mut visit: impl FnMut(u32, u32)) -> Option<u32> {
        let mut next = Some(start);
        let mut seen = 0;
        while let Some(hash) = next
            && seen < enough
        {
            let (run, last) = self.run_from(hash);
            for group in run.chunk_by(|left, right| hash_of(*left) == hash_of(*right)) {
                if seen >= enough {
                    return Some(hash_of(group[0]));
                }
                group.iter().for_each(|&entry| visit(hash_of(entry), entry as u32));
                seen += group.len();
            }
            next = last.checked_add(1);
        }
        next
    }

    /// The entries from a hash on in its run, and the largest hash that would be in that run.
    fn run_from(&self, hash: u32) -> (&[u64], u32) {
        let mut node = &self.root;
        let mut level = 0;
        loop {
            match node {
                Node::Branch(inner) => node = &inner.children[branch(hash, level)],
                Node::Run(run) => {
                    let below = u32::MAX.checked_shr(BITS * level).unwrap_or(0);
                    return (&run[lower_bound(run, hash, level)..], hash | below);
                }
            }
            level += 1;
        }
    }

    /// Panics unless counts, bytes and order hold everywhere. Answers the number of entries.
    #[cfg(test)]
    pub(super) fn check(&self) -> usize {
        assert_eq!(self.root.memory_bytes(), self.bytes);
        let mut hashes = Vec::new();
        self.root.for_each_run(&mut |run| hashes.extend(run.iter().copied().map(hash_of)));
        assert!(hashes.is_sorted());
        assert_eq!(self.root.check(), hashes.len());
        hashes.len()
    }
}

/// Where the entry of a member in a leaf stands in its run.
fn position(run: &[u64], hash: u32, level: u32, leaf: u32) -> usize {
    let mut entries = with_hash(run, hash, level);
    entries.find(|&at| run[at] as u32 == leaf).expect("every member has an entry")
}

/// Makes a branch of a run. Answers the bytes gained.
fn split(node: &mut Node, level: u32) -> isize {
    let before = node.memory_bytes();
    let Node::Run(run) = node else { return 0 };
    let len = run.len();
    let mut rest = run.as_slice();
    let children = std::array::from_fn(|at| {
        let count = rest.partition_point(|&entry| branch(hash_of(entry), level) <= at);
        let (here, others) = rest.split_at(count);
        rest = others;
        Node::Run(Arc::new(here.to_vec()))
    });
    *node = Node::Branch(Arc::new(Branch { len, children }));
    node.memory_bytes() as isize - before as isize
}

impl Node {
    fn len(&self) -> usize {
        match self {
            Node::Run(run) => run.len(),
            Node::Branch(inner) => inner.len,
        }
    }

    /// Bytes of the node and all below. O(nodes).
    fn memory_bytes(&self) -> usize {
        match self {
            Node::Run(run) => run_bytes(run.capacity()),
            Node::Branch(inner) => {
                let below: usize = inner.children.iter().map(Node::memory_bytes).sum();
                COUNTS_BYTES + size_of::<Branch>() + below
            }
        }
    }

    fn for_each_run(&self, visit: &mut dyn FnMut(&[u64])) {
        match self {
            Node::Run(run) => visit(run),
            Node::Branch(inner) => inner.children.iter().for_each(|child| child.for_each_run(visit)),
        }
    }

    #[cfg(test)]
    fn check(&self) -> usize {
        if let Node::Branch(inner) = self {
            assert_eq!(inner.len, inner.children.iter().map(Node::check).sum::<usize>());
        }
        self.len()
    }
}
