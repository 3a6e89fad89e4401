//! Streams, in the five forms they have had.
//!
//! ```text
//! n, n blocks | entries, last id | first id, largest deleted id, entries added (2) | n, n groups | producers (4)
//!
//! block:      id of its first entry as a string of 16 bytes, listpack
//! group:      name | last id | entries read (2) | n, n pending | n, n consumers | n, n ids of nobody's entries (5)
//! pending:    id, time of delivery, number of deliveries
//! consumer:   name | time seen | time active (3) | n, n ids of entries pending for it
//! producers:  seconds, entries per producer | n, n times: name, n, n times: entry's name, id | added, duplicates
//! ```
//!
//! The numbers in parentheses are the forms that began it. Ids among counters are two numbers, those of blocks and
//! pending entries 16 bytes, big endian; times are 8 bytes, little endian.
//!
//! Only the fifth form knows pending entries that are nobody's. In the others they belong to a consumer of a name of
//! ours, and their times of delivery are the turns in which they were given back: so elsewhere they are what was
//! delivered longest ago, and are claimed first and in the right order.

mod groups;
mod producers;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::decode;
pub(crate) use write::{Progress, extension};

use crate::value_type::ValueType;
use crate::version::Version;
use structs::stream::{Stream, StreamId};

/// The consumer that pending entries belong to which are nobody's.
const NOBODY: &[u8] = b"redstart:nobody";

/// Which parts a form has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain = 1,
    Counted = 2,
    Active = 3,
    Producers = 4,
    Nobodys = 5,
}

impl Form {
    fn of(value_type: ValueType) -> Option<Form> {
        Some(match value_type {
            ValueType::Stream => Form::Plain,
            ValueType::Stream2 => Form::Counted,
            ValueType::Stream3 => Form::Active,
            ValueType::Stream4 => Form::Producers,
            ValueType::Stream5 => Form::Nobodys,
            _ => return None,
        })
    }

    fn value_type(self) -> ValueType {
        match self {
            Form::Plain => ValueType::Stream,
            Form::Counted => ValueType::Stream2,
            Form::Active => ValueType::Stream3,
            Form::Producers => ValueType::Stream4,
            Form::Nobodys => ValueType::Stream5,
        }
    }

    /// The form for a stream in a version: the oldest that has a place for everything.
    fn for_stream(stream: &Stream, version: Version) -> Form {
        let nobodys = || stream.groups().any(|(_, group)| group.released_count() > 0);
        match version {
            Version::V9 => Form::Plain,
            Version::V10 => Form::Counted,
            Version::V11 | Version::V12 | Version::Valkey80 => Form::Active,
            Version::V14 if nobodys() => Form::Nobodys,
            Version::V13 | Version::V14 => Form::Producers,
        }
    }
}

/// The type that a stream is written as.
pub(crate) fn type_for(stream: &Stream, version: Version) -> ValueType {
    Form::for_stream(stream, version).value_type()
}

/// An id as blocks and pending entries have it.
fn id_bytes(id: StreamId) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&id.ms.to_be_bytes());
    bytes[8..].copy_from_slice(&id.seq.to_be_bytes());
    bytes
}

fn id_of(bytes: &[u8; 16]) -> StreamId {
    let value = u128::from_be_bytes(*bytes);
    StreamId::new((value >> 64) as u64, value as u64)
}
