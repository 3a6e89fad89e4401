//! GET and SET, and what belongs to them.

use command::Flag::{DenyOom, Fast, Readonly, Write};
use command::KeyFlag::{Access, Insert, ReadOnly, ReadWrite, Update, VariableFlags};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Replicate, Reply, Result, Spec};
use keyspace::Expiry;

/// GET
pub const GET: Command<Handler> = Command::new(
    Spec {
        name: "get",
        group: Group::String,
        since: "1.0.0",
        summary: "Answers the string of a key.",
        syntax: "GET key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        ..Spec::DEFAULT
    },
    get,
);

fn get(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    Ok(match cx.read_string(key)? {
        Some(value) => reply.string(value),
        None => reply.null(),
    })
}

/// SET
pub const SET: Command<Handler> = Command::new(
    Spec {
        name: "set",
        group: Group::String,
        since: "1.0.0",
        summary: "Stores a string under a key, whatever the key held.",
        syntax: "SET key value",
        arity: -3,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Insert, Update, VariableFlags])],
        replicate: Replicate::Outcome,
        ..Spec::DEFAULT
    },
    set,
);

fn set(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, value) = (args.key()?, args.bytes()?);
    args.end()?;
    cx.slot(key).put_string(value, Expiry::Never, Event::string("set"));
    Ok(reply.ok())
}
