//! ROLE.

use super::SERVER;
use crate::admin::Admin;
use crate::registry::Run;
use command::Flag::{Fast, Loading, NoScript, Stale};
use command::{Args, Command, Done, Reply, Result, Spec};

pub(super) const ROLE: Command<Run> = Command::new(
    Spec {
        name: "role",
        since: "2.8.12",
        summary: "The server's part in replication.",
        syntax: "ROLE",
        arity: 1,
        flags: &[NoScript, Loading, Stale, Fast],
        acl: &["admin", "dangerous"],
        examples: "\
> ROLE
1) \"master\"
2) (integer) 0
3) (empty array)",
        ..SERVER
    },
    Run::Admin(role),
);

/// There are no replicas yet, so every server is a primary that nobody follows.
fn role(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut facts = reply.array(3);
    facts.bulk(b"master");
    facts.int(admin.engine.journal.end() as i64);
    facts.array(0);
    Ok(facts.done())
}
