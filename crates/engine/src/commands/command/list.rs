//! COMMAND LIST.

use super::{ABOUT_COMMANDS, top_level};
use crate::admin::Admin;
use crate::registry::{Registered, Registry, Run};
use ::command::{Args, Command, Done, Error, Reply, Result, Spec, categories};
use base::glob::{self, Case};

pub(super) const LIST: Command<Run> = Command::new(
    Spec {
        name: "list",
        since: "7.0.0",
        summary: "The names of all commands and subcommands, or of those that match.",
        complexity: "O(N), N being the number of commands",
        syntax: "COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
        arity: -2,
        tips: &["nondeterministic_output_order"],
        examples: "\
> COMMAND LIST FILTERBY PATTERN ech*
1) \"echo\"",
        ..ABOUT_COMMANDS
    },
    Run::Admin(list),
);

fn list(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let registry = &admin.engine.registry;
    let mut names = reply.deferred_array();
    if args.is_empty() {
        with_subcommands(registry).for_each(|command| names.bulk(command.full_name.as_bytes()));
        return Ok(names.done());
    }
    let kind =
        if args.left() == 3 && args.take("FILTERBY") { args.bytes()? } else { return Err(Error::SYNTAX) };
    let word = args.bytes()?;
    let matches: &dyn Fn(&Registered) -> bool = match kind.to_ascii_lowercase().as_slice() {
        // There are no modules.
        b"module" => &|_| false,
        b"aclcat" => &|command| is_in_category(command, word),
        b"pattern" => &|command| glob::matches(word, command.full_name.as_bytes(), Case::Insensitive),
        _ => return Err(Error::SYNTAX),
    };
    let matching = with_subcommands(registry).filter(|command| matches(command));
    matching.for_each(|command| names.bulk(command.full_name.as_bytes()));
    Ok(names.done())
}

fn with_subcommands(registry: &Registry) -> impl Iterator<Item = &Registered> {
    let and_subcommands = |command| {
        let subcommands = Registered::subcommands(command, registry);
        std::iter::once(command).chain(subcommands)
    };
    top_level(registry).flat_map(and_subcommands)
}

fn is_in_category(command: &Registered, category: &[u8]) -> bool {
    let mut categories = categories(command.spec, !command.subcommands.is_empty());
    categories.any(|name| name.as_bytes().eq_ignore_ascii_case(category))
}
