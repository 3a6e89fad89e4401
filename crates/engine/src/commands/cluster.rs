//! What a server that is no cluster node answers to clients that ask for cluster behaviour.

use crate::admin::Admin;
use crate::registry::Run;
use ::command::Flag::{Fast, Loading, Stale};
use ::command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[READONLY, READWRITE];

const READONLY: Command<Run> = Command::new(
    Spec {
        name: "readonly",
        group: Group::Cluster,
        since: "3.0.0",
        summary: "Lets a connection to a cluster's replica read. An error here: there is no cluster.",
        syntax: "READONLY",
        arity: 1,
        flags: &[Loading, Stale, Fast],
        acl: &["connection"],
        footprint: Footprint::Nothing,
        examples: "\
> READONLY
(error) ERR This instance has cluster support disabled",
        ..Spec::DEFAULT
    },
    Run::Admin(refuse),
);

const READWRITE: Command<Run> = Command::new(
    Spec {
        name: "readwrite",
        summary: "Ends what READONLY began. An error here: there is no cluster.",
        syntax: "READWRITE",
        examples: "\
> READWRITE
(error) ERR This instance has cluster support disabled",
        ..READONLY.spec
    },
    Run::Admin(refuse),
);

fn refuse(_: &mut Admin<'_, '_>, _: &mut Args<'_>, _: Reply<'_>) -> Result<Done> {
    Err(Error::new("ERR This instance has cluster support disabled"))
}
