//! What COMMAND INFO and COMMAND DOCS tell of each command is what Redis 8.0.6 tells, but for the differences listed
//! here and for the texts, which are our own.
//!
//! `data/redis-commands.tsv` holds what redis-server 8.0.6 answered, a line per command: its name and the [`FACTS`].

use crate::rig::Rig;
use resp::reply::Value;
use std::collections::BTreeMap;

const RECORDED: &str = include_str!("data/redis-commands.tsv");

/// Facts that differ on purpose: the command, the fact, the reason.
const DIFFERENCES: [(&str, &str, &str); 1] = [(
    "client|reply",
    "flags",
    "Inside a transaction it would break the protocol; as Valkey, refuse it there.",
)];

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

/// A value in one line: words as they are, arrays in brackets.
fn text(value: &Value) -> String {
    match value {
        Value::Simple(bytes) | Value::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Int(number) => number.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" ")),
        other => panic!("COMMAND doesn't answer {other:?}"),
    }
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
