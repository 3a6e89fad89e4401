//! Reading the elements of a listpack while they are copied without their backlens.

use crate::packed::{Item, append_backlen, backlen_size, bare_size, decode};

/// The elements that are left of a checked listpack, and the copy of those before.
pub(super) struct Linked<'a> {
    rest: &'a [u8],
    copy: Vec<u8>,
}

impl<'a> Linked<'a> {
    pub(super) fn new(elements: &'a [u8]) -> Self {
        Self { rest: elements, copy: Vec::with_capacity(elements.len()) }
    }

    /// Whether all has been read.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element's first byte: all of it if it is an integer below 128.
    pub(super) fn next_byte(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Bytes of the copy.
    pub(super) fn copied(&self) -> usize {
        self.copy.len()
    }

    /// The copy, in no more memory than it needs.
    pub(super) fn into_copy(self) -> Vec<u8> {
        self.copy.into_boxed_slice().into_vec()
    }

    /// Reads an integer without copying it.
    pub(super) fn int(&mut self) -> Option<i64> {
        let (Item::Int(value), size) = decode(self.rest)? else { return None };
        self.rest = &self.rest[size..];
        Some(value)
    }

    /// Reads and copies an integer.
    pub(super) fn copy_int(&mut self) -> Option<i64> {
        let (Item::Int(value), _) = decode(self.rest)? else { return None };
        self.copy(1)?;
        Some(value)
    }

    /// Reads and copies a number of things that are still to come, each at least one byte.
    pub(super) fn copy_count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.copy_int()?).ok()?;
        (count <= self.rest.len()).then_some(count)
    }

    /// Copies so many elements.
    pub(super) fn copy(&mut self, count: usize) -> Option<()> {
        for _ in 0..count {
            let size = bare_size(self.rest)?;
            self.copy.extend_from_slice(&self.rest[..size]);
            self.rest = self.rest.get(size + backlen_size(size)..)?;
        }
        Some(())
    }

    /// Appends to the copy how long it has become since it was of `start` bytes.
    pub(super) fn append_length(&mut self, start: usize) {
        let len = self.copy.len() - start;
        append_backlen(&mut self.copy, len);
    }
}
