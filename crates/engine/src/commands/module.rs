//! MODULE: what a server answers that has no modules and can't load any.

use crate::admin::Admin;
use crate::host::Level;
use crate::registry::Run;
use command::Flag::{Admin as AdminFlag, Loading, NoAsyncLoading, NoScript, Stale};
use command::{Args, Command, Done, Error, Footprint, Group, Guard, Reply, Result, Spec, help};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[MODULE];

const SERVER: Spec =
    Spec { group: Group::Server, since: "4.0.0", footprint: Footprint::Nothing, ..Spec::DEFAULT };

/// Of those that would change what is loaded.
const CHANGE: Spec =
    Spec { guard: Some(Guard::Module), flags: &[AdminFlag, NoScript, NoAsyncLoading], ..SERVER };

const SUBCOMMANDS: &[Command<Run>] = &[HELP, LIST, LOAD, LOADEX, UNLOAD];

const MODULE: Command<Run> = Command::container(
    Spec {
        name: "module",
        summary: "Tells of modules: there are none.",
        complexity: "Depends on the subcommand.",
        syntax: "MODULE",
        arity: -2,
        ..SERVER
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const HELP: Command<Run> = Command::new(
    Spec {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of MODULE.",
        syntax: "MODULE HELP",
        arity: 2,
        flags: &[Loading, Stale],
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(help(reply, "MODULE", SUBCOMMANDS))),
);

const LIST: Command<Run> = Command::new(
    Spec {
        name: "list",
        summary: "The loaded modules: none.",
        syntax: "MODULE LIST",
        arity: 2,
        flags: &[AdminFlag, NoScript],
        tips: &["nondeterministic_output_order"],
        examples: "\
> MODULE LIST
(empty array)",
        ..SERVER
    },
    Run::Admin(|_, _, reply| Ok(reply.array(0).done())),
);

const LOAD: Command<Run> = Command::new(
    Spec {
        name: "load",
        summary: "Fails: no module can be loaded.",
        syntax: "MODULE LOAD path [arg [arg ...]]",
        arity: -3,
        examples: "\
> MODULE LOAD ./module.so
(error) ERR Error loading the extension. Please check the server logs.",
        ..CHANGE
    },
    Run::Admin(load),
);

const LOADEX: Command<Run> = Command::new(
    Spec {
        name: "loadex",
        since: "7.0.0",
        summary: "Fails: no module can be loaded, nor configured meanwhile.",
        syntax: "MODULE LOADEX path [CONFIG {name value}:configs [CONFIG name value ...]] [ARGS args [args ...]]",
        arity: -3,
        examples: "\
> MODULE LOADEX ./module.so CONFIG name value ARGS x
(error) ERR Error loading the extension. Please check the server logs.",
        ..CHANGE
    },
    Run::Admin(load),
);

fn load(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, _: Reply<'_>) -> Result<Done> {
    let path = String::from_utf8_lossy(args.bytes()?).into_owned();
    let text = format!("Module {path} failed to load: this server loads no modules.");
    admin.engine.host.log(Level::Warning, &text);
    Err(Error::new("ERR Error loading the extension. Please check the server logs."))
}

const UNLOAD: Command<Run> = Command::new(
    Spec {
        name: "unload",
        summary: "Fails: there is no module to unload.",
        syntax: "MODULE UNLOAD name",
        arity: 3,
        examples: "\
> MODULE UNLOAD search
(error) ERR Error unloading module: no such module with that name",
        ..CHANGE
    },
    Run::Admin(|_, _, _| Err(Error::new("ERR Error unloading module: no such module with that name"))),
);
