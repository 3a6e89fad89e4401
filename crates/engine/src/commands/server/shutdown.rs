//! SHUTDOWN.

use super::SERVER;
use crate::admin::Admin;
use crate::host::Level;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, AllowBusy, Loading, NoMulti, NoScript, Stale};
use command::{Args, Command, Done, Error, Reply, Result, Spec};

pub(super) const SHUTDOWN: Command<Run> = Command::new(
    Spec {
        name: "shutdown",
        summary: "Stops the server. Until it can save, it refuses to where data would have to be saved first.",
        syntax: "SHUTDOWN [NOSAVE | SAVE]:save-selector [NOW] [FORCE] [ABORT]",
        arity: -1,
        flags: &[AdminFlag, NoScript, Loading, Stale, NoMulti, AllowBusy],
        examples: "\
> SHUTDOWN ABORT
(error) ERR No shutdown in progress.
> SHUTDOWN SAVE
(error) ERR Errors trying to SHUTDOWN. Check logs.",
        ..SERVER
    },
    Run::Admin(shutdown),
);

#[derive(Default)]
struct Options {
    save: Option<bool>,
    now: bool,
    force: bool,
    abort: bool,
}

fn shutdown(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let options = parse(args)?;
    if options.abort {
        // Stopping never waits for anything, so there is nothing to call off.
        return Err(Error::new("ERR No shutdown in progress."));
    }
    let must_save = options.save.unwrap_or(!admin.engine.config().save.0.is_empty());
    if must_save && !options.force {
        let text = "SHUTDOWN was refused: the data would have to be saved, which this version can't do. \
                    Use SHUTDOWN NOSAVE, or take the save points away (CONFIG SET save \"\").";
        admin.engine.host.log(Level::Warning, text);
        return Err(Error::new("ERR Errors trying to SHUTDOWN. Check logs."));
    }
    admin.engine.host.stop();
    admin.session.closing = true;
    Ok(reply.silence())
}

fn parse(args: &mut Args<'_>) -> Result<Options> {
    let mut options = Options::default();
    while !args.is_empty() {
        if options.save.is_none() && args.take("SAVE") {
            options.save = Some(true);
        } else if options.save.is_none() && args.take("NOSAVE") {
            options.save = Some(false);
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
    if options.abort && (options.save.is_some() || options.now || options.force) {
        return Err(Error::SYNTAX);
    }
    Ok(options)
}
