//! TIME.

use super::SERVER;
use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Fast, Loading, Stale};
use command::{Args, Command, Done, Reply, Result, Spec};

pub(super) const TIME: Command<Run> = Command::new(
    Spec {
        name: "time",
        since: "2.6.0",
        summary: "The server's time: seconds since 1970, and the microseconds beyond.",
        syntax: "TIME",
        arity: 1,
        flags: &[Loading, Stale, Fast],
        tips: &["nondeterministic_output"],
        ..SERVER
    },
    Run::Admin(time),
);

fn time(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let now_us = admin.cx.now.us;
    let mut parts = reply.array(2);
    parts.bulk_int(now_us.div_euclid(1_000_000));
    parts.bulk_int(now_us.rem_euclid(1_000_000));
    Ok(parts.done())
}
