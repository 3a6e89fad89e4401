//! WAIT and WAITAOF: parked on an offset of the journal until enough servers have acknowledged it.
//!
//! There are no replicas yet: what needs none is answered at once, or when this server's disk has it, everything else
//! waits until its time is up.

use crate::admin::Admin;
use crate::registry::Run;
use crate::session::{Acknowledged, Blocked};
use command::Flag::Blocking;
use command::{Args, Claim, Command, Done, Error, Footprint, Group, Reply, Result, Spec};
use journal::Offset;
use std::sync::Arc;

/// What both declarations share.
const WAITING: Spec = Spec {
    group: Group::Generic,
    flags: &[Blocking],
    acl: &["-keyspace", "connection"],
    footprint: Footprint::Nothing,
    tips: &["request_policy:all_shards", "response_policy:agg_min"],
    ..Spec::DEFAULT
};

pub(super) const WAIT: Command<Run> = Command::new(
    Spec {
        name: "wait",
        since: "3.0.0",
        summary: "Waits until replicas have received what the connection has written so far.",
        syntax: "WAIT numreplicas timeout:integer",
        arity: 3,
        examples: "\
> WAIT 0 1000
(integer) 0",
        ..WAITING
    },
    Run::Admin(wait),
);

fn wait(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let replicas = args.int()?;
    let deadline_ms = deadline_ms(admin, args)?;
    Ok(wait_for(admin, (None, replicas > 0), Acknowledged::Replicas, deadline_ms, reply))
}

pub(super) const WAITAOF: Command<Run> = Command::new(
    Spec {
        name: "waitaof",
        since: "7.2.0",
        summary: "Waits until what the connection has written so far is on disk, here and on replicas.",
        syntax: "WAITAOF numlocal numreplicas timeout:integer",
        arity: 4,
        examples: "\
> WAITAOF 0 0 1000
1) (integer) 0
2) (integer) 0
> WAITAOF 1 0 1000
(error) ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.
> WAITAOF 0 many 1000
(error) ERR value is out of range, must be positive",
        ..WAITING
    },
    Run::Admin(wait_aof),
);

fn wait_aof(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let local = args.int_in(0..=1, Error::new("ERR value is out of range, value must between 0 and 1"))?;
    let replicas = args.int().ok().filter(|replicas| *replicas >= 0).ok_or(Error::MUST_BE_POSITIVE)?;
    let deadline_ms = deadline_ms(admin, args)?;
    if local > 0 && !admin.engine.aof.is_on() {
        return Err(NO_LOCAL_DISK);
    }
    // Who waits for replicas too waits until its time is up.
    let waits = local > 0 && replicas == 0 && !admin.engine.has_on_disk(admin.session);
    let local = waits.then_some(admin.session.wrote);
    Ok(wait_for(admin, (local, replicas > 0), Acknowledged::Disks, deadline_ms, reply))
}

/// When to give up; a timeout of 0 means never.
fn deadline_ms(admin: &Admin<'_, '_>, args: &mut Args<'_>) -> Result<Option<i64>> {
    let timeout_ms = args.int().map_err(|_| Error::TIMEOUT_NOT_AN_INTEGER)?;
    match timeout_ms {
        ..0 => Err(Error::TIMEOUT_NEGATIVE),
        0 => Ok(None),
        _ => {
            let at_ms = admin.cx.now.ms().checked_add(timeout_ms);
            at_ms.map(Some).ok_or(Error::TIMEOUT_OUT_OF_RANGE)
        }
    }
}

/// The answer to who waits for a disk that nothing is written to.
pub(crate) const NO_LOCAL_DISK: Error =
    Error::new("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");

/// Waits for this server's disk to have the journal up to an offset, and for others.
fn wait_for(
    admin: &mut Admin<'_, '_>,
    (local, others_needed): (Option<Offset>, bool),
    answer: Acknowledged,
    deadline_ms: Option<i64>,
    reply: Reply<'_>,
) -> Done {
    if (local.is_none() && !others_needed) || !admin.cx.caller.may_block {
        return answer.write(admin.engine.has_on_disk(admin.session), reply);
    }
    let claim = Arc::new(Claim::default());
    admin.session.blocked = Some(Blocked::Wait { claim, answer, local, deadline_ms });
    reply.silence()
}
