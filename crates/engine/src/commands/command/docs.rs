//! COMMAND DOCS: what people want to know about commands, and the tree of their arguments.

use super::{ABOUT_COMMANDS, named, top_level};
use crate::admin::Admin;
use crate::registry::{Registered, Registry, Run};
use ::command::syntax::{self, Argument, Kind};
use ::command::{Args, Command, Deferred, Done, Reply, Result, Seq, Spec};

pub(super) const DOCS: Command<Run> = Command::new(
    Spec {
        name: "docs",
        since: "7.0.0",
        summary: "The documentation of some commands, or of all.",
        complexity: "O(N), N being the number of commands asked for",
        syntax: "COMMAND DOCS [command-name [command-name ...]]",
        arity: -2,
        tips: &["nondeterministic_output_order"],
        ..ABOUT_COMMANDS
    },
    Run::Admin(docs),
);

fn docs(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let registry = &admin.engine.registry;
    let mut pairs = reply.deferred_array();
    if args.is_empty() {
        top_level(registry).for_each(|command| write_entry(&mut pairs, registry, command));
    } else {
        let asked = args.rest().filter_map(|name| named(registry, name));
        asked.for_each(|command| write_entry(&mut pairs, registry, command));
    }
    Ok(pairs.done_map())
}

fn write_entry(pairs: &mut Deferred<'_>, registry: &Registry, command: &Registered) {
    pairs.bulk(command.full_name.as_bytes());
    let mut fields = pairs.deferred_array();
    write_facts(&mut fields, command.spec);
    let arguments = arguments_of(command);
    if !arguments.is_empty() {
        fields.bulk(b"arguments");
        write_arguments(&mut fields.array(arguments.len()), &arguments, command.spec);
    }
    if !command.subcommands.is_empty() {
        fields.bulk(b"subcommands");
        let mut subcommands = fields.deferred_array();
        for subcommand in command.subcommands(registry) {
            write_entry(&mut subcommands, registry, subcommand);
        }
        let _ = subcommands.done_map();
    }
    let _ = fields.done_map();
}

fn write_facts(fields: &mut Deferred<'_>, spec: &Spec) {
    let facts = [
        ("summary", spec.summary),
        ("since", spec.since),
        ("group", spec.group.name()),
        ("complexity", spec.complexity),
    ];
    for (name, fact) in facts {
        fields.bulk(name.as_bytes());
        fields.bulk(fact.as_bytes());
    }
    if spec.internal {
        fields.bulk(b"doc_flags");
        fields.set(1).simple("syscmd");
    }
    if let Some(deprecated) = spec.deprecated {
        fields.bulk(b"doc_flags");
        fields.set(1).simple("deprecated");
        fields.bulk(b"deprecated_since");
        fields.bulk(deprecated.since.as_bytes());
        fields.bulk(b"replaced_by");
        fields.bulk(deprecated.replaced_by.as_bytes());
    }
}

/// The argument tree of a command. Tests parse every syntax line, so none fails here.
fn arguments_of(command: &Registered) -> Vec<Argument<'static>> {
    let parsed = syntax::parse(&command.full_name, command.spec.syntax, command.spec.keys.len());
    debug_assert!(parsed.is_ok(), "{}: {parsed:?}", command.full_name);
    parsed.unwrap_or_default()
}

fn write_arguments(out: &mut Seq<'_>, arguments: &[Argument<'_>], spec: &Spec) {
    for argument in arguments {
        let mut fields = out.deferred_array();
        write_argument(&mut fields, argument, spec);
        let _ = fields.done_map();
    }
}

fn write_argument(fields: &mut Deferred<'_>, argument: &Argument<'_>, spec: &Spec) {
    let text = |fields: &mut Deferred<'_>, name: &str, value: &str| {
        fields.bulk(name.as_bytes());
        fields.bulk(value.as_bytes());
    };
    text(fields, "name", &argument.name);
    text(fields, "type", argument.kind.type_name());
    if let Some(display_text) = &argument.display_text {
        text(fields, "display_text", display_text);
    }
    if let Kind::Key { spec_index } | Kind::Pattern { spec_index: Some(spec_index) } = argument.kind {
        fields.bulk(b"key_spec_index");
        fields.int(spec_index as i64);
    }
    if let Some(token) = argument.token {
        text(fields, "token", token);
    }
    if let Some((_, since)) = spec.arguments_since.iter().find(|(name, _)| *name == argument.name) {
        text(fields, "since", since);
    }
    if let Some((_, since)) = spec.arguments_deprecated.iter().find(|(name, _)| *name == argument.name) {
        text(fields, "deprecated_since", since);
    }
    let flags = [
        (argument.optional, "optional"),
        (argument.multiple, "multiple"),
        (argument.multiple_token, "multiple_token"),
    ];
    let flags: Vec<&str> = flags.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect();
    if !flags.is_empty() {
        fields.bulk(b"flags");
        let mut set = fields.set(flags.len());
        flags.iter().for_each(|flag| set.simple(flag));
    }
    let children = argument.kind.children();
    if !children.is_empty() {
        fields.bulk(b"arguments");
        write_arguments(&mut fields.array(children.len()), children, spec);
    }
}
