//! BITPOS: the first bit that is set, or that isn't.

use super::{Span, Unit};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::bits;

/// BITPOS
pub(super) const BITPOS: Command<Handler> = Command::new(
    Spec {
        name: "bitpos",
        group: Group::Bitmap,
        since: "2.8.7",
        summary: "The first bit of a string, or of a part of it, that is 1 or 0.",
        complexity: "O(N), N being the number of bytes looked at",
        syntax: "BITPOS key bit:integer [start [end [BYTE | BIT]:unit]:end-unit-block]:range",
        arguments_since: &[("unit", "7.0.0")],
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET row \"\\xff\\xf0\\x00\"
OK
> BITPOS row 0
(integer) 12
> BITPOS row 1 2
(integer) -1
> BITPOS row 1 7 15 BIT
(integer) 7",
        ..Spec::DEFAULT
    },
    bitpos,
);

fn bitpos(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let wanted = match args.int()? {
        0 => false,
        1 => true,
        _ => return Err(Error::new("ERR The bit argument must be 1 or 0.")),
    };
    // A string is taken as followed by zeros, unless it is said where to stop.
    let open_ended = args.left() < 2;
    let span = read_span(args)?;
    let Some(value) = cx.read_string(key)? else { return Ok(reply.int(if wanted { -1 } else { 0 })) };
    let found = value.with_text(|bytes| {
        let range = span.bits(bytes);
        let behind = (open_ended && !wanted && !range.is_empty()).then_some(bytes.len() * 8);
        bits::find_in(bytes, range, wanted).or(behind)
    });
    Ok(reply.int(found.map_or(-1, |bit| bit as i64)))
}

fn read_span(args: &mut Args<'_>) -> Result<Span> {
    Ok(match args.left() {
        0 => Span::ALL,
        1 => Span { start: args.int()?, ..Span::ALL },
        2 => Span { start: args.int()?, end: args.int()?, unit: Unit::Byte },
        3 => {
            let start = args.int()?;
            let at = args.position();
            // The unit is looked at before the end is.
            args.bytes()?;
            let unit = Unit::read(args)?;
            args.seek(at);
            Span { start, end: args.int()?, unit }
        }
        _ => return Err(Error::SYNTAX),
    })
}
