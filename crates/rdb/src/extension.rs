//! What a value's form has no place for: written where every other reader passes it over.
//!
//! Before its key in a file it is an aux field, which readers ignore when they don't know its name. In a DUMP payload
//! it follows the value, where Redis and Valkey don't look. Both have a name and bytes, as two strings. There is one:
//! what a stream remembers of its producers, in versions whose streams don't hold that.

use crate::cursor::Cursor;
use std::borrow::Cow;

/// The name.
pub(crate) const NAME: &[u8] = b"redstart-stream-producers";

/// The extension in what follows a value in a DUMP payload, if there is one.
pub(crate) fn behind_value(rest: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut cursor = Cursor::new(rest);
    cursor.string().ok().filter(|name| **name == *NAME)?;
    cursor.string().ok()
}
