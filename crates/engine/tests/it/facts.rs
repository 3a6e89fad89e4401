//! What COMMAND INFO and COMMAND DOCS tell of each command is what Redis 8.0.6 tells, but for the differences listed
//! here and for the texts, which are our own.
//!
//! `data/redis-arguments-since.tsv` holds since when arguments exist that are younger than their command, or are deprecated;
//! `data/redis-commands.tsv` holds what redis-server 8.0.6 answered, a line per command: its name and the [`FACTS`].

use crate::rig::Rig;
use resp::reply::Value;
use std::collections::BTreeMap;

const RECORDED: &str = include_str!("data/redis-commands.tsv");
const ARGUMENTS: &str = include_str!("data/redis-arguments-since.tsv");

/// Facts that differ on purpose: the command, the fact, the reason.
const DIFFERENCES: [(&str, &str, &str); 2] = [
    (
        "client|reply",
        "flags",
        "Inside a transaction it would break the protocol; as Valkey, refuse it there.",
    ),
    (
        "migrate",
        "flags",
        "A transaction holds its shards, and would hold them while the other server is waited for.",
    ),
];

const FACTS: [&str; 11] = [
    "arity",
    "flags",
    "first",
    "last",
    "step",
    "categories",
    "tips",
    "keys",
    "group",
    "since",
    "deprecated since",
];

/// Every command's facts, as texts.
fn present() -> BTreeMap<String, Vec<String>> {
    let mut rig = Rig::new();
    let client = rig.connect();
    let reply = rig.ask(client, "COMMAND").remove(0);
    let mut facts = BTreeMap::new();
    let Value::Array(commands) = reply else { panic!("COMMAND answers an array") };
    commands.iter().for_each(|command| enter(&mut facts, command));
    for command in rig.engine.registry.all() {
        let deprecated = command.spec.deprecated.map_or("-", |deprecated| deprecated.since);
        let texts = [command.spec.group.name(), command.spec.since, deprecated];
        let facts = facts.get_mut(&command.full_name).expect("COMMAND answers every command");
        facts.extend(texts.map(str::to_owned));
    }
    facts
}

fn enter(facts: &mut BTreeMap<String, Vec<String>>, command: &Value) {
    let Value::Array(fields) = command else { panic!("a command is an array") };
    let Value::Array(subcommands) = &fields[9] else { panic!("subcommands are an array") };
    facts.insert(text(&fields[0]), fields[1..9].iter().map(text).collect());
    subcommands.iter().for_each(|subcommand| enter(facts, subcommand));
}

/// A value in one line: words as they are, arrays in brackets, without the notes of key specifications.
fn text(value: &Value) -> String {
    match value {
        Value::Simple(bytes) | Value::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Int(number) => number.to_string(),
        Value::Array(items) => {
            let items = if has_notes(items) { &items[2..] } else { items };
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" "))
        }
        other => panic!("COMMAND doesn't answer {other:?}"),
    }
}

/// Whether this is a key specification that begins with notes.
fn has_notes(items: &[Value]) -> bool {
    matches!(items, [Value::Bulk(name), Value::Bulk(_), ..] if name == b"notes")
}

#[test]
fn facts_are_those_of_redis() {
    let present = present();
    let mut wrong = Vec::new();
    for line in RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let recorded: Vec<&str> = line.split('\t').collect();
        let Some(ours) = present.get(recorded[0]) else { continue };
        for (at, fact) in FACTS.iter().enumerate() {
            let (name, ours, recorded) = (recorded[0], &ours[at], recorded[at + 1]);
            let deliberate = DIFFERENCES.iter().any(|(other, others, _)| *other == name && others == fact);
            if (ours == recorded) == deliberate {
                wrong.push(format!("{name}: {fact} is {ours}, Redis has {recorded}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The value of a field of a map in RESP2.
fn field<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Array(fields) = map else { panic!("a map is an array") };
    fields.chunks(2).find(|pair| text(&pair[0]) == name).map(|pair| &pair[1])
}

fn items(value: Option<&Value>) -> &[Value] {
    if let Some(Value::Array(items)) = value { items } else { &[] }
}

/// Adds a line for each argument that says since when it exists, or since when there is something better.
fn list_younger(command: &str, path: &str, arguments: &[Value], lines: &mut Vec<String>) {
    for argument in arguments {
        let path = format!("{path}{}", field(argument, "name").map(text).unwrap_or_default());
        if let Some(since) = field(argument, "since") {
            lines.push(format!("{command}\t{path}\t{}", text(since)));
        }
        if let Some(since) = field(argument, "deprecated_since") {
            lines.push(format!("{command}\t{path}\tdeprecated {}", text(since)));
        }
        list_younger(command, &format!("{path}/"), items(field(argument, "arguments")), lines);
    }
}

#[test]
fn arguments_are_as_old_as_in_redis() {
    let mut rig = Rig::new();
    let client = rig.connect();
    let docs = rig.ask(client, "COMMAND DOCS").remove(0);
    let mut present = Vec::new();
    for entry in items(Some(&docs)).chunks(2) {
        list_younger(&text(&entry[0]), "", items(field(&entry[1], "arguments")), &mut present);
        for subcommand in items(field(&entry[1], "subcommands")).chunks(2) {
            list_younger(&text(&subcommand[0]), "", items(field(&subcommand[1], "arguments")), &mut present);
        }
    }
    let recorded: Vec<&str> = ARGUMENTS.lines().filter(|line| !line.starts_with('#')).collect();
    // Only Valkey has conditions that exclude.
    present.retain(|line| !line.contains("/not-client-type/"));
    present.sort();
    assert_eq!(present, recorded);
}

/// Commands with key specifications to which Redis has notes, and how many of them.
const NOTED: [(&str, usize); 8] = [
    ("bitfield", 1),
    ("getex", 1),
    ("hgetex", 1),
    ("pfcount", 1),
    ("set", 1),
    ("sort", 2),
    ("sort_ro", 1),
    ("xadd", 1),
];

#[test]
fn key_specifications_have_notes_where_redis_has_them() {
    let mut rig = Rig::new();
    let client = rig.connect();
    let commands = rig.ask(client, "COMMAND").remove(0);
    let noted = |command: &Value| {
        let command = items(Some(command));
        let specs = items(Some(&command[8])).iter();
        (text(&command[0]), specs.filter(|spec| has_notes(items(Some(spec)))).count())
    };
    let mut present: Vec<_> =
        items(Some(&commands)).iter().map(noted).filter(|(_, count)| *count > 0).collect();
    present.sort();
    assert_eq!(present, NOTED.map(|(name, count)| (name.to_owned(), count)));
}
