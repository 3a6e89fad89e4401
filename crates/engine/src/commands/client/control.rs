//! What can be done to clients: CLIENT PAUSE, UNPAUSE, UNBLOCK, REPLY, NO-EVICT, NO-TOUCH.

use super::CONNECTION;
use crate::admin::Admin;
use crate::mailbox::Mail;
use crate::pause::PauseMode;
use crate::registry::Run;
use crate::session::ReplyMode;
use command::Flag::{Admin as AdminFlag, AllowBusy, Loading, NoMulti, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Reply, Result, Spec};
use std::sync::atomic::Ordering::Relaxed;

pub(super) const PAUSE: Command<Run> = Command::new(
    Spec {
        name: "pause",
        since: "3.0.0",
        summary: "Holds back all commands of clients, or those that may write, for some milliseconds.",
        syntax: "CLIENT PAUSE timeout:integer [WRITE | ALL]:mode",
        arguments_since: &[("mode", "6.2.0")],
        arity: -3,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        // Nobody is in the middle of a change when the pause begins.
        footprint: Footprint::All,
        examples: "\
> CLIENT PAUSE 1000 WRITE
OK
> CLIENT UNPAUSE
OK
> CLIENT PAUSE 1000 MAYBE
(error) ERR CLIENT PAUSE mode must be WRITE or ALL",
        ..CONNECTION
    },
    Run::Admin(pause),
);

fn pause(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let timeout = args.bytes()?;
    let mode = match args {
        _ if args.is_empty() || args.take("ALL") => PauseMode::All,
        _ if args.take("WRITE") => PauseMode::Write,
        _ => return Err(Error::new("ERR CLIENT PAUSE mode must be WRITE or ALL")),
    };
    no_more(args)?;
    let timeout_ms = base::num::parse_i64(timeout).ok_or(Error::TIMEOUT_NOT_AN_INTEGER)?;
    if timeout_ms < 0 {
        return Err(Error::TIMEOUT_NEGATIVE);
    }
    let until_ms = admin.cx.now.ms().checked_add(timeout_ms).ok_or(Error::TIMEOUT_OUT_OF_RANGE)?;
    admin.engine.pause.start(mode, until_ms);
    Ok(reply.ok())
}

pub(super) const UNPAUSE: Command<Run> = Command::new(
    Spec {
        name: "unpause",
        since: "6.2.0",
        summary: "Ends CLIENT PAUSE.",
        complexity: "O(N), N being the number of clients held back",
        syntax: "CLIENT UNPAUSE",
        arity: 2,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        ..CONNECTION
    },
    Run::Admin(unpause),
);

fn unpause(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.pause.end();
    admin.engine.post_all(|| Mail::PauseChanged);
    Ok(reply.ok())
}

pub(super) const UNBLOCK: Command<Run> = Command::new(
    Spec {
        name: "unblock",
        since: "5.0.0",
        summary: "Ends the wait of a client as if its time were up, or with an error.",
        complexity: "O(K), K being the number of keys that it waits for",
        syntax: "CLIENT UNBLOCK client-id [TIMEOUT | ERROR]:unblock-type",
        arity: -3,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        examples: "\
> CLIENT UNBLOCK 7
(integer) 0",
        ..CONNECTION
    },
    Run::Admin(unblock),
);

fn unblock(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let id = args.bytes()?;
    let with_error = match args {
        _ if args.is_empty() || args.take("TIMEOUT") => false,
        _ if args.take("ERROR") => true,
        _ => return Err(Error::new("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")),
    };
    no_more(args)?;
    let id = base::num::parse_i64(id).ok_or(Error::NOT_AN_INTEGER)?;
    let unblocked = u64::try_from(id).is_ok_and(|id| admin.engine.unblock(id, with_error));
    Ok(reply.flag(unblocked))
}

pub(super) const REPLY: Command<Run> = Command::new(
    Spec {
        name: "reply",
        since: "3.2.0",
        summary: "Turns replies off or on, or has the next command not answered.",
        syntax: "CLIENT REPLY <ON | OFF | SKIP>:action",
        arity: 3,
        flags: &[NoScript, Loading, Stale, NoMulti],
        ..CONNECTION
    },
    Run::Admin(set_reply_mode),
);

fn set_reply_mode(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mode = &mut admin.session.reply_mode;
    if args.take("ON") {
        *mode = ReplyMode::On;
        return Ok(reply.ok());
    }
    if args.take("OFF") {
        *mode = ReplyMode::Off;
    } else if args.take("SKIP") {
        if *mode != ReplyMode::Off {
            *mode = ReplyMode::SkipNext;
        }
    } else {
        return Err(Error::SYNTAX);
    }
    Ok(reply.silence())
}

pub(super) const NO_EVICT: Command<Run> = Command::new(
    Spec {
        name: "no-evict",
        since: "7.0.0",
        summary: "Says whether the connection may be closed for lack of memory.",
        syntax: "CLIENT NO-EVICT <ON | OFF>:enabled",
        arity: 3,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        examples: "\
> CLIENT NO-EVICT ON
OK",
        ..CONNECTION
    },
    Run::Admin(set_no_evict),
);

fn set_no_evict(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.session.client.no_evict.store(on_or_off(args)?, Relaxed);
    Ok(reply.ok())
}

pub(super) const NO_TOUCH: Command<Run> = Command::new(
    Spec {
        name: "no-touch",
        since: "7.2.0",
        summary: "Says whether the connection's reads count as use of the keys.",
        syntax: "CLIENT NO-TOUCH <ON | OFF>:enabled",
        arity: 3,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT NO-TOUCH ON
OK",
        ..CONNECTION
    },
    Run::Admin(set_no_touch),
);

fn set_no_touch(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.session.set_no_touch(on_or_off(args)?);
    Ok(reply.ok())
}

fn on_or_off(args: &mut Args<'_>) -> Result<bool> {
    match args {
        _ if args.take("ON") => Ok(true),
        _ if args.take("OFF") => Ok(false),
        _ => Err(Error::SYNTAX),
    }
}

fn no_more(args: &Args<'_>) -> Result<()> {
    if args.is_empty() { Ok(()) } else { Err(Error::subcommand_misused(args.all())) }
}

pub(super) const IMPORT_SOURCE: Command<Run> = Command::new(
    Spec {
        name: "import-source",
        since: "valkey 8.1.0",
        summary: "Says whether the connection copies another server's data, and sees expired keys in import mode.",
        syntax: "CLIENT IMPORT-SOURCE <ON | OFF>:enabled",
        arity: 3,
        flags: &[NoScript, Loading, Stale],
        examples: "\
> CLIENT IMPORT-SOURCE ON
(error) ERR Server is not in import mode
> CONFIG SET import-mode yes
OK
> CLIENT IMPORT-SOURCE ON
OK",
        ..CONNECTION
    },
    Run::Admin(set_import_source),
);

fn set_import_source(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let off = args.take("OFF");
    if !off && !admin.settings.imports {
        return Err(Error::new("ERR Server is not in import mode"));
    }
    admin.session.set_import_source(!off && on_or_off(args)?);
    Ok(reply.ok())
}

/// CLIENT CAPA
pub(super) const CAPA: Command<Run> = Command::new(
    Spec {
        name: "capa",
        since: "valkey 8.0.0",
        summary: "Takes note that the client can be redirected, say: nothing here asks for that.",
        syntax: "CLIENT CAPA capability [capability ...]",
        arity: -3,
        flags: &[NoScript, Loading, Stale, AllowBusy],
        examples: "\
> CLIENT CAPA redirect
OK
> CLIENT CAPA redirect anything
OK",
        ..CONNECTION
    },
    Run::Admin(|_, _, reply| Ok(reply.ok())),
);
