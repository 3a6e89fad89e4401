//! Arrays: strings at indexes from 0 to 2^64 - 2, with as many holes between them as one likes.
//!
//! An array is a [`SparseArray`]; no key holds one without a value. Beside its cells it has a cursor, the index that
//! ARINSERT and ARRING have written last: what they write next goes behind it. A key that isn't there reads as an array
//! without values.

mod aggregate;
mod cursor;
mod delete;
mod expression;
mod grep;
mod index;
mod info;
mod last;
mod read;
mod ring;
mod scan;
mod set;
#[cfg(test)]
mod tests;

use command::{Command, Cx, Handler, Result};
use keyspace::Ref;
use structs::array::SparseArray;

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    read::ARCOUNT,
    delete::ARDEL,
    delete::ARDELRANGE,
    read::ARGET,
    read::ARGETRANGE,
    grep::ARGREP,
    info::ARINFO,
    cursor::ARINSERT,
    last::ARLASTITEMS,
    read::ARLEN,
    read::ARMGET,
    set::ARMSET,
    cursor::ARNEXT,
    aggregate::AROP,
    ring::ARRING,
    scan::ARSCAN,
    cursor::ARSEEK,
    set::ARSET,
];

/// The array that a key holds, for reading.
///
/// # Errors
/// The key holds another type.
fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Ref<'c, SparseArray>> {
    Ok(cx.read_object(key)?.unwrap_or_else(|| Ref::Copied(SparseArray::new())))
}
