//! The small form of sets and maps: rows of a [`Packed`].
//!
//! ```text
//! set:           | name | name | ...
//! map:           | name | value | name | value | ...
//! with expiries: | name | expiry_ms | ...      | name | value | expiry_ms | ...     0: doesn't expire
//! ```
//! Rows with expiries are in the order of their time, those that don't expire last, as in Redis' `listpackex`. Without,
//! they are in the order in which they came.

use super::{Columns, Element};
use crate::packed::{Item, Needle, Packed, Position, decode};
use crate::small::Small;

/// Expiry of a row that doesn't expire.
const NEVER: i64 = 0;

/// What a row consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shape {
    pub(super) columns: Columns,
    /// Whether an expiry is the last part of a row.
    pub(super) expiries: bool,
}

impl Shape {
    /// Parts of a row.
    pub(super) fn width(self) -> usize {
        1 + usize::from(self.columns.value) + usize::from(self.expiries)
    }
}

/// Rows to look at.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    bytes: &'a [u8],
    count: usize,
    shape: Shape,
}

impl<'a> Rows<'a> {
    pub(super) fn of(packed: &'a Packed, shape: Shape) -> Rows<'a> {
        Rows { bytes: packed.as_bytes(), count: packed.count() / shape.width(), shape }
    }

    /// The rows of a store's small form.
    pub(super) fn of_small(small: Small<'a>, columns: Columns) -> Rows<'a> {
        let shape = Shape { columns, expiries: false };
        let (Small::Packed { count, bytes } | Small::Ints { width: count, bytes }) = small;
        Rows { bytes, count: usize::from(count) / shape.width(), shape }
    }

    /// Number of rows.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The row with this name. O(n).
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<Element<'a>> {
        let needle = Needle::new(name);
        self.into_iter().find(|row| needle.matches(row.name))
    }

    /// When the first row expires.
    pub(super) fn first_expiry_ms(&self) -> Option<i64> {
        if !self.shape.expiries {
            return None;
        }
        self.into_iter().next().and_then(|row| row.expiry_ms)
    }
}

impl<'a> IntoIterator for Rows<'a> {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        Iter { rest: self.bytes, shape: self.shape }
    }
}

/// Rows from the first to the last.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
    shape: Shape,
}

impl<'a> Iter<'a> {
    #[inline]
    fn part(&mut self) -> Option<Item<'a>> {
        let (item, size) = decode(self.rest)?;
        self.rest = &self.rest[size..];
        Some(item)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let name = self.part()?;
        let value = if self.shape.columns.value { self.part()? } else { Element::NO_VALUE };
        let expiry_ms =
            if self.shape.expiries { self.part()?.as_int().filter(|at| *at != NEVER) } else { None };
        Some(Element { name, value, expiry_ms })
    }
}

/// Where the row with this name begins.
pub(super) fn find(packed: &Packed, shape: Shape, name: &[u8]) -> Option<Position> {
    packed.find(name, packed.start(), shape.width())
}

/// The row that begins at a position.
pub(super) fn row(packed: &Packed, shape: Shape, at: Position) -> Option<Element<'_>> {
    let rows = Iter { rest: packed.bytes_from(at), shape };
    rows.into_iter().next()
}

/// Adds a row; its name must not be there.
pub(super) fn push(packed: &mut Packed, shape: Shape, name: &[u8], value: &[u8], expiry_ms: Option<i64>) {
    let mut at = if shape.expiries { place_of(packed, shape, expiry_ms) } else { packed.end() };
    let mut add = |packed: &mut Packed, part: Option<&[u8]>| {
        match part {
            Some(text) => packed.insert(at, text),
            None => packed.insert_int(at, expiry_ms.unwrap_or(NEVER)),
        }
        at = packed.next(at).expect("just inserted");
    };
    add(packed, Some(name));
    if shape.columns.value {
        add(packed, Some(value));
    }
    if shape.expiries {
        add(packed, None);
    }
}

/// Where a row that expires then belongs: behind all that expire earlier.
fn place_of(packed: &Packed, shape: Shape, expiry_ms: Option<i64>) -> Position {
    let Some(expiry_ms) = expiry_ms else { return packed.end() };
    let mut at = packed.start();
    while let Some(row) = row(packed, shape, at)
        && row.expiry_ms.is_some_and(|other| other < expiry_ms)
    {
        at = skip(packed, at, shape.width());
    }
    at
}

/// The position `parts` parts behind `at`.
pub(super) fn skip(packed: &Packed, at: Position, parts: usize) -> Position {
    (0..parts).fold(at, |at, _| packed.next(at).unwrap_or(packed.end()))
}

/// Changes the value of the row that begins at a position.
pub(super) fn set_value(packed: &mut Packed, at: Position, value: &[u8]) {
    let at = skip(packed, at, 1);
    packed.replace(at, value);
}

/// Removes the row that begins at a position.
pub(super) fn remove(packed: &mut Packed, shape: Shape, at: Position) {
    packed.remove(at, shape.width());
}

/// The same rows with room for expiries.
pub(super) fn with_expiries(packed: &Packed, columns: Columns) -> Packed {
    let mut wider = Packed::new();
    for row in Rows::of(packed, Shape { columns, expiries: false }) {
        row.name.with_text(|name| wider.push_back(name));
        if columns.value {
            row.value.with_text(|value| wider.push_back(value));
        }
        wider.push_back_int(NEVER);
    }
    wider
}
