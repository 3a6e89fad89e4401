//! The strings of a leaf's cells: short ones in the leaf's buffer, long ones in allocations of their own.
//!
//! ```text
//! short:  an element as in `packed`: a number in few bytes, or a string with its length
//! long:   | 0xF5 | number: u32 LE |      0xF5 begins no element of `packed`
//! ```
//! A leaf is copied when it is changed after its container was cloned: long strings are shared then, not copied.

use crate::longs::Longs;
use crate::packed::{Encoded, Item, decode, element_size};
use triomphe::Arc;

/// The longest string that lies in a leaf's buffer.
pub(super) const SHORT_MAX: usize = 256;

const LONG_MARK: u8 = 0xF5;
const LONG_SIZE: usize = 5;

/// A string about to be written into a cell.
pub(super) enum Text<'a> {
    Short(Encoded<'a>),
    Long([u8; LONG_SIZE]),
}

impl<'a> Text<'a> {
    /// Keeps a long string in `longs` already.
    #[inline]
    pub(super) fn new(bytes: &'a [u8], longs: &mut Longs) -> Self {
        if bytes.len() <= SHORT_MAX {
            Text::Short(Encoded::new(bytes))
        } else {
            Text::long(bytes.into(), longs)
        }
    }

    pub(super) fn long(bytes: Arc<[u8]>, longs: &mut Longs) -> Self {
        let mut cell = [LONG_MARK; LONG_SIZE];
        cell[1..].copy_from_slice(&longs.add(bytes).to_le_bytes());
        Text::Long(cell)
    }

    /// Bytes that it takes in a cell.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Text::Short(element) => element.len(),
            Text::Long(_) => LONG_SIZE,
        }
    }

    /// Writes it to the first [`Self::len`] bytes of `out`.
    #[inline]
    pub(super) fn write_to(&self, out: &mut [u8]) {
        match self {
            Text::Short(element) => {
                let mut at = 0;
                for part in element.parts() {
                    out[at..at + part.len()].copy_from_slice(part);
                    at += part.len();
                }
            }
            Text::Long(cell) => out[..LONG_SIZE].copy_from_slice(cell),
        }
    }
}

/// The string at the start of `bytes`, and how many bytes it takes there.
#[inline]
pub(super) fn read<'a>(bytes: &'a [u8], longs: &'a Longs) -> (Item<'a>, usize) {
    match long_number(bytes) {
        Some(number) => (Item::Bytes(longs.get(number)), LONG_SIZE),
        None => decode(bytes).expect("a cell begins with a whole element"),
    }
}

/// How many bytes the string at the start of `bytes` takes there.
#[inline]
pub(super) fn size(bytes: &[u8]) -> usize {
    if bytes.first() == Some(&LONG_MARK) {
        return LONG_SIZE;
    }
    element_size(bytes).expect("a cell begins with a whole element")
}

/// The number of the long string at the start of `bytes`, if that is what is there.
#[inline]
pub(super) fn long_number(bytes: &[u8]) -> Option<u32> {
    if bytes.first() != Some(&LONG_MARK) {
        return None;
    }
    bytes.get(1..).and_then(|rest| rest.first_chunk()).map(|number| u32::from_le_bytes(*number))
}
