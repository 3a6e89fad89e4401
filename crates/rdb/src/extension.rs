//! What a value's form has no place for: written where every other reader passes it over.
//!
//! Before its key in a file it is an aux field, which readers ignore when they don't know its name. In a DUMP payload
//! it follows the value, where Redis and Valkey don't look. Both have a name and bytes, as two strings. The bytes are
//! - of a stream: what it remembers of its producers, in versions whose streams don't hold that;
//! - of a set or sorted set: when its members expire, which no version's sets hold;
//! - of a hash: when its fields expire, in versions whose hashes don't hold that;
//! - of an array: that the hash is one, in versions that have none.

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use std::borrow::Cow;
use structs::fields::View;
use structs::packed::Item;

/// The name.
pub(crate) const NAME: &[u8] = b"redstart-extension";

/// Appends when elements expire, `count` in all, if any do; answers whether that is so.
pub(crate) fn push_expiries<'a>(
    elements: impl Iterator<Item = (Item<'a>, i64)>,
    count: usize,
    output: &mut Output<'_>,
) -> bool {
    if count > 0 {
        output.number(count as u64);
        for (name, at_ms) in elements {
            name.with_text(|name| output.text(name));
            output.bytes(&at_ms.to_le_bytes());
        }
    }
    count > 0
}

/// The elements of a set or hash that expire, each with its moment.
pub(crate) fn expiries(elements: View<'_>) -> impl Iterator<Item = (Item<'_>, i64)> {
    elements.into_iter().filter_map(|element| Some((element.name, element.expiry_ms?)))
}

/// Reads when elements expire; `set` answers whether there is such an element.
pub(crate) fn read_expiries(
    extension: Option<&[u8]>,
    mut set: impl FnMut(&[u8], i64) -> bool,
) -> Result<(), Error> {
    let Some(bytes) = extension else { return Ok(()) };
    let mut cursor = Cursor::new(bytes);
    for _ in 0..cursor.count(9)? {
        let name = cursor.string()?;
        let at_ms = cursor.millis()?;
        if at_ms < 0 {
            return Err(cursor.error(Reason::ElementExpiry));
        }
        if !set(&name, at_ms.max(1)) {
            return Err(cursor.error(Reason::UnknownElement));
        }
    }
    Ok(())
}

/// The extension in what follows a value in a DUMP payload, if there is one.
pub(crate) fn behind_value(rest: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut cursor = Cursor::new(rest);
    cursor.string().ok().filter(|name| **name == *NAME)?;
    cursor.string().ok()
}
