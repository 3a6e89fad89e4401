//! An entry on its way into a block.

/// The fields and values of a new entry; walked over several times.
pub trait FieldList<'a>: Iterator<Item = (&'a [u8], &'a [u8])> + Clone {}

impl<'a, I: Iterator<Item = (&'a [u8], &'a [u8])> + Clone> FieldList<'a> for I {}

/// Most bytes that the rest of an entry takes: flags, two deltas, the number of fields, the length.
const INTEGERS_MAX: usize = 1 + 9 + 9 + 5 + 5;

/// Fields and values, and what is to be known of their size before they are written.
pub(super) struct NewEntry<F> {
    pub(super) fields: F,
    /// Number of fields.
    pub(super) count: usize,
    /// Bytes of all fields and values.
    pub(super) len: usize,
    /// Bytes the entry takes in a block, at most.
    pub(super) encoded_max: usize,
}

impl<'a, F: FieldList<'a>> NewEntry<F> {
    pub(super) fn measure(fields: F) -> Self {
        let (mut count, mut len, mut overhead) = (0, 0, INTEGERS_MAX);
        for (field, value) in fields.clone() {
            count += 1;
            len += field.len() + value.len();
            overhead += overhead_of(field.len()) + overhead_of(value.len());
        }
        Self { fields, count, len, encoded_max: len + overhead }
    }
}

/// Most bytes a value of `len` bytes takes as an element, beyond the value.
fn overhead_of(len: usize) -> usize {
    match len {
        0..64 => 1,
        64..4096 => 2,
        _ => 5,
    }
}
