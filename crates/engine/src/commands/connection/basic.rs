//! PING, ECHO, SELECT, RESET and QUIT.

use crate::admin::Admin;
use crate::exec::end_multi;
use crate::fieldsets::Fieldsets;
use crate::registry::Run;
use crate::session::ReplyMode;
use crate::tracking::end_tracking;
use command::Flag::{AllowBusy, DuringMulti, Fast, Loading, NoAuth, NoScript, Stale, WhileListening};
use command::{Args, Command, Deprecated, Done, Error, Footprint, Group, Reply, Result, Spec};
use resp::Proto;

/// What the declarations share.
const CONNECTION: Spec = Spec { group: Group::Connection, footprint: Footprint::Nothing, ..Spec::DEFAULT };

pub(super) const PING: Command<Run> = Command::new(
    Spec {
        name: "ping",
        summary: "Answers PONG, or the message.",
        syntax: "PING [message]",
        arity: -1,
        flags: &[Fast, WhileListening],
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        examples: "\
> PING
PONG
> PING \"are you there?\"
\"are you there?\"",
        ..CONNECTION
    },
    Run::Admin(ping),
);

fn ping(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    // Whoever asks whether the server is well hears of a disk that isn't.
    if let Some(error) = admin.engine.disk_failure() {
        return Err(error);
    }
    if args.left() > 1 {
        return Err(Error::new("ERR wrong number of arguments for 'ping' command"));
    }
    let message = if args.is_empty() { None } else { Some(args.bytes()?) };
    if admin.session.only_listens() {
        // In the form of a message: its client expects nothing else.
        let mut pong = reply.array(2);
        pong.bulk(b"pong");
        pong.bulk(message.unwrap_or_default());
        return Ok(pong.done());
    }
    Ok(match message {
        None => reply.simple("PONG"),
        Some(message) => reply.bulk(message),
    })
}

pub(super) const ECHO: Command<Run> = Command::new(
    Spec {
        name: "echo",
        summary: "Answers the message.",
        syntax: "ECHO message",
        arity: 2,
        flags: &[Loading, Stale, Fast],
        examples: "\
> ECHO hello
\"hello\"",
        ..CONNECTION
    },
    Run::Admin(echo),
);

fn echo(_: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.bulk(args.bytes()?))
}

pub(super) const SELECT: Command<Run> = Command::new(
    Spec {
        name: "select",
        summary: "Chooses the connection's database.",
        syntax: "SELECT index",
        arity: 2,
        flags: &[Loading, Stale, Fast],
        examples: "\
> SELECT 1
OK
> SELECT 16
(error) ERR DB index is out of range",
        ..CONNECTION
    },
    Run::Admin(select),
);

fn select(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let index = args.int()?;
    if i32::try_from(index).is_err() {
        return Err(Error::NOT_32_BITS);
    }
    let db = u32::try_from(index).ok().filter(|db| *db < admin.settings.limits.databases);
    let db = db.ok_or(Error::DB_OUT_OF_RANGE)?;
    admin.session.db = db;
    admin.session.client.set_db(db);
    Ok(reply.ok())
}

pub(super) const RESET: Command<Run> = Command::new(
    Spec {
        name: "reset",
        since: "6.2.0",
        summary: "Brings the connection back to the state of a new one.",
        syntax: "RESET",
        arity: 1,
        flags: &[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy, DuringMulti, WhileListening],
        examples: "\
> SELECT 1
OK
> RESET
RESET",
        ..CONNECTION
    },
    Run::Admin(reset),
);

fn reset(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let open = admin.settings.password.is_empty();
    let session = &mut *admin.session;
    end_multi(&admin.engine.shards, session);
    admin.messages.unsubscribe_all(admin.engine, session);
    end_tracking(admin.engine, session);
    admin.messages.end_monitoring(admin.engine, session);
    session.db = 0;
    session.client.set_db(0);
    session.set_proto(Proto::Resp2);
    session.authenticated = open;
    session.set_no_touch(false);
    session.set_import_source(false);
    session.change_fieldsets(Fieldsets::discard_all);
    session.client.no_evict.store(false, std::sync::atomic::Ordering::Relaxed);
    session.reply_mode = ReplyMode::On;
    session.client.labels.lock().reset();
    Ok(reply.in_proto(Proto::Resp2).simple("RESET"))
}

pub(super) const QUIT: Command<Run> = Command::new(
    Spec {
        name: "quit",
        summary: "Closes the connection.",
        syntax: "QUIT",
        arity: -1,
        flags: &[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy, DuringMulti, WhileListening],
        deprecated: Some(Deprecated { since: "7.2.0", replaced_by: "just closing the connection" }),
        examples: "\
> QUIT
OK",
        ..CONNECTION
    },
    Run::Admin(quit),
);

fn quit(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.session.closing = true;
    Ok(reply.ok())
}
