//! One entry as it lies in a block.
//!
//! ```text
//!  SAMEFIELDS:  flags  ms-delta  seq-delta                        value * n           pieces
//!  otherwise:   flags  ms-delta  seq-delta  n   (field  value) * n                    pieces
//! ```
//!
//! Each word is a listpack element. The deltas count from the block's first id; `pieces` is the number of
//! elements before it in the entry, so that an entry can be found from its end.

use crate::packed::{Encoded, Item, Iter as Elements, decode, element_before, element_size};

use super::super::id::StreamId;

/// The entry is deleted; its bytes stay until its block is rewritten.
pub(super) const DELETED: u8 = 1;
/// The entry has the fields of its block's first entry and stores only values.
pub(super) const SAME_FIELDS: u8 = 2;

/// Flags and deltas.
const HEAD_PIECES: usize = 3;

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
    if let &[small @ 0..=127, _, ..] = rest {
        return Some((i64::from(small), at + 2));
    }
    match decode(rest)? {
        (Item::Int(value), size) => Some((value, at + size)),
        (Item::Bytes(_), _) => None,
    }
}

/// Offset behind `count` elements from `at` on.
#[inline]
pub(super) fn skip(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let mut rest = bytes.get(at..)?;
    for _ in 0..count {
        rest = &rest[element_size(rest)?..];
    }
    Some(bytes.len() - rest.len())
}

/// Reads the head of the entry at `at`.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize, master: StreamId) -> Option<Raw> {
    // Most often all three are integers of one byte, each followed by its backlen.
    let ((flags, ms, seq), body) = match *bytes.get(at..)?.first_chunk()? {
        [flags, _, ms, _, seq, _] if (flags | ms | seq) < 0x80 => {
            ((flags, i64::from(ms), i64::from(seq)), at + 6)
        }
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
pub(super) fn last_start(bytes: &[u8]) -> Option<usize> {
    let mut at = bytes.len() - element_before(bytes)?;
    let (pieces, _) = int_at(bytes, at)?;
    for _ in 0..pieces {
        at -= element_before(&bytes[..at])?;
    }
    Some(at)
}

/// Appends the head of an entry.
pub(super) fn write_head(out: &mut Vec<u8>, flags: u8, id: StreamId, master: StreamId) {
    push_int(out, i64::from(flags));
    push_int(out, id.ms.wrapping_sub(master.ms) as i64);
    push_int(out, id.seq.wrapping_sub(master.seq) as i64);
}

/// Appends fields and values, and the number of pieces. Without SAME_FIELDS the fields are stored too.
pub(super) fn write_body<'a>(
    out: &mut Vec<u8>,
    flags: u8,
    count: usize,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) {
    if flags & SAME_FIELDS != 0 {
        for (_, value) in fields {
            push(out, value);
        }
        push_int(out, (HEAD_PIECES + count) as i64);
    } else {
        push_int(out, count as i64);
        for (field, value) in fields {
            push(out, field);
            push(out, value);
        }
        push_int(out, (HEAD_PIECES + 1 + 2 * count) as i64);
    }
}

#[inline]
pub(super) fn push(out: &mut Vec<u8>, value: &[u8]) {
    Encoded::new(value).append_to(out);
}

#[inline]
pub(super) fn push_int(out: &mut Vec<u8>, value: i64) {
    if (0..=127).contains(&value) {
        out.extend_from_slice(&[value as u8, 1]);
    } else {
        Encoded::int(value).append_to(out);
    }
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
