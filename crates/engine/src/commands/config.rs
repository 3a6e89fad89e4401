//! CONFIG: reading and changing the configuration of a running server.

use crate::admin::Admin;
use crate::host::ApplyError;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Reply, Result, Spec, help};
use config::{Caller, Changed, Config, Directive};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[CONFIG];

const SERVER: Spec = Spec { group: Group::Server, footprint: Footprint::Nothing, ..Spec::DEFAULT };
const SUBCOMMANDS: &[Command<Run>] = &[GET, HELP, RESETSTAT, REWRITE, SET];

const CONFIG: Command<Run> = Command::container(
    Spec {
        name: "config",
        since: "2.0.0",
        summary: "Reads and changes the configuration.",
        complexity: "Depends on the subcommand.",
        syntax: "CONFIG",
        arity: -2,
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const GET: Command<Run> = Command::new(
    Spec {
        name: "get",
        since: "2.0.0",
        summary: "The values of the directives whose names match one of the patterns.",
        complexity: "O(N * M), N being the number of patterns and M that of directives",
        syntax: "CONFIG GET parameter [parameter ...]",
        arity: -3,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        examples: "\
> CONFIG GET maxmemory-policy
1) \"maxmemory-policy\"
2) \"noeviction\"
> CONFIG GET no-such-directive
(empty array)",
        ..SERVER
    },
    Run::Admin(get),
);

fn get(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let patterns: Vec<&[u8]> = args.rest().collect();
    let found = admin.engine.config().get(&patterns);
    let mut pairs = reply.map(found.len());
    for (name, value) in &found {
        pairs.bulk(name.as_bytes());
        pairs.bulk(value.as_bytes());
    }
    Ok(pairs.done())
}

const SET: Command<Run> = Command::new(
    Spec {
        name: "set",
        since: "2.0.0",
        summary: "Changes directives while the server runs: all of them, or none.",
        complexity: "O(N), N being the number of directives",
        syntax: "CONFIG SET parameter value [parameter value ...]",
        arity: -4,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        examples: "\
> CONFIG SET slowlog-max-len 1000 slowlog-log-slower-than 5000
OK
> CONFIG SET slowlog-max-len many
(error) ERR CONFIG SET failed (possibly related to argument 'slowlog-max-len') - argument couldn't be parsed into an integer",
        ..SERVER
    },
    Run::Admin(set),
);

fn set(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if !args.left().is_multiple_of(2) {
        return Err(Error::SYNTAX);
    }
    let first = args.position();
    let words: Vec<&[u8]> = args.rest().collect();
    let pairs: Vec<(&[u8], &[u8])> = words.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    for (at, (name, _)) in pairs.iter().enumerate() {
        if Directive::find(name).is_some_and(|directive| directive.access.secret) {
            admin.secrets.push(first + 2 * at + 1);
        }
    }
    let caller = if admin.session.client.peer.is_local() { Caller::Local } else { Caller::Remote };
    let changed = admin.engine.change_config(
        |config| config.set_many(&pairs, caller).map_err(|error| Error::with(error.to_string())),
        |changed, error| refused(changed, &error),
    );
    changed?;
    switch_aof(admin)?;
    admin.engine.limit_clients();
    Ok(reply.ok())
}

/// Has changes be written, or no longer, as `appendonly` says. If they can't be written, it says `no` again.
fn switch_aof(admin: &Admin<'_, '_>) -> Result<()> {
    let on = admin.engine.config().appendonly;
    if admin.engine.switch_aof(on, admin.in_exec).is_ok() {
        return Ok(());
    }
    let turned_back = admin.engine.change_config(
        |config| {
            config.appendonly = false;
            Ok(())
        },
        |(), error| Error::with(error.reason),
    );
    turned_back?;
    Err(Error::new(
        "ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.",
    ))
}

/// The error for a change that the host couldn't put in force.
fn refused(changed: &[Changed], error: &ApplyError) -> Error {
    match changed.iter().find(|changed| changed.directive.name == error.directive) {
        Some(changed) => Error::with(changed.failed(error.reason.clone()).to_string()),
        None => Error::with(format!("ERR CONFIG SET failed - {}: {}", error.directive, error.reason)),
    }
}

const REWRITE: Command<Run> = Command::new(
    Spec {
        name: "rewrite",
        since: "2.8.0",
        summary: "Writes the present configuration to the configuration file.",
        complexity: "O(N), N being the size of the file",
        syntax: "CONFIG REWRITE",
        arity: 2,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        ..SERVER
    },
    Run::Admin(rewrite),
);

fn rewrite(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    rewrite_file(admin, Config::rewrite)?;
    Ok(reply.ok())
}

/// Replaces the configuration file by what `rewrite` makes of its text.
///
/// # Errors
/// There is no file, or it can't be read or written.
pub(super) fn rewrite_file(admin: &Admin<'_, '_>, rewrite: fn(&Config, &[u8]) -> Vec<u8>) -> Result<()> {
    let failed = |error: std::io::Error| Error::with(format!("ERR Rewriting config file: {error}"));
    let host = &admin.engine.host;
    let old_text = host.read_config_file().map_err(failed)?;
    let old_text = old_text.ok_or(Error::new("ERR The server is running without a config file"))?;
    host.write_config_file(&rewrite(&admin.engine.config(), &old_text)).map_err(failed)
}

const RESETSTAT: Command<Run> = Command::new(
    Spec {
        name: "resetstat",
        since: "2.0.0",
        summary: "Sets the statistics that INFO shows back to zero.",
        complexity: "O(N), N being the number of commands",
        syntax: "CONFIG RESETSTAT",
        arity: 2,
        flags: &[AdminFlag, NoScript, Loading, Stale],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        examples: "\
> CONFIG RESETSTAT
OK",
        ..SERVER
    },
    Run::Admin(reset_statistics),
);

fn reset_statistics(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    admin.engine.stats.reset();
    admin.engine.sampler.reset();
    for worker in &admin.engine.workers {
        worker.stats.reset();
    }
    Ok(reply.ok())
}

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of CONFIG.",
        syntax: "CONFIG HELP",
        arity: 2,
        flags: &[Loading, Stale],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "CONFIG", SUBCOMMANDS))),
);
