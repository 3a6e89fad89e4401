//! One element as it is read: borrowed bytes, or an integer that was never text in memory.

use base::num::{parse_i64, push_i64};

/// The value of an element.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// The bytes of a string.
    Bytes(&'a [u8]),
    /// An integer; it stands for its canonical decimal text.
    Int(i64),
}

impl Item<'_> {
    /// Length of the value as text, in bytes.
    pub fn text_len(&self) -> usize {
        match self {
            Item::Bytes(bytes) => bytes.len(),
            Item::Int(value) => {
                let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
                digits + usize::from(*value < 0)
            }
        }
    }

    /// Appends the value as text to `out`.
    pub fn push_to(&self, out: &mut Vec<u8>) {
        match self {
            Item::Bytes(bytes) => out.extend_from_slice(bytes),
            Item::Int(value) => push_i64(out, *value),
        }
    }

    /// The value as text, in a vector of its own.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text_len());
        self.push_to(&mut out);
        out
    }

    /// Calls `f` with the value as text, without allocating.
    pub fn with_text<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Item::Bytes(bytes) => f(bytes),
            Item::Int(value) => f(itoa::Buffer::new().format(*value).as_bytes()),
        }
    }

    /// Whether the value as text is exactly `other`. Does not allocate.
    #[inline]
    pub fn eq_bytes(&self, other: &[u8]) -> bool {
        match self {
            Item::Bytes(bytes) => *bytes == other,
            Item::Int(value) => parse_i64(other) == Some(*value),
        }
    }

    /// The value as an integer, when it is the canonical text of one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Item::Bytes(bytes) => parse_i64(bytes),
            Item::Int(value) => Some(*value),
        }
    }
}

/// A value to be looked for: its text, and its number when it is one, so that a search parses it once.
#[derive(Clone, Copy, Debug)]
pub struct Needle<'a> {
    bytes: &'a [u8],
    int: Option<i64>,
}

impl<'a> Needle<'a> {
    /// Prepares `bytes` for being compared with many items.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, int: parse_i64(bytes) }
    }

    /// Whether the item's text is exactly the needle.
    #[inline]
    pub fn matches(&self, item: Item<'_>) -> bool {
        match item {
            Item::Bytes(bytes) => bytes == self.bytes,
            Item::Int(value) => self.int == Some(value),
        }
    }
}
