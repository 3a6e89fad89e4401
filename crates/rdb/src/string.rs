//! Strings as values.

use crate::cursor::{Cursor, RawString};
use crate::error::Error;
use crate::write::Strings;
use keyspace::{Str, Value};

/// Appends a string value.
pub(crate) fn encode(out: &mut Vec<u8>, value: &Str<'_>, strings: &mut Strings) {
    match value {
        Str::Int(number) => crate::write::int(out, *number),
        Str::Bytes(bytes) => strings.push(out, bytes),
    }
}

/// Reads a string value.
pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<Value, Error> {
    let mut ahead = cursor.clone();
    if let RawString::Int(number) = ahead.raw_string()? {
        *cursor = ahead;
        return Ok(Value::Int(number));
    }
    cursor.string().map(|text| Value::text(text.into_owned()))
}
