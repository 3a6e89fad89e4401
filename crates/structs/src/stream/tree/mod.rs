//! An ordered tree of chunks that knows how many things lie below each of its nodes (a counted B+tree).
//!
//! A chunk is whatever its owner puts into one allocation: a block of stream entries, a run of pending entries.
//! The tree finds the chunk an id belongs to, and the number of things in all chunks before it, in O(log n).

#[cfg(test)]
mod tests;
mod walk;

use super::id::StreamId;

pub(super) use walk::{Backward, Forward};

/// Most children of an inner node, and most chunks of a leaf. Few in tests, for deep trees of few chunks.
const FAN_OUT: usize = if cfg!(test) { 8 } else { 32 };
/// A node with fewer children than this looks for a neighbour to join.
const SPARSE: usize = FAN_OUT / 4;

/// What the leaves of a [`Tree`] hold. A chunk in a tree is never empty: its weight is at least 1.
pub(super) trait Chunk {
    /// The id the chunk starts with. It may grow while the chunk is in the tree, never shrink.
    fn first(&self) -> StreamId;
    /// Number of things in the chunk.
    fn weight(&self) -> u64;
    /// Bytes the chunk has allocated beyond its own size.
    fn memory_bytes(&self) -> usize;
}

/// ```text
///             Inner [ first, weight, node | first, weight, node | ... ]      weight: sum over the child's chunks
///                      |                     |
///             Leaf [ chunk chunk ... ]    Leaf [ chunk ... ]
/// ```
#[derive(Clone, Debug)]
pub(super) struct Tree<C> {
    root: Node<C>,
    chunks: usize,
    weight: u64,
    /// Bytes allocated by the chunks.
    chunk_bytes: usize,
}

#[derive(Clone, Debug)]
enum Node<C> {
    Leaf(Vec<C>),
    Inner(Vec<Child<C>>),
}

#[derive(Clone, Debug)]
struct Child<C> {
    /// No chunk below starts before this id. Of no meaning in a node's first child: what comes before all
    /// children goes there.
    first: StreamId,
    weight: u64,
    node: Box<Node<C>>,
}

/// Index of the last element that starts at or before `id`, or of the first one, wherever that starts.
#[inline]
fn floor<T>(elements: &[T], id: StreamId, first: impl Fn(&T) -> StreamId) -> usize {
    // Most is done at the end.
    if let Some(last) = elements.last()
        && first(last) <= id
    {
        return elements.len() - 1;
    }
    elements.get(1..).map_or(0, |others| others.partition_point(|element| first(element) <= id))
}

impl<C: Chunk> Default for Tree<C> {
    fn default() -> Self {
        Self { root: Node::Leaf(Vec::new()), chunks: 0, weight: 0, chunk_bytes: 0 }
    }
}

impl<C: Chunk> Tree<C> {
    /// Number of chunks.
    pub(super) fn chunks(&self) -> usize {
        self.chunks
    }

    /// Number of nodes above the chunks. Visits those that stand above other nodes only.
    pub(super) fn nodes(&self) -> usize {
        self.root.nodes()
    }

    /// Sum of the weights of all chunks.
    #[inline]
    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    /// Bytes allocated: by chunks exactly, by the tree itself as if its nodes were full.
    pub(super) fn memory_bytes(&self) -> usize {
        let leaves = self.chunks * size_of::<C>();
        let inner = self.chunks.div_ceil(FAN_OUT) * (size_of::<Child<C>>() + size_of::<Node<C>>());
        let inner = if self.chunks > FAN_OUT { inner } else { 0 };
        self.chunk_bytes + leaves + inner
    }

    /// The first chunk.
    pub(super) fn first(&self) -> Option<&C> {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(chunks) => return chunks.first(),
                Node::Inner(children) => node = &children.first()?.node,
            }
        }
    }

    /// The last chunk.
    #[inline]
    pub(super) fn last(&self) -> Option<&C> {
        self.leaf(StreamId::MAX).last()
    }

    /// The chunk `id` belongs to: the last one that starts at or before it, or the first one.
    pub(super) fn find(&self, id: StreamId) -> Option<&C> {
        let leaf = self.leaf(id);
        leaf.get(floor(leaf, id, C::first))
    }

    /// The sum of the weights of the chunks before the one `id` belongs to, and that one.
    pub(super) fn rank(&self, id: StreamId) -> (u64, Option<&C>) {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(chunks) => {
                    let index = floor(chunks, id, C::first);
                    before += chunks.iter().take(index).map(C::weight).sum::<u64>();
                    return (before, chunks.get(index));
                }
                Node::Inner(children) => {
                    let index = floor(children, id, |child| child.first);
                    before += children[..index].iter().map(|child| child.weight).sum::<u64>();
                    node = &children[index].node;
                }
            }
        }
    }

    /// The chunks from the one `id` belongs to on.
    #[inline]
    pub(super) fn forward(&self, id: StreamId) -> Forward<'_, C> {
        let leaf = self.leaf(id);
        Forward::new(self, &leaf[floor(leaf, id, C::first)..], id)
    }

    /// The chunks from the one `id` belongs to back to the first.
    pub(super) fn backward(&self, id: StreamId) -> Backward<'_, C> {
        let leaf = self.leaf(id);
        let upto = leaf.len().min(floor(leaf, id, C::first) + 1);
        Backward::new(self, &leaf[..upto], id)
    }

    /// The leaf `id` belongs to.
    #[inline]
    fn leaf(&self, id: StreamId) -> &[C] {
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(chunks) => return chunks,
                Node::Inner(children) => node = &children[floor(children, id, |child| child.first)].node,
            }
        }
    }

    /// The leaf after (`step` 1) or before (`step` -1) the one `id` belongs to.
    fn neighbour_leaf(&self, id: StreamId, step: isize) -> Option<&[C]> {
        let mut node = &self.root;
        let mut neighbour = None;
        while let Node::Inner(children) = node {
            let index = floor(children, id, |child| child.first);
            neighbour = index.checked_add_signed(step).and_then(|index| children.get(index)).or(neighbour);
            node = &children[index].node;
        }
        let mut node = &neighbour?.node;
        loop {
            match &**node {
                Node::Leaf(chunks) => return Some(chunks),
                Node::Inner(children) => {
                    node = &if step > 0 { children.first() } else { children.last() }?.node
                }
            }
        }
    }

    /// Panics unless counts, order and separators hold everywhere.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let (mut weight, mut chunks, mut bytes) = (0, 0, 0);
        let mut last = None;
        for chunk in self.forward(StreamId::MIN) {
            assert!(chunk.weight() > 0 && last < Some(chunk.first()));
            last = Some(chunk.first());
            weight += chunk.weight();
            chunks += 1;
            bytes += chunk.memory_bytes();
        }
        assert_eq!((weight, chunks, bytes), (self.weight, self.chunks, self.chunk_bytes));
        assert_eq!(self.backward(StreamId::MAX).count(), chunks);
        assert_eq!(self.root.weight(), weight);
        assert_eq!(self.root.check(), self.nodes());
    }

    /// Changes the chunk `id` belongs to. `edit` may return a further chunk to be put right after it; a chunk
    /// left without weight, and without such a follower, is removed. `None` when the tree is empty.
    #[inline]
    pub(super) fn edit<R>(&mut self, id: StreamId, edit: impl FnOnce(&mut C) -> (R, Option<C>)) -> Option<R> {
        let chunk = self.find_mut(id)?;
        let (weight, bytes) = (chunk.weight(), chunk.memory_bytes());
        let (result, extra) = edit(chunk);
        let emptied = chunk.weight() == 0;
        let gained = chunk.weight() as i64 - weight as i64;
        let bytes_after = chunk.memory_bytes();
        self.chunk_bytes = self.chunk_bytes - bytes + bytes_after;
        if emptied || extra.is_some() {
            self.restructure(id, gained, extra);
        } else if gained != 0 {
            self.root.add_weight(id, gained);
            self.weight = self.weight.wrapping_add_signed(gained);
        }
        Some(result)
    }

    /// The chunk `id` belongs to.
    #[inline]
    fn find_mut(&mut self, id: StreamId) -> Option<&mut C> {
        let mut node = &mut self.root;
        loop {
            match node {
                Node::Leaf(chunks) => {
                    let index = floor(chunks, id, C::first);
                    return chunks.get_mut(index);
                }
                Node::Inner(children) => {
                    let index = floor(children, id, |child| child.first);
                    node = &mut children[index].node;
                }
            }
        }
    }

    /// Inserts a chunk after the one `id` belongs to, or removes that when it is empty. `gained` is the weight
    /// it gained before.
    fn restructure(&mut self, id: StreamId, gained: i64, extra: Option<C>) {
        let added = extra.as_ref().map_or(0, C::weight);
        self.chunk_bytes += extra.as_ref().map_or(0, C::memory_bytes);
        self.weight = self.weight.wrapping_add_signed(gained) + added;
        let split = match extra {
            Some(extra) => {
                self.chunks += 1;
                self.root.insert_after(id, gained + added as i64, extra)
            }
            None => {
                self.chunks -= 1;
                self.chunk_bytes -= self.root.remove(id, gained).map_or(0, |chunk| chunk.memory_bytes());
                None
            }
        };
        if let Some(right) = split {
            let left = std::mem::replace(&mut self.root, Node::Inner(Vec::new()));
            self.root = Node::Inner(vec![left.into_child(), right]);
        }
        while let Node::Inner(children) = &mut self.root
            && children.len() <= 1
        {
            self.root = children.pop().map_or(Node::Leaf(Vec::new()), |only| *only.node);
        }
    }

    /// Puts a chunk after all others.
    pub(super) fn push(&mut self, chunk: C) {
        if self.chunks == 0 {
            self.weight = chunk.weight();
            self.chunk_bytes = chunk.memory_bytes();
            self.chunks = 1;
            self.root = Node::Leaf(vec![chunk]);
        } else {
            self.edit(StreamId::MAX, |_| ((), Some(chunk)));
        }
    }
}

impl<C: Chunk> Node<C> {
    fn weight(&self) -> u64 {
        match self {
            Node::Leaf(chunks) => chunks.iter().map(C::weight).sum(),
            Node::Inner(children) => children.iter().map(|child| child.weight).sum(),
        }
    }

    /// Number of nodes from this one down.
    fn nodes(&self) -> usize {
        let Node::Inner(children) = self else { return 1 };
        // All leaves are equally deep.
        match children.first().map(|child| &*child.node) {
            Some(Node::Inner(_)) => 1 + children.iter().map(|child| child.node.nodes()).sum::<usize>(),
            _ => 1 + children.len(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Node::Leaf(chunks) => chunks.len(),
            Node::Inner(children) => children.len(),
        }
    }

    fn first(&self) -> StreamId {
        match self {
            Node::Leaf(chunks) => chunks.first().map_or(StreamId::MIN, C::first),
            Node::Inner(children) => children.first().map_or(StreamId::MIN, |child| child.first),
        }
    }

    fn into_child(self) -> Child<C> {
        Child { first: self.first(), weight: self.weight(), node: Box::new(self) }
    }

    /// Adds to the weights above the chunk `id` belongs to.
    fn add_weight(&mut self, id: StreamId, gained: i64) {
        let mut node = self;
        while let Node::Inner(children) = node {
            let child = child_of(children, id);
            child.weight = child.weight.wrapping_add_signed(gained);
            node = &mut child.node;
        }
    }

    /// Inserts a chunk after the one `id` belongs to, and adds to the weights above. Returns the second half of
    /// the node when that became too large.
    fn insert_after(&mut self, id: StreamId, gained: i64, chunk: C) -> Option<Child<C>> {
        match self {
            Node::Leaf(chunks) => {
                let index = floor(chunks, id, C::first);
                insert(chunks, index + 1, chunk).map(|right| Node::Leaf(right).into_child())
            }
            Node::Inner(children) => {
                let index = floor(children, id, |child| child.first);
                let child = &mut children[index];
                child.weight = child.weight.wrapping_add_signed(gained);
                let right = child.node.insert_after(id, gained, chunk)?;
                child.weight -= right.weight;
                insert(children, index + 1, right).map(|right| Node::Inner(right).into_child())
            }
        }
    }

    /// Removes the chunk `id` belongs to, and adds to the weights above.
    fn remove(&mut self, id: StreamId, gained: i64) -> Option<C> {
        match self {
            Node::Leaf(chunks) => {
                let index = floor(chunks, id, C::first);
                (index < chunks.len()).then(|| chunks.remove(index))
            }
            Node::Inner(children) => {
                let index = floor(children, id, |child| child.first);
                let child = &mut children[index];
                child.weight = child.weight.wrapping_add_signed(gained);
                let removed = child.node.remove(id, gained);
                tidy(children, index);
                removed
            }
        }
    }

    /// Where the first chunk starts.
    #[cfg(test)]
    fn leftmost(&self) -> StreamId {
        match self {
            Node::Leaf(chunks) => chunks[0].first(),
            Node::Inner(children) => children[0].node.leftmost(),
        }
    }

    /// Where the last chunk starts.
    #[cfg(test)]
    fn last(&self) -> StreamId {
        match self {
            Node::Leaf(chunks) => chunks[chunks.len() - 1].first(),
            Node::Inner(children) => children[children.len() - 1].node.last(),
        }
    }

    /// Counts the nodes, one by one.
    #[cfg(test)]
    fn check(&self) -> usize {
        assert!(self.len() <= FAN_OUT);
        let mut nodes = 1;
        if let Node::Inner(children) = self {
            for pair in children.windows(2).skip(1) {
                assert!(pair[0].first < pair[1].first);
            }
            for pair in children.windows(2) {
                assert!(pair[0].node.last() < pair[1].first && pair[1].first <= pair[1].node.leftmost());
            }
            for child in children {
                assert!(child.node.len() > 0);
                assert_eq!(child.weight, child.node.weight());
                nodes += child.node.check();
            }
        }
        nodes
    }

    /// Appends what `right` holds, which must be of the same kind, and no chunk of it start before `first`.
    fn join(&mut self, right: Self, first: StreamId) {
        match (self, right) {
            (Node::Leaf(left), Node::Leaf(mut right)) => left.append(&mut right),
            (Node::Inner(left), Node::Inner(mut right)) => {
                if let Some(child) = right.first_mut() {
                    child.first = first;
                }
                left.append(&mut right);
            }
            _ => {}
        }
    }
}

/// The child `id` belongs to. An inner node is never empty.
fn child_of<C>(children: &mut [Child<C>], id: StreamId) -> &mut Child<C> {
    let index = floor(children, id, |child| child.first);
    &mut children[index]
}

/// Inserts an element; a node that became too large is split, and its second half returned. A node that grew at
/// its end is left full, so that a tree filled in order has full nodes.
fn insert<T>(elements: &mut Vec<T>, index: usize, element: T) -> Option<Vec<T>> {
    if elements.len() < FAN_OUT {
        if elements.len() == elements.capacity() {
            elements.reserve_exact(elements.len().clamp(1, FAN_OUT - elements.len()));
        }
        elements.insert(index, element);
        return None;
    }
    if index == elements.len() {
        return Some(vec![element]);
    }
    let mut right = elements.split_off(FAN_OUT / 2);
    match index.checked_sub(FAN_OUT / 2) {
        Some(index) if index > 0 => right.insert(index, element),
        _ => elements.insert(index, element),
    }
    elements.shrink_to_fit();
    Some(right)
}

/// After a removal below the child at `index`: removes it when empty, joins it with a neighbour when sparse.
fn tidy<C: Chunk>(children: &mut Vec<Child<C>>, index: usize) {
    let len = children[index].node.len();
    if len == 0 {
        children.remove(index);
        return;
    }
    if len >= SPARSE {
        return;
    }
    let fits = |other: usize| children.get(other).is_some_and(|child| child.node.len() + len <= FAN_OUT / 2);
    let left = match index.checked_sub(1).filter(|&left| fits(left)) {
        Some(left) => left,
        None if fits(index + 1) => index,
        None => return,
    };
    let right = children.remove(left + 1);
    children[left].weight += right.weight;
    children[left].node.join(*right.node, right.first);
}
