//! SHUTDOWN.

use super::SERVER;
use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, AllowBusy, Loading, NoMulti, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};
use config::{SaveOnShutdown, ShutdownOptions};

pub(super) const SHUTDOWN: Command<Run> = Command::new(
    Spec {
        name: "shutdown",
        summary: "Saves the data if there are save points, and stops the server.",
        syntax: "SHUTDOWN [NOSAVE | SAVE]:save-selector [NOW] [FORCE] [ABORT]",
        arguments_since: &[("abort", "7.0.0"), ("force", "7.0.0"), ("now", "7.0.0")],
        arity: -1,
        flags: &[AdminFlag, NoScript, Loading, Stale, NoMulti, AllowBusy],
        examples: "\
> SHUTDOWN ABORT
(error) ERR No shutdown in progress.",
        ..SERVER
    },
    Run::Admin(shutdown),
);

fn shutdown(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let Options { save, now, force, abort } = parse(args)?;
    if abort {
        // Stopping never waits for anything, so there is nothing to call off.
        return Err(Error::new("ERR No shutdown in progress."));
    }
    let shutdown = ShutdownOptions { save, now, force, ..ShutdownOptions::default() };
    if admin.engine.shut_down(&shutdown).is_err() {
        return Err(Error::new("ERR Errors trying to SHUTDOWN. Check logs."));
    }
    admin.session.closing = true;
    Ok(reply.silence())
}

#[derive(Default)]
struct Options {
    save: SaveOnShutdown,
    now: bool,
    force: bool,
    abort: bool,
}

fn parse(args: &mut Args<'_>) -> Result<Options> {
    let mut options = Options::default();
    while !args.is_empty() {
        let undecided = options.save == SaveOnShutdown::WhenConfigured;
        if undecided && args.take("SAVE") {
            options.save = SaveOnShutdown::Always;
        } else if undecided && args.take("NOSAVE") {
            options.save = SaveOnShutdown::Never;
        } else if args.take("NOW") {
            options.now = true;
        } else if args.take("FORCE") {
            options.force = true;
        } else if args.take("ABORT") {
            options.abort = true;
        } else {
            return Err(Error::SYNTAX);
        }
    }
    if options.abort && (options.save != SaveOnShutdown::WhenConfigured || options.now || options.force) {
        return Err(Error::SYNTAX);
    }
    Ok(options)
}
