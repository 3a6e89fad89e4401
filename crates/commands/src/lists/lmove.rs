//! LMOVE, RPOPLPUSH, BLMOVE, BRPOPLPUSH: moving one element.

use super::transfer::{Amount, Order, Route, transfer};
use super::{has_list, side, side_name, text};
use crate::waiting::wait;
use command::Flag::{Blocking, DenyOom, Write};
use command::KeyFlag::{Access, Delete, Insert, ReadWrite};
use command::{
    Args, Command, Cx, Deprecated, Done, Group, Handler, KeySpec, Replicate, Reply, Result, Spec, Step,
};
use structs::packed::{End, Packed};

/// What the four declarations share.
const MOVE: Spec = Spec { group: Group::List, flags: &[Write, DenyOom], keys: MOVE_KEYS, ..Spec::DEFAULT };

/// Source and destination of a move.
pub(super) const MOVE_KEYS: &[KeySpec] =
    &[KeySpec::one(1, &[ReadWrite, Access, Delete]), KeySpec::one(2, &[ReadWrite, Insert])];

/// LMOVE
pub const LMOVE: Command<Handler> = Command::new(
    Spec {
        name: "lmove",
        since: "6.2.0",
        summary: "Moves an element from one list to another.",
        syntax: "LMOVE source destination <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto",
        arity: 5,
        examples: "\
> RPUSH waiting a b c
(integer) 3
> LMOVE waiting running LEFT RIGHT
\"a\"
> LRANGE running 0 -1
1) \"a\"",
        ..MOVE
    },
    lmove,
);

fn lmove(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let route = route(args)?;
    Ok(match transfer(cx, route, Amount::UpTo(1), Order::Bulk)? {
        Some(block) => moved(reply, &block),
        None => reply.null(),
    })
}

/// RPOPLPUSH
pub const RPOPLPUSH: Command<Handler> = Command::new(
    Spec {
        name: "rpoplpush",
        since: "1.2.0",
        summary: "Moves the last element of a list to the head of another.",
        deprecated: Some(Deprecated {
            since: "6.2.0",
            replaced_by: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
        }),
        syntax: "RPOPLPUSH source destination",
        arity: 3,
        examples: "\
> RPUSH waiting a b c
(integer) 3
> RPOPLPUSH waiting running
\"c\"",
        ..MOVE
    },
    rpoplpush,
);

fn rpoplpush(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let route = Route { source: args.key()?, destination: args.key()?, from: End::Back, to: End::Front };
    Ok(match transfer(cx, route, Amount::UpTo(1), Order::Bulk)? {
        Some(block) => moved(reply, &block),
        None => reply.null(),
    })
}

/// BLMOVE
pub const BLMOVE: Command<Handler> = Command::new(
    Spec {
        name: "blmove",
        since: "6.2.0",
        summary: "Moves an element from one list to another, waiting for one if there is none.",
        syntax: "BLMOVE source destination <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto timeout",
        arity: 6,
        flags: &[Write, DenyOom, Blocking],
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH waiting a b c
(integer) 3
> BLMOVE waiting running LEFT RIGHT 0
\"a\"",
        ..MOVE
    },
    |cx, args, reply| {
        let route = route(args)?;
        blocking_move(cx, args, reply, route, Spelling::Lmove)
    },
);

/// BRPOPLPUSH
pub const BRPOPLPUSH: Command<Handler> = Command::new(
    Spec {
        name: "brpoplpush",
        since: "2.2.0",
        summary: "Moves the last element of a list to the head of another, waiting for one if there is none.",
        deprecated: Some(Deprecated {
            since: "6.2.0",
            replaced_by: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
        }),
        syntax: "BRPOPLPUSH source destination timeout",
        arity: 4,
        flags: &[Write, DenyOom, Blocking],
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH waiting a b c
(integer) 3
> BRPOPLPUSH waiting running 0
\"c\"",
        ..MOVE
    },
    |cx, args, reply| {
        let route = Route { source: args.key()?, destination: args.key()?, from: End::Back, to: End::Front };
        blocking_move(cx, args, reply, route, Spelling::Rpoplpush)
    },
);

/// Reads `source destination <LEFT | RIGHT> <LEFT | RIGHT>`.
pub(super) fn route<'a>(args: &mut Args<'a>) -> Result<Route<'a>> {
    Ok(Route { source: args.key()?, destination: args.key()?, from: side(args)?, to: side(args)? })
}

fn moved(reply: Reply<'_>, block: &Packed) -> Done {
    match block.peek(End::Front) {
        Some(item) => reply.string(text(item)),
        None => reply.null(),
    }
}

fn blocking_move(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    route: Route<'_>,
    spelling: Spelling,
) -> Result<Done> {
    let deadline_ms = args.deadline_ms(cx.now)?;
    let step = Move { destination: route.destination.into(), from: route.from, to: route.to, spelling };
    match step.run(cx, route.source)? {
        Some(block) => Ok(moved(reply, &block)),
        None if cx.caller.may_block => Ok(wait(reply, std::iter::once(route.source), step, deadline_ms)),
        None => Ok(reply.null()),
    }
}

/// Which command it was: the journal takes the unblocking one of the same family.
#[derive(Clone, Copy)]
enum Spelling {
    Lmove,
    Rpoplpush,
}

/// Moves one element to `destination`.
struct Move {
    destination: Box<[u8]>,
    from: End,
    to: End,
    spelling: Spelling,
}

impl Move {
    fn run(&self, cx: &mut Cx<'_>, source: &[u8]) -> Result<Option<Packed>> {
        let route = Route { source, destination: &self.destination, from: self.from, to: self.to };
        let block = transfer(cx, route, Amount::UpTo(1), Order::Bulk)?;
        if block.is_some() {
            match self.spelling {
                Spelling::Rpoplpush => cx.outcome(&[b"RPOPLPUSH", source, &self.destination]),
                Spelling::Lmove => {
                    let (from, to) = (side_name(self.from), side_name(self.to));
                    cx.outcome(&[b"LMOVE", source, &self.destination, from, to]);
                }
            }
        }
        Ok(block)
    }
}

impl Step for Move {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_list(cx, key, 1)
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        Ok(match self.run(cx, key)? {
            Some(block) => moved(reply, &block),
            None => self.timed_out(reply),
        })
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn destination(&self) -> Option<&[u8]> {
        Some(&self.destination)
    }

    fn command(&self) -> &'static str {
        match self.spelling {
            Spelling::Lmove => "blmove",
            Spelling::Rpoplpush => "brpoplpush",
        }
    }
}
