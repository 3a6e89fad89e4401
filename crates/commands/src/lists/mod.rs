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

use command::{Args, Command, Cx, Error, Event, Handler, Result};
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

/// An element as replies take it.
#[inline]
fn text(item: Item<'_>) -> Str<'_> {
    match item {
        Item::Bytes(bytes) => Str::Bytes(bytes),
        Item::Int(n) => Str::Int(n),
    }
}

/// Whether a key holds a list of at least `len` elements.
fn has_list(cx: &mut Cx<'_>, key: &[u8], len: usize) -> bool {
    matches!(cx.look_object::<Deque>(key), Ok(Some(list)) if list.len() >= len)
}
