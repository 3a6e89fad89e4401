//! COMMAND GETKEYS and GETKEYSANDFLAGS: the keys in a command line, found by the declared key specifications alone.

use super::ABOUT_COMMANDS;
use super::info::write_key_flags;
use crate::admin::Admin;
use crate::batch::arity_fits;
use crate::footprint::{Positions, key_beyond, positions_of};
use crate::registry::{Registered, Registry, Run};
use ::command::{Args, Begin, Command, Done, Error, Find, Flag, KeyFlag, Reply, Result, Spec};

/// The words don't name the keys that they should.
const INVALID_ARGUMENTS: Error = Error::new("ERR Invalid arguments specified for command");

pub(super) const GETKEYS: Command<Run> = Command::new(
    Spec {
        name: "getkeys",
        since: "2.8.13",
        summary: "The keys in a command line.",
        complexity: "O(N), N being the number of its words",
        syntax: "COMMAND GETKEYS command [arg [arg ...]]",
        arity: -3,
        examples: "\
> COMMAND GETKEYS SET greeting hello
1) \"greeting\"
> COMMAND GETKEYS PING
(error) ERR The command has no key arguments
> COMMAND GETKEYS SPUBLISH channel message
(error) ERR The command has no key arguments
> COMMAND GETKEYS SORT list FOO STORE sorted
1) \"list\"
2) \"sorted\"
> COMMAND GETKEYS ZINTER 1x key
1) \"key\"
> COMMAND GETKEYS ZUNIONSTORE sum 2 key
(error) ERR Invalid arguments specified for command
> COMMAND GETKEYS XREAD COUNT 1 STREAMS log
(error) ERR Invalid arguments specified for command",
        ..ABOUT_COMMANDS
    },
    Run::Admin(get_keys),
);

pub(super) const GETKEYSANDFLAGS: Command<Run> = Command::new(
    Spec {
        name: "getkeysandflags",
        since: "7.0.0",
        summary: "The keys in a command line, and what the command does with each.",
        complexity: "O(N), N being the number of its words",
        syntax: "COMMAND GETKEYSANDFLAGS command [arg [arg ...]]",
        arity: -3,
        examples: "\
> COMMAND GETKEYSANDFLAGS GET greeting
1) 1) \"greeting\"
   2) 1) RO
      2) access
> COMMAND GETKEYSANDFLAGS SET greeting hello
1) 1) \"greeting\"
   2) 1) OW
      2) update",
        ..ABOUT_COMMANDS
    },
    Run::Admin(get_keys_and_flags),
);

fn get_keys(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let line = args.all().slice(args.position()..);
    let found = keys_in(&admin.engine.registry, line)?;
    let mut keys = reply.array(found.len());
    found.iter().for_each(|(at, _)| keys.bulk(line.at(*at)));
    Ok(keys.done())
}

fn get_keys_and_flags(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let line = args.all().slice(args.position()..);
    let found = keys_in(&admin.engine.registry, line)?;
    let mut keys = reply.array(found.len());
    for (at, flags) in found {
        let mut pair = keys.array(2);
        pair.bulk(line.at(at));
        write_key_flags(&mut pair, flags);
    }
    Ok(keys.done())
}

/// Positions of the keys in a command line, each with its flags.
fn keys_in(registry: &Registry, line: resp::Args<'_>) -> Result<Vec<(usize, &'static [KeyFlag])>> {
    let command = find(registry, line).ok_or(Error::new("ERR Invalid command specified"))?;
    if command.spec.keys.iter().all(|spec| spec.flags.contains(&KeyFlag::NotKey)) {
        return Err(Error::new("ERR The command has no key arguments"));
    }
    if !arity_fits(command, line.len()) {
        return Err(Error::new("ERR Invalid number of arguments specified for command"));
    }
    let mut found = Vec::new();
    let unsaid = command.spec.keys.iter().rposition(|spec| spec.begin == Begin::Unknown);
    for (index, spec) in command.spec.keys.iter().enumerate() {
        if spec.flags.contains(&KeyFlag::NotKey) {
            continue;
        }
        let mut positions = Positions::new();
        positions_of(spec, line, &mut positions);
        if positions.is_empty() && matches!(spec.find, Find::KeyNum { .. }) {
            return Err(INVALID_ARGUMENTS);
        }
        if unsaid == Some(index) {
            positions.extend(key_beyond(command, line));
        }
        let key_use = command.spec.key_use.filter(|_| spec.flags.contains(&KeyFlag::VariableFlags));
        let flags = key_use.map_or(spec.flags, |key_use| key_use(line));
        found.extend(positions.into_iter().map(|at| (at, flags)));
    }
    if found.is_empty() && !command.flags.has(Flag::NoMandatoryKeys) {
        return Err(INVALID_ARGUMENTS);
    }
    Ok(found)
}

fn find<'r>(registry: &'r Registry, line: resp::Args<'_>) -> Option<&'r Registered> {
    let command = registry.find(line.at(0))?;
    match line.get(1) {
        Some(sub) if !command.subcommands.is_empty() => registry.find_sub(command, sub),
        _ => Some(command),
    }
}
