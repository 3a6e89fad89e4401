//! Which commands of Redis 8 and Valkey 9 are here, and why the others aren't: the last part of the page of commands.
//!
//! `data/field.tsv` names the commands of both. One that is missing has to stand under one of the [`HEADINGS`].

use redstart_engine::Registry;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const FIELD: &str = include_str!("data/field.tsv");

/// What a group of missing commands is about.
struct Heading {
    title: &'static str,
    /// The families that it covers, as the list names them.
    families: &'static [&'static str],
    /// Further commands that it covers, their subcommands included.
    commands: &'static [&'static str],
    why: &'static str,
}

const HEADINGS: &[Heading] = &[
    Heading {
        title: "Scripts",
        families: &["scripting"],
        commands: &[],
        why: "there is no interpreter of Lua",
    },
    Heading {
        title: "Replication",
        families: &[],
        commands: &["FAILOVER", "PSYNC", "REPLCONF", "REPLICAOF", "SLAVEOF", "SYNC"],
        why: "a server stands alone",
    },
    Heading {
        title: "Cluster",
        families: &["cluster"],
        commands: &["CLUSTERSCAN", "SFLUSH", "TRIMSLOTS"],
        why: "READONLY and READWRITE answer what a server outside of a cluster answers",
    },
    Heading { title: "Sentinel", families: &["sentinel"], commands: &[], why: "it needs replication" },
    Heading {
        title: "Users",
        families: &[],
        commands: &["ACL"],
        why: "there is one user, with the password `requirepass`",
    },
    Heading {
        title: "Module types",
        families: &[
            "bloom",
            "cms",
            "cuckoo",
            "json",
            "search",
            "tdigest",
            "timeseries",
            "topk",
            "vector-set",
        ],
        commands: &[],
        why: "they come with modules that Redis and Valkey bundle",
    },
    Heading {
        title: "Backups",
        families: &[],
        commands: &["BACKUP"],
        why: "BGSAVE makes a copy of one moment without stopping anybody",
    },
];

impl Heading {
    fn covers(&self, command: &Entry) -> bool {
        let named = |listed: &&str| {
            let rest = command.name.strip_prefix(*listed);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.families.contains(&command.family) || self.commands.iter().any(named)
    }
}

/// A command that Redis or Valkey has.
struct Entry {
    name: &'static str,
    family: &'static str,
    in_redis: bool,
    in_valkey: bool,
}

fn entries() -> impl Iterator<Item = Entry> {
    FIELD.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let parts: Vec<&str> = line.split('\t').collect();
        let [name, family, redis, valkey] = parts[..] else { panic!("a line has four parts: {line}") };
        Entry { name, family, in_redis: redis == "y", in_valkey: valkey == "y" }
    })
}

/// Whether a command is here, and else the headings under which it is missing.
fn missing(here: &BTreeSet<String>, command: &Entry) -> Option<Vec<&'static Heading>> {
    if here.contains(command.name) {
        return None;
    }
    Some(HEADINGS.iter().filter(|heading| heading.covers(command)).collect())
}

/// The names of our commands as the list writes them.
fn names(registry: &Registry) -> BTreeSet<String> {
    let name = |command: &redstart_engine::Registered| command.full_name.replace('|', " ").to_uppercase();
    registry.all().iter().map(name).collect()
}

/// The part of the page, in Markdown.
pub(crate) fn comparison(registry: &Registry) -> String {
    let here = names(registry);
    let mut page = String::from(
        "\n## Beside Redis 8 and Valkey 9\n\nAll commands of Redis 8 (up to 8.10) and Valkey 9 (up to 9.1) with their modules, \
         containers of subcommands included.\n\n",
    );
    let count = |wanted: &dyn Fn(&Entry) -> bool| {
        let of: Vec<Entry> = entries().filter(|command| wanted(command)).collect();
        (of.iter().filter(|command| here.contains(command.name)).count(), of.len())
    };
    let (redis, valkey) = (count(&|command| command.in_redis), count(&|command| command.in_valkey));
    // Writing to a String cannot fail.
    let _ = writeln!(page, "| | commands | here |\n|-|-|-|");
    let _ =
        writeln!(page, "| Redis 8 | {} | {} |\n| Valkey 9 | {} | {} |", redis.1, redis.0, valkey.1, valkey.0);
    push_own(&mut page, &here);
    push_headings(&mut page, &here);
    push_table(&mut page, &here);
    page
}

/// Names what neither Redis nor Valkey has.
fn push_own(page: &mut String, here: &BTreeSet<String>) {
    let theirs: BTreeSet<&str> = entries().map(|command| command.name).collect();
    let own: Vec<String> =
        here.iter().filter(|name| !theirs.contains(&***name)).map(|name| format!("`{name}`")).collect();
    let _ = writeln!(page, "\nNeither of them has {}.", own.join(", "));
}

fn push_headings(page: &mut String, here: &BTreeSet<String>) {
    let _ = writeln!(page, "\nWhat is missing so far:\n\n| heading | commands | why |\n|-|-|-|");
    for heading in HEADINGS {
        let of = entries().filter(|command| heading.covers(command) && !here.contains(command.name)).count();
        let _ = writeln!(page, "| {} | {of} | {} |", heading.title, heading.why);
    }
}

fn push_table(page: &mut String, here: &BTreeSet<String>) {
    let _ = writeln!(
        page,
        "\nEach of them, *missing* with its heading:\n\n| command | Redis 8 | Valkey 9 | here |\n|-|-|-|-|"
    );
    let yes_or_no = |yes: bool| if yes { "yes" } else { "-" };
    for command in entries() {
        let (redis, valkey) = (yes_or_no(command.in_redis), yes_or_no(command.in_valkey));
        let ours = match missing(here, &command) {
            None => "yes".to_owned(),
            Some(headings) => {
                let titles: Vec<&str> = headings.iter().map(|heading| heading.title).collect();
                format!("missing: {}", titles.join(", "))
            }
        };
        let _ = writeln!(page, "| `{}` | {redis} | {valkey} | {ours} |", command.name);
    }
}

#[test]
fn what_is_missing_has_one_reason() {
    let here = names(&redstart_engine::registry());
    let wrong: Vec<&str> = entries()
        .filter(|command| missing(&here, command).is_some_and(|headings| headings.len() != 1))
        .map(|command| command.name)
        .collect();
    assert!(wrong.is_empty(), "missing without a heading, or under several: {wrong:?}");
}

#[test]
fn headings_name_nothing_that_is_here() {
    let here = names(&redstart_engine::registry());
    for heading in HEADINGS {
        let of = entries().filter(|command| heading.covers(command) && !here.contains(command.name)).count();
        assert_ne!(of, 0, "nothing is missing under \"{}\"", heading.title);
        let stale: Vec<_> = heading.commands.iter().filter(|name| here.contains(**name)).collect();
        assert!(stale.is_empty(), "\"{}\" names commands that are here: {stale:?}", heading.title);
    }
}
