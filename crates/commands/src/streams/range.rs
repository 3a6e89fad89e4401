//! XLEN, XRANGE, XREVRANGE: reading a stream without following it.

use super::id;
use super::reply::write_entry;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::stream::Entry;

/// XLEN
pub const XLEN: Command<Handler> = Command::new(
    Spec {
        name: "xlen",
        group: Group::Stream,
        since: "5.0.0",
        summary: "How many entries a stream has.",
        syntax: "XLEN key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XLEN log
(integer) 1",
        ..Spec::DEFAULT
    },
    |cx, args, reply| {
        let stream = super::read(cx, args.key()?)?;
        Ok(reply.int(stream.map_or(0, |stream| stream.len() as i64)))
    },
);

/// What both declarations share.
const RANGE: Spec = Spec {
    group: Group::Stream,
    since: "5.0.0",
    complexity: "O(log S + N), S being the length of the stream and N the number of entries returned",
    arity: -4,
    flags: &[Readonly],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// XRANGE
pub const XRANGE: Command<Handler> = Command::new(
    Spec {
        name: "xrange",
        summary: "The entries between two ids.",
        syntax: "XRANGE key start:string end:string [COUNT count]",
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XADD log 2-1 line b
\"2-1\"
> XRANGE log (1-1 +
1) 1) \"2-1\"
   2) 1) \"line\"
      2) \"b\"",
        ..RANGE
    },
    |cx, args, reply| range(cx, args, reply, Direction::Forward),
);

/// XREVRANGE
pub const XREVRANGE: Command<Handler> = Command::new(
    Spec {
        name: "xrevrange",
        summary: "The entries between two ids, newest first.",
        syntax: "XREVRANGE key end:string start:string [COUNT count]",
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XADD log 2-1 line b
\"2-1\"
> XREVRANGE log + - COUNT 1
1) 1) \"2-1\"
   2) 1) \"line\"
      2) \"b\"",
        ..RANGE
    },
    |cx, args, reply| range(cx, args, reply, Direction::Backward),
);

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

fn range(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, direction: Direction) -> Result<Done> {
    let (key, first, second) = (args.key()?, args.bytes()?, args.bytes()?);
    let (start, end) = match direction {
        Direction::Forward => (id::start(first)?, id::end(second)?),
        Direction::Backward => {
            let start = id::start(second)?;
            (start, id::end(first)?)
        }
    };
    let mut most = usize::MAX;
    while !args.is_empty() {
        if !args.take_with_value("COUNT") {
            return Err(Error::SYNTAX);
        }
        most = usize::try_from(args.int()?).unwrap_or(0);
    }
    let Some(stream) = super::read(cx, key)? else { return Ok(reply.array(0).done()) };
    if most == 0 {
        return Ok(reply.null_array());
    }
    Ok(match direction {
        Direction::Forward => write(reply, stream.log().range(start, end).take(most)),
        Direction::Backward => write(reply, stream.log().range_back(start, end).take(most)),
    })
}

fn write<'e>(reply: Reply<'_>, entries: impl Iterator<Item = Entry<'e>>) -> Done {
    let mut list = reply.deferred_array();
    for entry in entries {
        write_entry(&mut list.array(2), &entry);
    }
    list.done()
}
