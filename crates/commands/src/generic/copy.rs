//! COPY and MOVE: values in other databases and under other keys.

use super::db_index;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::Expiry;

/// COPY
pub(super) const COPY: Command<Handler> = Command::new(
    Spec {
        name: "copy",
        group: Group::Generic,
        since: "6.2.0",
        summary: "Copies a value to another key.",
        complexity: "O(N), N being the number of elements or bytes",
        syntax: "COPY source destination [DB destination-db] [REPLACE]",
        arity: -3,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadOnly, Access]), KeySpec::one(2, &[Overwrite, Update])],
        examples: "\
> SET original value
OK
> COPY original copy
(integer) 1
> GET copy
\"value\"
> COPY original copy
(integer) 0
> COPY original copy REPLACE
(integer) 1",
        ..Spec::DEFAULT
    },
    copy,
);

fn copy(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (from, to) = (args.key()?, args.key()?);
    let (mut db, mut replace) = (cx.db, false);
    while !args.is_empty() {
        if args.take("REPLACE") {
            replace = true;
        } else if args.take_with_value("DB") {
            db = db_index(cx, args)?;
        } else {
            return Err(Error::SYNTAX);
        }
    }
    if from == to && db == cx.db {
        return Err(Error::SAME_OBJECT);
    }
    let Some(item) = cx.read(from) else { return Ok(reply.int(0)) };
    let expiry = item.expiry_ms().map_or(Expiry::Never, Expiry::At);
    if !replace && cx.slot_in(db, to).exists() {
        return Ok(reply.int(0));
    }
    // Looked up again: the value may be large and is copied only now that it is wanted.
    let Some(value) = cx.look(from).map(|item| item.copy_value()) else { return Ok(reply.int(0)) };
    cx.slot_in(db, to).put_anew(value, expiry, Event::generic("copy_to"));
    Ok(reply.int(1))
}

/// MOVE
pub(super) const MOVE: Command<Handler> = Command::new(
    Spec {
        name: "move",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Moves a key to another database.",
        syntax: "MOVE key db",
        arity: 3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        examples: "\
> SET key value
OK
> MOVE key 1
(integer) 1
> MOVE key 1
(integer) 0",
        ..Spec::DEFAULT
    },
    move_to,
);

fn move_to(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let db = db_index(cx, args)?;
    if db == cx.db {
        return Err(Error::SAME_OBJECT);
    }
    if !cx.slot(key).exists() || cx.slot_in(db, key).exists() {
        return Ok(reply.int(0));
    }
    let dirty = cx.effects.dirty;
    let Some((value, expiry_ms)) = cx.slot(key).take_value(Event::generic("move_from")) else {
        return Ok(reply.int(0));
    };
    let expiry = expiry_ms.map_or(Expiry::Never, Expiry::At);
    cx.slot_in(db, key).put_value(value, expiry, Event::generic("move_to"));
    cx.effects.tell_new_first();
    cx.effects.dirty = dirty + 1;
    Ok(reply.int(1))
}
