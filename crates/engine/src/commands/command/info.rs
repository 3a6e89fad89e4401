//! COMMAND and COMMAND INFO: for each command ten facts, among them its key specifications and its subcommands.

use super::{ABOUT_COMMANDS, named, top_level};
use crate::admin::Admin;
use crate::registry::{Registered, Registry, Run};
use ::command::{
    Args, Begin, Command, Done, Find, Flag, KeyFlag, KeySpec, Reply, Result, Seq, Spec, categories,
};

pub(super) const INFO: Command<Run> = Command::new(
    Spec {
        name: "info",
        since: "2.8.13",
        summary: "What clients must know about some commands, or all.",
        complexity: "O(N), N being the number of commands asked for",
        syntax: "COMMAND INFO [command-name [command-name ...]]",
        arity: -2,
        tips: &["nondeterministic_output_order"],
        examples: "\
> COMMAND INFO echo no-such-command
1)  1) \"echo\"
    2) (integer) 2
    3) 1) loading
       2) stale
       3) fast
    4) (integer) 0
    5) (integer) 0
    6) (integer) 0
    7) 1) @fast
       2) @connection
    8) (empty array)
    9) (empty array)
   10) (empty array)
2) (nil)",
        ..ABOUT_COMMANDS
    },
    Run::Admin(info),
);

fn info(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if args.is_empty() {
        return all(admin, args, reply);
    }
    let registry = &admin.engine.registry;
    let mut commands = reply.array(args.left());
    for name in args.rest() {
        match named(registry, name) {
            Some(command) => write_command(&mut commands.array(10), registry, command),
            None => commands.null(),
        }
    }
    Ok(commands.done())
}

/// Every command.
pub(super) fn all(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let registry = &admin.engine.registry;
    let mut commands = reply.deferred_array();
    top_level(registry).for_each(|command| write_command(&mut commands.array(10), registry, command));
    Ok(commands.done())
}

fn write_command(facts: &mut Seq<'_>, registry: &Registry, command: &Registered) {
    facts.bulk(command.full_name.as_bytes());
    facts.int(command.spec.arity.into());
    let flags = Flag::NAMES.iter().filter(|(flag, _)| command.flags.has(*flag));
    write_names(facts, flags.map(|(_, name)| *name), "");
    let positions = KeyPositions::of(command.spec.keys);
    facts.int(positions.first);
    facts.int(positions.last);
    facts.int(positions.step);
    write_names(facts, categories(command.spec, !command.subcommands.is_empty()), "@");
    let mut tips = facts.array(command.spec.tips.len());
    command.spec.tips.iter().for_each(|tip| tips.bulk(tip.as_bytes()));
    let mut keys = facts.array(command.spec.keys.len());
    command.spec.keys.iter().for_each(|spec| write_key_spec(&mut keys, spec));
    let mut subcommands = facts.array(command.subcommands.len());
    for subcommand in command.subcommands(registry) {
        write_command(&mut subcommands.array(10), registry, subcommand);
    }
}

fn write_names<'n>(facts: &mut Seq<'_>, names: impl Iterator<Item = &'n str>, prefix: &str) {
    let names: Vec<&str> = names.collect();
    let mut set = facts.set(names.len());
    names.iter().for_each(|name| set.simple(&format!("{prefix}{name}")));
}

/// The names of key flags.
pub(super) fn write_key_flags(out: &mut Seq<'_>, flags: &[KeyFlag]) {
    write_names(out, flags.iter().map(|flag| flag.name()), "");
}

fn write_key_spec(keys: &mut Seq<'_>, spec: &KeySpec) {
    let mut fields = keys.map(3 + usize::from(spec.notes.is_some()));
    if let Some(notes) = spec.notes {
        fields.bulk(b"notes");
        fields.bulk(notes.as_bytes());
    }
    fields.bulk(b"flags");
    write_key_flags(&mut fields, spec.flags);
    fields.bulk(b"begin_search");
    match spec.begin {
        Begin::Index(index) => write_search(&mut fields, "index", &[("index", Word::Int(index as i64))]),
        Begin::Keyword { word, start } => {
            let facts = [("keyword", Word::Text(word)), ("startfrom", Word::Int(start.into()))];
            write_search(&mut fields, "keyword", &facts);
        }
        Begin::Unknown => write_search(&mut fields, "unknown", &[]),
    }
    fields.bulk(b"find_keys");
    match spec.find {
        Find::Range { last, step, limit } => {
            let facts = [
                ("lastkey", Word::Int(last.into())),
                ("keystep", Word::Int(step as i64)),
                ("limit", Word::Int(limit as i64)),
            ];
            write_search(&mut fields, "range", &facts);
        }
        Find::KeyNum { at, first, step } => {
            let facts = [
                ("keynumidx", Word::Int(at as i64)),
                ("firstkey", Word::Int(first as i64)),
                ("keystep", Word::Int(step as i64)),
            ];
            write_search(&mut fields, "keynum", &facts);
        }
        Find::Unknown => write_search(&mut fields, "unknown", &[]),
    }
}

enum Word {
    Int(i64),
    Text(&'static str),
}

fn write_search(fields: &mut Seq<'_>, kind: &str, facts: &[(&str, Word)]) {
    let mut search = fields.map(2);
    search.bulk(b"type");
    search.bulk(kind.as_bytes());
    search.bulk(b"spec");
    let mut details = search.map(facts.len());
    for (name, word) in facts {
        details.bulk(name.as_bytes());
        match word {
            Word::Int(number) => details.int(*number),
            Word::Text(text) => details.bulk(text.as_bytes()),
        }
    }
}

/// The positions of keys as clients older than key specifications know them: first, last and step, all 0 if the keys
/// don't lie at fixed places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct KeyPositions {
    first: i64,
    last: i64,
    step: i64,
}

impl KeyPositions {
    /// What can be said of the specifications that begin at a fixed argument and follow in fixed steps: they are taken
    /// together as long as each begins where the one before it ended.
    fn of(specs: &[KeySpec]) -> KeyPositions {
        let mut whole = KeyPositions::default();
        for spec in specs {
            let (Begin::Index(first), Find::Range { last, step, .. }) = (spec.begin, spec.find) else {
                continue;
            };
            let (first, last) = (first as i64, i64::from(last));
            let last = if last < 0 { last } else { first + last };
            let follows = whole.last >= 0 && first == whole.last + 1;
            if whole.first == 0 {
                whole = KeyPositions { first, last, step: step as i64 };
            } else if follows {
                whole.last = last;
            }
        }
        whole
    }
}
