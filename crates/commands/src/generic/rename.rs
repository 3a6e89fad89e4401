//! RENAME and RENAMENX.

use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, Delete, Insert, Overwrite, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::Expiry;

const FROM: KeySpec = KeySpec::one(1, &[ReadWrite, Access, Delete]);

/// RENAME
pub(super) const RENAME: Command<Handler> = Command::new(
    Spec {
        name: "rename",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Gives a key another name, replacing what is there.",
        complexity: "O(1), plus the elements of a collection that is replaced",
        syntax: "RENAME key newkey",
        arity: 3,
        flags: &[Write],
        keys: &[FROM, KeySpec::one(2, &[Overwrite, Update])],
        examples: "\
> SET old value
OK
> RENAME old new
OK
> GET new
\"value\"
> RENAME old new
(error) ERR no such key",
        ..Spec::DEFAULT
    },
    rename,
);

fn rename(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (from, to) = (args.key()?, args.key()?);
    if !cx.slot(from).exists() {
        return Err(Error::NO_SUCH_KEY);
    }
    if from != to {
        carry(cx, from, to);
    }
    Ok(reply.ok())
}

/// RENAMENX
pub(super) const RENAMENX: Command<Handler> = Command::new(
    Spec {
        name: "renamenx",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Gives a key another name unless that name is taken.",
        syntax: "RENAMENX key newkey",
        arity: 3,
        flags: &[Write, Fast],
        keys: &[FROM, KeySpec::one(2, &[Overwrite, Insert])],
        examples: "\
> MSET old value taken 1
OK
> RENAMENX old taken
(integer) 0
> RENAMENX old new
(integer) 1",
        ..Spec::DEFAULT
    },
    renamenx,
);

fn renamenx(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (from, to) = (args.key()?, args.key()?);
    if !cx.slot(from).exists() {
        return Err(Error::NO_SUCH_KEY);
    }
    if from == to || cx.slot(to).exists() {
        return Ok(reply.int(0));
    }
    carry(cx, from, to);
    Ok(reply.int(1))
}

/// Moves a value from key to key: one change, two events.
fn carry(cx: &mut Cx<'_>, from: &[u8], to: &[u8]) {
    let dirty = cx.effects.dirty;
    let mut source = cx.slot(from);
    let access = source.item().map(|item| item.access());
    let Some((value, expiry_ms)) = source.take_value(Event::generic("rename_from")) else { return };
    let mut target = cx.slot(to);
    let expiry = expiry_ms.map_or(Expiry::Never, Expiry::At);
    target.put_anew(value, expiry, Event::generic("rename_to"));
    access.into_iter().for_each(|access| target.set_access(access));
    cx.effects.tell_new_first();
    cx.effects.dirty = dirty + 1;
}
