//! Walking over encoded elements in both directions.

use super::encoding::{decode, decode_bare, element_before};
use super::item::Item;

/// Elements from the first to the last.
#[derive(Clone, Copy, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iter<'a> {
    #[inline]
    pub(crate) fn new(elements: &'a [u8]) -> Self {
        Self { rest: elements }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        let (item, size) = decode(self.rest)?;
        self.rest = &self.rest[size..];
        Some(item)
    }
}

/// Elements without backlens, from the first to the last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BareIter<'a> {
    rest: &'a [u8],
}

impl<'a> BareIter<'a> {
    #[inline]
    pub(crate) fn new(elements: &'a [u8]) -> Self {
        Self { rest: elements }
    }
}

impl<'a> Iterator for BareIter<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        let (item, size) = decode_bare(self.rest)?;
        self.rest = &self.rest[size..];
        Some(item)
    }
}

/// Elements from the last to the first.
#[derive(Clone, Copy, Debug)]
pub struct IterBack<'a> {
    rest: &'a [u8],
}

impl<'a> IterBack<'a> {
    #[inline]
    pub(crate) fn new(elements: &'a [u8]) -> Self {
        Self { rest: elements }
    }
}

impl<'a> Iterator for IterBack<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        let start = self.rest.len() - element_before(self.rest)?;
        let (item, _) = decode(&self.rest[start..])?;
        self.rest = &self.rest[..start];
        Some(item)
    }
}
