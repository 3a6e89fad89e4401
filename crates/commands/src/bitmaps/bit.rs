//! SETBIT and GETBIT: single bits.

use super::{CHANGED, bit_offset};
use command::Flag::{DenyOom, Fast, Readonly, Write};
use command::KeyFlag::{Access, ReadOnly, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// SETBIT
pub(super) const SETBIT: Command<Handler> = Command::new(
    Spec {
        name: "setbit",
        group: Group::Bitmap,
        since: "2.2.0",
        summary: "Sets or clears one bit of a string, which grows as needed, and answers what it was.",
        syntax: "SETBIT key offset value:integer",
        arity: 4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        examples: "\
> SETBIT visits 7 1
(integer) 0
> SETBIT visits 7 0
(integer) 1
> STRLEN visits
(integer) 1",
        ..Spec::DEFAULT
    },
    setbit,
);

fn setbit(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, offset) = (args.key()?, bit_offset(args, cx.limits)?);
    let on = match args.bytes()? {
        b"0" => false,
        b"1" => true,
        _ => return Err(Error::new("ERR bit is not an integer or out of range")),
    };
    let (at, mask) = place(offset);
    let mut string = cx.slot(key).open_text(at + 1)?;
    let was_on = string.bytes()[at] & mask != 0;
    if was_on != on {
        string.edit(at..at + 1)[0] ^= mask;
    }
    if was_on != on || string.has_grown() {
        string.changed_by(1, CHANGED);
    }
    Ok(reply.flag(was_on))
}

/// GETBIT
pub(super) const GETBIT: Command<Handler> = Command::new(
    Spec {
        name: "getbit",
        group: Group::Bitmap,
        since: "2.2.0",
        summary: "One bit of a string; behind its end, 0.",
        syntax: "GETBIT key offset",
        arity: 3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SETBIT visits 7 1
(integer) 0
> GETBIT visits 7
(integer) 1
> GETBIT visits 100
(integer) 0",
        ..Spec::DEFAULT
    },
    getbit,
);

fn getbit(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, offset) = (args.key()?, bit_offset(args, cx.limits)?);
    let (at, mask) = place(offset);
    let value = cx.read_string(key)?;
    let is_on = |bytes: &[u8]| bytes.get(at).is_some_and(|byte| byte & mask != 0);
    Ok(reply.flag(value.is_some_and(|value| value.with_text(is_on))))
}

/// The byte in which a bit lies, and the bit alone in it.
fn place(offset: usize) -> (usize, u8) {
    (offset / 8, 0x80 >> (offset % 8))
}
