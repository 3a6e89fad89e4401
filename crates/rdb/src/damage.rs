//! What is wrong with a value, in the words that operators know from Redis' log.

use crate::error::{Error, Reason};
use crate::value_type::{Family, ValueType};
use std::fmt;

/// A value that is broken. Displayed without the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The value's type.
    pub value_type: ValueType,
    /// What is wrong with it, and where.
    pub error: Error,
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { value_type, error: Error { reason, .. } } = *self;
        // Redis takes a zipmap without fields for a broken one, other forms without elements for what they are.
        let empty_zipmap = value_type == ValueType::HashZipmap && reason == Reason::Empty;
        match (reason, packed_form(value_type)) {
            (reason, Some(form)) if is_of_packed_form(reason) || empty_zipmap => {
                write!(out, "{form} integrity check failed: {reason}")
            }
            (Reason::DuplicateElement, None) => out.write_str(match value_type.family() {
                Family::Hash => "Hash with dup elements",
                _ => "Duplicate set members detected",
            }),
            (reason, _) => reason.fmt(out),
        }
    }
}

/// Whether it is the bytes of a packed form that don't hold together.
fn is_of_packed_form(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Listpack(_)
            | Reason::Ziplist
            | Reason::Zipmap
            | Reason::Intset(_)
            | Reason::DuplicateElement
            | Reason::IncompleteElement
            | Reason::SortedSet
            | Reason::StreamBlock(_)
    )
}

/// What the elements of a type are packed in, if they are.
fn packed_form(value_type: ValueType) -> Option<&'static str> {
    Some(match value_type {
        ValueType::ListZiplist => "List ziplist",
        ValueType::ListQuicklist => "Ziplist",
        ValueType::ListQuicklist2 => "Listpack",
        ValueType::SetIntset => "Intset",
        ValueType::SetListpack => "Set listpack",
        ValueType::HashZipmap => "Zipmap",
        ValueType::HashZiplist => "Hash ziplist",
        ValueType::HashListpack
        | ValueType::HashListpackExpiring
        | ValueType::HashListpackExpiringCandidate => "Hash listpack",
        ValueType::SortedSetZiplist => "Zset ziplist",
        ValueType::SortedSetListpack => "Zset listpack",
        _ if value_type.family() == Family::Stream => "Stream listpack",
        _ => return None,
    })
}
