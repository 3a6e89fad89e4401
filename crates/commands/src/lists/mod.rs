//! Lists: sequences of strings, cheap to change at both ends.
//!
//! A list is a [`Deque`]; no key holds an empty one. Handlers open a key once, change its deque and say what happened;
//! elements go from the deque's packed bytes straight to the reply.

mod blpop;
mod edit;
mod lmove;
mod lmovem;
mod lmpop;
mod lpos;
mod pop;
mod push;
mod read;
#[cfg(test)]
mod tests;
mod transfer;

use command::{Args, Command, Cx, Done, Error, Event, Handler, Park, Reply, Result, Step};
use keyspace::Str;
use structs::deque::Deque;
use structs::packed::{End, Item};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    lmove::BLMOVE,
    lmovem::BLMOVEM,
    lmpop::BLMPOP,
    blpop::BLPOP,
    blpop::BRPOP,
    lmove::BRPOPLPUSH,
    read::LINDEX,
    edit::LINSERT,
    read::LLEN,
    lmove::LMOVE,
    lmovem::LMOVEM,
    lmpop::LMPOP,
    pop::LPOP,
    lpos::LPOS,
    push::LPUSH,
    push::LPUSHX,
    read::LRANGE,
    edit::LREM,
    edit::LSET,
    edit::LTRIM,
    pop::RPOP,
    lmove::RPOPLPUSH,
    push::RPUSH,
    push::RPUSHX,
];

/// A number outside -(2^63 - 1) to 2^63 - 1, whose negation wouldn't be a number.
const NOT_NEGATABLE: Error =
    Error::new("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
/// A number of elements that isn't positive.
const COUNT_NOT_POSITIVE: Error = Error::new("ERR count should be greater than 0");

/// The event of adding at an end.
fn pushed(end: End) -> Event {
    Event::list(match end {
        End::Front => "lpush",
        End::Back => "rpush",
    })
}

/// The event of taking from an end.
fn popped(end: End) -> Event {
    Event::list(match end {
        End::Front => "lpop",
        End::Back => "rpop",
    })
}

/// The command that takes from an end, as the journal calls it.
fn pop_verb(end: End) -> &'static [u8] {
    match end {
        End::Front => b"LPOP",
        End::Back => b"RPOP",
    }
}

/// The word for an end.
fn side_name(end: End) -> &'static [u8] {
    match end {
        End::Front => b"LEFT",
        End::Back => b"RIGHT",
    }
}

/// Reads LEFT or RIGHT.
fn side(args: &mut Args<'_>) -> Result<End> {
    if args.take("LEFT") {
        Ok(End::Front)
    } else if args.take("RIGHT") {
        Ok(End::Back)
    } else {
        Err(Error::SYNTAX)
    }
}

/// Reads a number that has a negation.
fn negatable(args: &mut Args<'_>) -> Result<i64> {
    args.int_in(-i64::MAX..=i64::MAX, NOT_NEGATABLE)
}

/// Reads a number of elements, at least one; whatever is wrong with it gives the same error.
fn positive_count(args: &mut Args<'_>) -> Result<usize> {
    let count = args.int_in(1.., COUNT_NOT_POSITIVE).map_err(|_| COUNT_NOT_POSITIVE)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// An element as replies take it.
#[inline]
fn text(item: Item<'_>) -> Str<'_> {
    match item {
        Item::Bytes(bytes) => Str::Bytes(bytes),
        Item::Int(n) => Str::Int(n),
    }
}

/// The list of a key; not counted as a use.
fn look<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<&'c Deque>> {
    match cx.look(key) {
        None => Ok(None),
        Some(item) => item.object::<Deque>().map(Some).ok_or(Error::WRONG_TYPE),
    }
}

/// The first of `keys` that holds a list.
fn first_list<'k>(cx: &mut Cx<'_>, keys: impl Iterator<Item = &'k [u8]>) -> Result<Option<&'k [u8]>> {
    for key in keys {
        if look(cx, key)?.is_some() {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// Whether a key holds a list of at least `len` elements.
fn has_list(cx: &mut Cx<'_>, key: &[u8], len: usize) -> bool {
    matches!(look(cx, key), Ok(Some(list)) if list.len() >= len)
}

/// Leaves the rest of a command to `step`.
fn wait<'k>(
    reply: Reply<'_>,
    keys: impl Iterator<Item = &'k [u8]>,
    step: impl Step + 'static,
    deadline_ms: Option<i64>,
) -> Done {
    reply.park(Park { keys: keys.map(Box::from).collect(), step: Box::new(step), deadline_ms })
}
