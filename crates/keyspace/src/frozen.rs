//! Values as they were at a moment, for somebody who writes them out while their keys go on being changed.

use crate::item::Value;
use crate::object::ObjectBox;
use structs::blob::{Blob, FrozenBlob};

/// Strings up to this length are copied. Beyond it a handle is cheaper than the copy that it saves.
const COPIED_MAX: usize = 64 << 10;

/// A value that nobody changes any more. It may be sent to another thread.
///
/// Making one costs no more than copying some KiB, whatever the size of the value: long strings share their buffer with
/// it and objects their nodes, and whoever changes those afterwards copies the page or the nodes in question first.
#[derive(Debug)]
pub enum Frozen {
    /// An integer string.
    Int(i64),
    /// A string.
    Bytes(Vec<u8>),
    /// A long string, to be read piece by piece.
    Blob(FrozenBlob),
    /// Any other type.
    Object(ObjectBox),
}

impl Frozen {
    pub(crate) fn of_blob(blob: &Blob) -> Self {
        if blob.len() <= COPIED_MAX {
            Frozen::Bytes(blob.as_slice().to_vec())
        } else {
            Frozen::Blob(blob.freeze())
        }
    }
}

impl From<Value> for Frozen {
    /// Of a value that was taken out of its key. Copies nothing.
    fn from(value: Value) -> Self {
        match value {
            Value::Int(n) => Frozen::Int(n),
            Value::Bytes(bytes, _) => Frozen::Bytes(bytes),
            Value::Blob(blob) => Frozen::Blob(blob.freeze()),
            Value::Object(object) => Frozen::Object(object),
        }
    }
}
