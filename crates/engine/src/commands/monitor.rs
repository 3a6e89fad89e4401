//! MONITOR: see `crate::monitor`.

use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec};
use std::sync::atomic::Ordering::Relaxed;

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[MONITOR];

const MONITOR: Command<Run> = Command::new(
    Spec {
        name: "monitor",
        group: Group::Server,
        summary: "Has a line about every command that runs sent to the connection.",
        syntax: "MONITOR",
        flags: &[AdminFlag, NoScript, Loading, Stale],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    Run::Admin(monitor),
);

fn monitor(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if admin.in_exec {
        return Err(Error::new("ERR MONITOR isn't allowed for DENY BLOCKING client"));
    }
    if admin.session.client.monitors.load(Relaxed) {
        return Ok(reply.silence());
    }
    admin.messages.begin_monitoring(admin.engine, admin.session);
    Ok(reply.ok())
}
