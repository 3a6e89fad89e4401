//! One entry as it lies in a block.
//!
//! ```text
//!  SAMEFIELDS:  flags  ms-delta  seq-delta                        value * n           length
//!  otherwise:   flags  ms-delta  seq-delta  n   (field  value) * n                    length
//! ```
//!
//! Each word but the last is a listpack element without its backlen. The deltas count from the block's first id;
//! `length` is that of all before it in the entry, written as a backlen, so that an entry can be found from its end.
//!
//! In a listpack (see [`super::wire`]) each element has a backlen, and in place of `length` stands the number of the
//! elements before it. An entry of two short fields takes six bytes more there.

use crate::packed::{
    BareIter as Elements, Encoded, Item, append_backlen, backlen_size, bare_size, decode_bare, element_before,
};

use super::super::id::StreamId;

/// The entry is deleted; its bytes stay until its block is rewritten.
pub(super) const DELETED: u8 = 1;
/// The entry has the fields of its block's first entry and stores only values.
pub(super) const SAME_FIELDS: u8 = 2;

/// An entry found in a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    /// Offset of its flags.
    pub(super) at: usize,
    /// Offset of what follows its deltas.
    pub(super) body: usize,
    pub(super) flags: u8,
    pub(super) id: StreamId,
}

impl Raw {
    #[inline]
    pub(super) fn is_live(&self) -> bool {
        self.flags & DELETED == 0
    }
}

/// Reads the integer element at `at`: its value and the offset behind it.
#[inline]
pub(super) fn int_at(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let rest = bytes.get(at..)?;
    if let &[small @ 0..=127, ..] = rest {
        return Some((i64::from(small), at + 1));
    }
    match decode_bare(rest)? {
        (Item::Int(value), size) => Some((value, at + size)),
        (Item::Bytes(_), _) => None,
    }
}

/// Offset behind `count` elements from `at` on.
#[inline]
pub(super) fn skip(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let mut rest = bytes.get(at..)?;
    for _ in 0..count {
        rest = &rest[bare_size(rest)?..];
    }
    Some(bytes.len() - rest.len())
}

/// Reads the head of the entry at `at`.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize, master: StreamId) -> Option<Raw> {
    // Most often all three are integers of one byte.
    let ((flags, ms, seq), body) = match *bytes.get(at..)?.first_chunk()? {
        [flags, ms, seq] if (flags | ms | seq) < 0x80 => ((flags, i64::from(ms), i64::from(seq)), at + 3),
        _ => read_wide(bytes, at)?,
    };
    let id = StreamId::new(master.ms.wrapping_add_signed(ms), master.seq.wrapping_add_signed(seq));
    Some(Raw { at, body, flags, id })
}

fn read_wide(bytes: &[u8], at: usize) -> Option<((u8, i64, i64), usize)> {
    let (flags, next) = int_at(bytes, at)?;
    let (ms, next) = int_at(bytes, next)?;
    let (seq, body) = int_at(bytes, next)?;
    Some(((flags as u8, ms, seq), body))
}

/// Offset of the entry that ends where `bytes` ends.
#[inline]
pub(super) fn last_start(bytes: &[u8]) -> Option<usize> {
    Some(bytes.len() - element_before(bytes)?)
}

/// Offset behind the entry from `start` on whose `length` is at `at`.
#[inline]
pub(super) fn end(start: usize, at: usize) -> usize {
    at + backlen_size(at - start)
}

/// Appends an entry; without SAME_FIELDS its fields are stored, too.
pub(super) fn write<'a>(
    out: &mut Vec<u8>,
    flags: u8,
    delta: (i64, i64),
    count: usize,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) {
    let start = out.len();
    push_int(out, i64::from(flags));
    push_int(out, delta.0);
    push_int(out, delta.1);
    if flags & SAME_FIELDS != 0 {
        fields.for_each(|(_, value)| push(out, value));
    } else {
        push_int(out, count as i64);
        for (field, value) in fields {
            push(out, field);
            push(out, value);
        }
    }
    let len = out.len() - start;
    append_backlen(out, len);
}

#[inline]
pub(super) fn push(out: &mut Vec<u8>, value: &[u8]) {
    Encoded::new(value).append_bare_to(out);
}

#[inline]
pub(super) fn push_int(out: &mut Vec<u8>, value: i64) {
    if (0..=127).contains(&value) {
        out.push(value as u8);
    } else {
        Encoded::int(value).append_bare_to(out);
    }
}

/// Bytes of backlens that some elements have in a listpack, and the number of elements.
#[inline]
pub(super) fn links(elements: &[u8]) -> (usize, usize) {
    let (mut rest, mut bytes, mut count) = (elements, 0, 0);
    while let Some(size) = bare_size(rest) {
        bytes += backlen_size(size);
        count += 1;
        rest = &rest[size..];
    }
    (bytes, count)
}

/// An entry's elements, without its `length`.
#[inline]
pub(super) fn elements(entry: &[u8]) -> &[u8] {
    // Its own size is that of the number which is left.
    let own = (1..entry.len()).find(|own| backlen_size(entry.len() - own) == *own);
    &entry[..entry.len() - own.unwrap_or(0)]
}

/// Bytes that an entry takes more in a listpack than here.
#[inline]
pub(super) fn extra_bytes(entry: &[u8]) -> usize {
    let elements = elements(entry);
    let (links, pieces) = links(elements);
    elements.len() + links + Encoded::int(pieces as i64).len() - entry.len()
}

/// Appends elements to a listpack; returns their number.
pub(super) fn append_linked(out: &mut Vec<u8>, elements: &[u8]) -> usize {
    let (mut rest, mut count) = (elements, 0);
    while let Some(size) = bare_size(rest) {
        out.extend_from_slice(&rest[..size]);
        append_backlen(out, size);
        count += 1;
        rest = &rest[size..];
    }
    count
}

/// An entry of a stream, borrowed from its block.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The entry's id.
    pub id: StreamId,
    pub(super) fields: Fields<'a>,
}

impl<'a> Entry<'a> {
    /// The fields and values, in the order they were added.
    #[inline]
    pub fn fields(&self) -> Fields<'a> {
        self.fields
    }
}

/// The fields and values of an entry. Does not allocate; its length is exact.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The fields of the block's first entry, when the entry repeats them.
    pub(super) shared: Option<Elements<'a>>,
    /// Values, or fields and values by turns.
    pub(super) own: Elements<'a>,
    pub(super) left: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (Item<'a>, Item<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let field = match &mut self.shared {
            Some(fields) => fields.next()?,
            None => self.own.next()?,
        };
        Some((field, self.own.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}
