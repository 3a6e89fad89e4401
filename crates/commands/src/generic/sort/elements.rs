//! The elements that SORT begins with.

use crate::sorted_sets::Seen;
use command::{Cx, Error, Result};
use keyspace::{Item, Ref};
use std::ops::Range;
use structs::deque::Deque;
use structs::fields::View;
use structs::ranked::Ranked;

/// What is sorted.
pub(super) enum Source<'s> {
    Nothing,
    List(Ref<'s, Deque>),
    Set(View<'s>),
    SortedSet(Seen<'s>),
}

impl<'s> Source<'s> {
    /// What a key holds.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    pub(super) fn open(cx: &'s mut Cx<'_>, key: &[u8]) -> Result<Source<'s>> {
        let from_ms = cx.alive_from_ms();
        let Some(item) = cx.read(key) else { return Ok(Source::Nothing) };
        Self::of(item, from_ms).ok_or(Error::WRONG_TYPE)
    }

    fn of(item: Item<'s>, from_ms: i64) -> Option<Source<'s>> {
        let list = || item.object::<Deque>().map(Source::List);
        let set = || item.members().map(|set| Source::Set(set.alive_at(from_ms)));
        let sorted_set = || item.object::<Ranked>().map(|set| Source::SortedSet(Seen::new(set, from_ms)));
        list().or_else(set).or_else(sorted_set)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Source::Nothing => 0,
            Source::List(list) => list.len(),
            Source::Set(set) => set.len(),
            Source::SortedSet(set) => set.view().len(),
        }
    }

    /// All elements.
    pub(super) fn all(&self) -> Vec<Vec<u8>> {
        self.part(0..usize::MAX)
    }

    /// Some elements, in the order in which they are there.
    pub(super) fn part(&self, span: Range<usize>) -> Vec<Vec<u8>> {
        let count = span.len();
        match self {
            Source::Nothing => Vec::new(),
            Source::List(list) => list.iter_from(span.start).take(count).map(|item| item.to_vec()).collect(),
            Source::Set(set) => {
                set.into_iter().skip(span.start).take(count).map(|element| element.name.to_vec()).collect()
            }
            Source::SortedSet(set) => {
                set.view().iter_from(span.start).take(count).map(|element| element.member.to_vec()).collect()
            }
        }
    }

    /// Some elements, counted from the last one back. A set has no such order.
    pub(super) fn part_back(&self, span: Range<usize>) -> Vec<Vec<u8>> {
        if span.is_empty() {
            return Vec::new();
        }
        let (last, count) = (self.len() - 1 - span.start, span.len());
        match self {
            Source::List(list) => list.iter_back_from(last).take(count).map(|item| item.to_vec()).collect(),
            Source::SortedSet(set) => {
                set.view().iter_back_from(last).take(count).map(|element| element.member.to_vec()).collect()
            }
            Source::Nothing | Source::Set(_) => self.part(span),
        }
    }
}
