//! Changing a tree: every change goes down one path, makes its nodes its own, and sets weights right on the way back.

use std::ops::Range;

use triomphe::Arc;

use super::walk::Path;
use super::{Chunk, FAN_OUT, Node, SPARSE, Seek, Slot, Tree, own};

/// What a tree, or a node, has gained.
#[derive(Clone, Copy, Default)]
struct Gain {
    chunks: isize,
    weight: i64,
    bytes: isize,
}

impl Gain {
    fn of(chunk: &impl Chunk) -> Self {
        Self { chunks: 1, weight: chunk.weight() as i64, bytes: chunk.memory_bytes() as isize }
    }

    fn add(&mut self, other: Self) {
        self.chunks += other.chunks;
        self.weight += other.weight;
        self.bytes += other.bytes;
    }

    fn subtract(&mut self, other: Self) {
        self.chunks -= other.chunks;
        self.weight -= other.weight;
        self.bytes -= other.bytes;
    }
}

/// What a change did to a node, as its parent has to know it.
struct Changed<K, C> {
    gain: Gain,
    /// The second half of a node that became too large.
    split: Option<Slot<K, Arc<Node<K, C>>>>,
}

impl<K: Clone, C: Chunk> Tree<K, C> {
    /// Changes the chunk that is sought. `edit` may return a further chunk, with its key, to be put right after it. A
    /// chunk left without weight is removed. `None` when the tree is empty. O(log n).
    #[inline]
    pub(crate) fn edit<R>(
        &mut self,
        seek: impl Seek<K>,
        edit: impl FnOnce(&mut C) -> (R, Option<(K, C)>),
    ) -> Option<R> {
        let mut path = Path::new();
        let (slots, index) = self.root.descend_mut(seek, &mut path);
        let slot = slots.get_mut(index)?;
        let (bytes, weight) = (slot.item.memory_bytes(), slot.weight);
        let (edited, extra) = edit(&mut slot.item);
        slot.weight = slot.item.weight();
        let emptied = slot.weight == 0;
        let gained = slot.weight.wrapping_sub(weight);
        self.chunk_bytes = self.chunk_bytes - bytes + slot.item.memory_bytes();
        if gained != 0 {
            self.weight = self.weight.wrapping_add(gained);
            self.root.add_weight(path.indices(), gained);
        }
        if emptied || extra.is_some() {
            self.restructure(path.indices(), index, emptied, extra);
        }
        Some(edited)
    }

    /// Removes an emptied chunk, and inserts one behind it.
    #[cold]
    fn restructure(&mut self, path: &[u8], index: usize, emptied: bool, extra: Option<(K, C)>) {
        self.change(path, |slots| {
            let mut gain = Gain::default();
            let mut behind = index + 1;
            if emptied {
                gain.subtract(Gain::of(&slots.remove(index).item));
                behind = index;
            }
            let split = extra.and_then(|(first, chunk)| {
                gain.add(Gain::of(&chunk));
                insert(slots, behind, Slot { first, weight: chunk.weight(), item: chunk })
            });
            (gain, split)
        });
    }

    /// Puts a chunk behind the one that is sought. O(log n).
    pub(crate) fn insert_after(&mut self, seek: impl Seek<K>, first: K, chunk: C) {
        let (path, index) = self.find(seek);
        self.insert_at(&path, index + 1, first, chunk);
    }

    /// Puts a chunk before the one that is sought. O(log n).
    pub(crate) fn insert_before(&mut self, seek: impl Seek<K>, first: K, chunk: C) {
        let (path, index) = self.find(seek);
        self.insert_at(&path, index, first, chunk);
    }

    fn insert_at(&mut self, path: &Path, index: usize, first: K, chunk: C) {
        let slot = Slot { first, weight: chunk.weight(), item: chunk };
        self.change(path.indices(), |slots| {
            (Gain::of(&slot.item), insert(slots, index.min(slots.len()), slot))
        });
    }

    /// Removes the chunk that is sought, without looking into it. O(log n).
    pub(crate) fn remove(&mut self, seek: impl Seek<K>) -> Option<C> {
        if self.chunks == 0 {
            return None;
        }
        let (path, index) = self.find(seek);
        let mut removed = None;
        self.change(path.indices(), |slots| {
            let mut gain = Gain::default();
            let chunk = slots.remove(index).item;
            gain.subtract(Gain::of(&chunk));
            removed = Some(chunk);
            (gain, None)
        });
        removed
    }

    /// The way to the chunk that is sought, and its index in its leaf.
    fn find(&self, seek: impl Seek<K>) -> (Path, usize) {
        let mut path = Path::new();
        let (_, index) = path.descend(&self.root, seek);
        (path, index)
    }

    /// Joins the chunk that is sought with a neighbour for which `fits` says that the two, in their order, may be one.
    /// Only neighbours in the same leaf come into question: what leads to another leaf isn't changed. O(log n).
    pub(crate) fn join(
        &mut self,
        seek: impl Seek<K>,
        fits: impl Fn(&C, &C) -> bool,
        append: impl FnOnce(&mut C, &C),
    ) {
        let mut path = Path::new();
        let (slots, index) = path.descend(&self.root, seek);
        let mut pairs = slots.windows(2).enumerate().skip(index.saturating_sub(1)).take(index.min(1) + 1);
        let Some((left, _)) = pairs.find(|(_, pair)| fits(&pair[0].item, &pair[1].item)) else { return };
        self.change(path.indices(), |slots| {
            let right = slots.remove(left + 1).item;
            let slot = &mut slots[left];
            let mut gain = Gain::default();
            gain.subtract(Gain::of(&slot.item));
            gain.subtract(Gain::of(&right));
            append(&mut slot.item, &right);
            slot.weight = slot.item.weight();
            gain.add(Gain::of(&slot.item));
            (gain, None)
        });
    }

    /// The chunk that is sought, for changes that keep its weight and its bytes. O(log n).
    #[inline]
    pub(crate) fn get_mut(&mut self, seek: impl Seek<K>) -> Option<&mut C> {
        let (slots, index) = self.root.descend_mut(seek, &mut Path::new());
        slots.get_mut(index).map(|slot| &mut slot.item)
    }

    /// Removes the chunks that lie within a range of the things in all chunks; those that overlap with one of its ends
    /// stay. O(log n), and the chunks removed.
    pub(crate) fn remove_range(&mut self, range: Range<u64>) {
        let gain = self.root.remove_range(range);
        self.account(gain);
        self.lower_root();
    }

    /// Lets `act` change the leaf at the end of a path. It answers what the leaf has gained, and the second half if it
    /// became too large.
    fn change(
        &mut self,
        path: &[u8],
        act: impl FnOnce(&mut Vec<Slot<K, C>>) -> (Gain, Option<Vec<Slot<K, C>>>),
    ) {
        let Changed { gain, split } = self.root.change(path, act);
        self.account(gain);
        if let Some(right) = split {
            let left = std::mem::replace(&mut self.root, Node::Inner(Vec::new()));
            self.root = Node::Inner(vec![left.into_slot(), right]);
        } else if gain.chunks < 0 {
            self.lower_root();
        }
    }

    fn account(&mut self, gain: Gain) {
        self.chunks = self.chunks.wrapping_add_signed(gain.chunks);
        self.weight = self.weight.wrapping_add_signed(gain.weight);
        self.chunk_bytes = self.chunk_bytes.wrapping_add_signed(gain.bytes);
    }

    /// Removes the root while it has one child only, or none.
    fn lower_root(&mut self) {
        while let Node::Inner(slots) = &mut self.root
            && slots.len() <= 1
        {
            self.root = slots.pop().map_or(Node::Leaf(Vec::new()), |slot| Arc::unwrap_or_clone(slot.item));
        }
    }
}

impl<K: Clone, C: Chunk> Node<K, C> {
    fn into_slot(self) -> Slot<K, Arc<Self>> {
        let first = match &self {
            Node::Leaf(slots) => slots[0].first.clone(),
            Node::Inner(slots) => slots[0].first.clone(),
        };
        Slot { first, weight: self.weight(), item: Arc::new(self) }
    }

    /// Goes to the leaf that is sought, noting the path, and makes the nodes on it its own. Answers the leaf's slots,
    /// and the index of the one that is sought.
    #[inline]
    fn descend_mut(&mut self, mut seek: impl Seek<K>, path: &mut Path) -> (&mut Vec<Slot<K, C>>, usize) {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(slots) => {
                    let index = seek.choose(slots);
                    return (slots, index);
                }
                Node::Inner(slots) => {
                    let index = seek.choose(slots);
                    path.push(index);
                    node = own(&mut slots[index].item);
                }
            }
        }
    }

    /// Adds to the weights of the nodes on a path.
    #[inline]
    fn add_weight(&mut self, path: &[u8], gained: u64) {
        let mut node = self;
        for &index in path {
            let Node::Inner(slots) = node else { return };
            let slot = &mut slots[usize::from(index)];
            slot.weight = slot.weight.wrapping_add(gained);
            node = own(&mut slot.item);
        }
    }

    /// See [`Tree::change`].
    fn change<A>(&mut self, path: &[u8], act: A) -> Changed<K, C>
    where
        A: FnOnce(&mut Vec<Slot<K, C>>) -> (Gain, Option<Vec<Slot<K, C>>>),
    {
        match self {
            Node::Leaf(slots) => {
                let (gain, split) = act(slots);
                Changed { gain, split: split.map(|right| Node::Leaf(right).into_slot()) }
            }
            Node::Inner(slots) => {
                let index = path.first().map_or(0, |&index| usize::from(index));
                let slot = &mut slots[index];
                let rest = path.get(1..).unwrap_or_default();
                let Changed { gain, split } = own(&mut slot.item).change(rest, act);
                slot.weight = slot.weight.wrapping_add_signed(gain.weight);
                slot.weight -= split.as_ref().map_or(0, |right| right.weight);
                let split = split.and_then(|right| insert(slots, index + 1, right));
                if gain.chunks < 0 {
                    tidy(slots, index);
                }
                Changed { gain, split: split.map(|right| Node::Inner(right).into_slot()) }
            }
        }
    }

    /// Removes the chunks within a range of the things below.
    fn remove_range(&mut self, range: Range<u64>) -> Gain {
        let mut gain = Gain::default();
        let mut start = 0;
        match self {
            Node::Leaf(slots) => slots.retain(|slot| {
                let end = start + slot.weight;
                let inside = range.start <= start && end <= range.end;
                if inside {
                    gain.subtract(Gain::of(&slot.item));
                }
                start = end;
                !inside
            }),
            Node::Inner(slots) => {
                slots.retain_mut(|slot| {
                    let (begin, end) = (start, start + slot.weight);
                    start = end;
                    if range.start <= begin && end <= range.end {
                        slot.item.each_chunk(&mut |chunk| gain.subtract(Gain::of(chunk)));
                        return false;
                    }
                    if range.start < end && begin < range.end {
                        let inner = range.start.saturating_sub(begin)..range.end - begin;
                        let lost = own(&mut slot.item).remove_range(inner);
                        slot.weight = slot.weight.wrapping_add_signed(lost.weight);
                        gain.add(lost);
                    }
                    slot.weight > 0
                });
                let mut index = 0;
                while index < slots.len() {
                    tidy(slots, index);
                    index += 1;
                }
            }
        }
        gain
    }

    fn each_chunk(&self, visit: &mut impl FnMut(&C)) {
        match self {
            Node::Leaf(slots) => slots.iter().for_each(|slot| visit(&slot.item)),
            Node::Inner(slots) => slots.iter().for_each(|slot| slot.item.each_chunk(visit)),
        }
    }

    /// Appends what `right` holds, which must be of the same kind, and nothing in it start before `first`.
    fn join(&mut self, right: Self, first: K) {
        match (self, right) {
            (Node::Leaf(left), Node::Leaf(right)) => append(left, right, first),
            (Node::Inner(left), Node::Inner(right)) => append(left, right, first),
            _ => {}
        }
    }
}

fn append<K, T>(left: &mut Vec<Slot<K, T>>, mut right: Vec<Slot<K, T>>, first: K) {
    if let Some(slot) = right.first_mut() {
        slot.first = first;
    }
    left.append(&mut right);
}

/// Inserts a slot; a node that became too large is split, and its second half returned. A node that grew at one of its
/// ends is left full, so that a tree filled in order has full nodes.
fn insert<K, T>(slots: &mut Vec<Slot<K, T>>, index: usize, slot: Slot<K, T>) -> Option<Vec<Slot<K, T>>> {
    if slots.len() < FAN_OUT {
        if slots.len() == slots.capacity() {
            slots.reserve_exact(slots.len().clamp(1, FAN_OUT - slots.len()));
        }
        slots.insert(index, slot);
        return None;
    }
    if index == slots.len() {
        return Some(vec![slot]);
    }
    if index == 0 {
        return Some(std::mem::replace(slots, vec![slot]));
    }
    let mut right = slots.split_off(FAN_OUT / 2);
    match index.checked_sub(FAN_OUT / 2) {
        Some(index) if index > 0 => right.insert(index, slot),
        _ => slots.insert(index, slot),
    }
    slots.shrink_to_fit();
    Some(right)
}

/// After a removal below the slot at `index`: removes it when empty, joins it with a neighbour when sparse.
fn tidy<K: Clone, C: Chunk>(slots: &mut Vec<Slot<K, Arc<Node<K, C>>>>, index: usize) {
    let len = slots[index].item.len();
    if len == 0 {
        slots.remove(index);
        return;
    }
    if len >= SPARSE {
        return;
    }
    let fits = |other: usize| slots.get(other).is_some_and(|slot| slot.item.len() + len <= FAN_OUT / 2);
    let left = match index.checked_sub(1).filter(|&left| fits(left)) {
        Some(left) => left,
        None if fits(index + 1) => index,
        None => return,
    };
    let right = slots.remove(left + 1);
    slots[left].weight += right.weight;
    own(&mut slots[left].item).join(Arc::unwrap_or_clone(right.item), right.first);
}
