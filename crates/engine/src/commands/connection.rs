//! Commands about the connection itself: PING, ECHO, SELECT, QUIT.

use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{AllowBusy, Fast, Loading, NoAuth, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[PING, ECHO, SELECT, QUIT];

const PING: Command<Run> = Command::new(
    Spec {
        name: "ping",
        group: Group::Connection,
        summary: "Answers PONG, or the given message.",
        syntax: "PING [message]",
        arity: -1,
        flags: &[Fast],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(ping),
);

fn ping(_: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    match args.left() {
        0 => Ok(reply.simple("PONG")),
        1 => Ok(reply.bulk(args.bytes()?)),
        _ => Err(Error::new("ERR wrong number of arguments for 'ping' command")),
    }
}

const ECHO: Command<Run> = Command::new(
    Spec {
        name: "echo",
        group: Group::Connection,
        summary: "Answers the given message.",
        syntax: "ECHO message",
        arity: 2,
        flags: &[Loading, Stale, Fast],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(echo),
);

fn echo(_: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.bulk(args.bytes()?))
}

const SELECT: Command<Run> = Command::new(
    Spec {
        name: "select",
        group: Group::Connection,
        summary: "Chooses the connection's database.",
        syntax: "SELECT index",
        arity: 2,
        flags: &[Loading, Stale, Fast],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(select),
);

fn select(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let databases = i64::from(admin.settings.limits.databases);
    let db = args.int_in(0..databases, Error::DB_OUT_OF_RANGE)?;
    admin.session.db = db as u32;
    admin.session.client.set_db(db as u32);
    Ok(reply.ok())
}

const QUIT: Command<Run> = Command::new(
    Spec {
        name: "quit",
        group: Group::Connection,
        summary: "Closes the connection.",
        syntax: "QUIT",
        arity: -1,
        flags: &[AllowBusy, NoScript, Loading, Stale, Fast, NoAuth],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(quit),
);

fn quit(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.session.closing = true;
    Ok(reply.ok())
}
