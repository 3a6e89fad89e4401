//! The commands that make a value again: what an append-only file in command form begins with.
//!
//! ```text
//! string       SET key value
//! list         RPUSH key element ...          elements in portions, here and below
//! set          SADD key member ...            SPEXPIREAT key moment MEMBERS 1 member
//! sorted set   ZADD key score member ...      ZPEXPIREAT key moment MEMBERS 1 member
//! hash         HSET key field value ...       HPEXPIREAT key moment FIELDS 1 field
//! stream       see `stream`
//! array        ARMSET key index value ...     ARSEEK key index
//! any          PEXPIREAT key moment
//! ```

mod portions;
mod stream;

use crate::elements::Elements;
use keyspace::{Frozen, Item, Kind, Object, Str};
use portions::Portions;
use std::any::Any;
use structs::array::SparseArray;
use structs::blob::FrozenBlob;
use structs::fields::{FieldMap, MemberSet};
use structs::ranked::Ranked;

/// Bytes of a long string that are copied at once.
const PIECE: usize = 64 << 10;

/// Where commands go. After each it may be looked at, to write what has been gathered.
pub struct Output<'a> {
    /// What has been gathered.
    pub out: &'a mut Vec<u8>,
    /// Called after each command, and now and then within a long one.
    pub look: &'a mut dyn FnMut(&mut Vec<u8>),
}

impl Output<'_> {
    fn command(&mut self, words: &[&[u8]]) {
        resp::push_command(self.out, words);
        (self.look)(self.out);
    }
}

/// The commands for a key.
pub fn item(item: &Item<'_>, output: &mut Output<'_>) {
    match (item.string(), item.any_object()) {
        (Some(text), _) => string(item.key(), &text, output),
        (None, Some(value)) => object(item.key(), &*value, output),
        (None, None) => unreachable!("a value is a string or an object"),
    }
    expiry(item.key(), item.expiry_ms(), output);
}

/// The commands for a key with a value that nobody changes any more.
pub fn frozen(key: &[u8], expiry_ms: Option<i64>, value: Frozen, output: &mut Output<'_>) {
    match value {
        Frozen::Int(number) => string(key, &Str::Int(number), output),
        Frozen::Bytes(bytes) => string(key, &Str::Bytes(&bytes), output),
        Frozen::Blob(blob) => long_string(key, blob, output),
        Frozen::Object(value) => object(key, value.get(), output),
    }
    expiry(key, expiry_ms, output);
}

fn expiry(key: &[u8], expiry_ms: Option<i64>, output: &mut Output<'_>) {
    if let Some(at_ms) = expiry_ms {
        output.command(&[b"PEXPIREAT", key, itoa::Buffer::new().format(at_ms).as_bytes()]);
    }
}

fn string(key: &[u8], text: &Str<'_>, output: &mut Output<'_>) {
    match text {
        Str::Int(number) => output.command(&[b"SET", key, itoa::Buffer::new().format(*number).as_bytes()]),
        Str::Bytes(bytes) => output.command(&[b"SET", key, bytes]),
    }
}

fn long_string(key: &[u8], mut blob: FrozenBlob, output: &mut Output<'_>) {
    resp::push_command_head(output.out, 3, &[b"SET", key]);
    resp::push_word_head(output.out, blob.len());
    let (mut piece, mut at) = (vec![0; PIECE], 0);
    while at < blob.len() {
        let read = blob.read(at, &mut piece);
        output.out.extend_from_slice(&piece[..read]);
        at += read;
        blob.release(at);
        (output.look)(output.out);
    }
    output.out.extend_from_slice(b"\r\n");
}

/// Each type has its line: a new one is an error of the compiler.
fn object(key: &[u8], value: &dyn Object, output: &mut Output<'_>) {
    match value.kind() {
        Kind::String => unreachable!("a string is no object"),
        Kind::List => portions(&[b"RPUSH", key], value, Order::AsVisited, output),
        Kind::Set => {
            portions(&[b"SADD", key], value, Order::AsVisited, output);
            element_expiries::<MemberSet>(key, value, output);
        }
        Kind::SortedSet => {
            // A score stands before its member.
            portions(&[b"ZADD", key], value, Order::Reversed, output);
            element_expiries::<Ranked>(key, value, output);
        }
        Kind::Hash => {
            portions(&[b"HSET", key], value, Order::AsVisited, output);
            element_expiries::<FieldMap>(key, value, output);
        }
        Kind::Stream => stream::rebuild(key, concrete(value), output),
        Kind::Array => {
            portions(&[b"ARMSET", key], value, Order::AsVisited, output);
            insertion_point(key, concrete(value), output);
        }
    }
}

/// The next insertion goes behind the cursor.
fn insertion_point(key: &[u8], array: &SparseArray, output: &mut Output<'_>) {
    if let Some(cursor) = array.cursor() {
        let mut next = itoa::Buffer::new();
        output.command(&[b"ARSEEK", key, next.format(cursor.saturating_add(1)).as_bytes()]);
    }
}

/// The object of the kind that was asked for.
fn concrete<T: Any>(object: &dyn Object) -> &T {
    let object: &dyn Any = object;
    object.downcast_ref().expect("each kind belongs to one type")
}

/// In what order the words of an element stand in its command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    AsVisited,
    Reversed,
}

/// Commands that begin with `head` and go on with elements.
fn portions(head: &[&[u8]], value: &dyn Object, order: Order, output: &mut Output<'_>) {
    let mut portions = Portions::new(head);
    value.elements(&mut |words| match order {
        Order::AsVisited => portions.push(words.iter().copied(), output),
        Order::Reversed => portions.push(words.iter().rev().copied(), output),
    });
    portions.flush(output);
}

fn element_expiries<T: Elements>(key: &[u8], value: &dyn Object, output: &mut Output<'_>) {
    let elements: &T = concrete(value);
    elements.for_each_expiring(&mut |name, at_ms| {
        let mut at = itoa::Buffer::new();
        let at = at.format(at_ms).as_bytes();
        output.command(&[T::EXPIRE_AT, key, at, T::BLOCK.as_bytes(), b"1", name]);
    });
}

#[cfg(test)]
mod tests;
