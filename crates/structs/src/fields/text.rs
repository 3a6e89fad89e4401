//! The strings of a leaf's cells: short ones in the leaf's buffer, long ones in allocations of their own.
//!
//! ```text
//! short:  an element as in `packed`: a number in few bytes, or a string with its length
//! long:   | 0xF5 | number: u32 LE |      0xF5 begins no element of `packed`
//! ```
//! A leaf is copied when it is changed after its container was cloned: long strings are shared then, not copied.

use crate::packed::{Encoded, Item, decode, element_size};
use triomphe::Arc;

/// The longest string that lies in a leaf's buffer.
pub(super) const SHORT_MAX: usize = 256;
/// Bytes that the count of an `Arc` takes.
pub(super) const ARC_HEADER: usize = 8;

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

/// A leaf's long strings, by number. Numbers of removed ones are given again.
#[derive(Clone, Debug, Default)]
pub(super) struct Longs(Option<Arc<List>>);

#[derive(Clone, Debug, Default)]
struct List {
    strings: Vec<Option<Arc<[u8]>>>,
    /// Bytes of all strings.
    bytes: usize,
}

impl Longs {
    fn add(&mut self, bytes: Arc<[u8]>) -> u32 {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        list.bytes += ARC_HEADER + bytes.len();
        let free = list.strings.iter().position(Option::is_none).unwrap_or_else(|| {
            list.strings.reserve_exact(1);
            list.strings.push(None);
            list.strings.len() - 1
        });
        list.strings[free] = Some(bytes);
        free as u32
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn get(&self, number: u32) -> &[u8] {
        self.shared(number)
    }

    /// The string with a number, to be added to another leaf's.
    pub(super) fn shared(&self, number: u32) -> &Arc<[u8]> {
        let list = self.0.as_deref().expect("a cell names it");
        list.strings[number as usize].as_ref().expect("a cell names it")
    }

    pub(super) fn remove(&mut self, number: u32) {
        let Some(list) = self.0.as_mut().map(Arc::make_mut) else { return };
        let removed = list.strings[number as usize].take();
        list.bytes -= removed.map_or(0, |string| ARC_HEADER + string.len());
        while list.strings.last().is_some_and(Option::is_none) {
            list.strings.pop();
        }
        if list.strings.is_empty() {
            self.0 = None;
        }
    }

    /// Bytes of all long strings and of the list of them. O(1).
    pub(super) fn memory_bytes(&self) -> usize {
        self.0.as_deref().map_or(0, |list| {
            ARC_HEADER + size_of::<List>() + list.bytes + list.strings.capacity() * size_of::<Arc<[u8]>>()
        })
    }
}
