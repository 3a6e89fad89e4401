//! Lists, in the four forms they have had.
//!
//! ```text
//! list           n, n values
//! ziplist        one ziplist of all values
//! quicklist      n, n ziplists
//! quicklist-v2   n, n times: 1 and one large value, or 2 and a listpack
//! ```

use crate::cursor::Cursor;
use crate::encode::Output;
use crate::error::{Error, Reason};
use crate::value_type::ValueType;
use crate::version::Version;
use crate::ziplist;
use keyspace::{ObjectBox, Value};
use structs::deque::{Chunk, Deque, Limits};
use structs::packed::{End, Packed};

/// The forms of a node.
const PLAIN: u64 = 1;
const PACKED: u64 = 2;

/// The type that a list is written as.
pub(crate) fn type_for(version: Version) -> ValueType {
    if version >= Version::V10 { ValueType::ListQuicklist2 } else { ValueType::List }
}

/// How far a list is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    started: bool,
    /// Values in the nodes that are written.
    values: usize,
}

impl Progress {
    /// Appends nodes until the output is full. Returns whether some are left.
    pub(crate) fn step(&mut self, list: &Deque, output: &mut Output<'_>) -> bool {
        let nodes = type_for(output.version) == ValueType::ListQuicklist2;
        if !self.started {
            self.started = true;
            output.number(if nodes { list.nodes() } else { list.len() } as u64);
        }
        let mut node_bytes = Vec::new();
        for chunk in list.chunks_from(self.values) {
            if output.is_full() {
                return true;
            }
            if nodes {
                push_node(output, chunk, &mut node_bytes);
            } else {
                push_values(output, chunk);
            }
            self.values += chunk.count();
        }
        false
    }
}

fn push_node(output: &mut Output<'_>, chunk: Chunk<'_>, node_bytes: &mut Vec<u8>) {
    match chunk {
        Chunk::Plain(value) => {
            output.number(PLAIN);
            output.blob(value);
        }
        Chunk::Packed(packed) => {
            node_bytes.clear();
            packed.push_listpack_to(node_bytes);
            output.number(PACKED);
            output.blob(node_bytes);
        }
    }
}

fn push_values(output: &mut Output<'_>, chunk: Chunk<'_>) {
    match chunk {
        Chunk::Plain(value) => output.text(value),
        Chunk::Packed(packed) => packed.iter().for_each(|item| item.with_text(|text| output.text(text))),
    }
}

/// Reads a list.
pub(crate) fn decode(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    limits: &Limits,
) -> Result<Value, Error> {
    let start = cursor.at();
    let mut list = Deque::new();
    match value_type {
        ValueType::List => {
            for _ in 0..cursor.count(1)? {
                list.push(End::Back, &cursor.string()?, limits);
            }
        }
        ValueType::ListZiplist => read_ziplist(cursor, &mut list, limits)?,
        ValueType::ListQuicklist => {
            for _ in 0..cursor.count(1)? {
                read_ziplist(cursor, &mut list, limits)?;
            }
        }
        ValueType::ListQuicklist2 => {
            for _ in 0..cursor.count(2)? {
                read_node(cursor, &mut list)?;
            }
            list.settle(limits);
        }
        other => return Err(cursor.error(Reason::Unsupported(other))),
    }
    if list.is_empty() {
        return Err(Error::new(start, Reason::Empty));
    }
    Ok(Value::Object(ObjectBox::new(list)))
}

fn read_ziplist(cursor: &mut Cursor<'_>, list: &mut Deque, limits: &Limits) -> Result<(), Error> {
    let start = cursor.at();
    let bytes = cursor.string()?;
    let read = ziplist::for_each(&bytes, |item| item.with_text(|text| list.push(End::Back, text, limits)));
    read.ok_or(Error::new(start, Reason::Ziplist))
}

fn read_node(cursor: &mut Cursor<'_>, list: &mut Deque) -> Result<(), Error> {
    let start = cursor.at();
    let form = cursor.number()?;
    let bytes = cursor.string()?;
    match form {
        PLAIN => list.append_plain(bytes.into_owned().into_boxed_slice()),
        PACKED => {
            let packed = Packed::from_listpack_bytes(&bytes);
            list.append_packed(packed.map_err(|error| Error::new(start, Reason::Listpack(error)))?);
        }
        other => return Err(Error::new(start, Reason::ListNode(other))),
    }
    Ok(())
}
