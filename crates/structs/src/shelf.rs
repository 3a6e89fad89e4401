//! `Shelf`: things by number, with the tree's rule for clones.

use triomphe::Arc;

use crate::tree::own;

/// Places per board.
const PLACES: usize = if cfg!(test) { 4 } else { 64 };

/// Things by the numbers they were given. A number that became free is given again.
///
/// ```text
///  boards:  [ T, T, free -> 9, T, ... ]  [ T, free -> none, T, ... ]  ...      counted references
/// ```
/// Finding a thing takes O(1). A clone shares all boards, so it takes O(n / 64); whoever changes one copies it.
#[derive(Clone, Debug)]
pub(crate) struct Shelf<T> {
    boards: Vec<Arc<Vec<Place<T>>>>,
    len: usize,
    /// The first place that became free.
    free: Option<u32>,
}

#[derive(Clone, Debug)]
enum Place<T> {
    Taken(T),
    /// The next free place.
    Free(Option<u32>),
}

impl<T> Shelf<T> {
    /// An empty shelf. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self { boards: Vec::new(), len: 0, free: None }
    }

    /// Bytes allocated, without what the things own, as if all boards but the last were full. O(1).
    pub(crate) fn memory_bytes(&self) -> usize {
        let board = size_of::<usize>() + size_of::<Vec<Place<T>>>() + PLACES * size_of::<Place<T>>();
        let last = self.boards.last().map_or(0, |board| PLACES - board.capacity().min(PLACES));
        self.boards.capacity() * size_of::<usize>() + self.boards.len() * board - last * size_of::<Place<T>>()
    }

    /// The thing with a number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let number = number as usize;
        match self.boards.get(number / PLACES)?.get(number % PLACES)? {
            Place::Taken(thing) => Some(thing),
            Place::Free(_) => None,
        }
    }
}

impl<T: Clone> Shelf<T> {
    #[inline]
    fn place_mut(&mut self, number: u32) -> Option<&mut Place<T>> {
        let number = number as usize;
        own(self.boards.get_mut(number / PLACES)?).get_mut(number % PLACES)
    }

    /// The thing with a number, for changing.
    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.place_mut(number)? {
            Place::Taken(thing) => Some(thing),
            Place::Free(_) => None,
        }
    }

    /// Takes a thing in. Returns its number, the lowest that was never given if none is free.
    pub(crate) fn insert(&mut self, thing: T) -> u32 {
        self.len += 1;
        let Some(number) = self.free else { return self.append(thing) };
        if let Some(place) = self.place_mut(number)
            && let Place::Free(next) = std::mem::replace(place, Place::Taken(thing))
        {
            self.free = next;
        }
        number
    }

    fn append(&mut self, thing: T) -> u32 {
        if self.boards.last().is_none_or(|board| board.len() == PLACES) {
            self.boards.push(Arc::new(Vec::new()));
        }
        let board = self.boards.len() - 1;
        let places = own(&mut self.boards[board]);
        if places.len() == places.capacity() {
            places.reserve_exact(places.len().max(2).min(PLACES - places.len()));
        }
        places.push(Place::Taken(thing));
        (board * PLACES + places.len() - 1) as u32
    }

    /// Removes the thing with a number.
    pub(crate) fn remove(&mut self, number: u32) -> Option<T> {
        let free = self.free;
        let place = self.place_mut(number).filter(|place| matches!(place, Place::Taken(_)))?;
        let Place::Taken(thing) = std::mem::replace(place, Place::Free(free)) else { return None };
        self.free = Some(number);
        self.len -= 1;
        if self.len == 0 {
            *self = Self::new();
        }
        Some(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clones;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Fixture = (Shelf<u16>, BTreeMap<u32, u16>);

    fn step((shelf, model): &mut Fixture, (what, pick, value): (u8, usize, u16)) {
        let picked = model.keys().nth(pick % model.len().max(1)).copied();
        match (what, picked) {
            (0, Some(number)) => assert_eq!(shelf.remove(number), model.remove(&number)),
            (1, Some(number)) => {
                *shelf.get_mut(number).expect("in the model") = value;
                model.insert(number, value);
            }
            _ => assert_eq!(model.insert(shelf.insert(value), value), None),
        }
    }

    fn check((shelf, model): &mut Fixture) {
        assert_eq!(shelf.len, model.len());
        assert!(model.iter().all(|(number, value)| shelf.get(*number) == Some(value)));
        let numbers = model.last_key_value().map_or(0, |(last, _)| last + 10);
        assert_eq!((0..numbers).filter(|number| shelf.get(*number).is_some()).count(), model.len());
    }

    proptest! {
        #[test]
        fn keeps_what_was_put_there(steps in clones::steps((0u8..4, any::<usize>(), any::<u16>()), 1..100)) {
            clones::walk((Shelf::new(), BTreeMap::new()), steps, step, check);
        }
    }

    #[test]
    fn free_numbers_are_given_again() {
        let mut shelf = Shelf::new();
        (0..100u32).for_each(|thing| assert_eq!(shelf.insert(thing), thing));
        assert_eq!((shelf.remove(7), shelf.remove(50), shelf.remove(50)), (Some(7), Some(50), None));
        assert_eq!((shelf.insert(0), shelf.insert(0), shelf.insert(0)), (50, 7, 100));
    }
}
