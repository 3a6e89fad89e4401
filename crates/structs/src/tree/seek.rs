//! Which way to go at each node of a tree: by key, by the number of things before, or along an edge.

use super::Slot;
use crate::packed::End;

/// A way down a tree.
pub(crate) trait Seek<K> {
    /// The slot to go on with: an index below the number of slots, or 0 if there are none.
    fn choose<T>(&mut self, slots: &[Slot<K, T>]) -> usize;
}

/// To the chunk that a key belongs to: the last one that starts at or before it, or the first one. The function tells
/// whether what starts with a key starts at or before the one that is sought.
pub(crate) struct ByKey<F>(pub(crate) F);

impl<K, F: Fn(&K) -> bool> Seek<K> for ByKey<F> {
    #[inline]
    fn choose<T>(&mut self, slots: &[Slot<K, T>]) -> usize {
        slots.get(1..).map_or(0, |others| others.partition_point(|slot| self.0(&slot.first)))
    }
}

/// To the chunk with the thing that has so many others before it; to the last one if there aren't as many.
pub(crate) struct ByWeight(pub(crate) u64);

impl<K> Seek<K> for ByWeight {
    #[inline]
    fn choose<T>(&mut self, slots: &[Slot<K, T>]) -> usize {
        for (index, slot) in slots.iter().enumerate() {
            if self.0 < slot.weight || index + 1 == slots.len() {
                return index;
            }
            self.0 -= slot.weight;
        }
        0
    }
}

/// To the first or the last chunk.
impl<K> Seek<K> for End {
    #[inline]
    fn choose<T>(&mut self, slots: &[Slot<K, T>]) -> usize {
        match self {
            End::Front => 0,
            End::Back => slots.len().saturating_sub(1),
        }
    }
}

impl<K, S: Seek<K>> Seek<K> for &mut S {
    #[inline]
    fn choose<T>(&mut self, slots: &[Slot<K, T>]) -> usize {
        (**self).choose(slots)
    }
}
