//! SAVE, BGSAVE, BGREWRITEAOF and LASTSAVE.

use super::SERVER;
use crate::admin::Admin;
use crate::aof::Refused;
use crate::registry::Run;
use crate::snapshot::{Kind, SaveError, WantedBy};
use command::Flag::{Admin as AdminFlag, Fast, Loading, NoAsyncLoading, NoMulti, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Reply, Result, Spec};
use keyspace::Walk;

const IN_PROGRESS: Error = Error::new("ERR Background save already in progress");

pub(super) const SAVE: Command<Run> = Command::new(
    Spec {
        name: "save",
        summary: "Saves all databases to disk; the worker that serves the client does nothing else meanwhile.",
        complexity: "O(N), N being the bytes of all data",
        syntax: "SAVE",
        arity: 1,
        flags: &[AdminFlag, NoScript, NoAsyncLoading, NoMulti],
        ..SERVER
    },
    Run::Admin(save),
);

fn save(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    match admin.engine.save_now(WantedBy::Client) {
        Ok(()) => Ok(reply.ok()),
        Err(SaveError::Busy) => Err(IN_PROGRESS),
        Err(SaveError::Failed) => Err(Error::new("ERR")),
    }
}

pub(super) const BGSAVE: Command<Run> = Command::new(
    Spec {
        name: "bgsave",
        summary: "Saves all databases, as they are now, to disk while the server goes on.",
        complexity: "O(1); a thread of its own reads all data afterwards",
        syntax: "BGSAVE [SCHEDULE]",
        arguments_since: &[("schedule", "3.2.2")],
        arity: -1,
        flags: &[AdminFlag, NoScript, NoAsyncLoading],
        footprint: Footprint::All,
        ..SERVER
    },
    Run::Admin(bgsave),
);

fn bgsave(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let schedule = args.take("SCHEDULE");
    args.end()?;
    let engine = admin.engine;
    match engine.snapshots.reserve(Kind::Save, admin.cx.now.us) {
        Ok(()) => {
            let saver = engine.background_saver().map_err(|_| Error::new("ERR"))?;
            let mut walk = Walk::new();
            for id in engine.shards.ids() {
                admin.cx.visit(id, |shard, _| walk.add(shard));
            }
            // The thread waits for it.
            let _ = saver.send(engine.cut_of(walk));
            Ok(reply.simple("Background saving started"))
        }
        Err(Kind::Save) => Err(IN_PROGRESS),
        Err(Kind::Rewrite) if schedule => {
            engine.snapshots.schedule();
            Ok(reply.simple("Background saving scheduled"))
        }
        Err(Kind::Rewrite) => Err(Error::new(
            "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a \
             BGSAVE whenever possible.",
        )),
    }
}

pub(super) const BGREWRITEAOF: Command<Run> = Command::new(
    Spec {
        name: "bgrewriteaof",
        summary: "Rewrites the append-only file, to what the data needs, while the server goes on.",
        complexity: "O(1); a thread of its own reads all data afterwards",
        syntax: "BGREWRITEAOF",
        arity: 1,
        flags: &[AdminFlag, NoScript, NoAsyncLoading],
        footprint: Footprint::All,
        ..SERVER
    },
    Run::Admin(bgrewriteaof),
);

fn bgrewriteaof(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let engine = admin.engine;
    let failed = Error::new(
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
    );
    let prepared = match engine.prepare_rewrite() {
        Ok(prepared) => prepared,
        Err(Refused::Failed) => return Err(failed),
        Err(Refused::Busy(Kind::Rewrite)) => {
            return Err(Error::new("ERR Background append only file rewriting already in progress"));
        }
        Err(Refused::Busy(Kind::Save)) => {
            engine.aof.rewrites.schedule(true);
            return Ok(reply.simple("Background append only file rewriting scheduled"));
        }
    };
    let mut walk = Walk::new();
    for id in engine.shards.ids() {
        admin.cx.visit(id, |shard, _| walk.add(shard));
    }
    engine.launch_rewrite(prepared, walk).map_err(|_| failed)?;
    Ok(reply.simple("Background append only file rewriting started"))
}

pub(super) const LASTSAVE: Command<Run> = Command::new(
    Spec {
        name: "lastsave",
        summary: "When the data was last saved, in seconds since 1970.",
        syntax: "LASTSAVE",
        arity: 1,
        flags: &[Loading, Stale, Fast],
        acl: &["admin", "dangerous"],
        tips: &["nondeterministic_output"],
        ..SERVER
    },
    Run::Admin(lastsave),
);

fn lastsave(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.int(admin.engine.snapshots.history().saved_us / 1_000_000))
}
