//! Making a value of the bytes that a file or payload has for it.

use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::value_type::{Family, ValueType};
use crate::{array, hash, list, set, sorted_set, stream, string};
use keyspace::Value;

/// What values are made to fit.
#[derive(Clone, Copy, Debug)]
pub struct DecodeOptions {
    /// How large nodes of lists may be, where a value doesn't come in nodes.
    pub list: structs::deque::Limits,
    /// Which sets are compact, and how the others are hashed.
    pub set: structs::fields::Limits,
    /// Likewise for hashes.
    pub hash: structs::fields::Limits,
    /// Which sorted sets are packed, and how the others are hashed.
    pub sorted_set: structs::ranked::Limits,
}

impl Default for DecodeOptions {
    /// What Redis' default configuration asks for.
    fn default() -> Self {
        let set = structs::fields::Limits::default();
        DecodeOptions {
            list: structs::deque::Limits::default(),
            set,
            hash: structs::fields::Limits { rows: 512, ..set },
            sorted_set: structs::ranked::Limits::default(),
        }
    }
}

/// Makes a value of the bytes that a [`crate::Scanner`] found for it, and of the [extension](crate::Entry::extension)
/// if there was one. Everything in them is checked before it is used,
/// lengths before memory is taken for them. O(bytes).
///
/// # Errors
/// When the bytes are not a value of the type, or there is no such type of value here.
pub fn decode_value(
    value_type: ValueType,
    payload: &[u8],
    extension: Option<&[u8]>,
    options: &DecodeOptions,
) -> Result<Value, Error> {
    let mut cursor = Cursor::new(payload);
    let value = match value_type.family() {
        Family::String => string::decode(&mut cursor),
        Family::List => list::decode(&mut cursor, value_type, &options.list),
        Family::Hash => match array::in_hash(extension) {
            Some(extension) => array::decode_hash(&mut cursor, value_type, extension),
            None => hash::decode(&mut cursor, value_type, extension, &options.hash),
        },
        Family::Set => set::decode(&mut cursor, value_type, extension, &options.set),
        Family::SortedSet => sorted_set::decode(&mut cursor, value_type, extension, &options.sorted_set),
        Family::Stream => stream::decode(&mut cursor, value_type, extension),
        Family::Array => array::decode(&mut cursor, value_type),
        Family::Module => Err(cursor.error(Reason::Unsupported(value_type))),
    }?;
    if cursor.remaining() > 0 {
        return Err(cursor.error(Reason::Surplus));
    }
    Ok(value)
}
