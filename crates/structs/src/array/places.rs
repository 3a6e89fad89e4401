//! Where the cells of a run are, relative to the first of them.

/// Offsets of cells in rising order, the first of them 0; in the narrowest form that has room for the last one.
///
/// ```text
/// Row(n)              0, 1 ... n - 1        nothing to be stored
/// Near([0, 3, 700])   2 bytes each
/// Far([0, 1 << 40])   8 bytes each
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Places {
    Row(usize),
    Near(Vec<u16>),
    Far(Vec<u64>),
}

/// How many cells to make room for when there are `count`: twice as many each time while they are few, an eighth more
/// afterwards.
pub(super) fn room_for(count: usize) -> usize {
    if count <= 128 { count.next_power_of_two().max(2) } else { count.next_multiple_of(32) }
}

/// Inserts where there may be no room, see [`room_for`].
pub(super) fn insert<T>(items: &mut Vec<T>, position: usize, item: T) {
    if items.len() == items.capacity() {
        items.reserve_exact(room_for(items.len() + 1) - items.len());
    }
    items.insert(position, item);
}

/// Gives back room that is left after removals.
pub(super) fn trim<T>(items: &mut Vec<T>) {
    let room = room_for(items.len());
    if items.capacity() > room * 2 {
        items.shrink_to(room);
    }
}

impl Places {
    /// The narrowest form of these offsets, the first of which is subtracted from all.
    pub(super) fn of(offsets: &[u64]) -> Places {
        let first = offsets.first().copied().unwrap_or(0);
        let last = offsets.last().map_or(0, |last| last - first);
        let from_first = offsets.iter().map(|offset| offset - first);
        if last < offsets.len() as u64 {
            Places::Row(offsets.len())
        } else if last <= u64::from(u16::MAX) {
            Places::Near(from_first.map(|offset| offset as u16).collect())
        } else {
            Places::Far(from_first.collect())
        }
    }

    /// Number of cells.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Places::Row(len) => *len,
            Places::Near(offsets) => offsets.len(),
            Places::Far(offsets) => offsets.len(),
        }
    }

    /// The offset of the cell at a position, which must be below the length.
    #[inline]
    pub(super) fn offset(&self, position: usize) -> u64 {
        match self {
            Places::Row(_) => position as u64,
            Places::Near(offsets) => offsets[position].into(),
            Places::Far(offsets) => offsets[position],
        }
    }

    /// The position of the cell at an offset, or the one that it would get.
    #[inline]
    pub(super) fn find(&self, offset: u64) -> Result<usize, usize> {
        match self {
            Places::Row(len) if offset < *len as u64 => Ok(offset as usize),
            Places::Row(len) => Err(*len),
            Places::Near(offsets) => match u16::try_from(offset) {
                Ok(offset) => offsets.binary_search(&offset),
                Err(_) => Err(offsets.len()),
            },
            Places::Far(offsets) => offsets.binary_search(&offset),
        }
    }

    /// All offsets, from a position on.
    pub(super) fn from(&self, position: usize) -> Vec<u64> {
        (position..self.len()).map(|position| self.offset(position)).collect()
    }

    /// Inserts an offset, which isn't the first, at its position.
    pub(super) fn insert(&mut self, position: usize, offset: u64) {
        match self {
            Places::Row(len) if offset == *len as u64 => *len += 1,
            Places::Near(offsets) if offset <= u64::from(u16::MAX) => {
                insert(offsets, position, offset as u16);
            }
            Places::Far(offsets) => insert(offsets, position, offset),
            Places::Row(_) | Places::Near(_) => self.change(|offsets| offsets.insert(position, offset)),
        }
        self.settle();
    }

    /// Inserts a cell before all others, so far before the first.
    pub(super) fn prepend(&mut self, distance: u64) {
        match self {
            Places::Row(len) if distance == 1 => *len += 1,
            _ => self.change(|offsets| {
                offsets.iter_mut().for_each(|offset| *offset += distance);
                offsets.insert(0, 0);
            }),
        }
    }

    /// Removes the cell at a position. Offsets count from the first that is left.
    pub(super) fn remove(&mut self, position: usize) {
        let last = self.len() - 1;
        match self {
            Places::Row(len) if position == 0 || position == last => *len -= 1,
            Places::Near(offsets) if position > 0 => {
                offsets.remove(position);
                trim(offsets);
            }
            Places::Far(offsets) if position > 0 => {
                offsets.remove(position);
                trim(offsets);
            }
            _ => self.change(|offsets| {
                offsets.remove(position);
            }),
        }
        self.settle();
    }

    /// Changes them by way of a plain list.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Vec<u64>)) {
        let mut offsets = self.from(0);
        change(&mut offsets);
        *self = Places::of(&offsets);
    }

    /// Takes a narrower form if there is one.
    fn settle(&mut self) {
        let len = self.len();
        let last = if len == 0 { 0 } else { self.offset(len - 1) };
        let narrower = match self {
            Places::Row(_) => false,
            Places::Near(_) => last < len as u64,
            Places::Far(_) => last <= u64::from(u16::MAX),
        };
        if narrower {
            *self = Places::of(&self.from(0));
        }
    }

    /// Bytes allocated.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Places::Row(_) => 0,
            Places::Near(offsets) => offsets.capacity() * size_of::<u16>(),
            Places::Far(offsets) => offsets.capacity() * size_of::<u64>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offset() -> impl Strategy<Value = u64> {
        prop_oneof![8 => 0u64..12, 2 => 0u64..100_000, 1 => any::<u64>()]
    }

    proptest! {
        #[test]
        fn they_are_what_a_list_is(steps in prop::collection::vec((any::<bool>(), offset()), 1..80)) {
            let (mut places, mut model) = (Places::of(&[0]), vec![7u64]);
            for (remove, index) in steps {
                match (model.binary_search(&index), remove) {
                    (Ok(position), true) if model.len() > 1 => {
                        model.remove(position);
                        places.remove(position);
                    }
                    (Err(0), false) => {
                        places.prepend(model[0] - index);
                        model.insert(0, index);
                    }
                    (Err(position), false) => {
                        places.insert(position, index - model[0]);
                        model.insert(position, index);
                    }
                    _ => {}
                }
                prop_assert_eq!(&places, &Places::of(&model));
                let offsets: Vec<u64> = model.iter().map(|index| index - model[0]).collect();
                prop_assert_eq!(places.from(0), offsets.clone());
                for sought in 0..12 {
                    prop_assert_eq!(places.find(sought), offsets.binary_search(&sought));
                }
            }
        }
    }
}
