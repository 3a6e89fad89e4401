//! Arrays.
//!
//! ```text
//! array      n, cursor, n times: index, tag, cell       from version 14 on
//! cursor     0, or 1 and the index of the last insertion
//! cell       tag 0, 3: a text     1: an integer, 8 bytes, LE     2: a double, 8 bytes, LE
//! ```
//!
//! Integers are written with tag 1 and other texts of up to seven bytes with tag 3, as Redis writes them. All others are
//! written with tag 0, numbers with a fraction too, so that no reader has to print one as it was.
//!
//! Versions without arrays have a hash of indexes and texts in their place. Its extension says what it is:
//!
//! ```text
//! extension  0, cursor       that of a hash begins with a larger number
//! ```

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use crate::value_type::ValueType;
use crate::version::Version;
use base::num::{parse_u64, push_f64, push_i64, push_u64};
use keyspace::{ObjectBox, Value};
use structs::array::{Cell, SparseArray};

const TEXT: u64 = 0;
const INTEGER: u64 = 1;
const DOUBLE: u64 = 2;
const SHORT_TEXT: u64 = 3;

const SHORT_MAX: usize = 7;
/// Integers beyond these are written as texts.
const INTEGERS: std::ops::Range<i64> = -(1 << 60)..1 << 60;
/// What other readers use for the lack of a cursor. No cell has this index.
const NO_INDEX: u64 = u64::MAX;

/// The type that an array is written as.
pub(crate) fn type_for(version: Version) -> ValueType {
    if version == Version::V14 { ValueType::Array } else { ValueType::Hash }
}

/// How far an array is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    started: bool,
    /// Cells with smaller indexes are written.
    next: u64,
}

impl Progress {
    /// Appends cells until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, array: &SparseArray, output: &mut Output<'_>) -> bool {
        let is_array = type_for(output.version) == ValueType::Array;
        if !self.started {
            self.started = true;
            output.number(array.count());
            if is_array {
                push_cursor(array, output);
            }
        }
        let mut digits = Vec::new();
        for (index, cell) in array.iter(self.next, u64::MAX) {
            if output.is_full() {
                return true;
            }
            if is_array {
                output.number(index);
                push_cell(cell, output);
            } else {
                digits.clear();
                push_u64(&mut digits, index);
                output.text(&digits);
                cell.with_text(|text| output.text(text));
            }
            self.next = index + 1;
        }
        false
    }
}

fn push_cursor(array: &SparseArray, output: &mut Output<'_>) {
    output.number(array.cursor().is_some().into());
    if let Some(cursor) = array.cursor() {
        output.number(cursor);
    }
}

fn push_cell(cell: Cell<'_>, output: &mut Output<'_>) {
    if let Some(value) = cell.to_integer().filter(|value| INTEGERS.contains(value)) {
        output.number(INTEGER);
        output.bytes(&value.to_le_bytes());
        return;
    }
    cell.with_text(|text| {
        output.number(if (1..=SHORT_MAX).contains(&text.len()) { SHORT_TEXT } else { TEXT });
        output.text(text);
    });
}

/// That it is an array, where its form doesn't say so.
pub(crate) fn extension(array: &SparseArray, output: &mut Output<'_>) -> bool {
    let is_hash = type_for(output.version) == ValueType::Hash;
    if is_hash {
        output.number(0);
        push_cursor(array, output);
    }
    is_hash
}

/// Reads an array.
pub(crate) fn decode(cursor: &mut Cursor<'_>, value_type: ValueType) -> Result<Value, Error> {
    let start = cursor.at();
    if value_type != ValueType::Array {
        return Err(cursor.error(Reason::Unsupported(value_type)));
    }
    let mut array = SparseArray::new();
    let count = cursor.count(3)?;
    array.set_cursor(read_cursor(cursor)?);
    for _ in 0..count {
        let at = cursor.at();
        let index = cursor.number()?;
        let text = read_cell(cursor)?;
        set(&mut array, index, &text).map_err(|reason| Error::new(at, reason))?;
    }
    finish(array, start)
}

/// The extension of an array that is a hash for want of a better form, read up to its cursor.
pub(crate) fn in_hash(extension: Option<&[u8]>) -> Option<Cursor<'_>> {
    let mut cursor = Cursor::new(extension?);
    (cursor.number() == Ok(0)).then_some(cursor)
}

/// Reads an array that is a hash, which the extension says. That has been read up to its cursor.
pub(crate) fn decode_hash(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    mut extension: Cursor<'_>,
) -> Result<Value, Error> {
    let start = cursor.at();
    if value_type != ValueType::Hash {
        return Err(cursor.error(Reason::Unsupported(value_type)));
    }
    let mut array = SparseArray::new();
    array.set_cursor(read_cursor(&mut extension).map_err(|error| Error::new(start, error.reason))?);
    for _ in 0..cursor.count(2)? {
        let at = cursor.at();
        let index = parse_u64(&cursor.string()?).ok_or(Error::new(at, Reason::Array))?;
        let text = cursor.string()?;
        set(&mut array, index, &text).map_err(|reason| Error::new(at, reason))?;
    }
    finish(array, start)
}

fn read_cursor(cursor: &mut Cursor<'_>) -> Result<Option<u64>, Error> {
    let start = cursor.at();
    match cursor.number()? {
        0 => Ok(None),
        1 => Ok(Some(cursor.number()?).filter(|index| *index != NO_INDEX)),
        _ => Err(Error::new(start, Reason::Array)),
    }
}

/// Reads a tag, and the text of what follows.
fn read_cell<'a>(cursor: &mut Cursor<'a>) -> Result<std::borrow::Cow<'a, [u8]>, Error> {
    let start = cursor.at();
    let mut text = Vec::new();
    match cursor.number()? {
        TEXT | SHORT_TEXT => return cursor.string(),
        INTEGER => push_i64(&mut text, i64::from_le_bytes(cursor.array()?)),
        DOUBLE => push_f64(&mut text, f64::from_le_bytes(cursor.array()?)),
        tag => return Err(Error::new(start, Reason::ArrayElement(tag))),
    }
    Ok(text.into())
}

fn set(array: &mut SparseArray, index: u64, text: &[u8]) -> Result<(), Reason> {
    if index < NO_INDEX && array.set(index, text) { Ok(()) } else { Err(Reason::Array) }
}

fn finish(array: SparseArray, start: usize) -> Result<Value, Error> {
    if array.is_empty() {
        return Err(Error::new(start, Reason::Empty));
    }
    Ok(Value::Object(ObjectBox::new(array)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indexes and cells, then the cursor.
    type Read = (Vec<(u64, Vec<u8>)>, Option<u64>);

    fn read(payload: &[u8]) -> Result<Read, Reason> {
        let value = decode(&mut Cursor::new(payload), ValueType::Array);
        let Value::Object(object) = value.map_err(|error| error.reason)? else { panic!("an array") };
        let array = object.typed::<SparseArray>().expect("an array");
        let cells = array.iter(0, u64::MAX).map(|(index, cell)| (index, cell.to_vec())).collect();
        Ok((cells, array.cursor()))
    }

    #[test]
    fn cells_are_of_four_kinds() {
        let payload = b"\x05\x01\x31\
            \x00\x00\x0Bsome string\x01\x01\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02\x02\0\0\0\0\0\0\xF8\x3F\x03\x03\x03abc\
            \x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE\x00\xC0\x07";
        let cells = [(0, "some string"), (1, "-2"), (2, "1.5"), (3, "abc"), (u64::MAX - 1, "7")];
        let cells = cells.map(|(index, text)| (index, text.as_bytes().to_vec())).to_vec();
        assert_eq!(read(payload), Ok((cells, Some(0x31))));
    }

    #[test]
    fn what_is_no_array_is_refused() {
        let cases: [(&[u8], Reason); 7] = [
            (b"\x00\x00", Reason::Empty),
            (b"\x02\x00\x05\x00\x01a\x05\x00\x01b", Reason::Array),
            (b"\x01\x02\x05\x00\x01a", Reason::Array),
            (b"\x01\x00\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x01a", Reason::Array),
            (b"\x01\x00\x05\x04\x01a", Reason::ArrayElement(4)),
            (b"\x01\x00\x05\x01\x01a", Reason::End),
            (b"\x40\xFF\x00\x05\x01\x01a", Reason::Count),
        ];
        for (payload, reason) in cases {
            assert_eq!(read(payload), Err(reason), "{}", payload.escape_ascii());
        }
        let none = b"\x01\x01\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x05\x00\x01a";
        assert_eq!(read(none), Ok((vec![(5, b"a".to_vec())], None)));
    }
}
