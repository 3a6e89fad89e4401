//! BITCOUNT: how many bits are set.

use super::{Span, Unit};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::bits;

/// BITCOUNT
pub(super) const BITCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "bitcount",
        group: Group::Bitmap,
        since: "2.6.0",
        summary: "How many bits of a string, or of a part of it, are set.",
        complexity: "O(N), N being the number of bytes looked at",
        syntax: "BITCOUNT key [start end [BYTE | BIT]:unit]:range",
        arguments_since: &[("unit", "7.0.0")],
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET word foobar
OK
> BITCOUNT word
(integer) 26
> BITCOUNT word 1 1
(integer) 6
> BITCOUNT word 5 30 BIT
(integer) 17",
        ..Spec::DEFAULT
    },
    bitcount,
);

fn bitcount(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let span = match args.left() {
        0 => Span::ALL,
        2 => Span { start: args.int()?, end: args.int()?, unit: Unit::Byte },
        3 => Span { start: args.int()?, end: args.int()?, unit: Unit::read(args)? },
        _ => return Err(Error::SYNTAX),
    };
    let Some(value) = cx.read_string(key)? else { return Ok(reply.int(0)) };
    if span.is_reversed() {
        return Ok(reply.int(0));
    }
    Ok(reply.len(value.with_text(|bytes| bits::count_in(bytes, span.bits(bytes)))))
}
