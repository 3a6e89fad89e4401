//! DEBUG's subcommands that touch the server, not its data.

use super::protocol::example;
use crate::admin::Admin;
use crate::commands::config::rewrite_file;
use crate::host::Level;
use base::{bytes, ids, num};
use command::{Args, Done, Error, Reply, Result};
use std::sync::atomic::Ordering::Relaxed;

/// A switch as Redis reads it: 0, and everything that isn't a number, is off.
fn switch(args: &mut Args<'_>) -> Result<bool> {
    Ok(num::parse_i64(args.bytes()?).is_some_and(|n| n != 0))
}

pub(super) fn aof_flush_sleep(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let us = num::parse_u64(args.bytes()?).unwrap_or(0);
    admin.engine.aof.figures.write_delay_us.store(us, Relaxed);
    Ok(reply.ok())
}

pub(super) fn change_repl_id(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let id = ids::run_id(admin.cx.rng);
    admin.engine.set_replication_id(String::from_utf8_lossy(&id).into_owned());
    admin.engine.host.log(Level::Notice, "Changing replication IDs after receiving DEBUG change-repl-id");
    Ok(reply.ok())
}

pub(super) fn rewrite_all(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    rewrite_file(admin, config::Config::rewrite_all)?;
    Ok(reply.ok())
}

pub(super) fn error(_: &mut Admin<'_, '_>, args: &mut Args<'_>, _: Reply<'_>) -> Result<Done> {
    Err(Error::with(args.bytes()?))
}

pub(super) fn log(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let message = String::from_utf8_lossy(args.bytes()?);
    admin.engine.host.log(Level::Warning, &format!("DEBUG LOG: {message}"));
    Ok(reply.ok())
}

pub(super) fn panic(_: &mut Admin<'_, '_>, _: &mut Args<'_>, _: Reply<'_>) -> Result<Done> {
    panic!("called by DEBUG PANIC");
}

pub(super) fn segfault(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.host.crash();
    Ok(reply.ok())
}

pub(super) fn pause_cron(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.set_duties_paused(switch(args)?);
    Ok(reply.ok())
}

pub(super) fn protocol(_: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    example(args.bytes()?, reply)
}

/// The largest threshold: a list's element can't be longer.
const THRESHOLD_MAX: u64 = 4 << 30;

pub(super) fn packed_threshold(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let wrong = Error::new("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
    let threshold =
        bytes::parse_memory(args.bytes()?).filter(|bytes| *bytes <= THRESHOLD_MAX).ok_or(wrong)?;
    admin.engine.override_settings(|overrides| {
        overrides.list_plain_from = (threshold > 0).then_some(threshold as usize);
    });
    Ok(reply.ok())
}

pub(super) fn skip_checksums(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let any_rdb_checksum = switch(args)?;
    admin.engine.override_settings(|overrides| overrides.any_rdb_checksum = any_rdb_checksum);
    Ok(reply.ok())
}

/// DEBUG REPLYBUFFER RESIZING, of which tests want that it be there.
pub(super) fn reply_buffer(_: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if !args.take("RESIZING") {
        return Err(Error::SYNTAX);
    }
    args.int()?;
    Ok(reply.ok())
}

pub(super) fn set_active_expire(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    admin.engine.set_active_expiry(switch(args)?);
    Ok(reply.ok())
}

pub(super) fn sleep(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    // What isn't a number is no time at all.
    let seconds = num::parse_f64(args.bytes()?).unwrap_or(0.0).max(0.0);
    admin.engine.host.sleep_us((seconds * 1e6) as u64);
    Ok(reply.ok())
}
