//! The documentation of all commands is the committed page, made from their declarations, and compares them with those
//! of Redis and Valkey.

use crate::field;
use command::{Flag, Group};
use redstart_engine::Registered;
use std::fmt::Write as _;
use std::fs;

const INTRODUCTION: &str = "\
# Commands

Made from the declarations: what COMMAND and COMMAND DOCS answer. *Since* is the version of Redis that introduced the
command. *Words* is their number with the name; `+` stands for at least so many. *Flags* are those of COMMAND INFO.
Arguments that begin with a small letter are to be replaced, `[...]` may be left out, `|` separates alternatives. At the end
[stands](#beside-redis-8-and-valkey-9) which commands of Redis and Valkey are missing.
";

/// The families in the order of the page, with their titles.
const GROUPS: [(Group, &str); 18] = [
    (Group::Generic, "Keys"),
    (Group::String, "Strings"),
    (Group::List, "Lists"),
    (Group::Set, "Sets"),
    (Group::Hash, "Hashes"),
    (Group::SortedSet, "Sorted sets"),
    (Group::Stream, "Streams"),
    (Group::Array, "Arrays"),
    (Group::Bitmap, "Bitmaps"),
    (Group::HyperLogLog, "HyperLogLog"),
    (Group::Geo, "Geo"),
    (Group::Transactions, "Transactions"),
    (Group::PubSub, "Publish and subscribe"),
    (Group::Scripting, "Scripts and functions"),
    (Group::Connection, "Connection"),
    (Group::Server, "Server"),
    (Group::Cluster, "Cluster"),
    (Group::Sentinel, "Sentinel"),
];

/// The whole page, in Markdown.
fn commands_page() -> String {
    let registry = redstart_engine::registry();
    // A container that needs a subcommand does nothing itself.
    let acts = |command: &&Registered| command.subcommands.is_empty() || command.spec.arity == -1;
    let mut all: Vec<&Registered> = registry.all().iter().filter(acts).collect();
    all.sort_unstable_by(|a, b| a.full_name.cmp(&b.full_name));
    let mut page = String::from(INTRODUCTION);
    // Writing to a String cannot fail.
    let _ = writeln!(page, "\nThere are {} commands, subcommands counted one by one.", all.len());
    for (group, title) in GROUPS {
        let members: Vec<_> = all.iter().filter(|command| command.spec.group == group).collect();
        if members.is_empty() {
            continue;
        }
        let _ =
            writeln!(page, "\n## {title}\n\n| command | what it does | since | words | flags |\n|-|-|-|-|-|");
        members.into_iter().for_each(|command| push_row(&mut page, command));
    }
    page.push_str(&field::comparison(&registry));
    page
}

fn push_row(page: &mut String, command: &Registered) {
    let spec = command.spec;
    let words = match spec.arity {
        exact @ 0.. => exact.to_string(),
        least => format!("{}+", -least),
    };
    let flags: Vec<_> =
        Flag::NAMES.iter().filter(|(flag, _)| command.flags.has(*flag)).map(|(_, name)| *name).collect();
    let syntax = command::syntax::usage(spec.syntax);
    let cells = [format!("`{syntax}`"), spec.summary.into(), spec.since.into(), words, flags.join(" ")];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// Run with `UPDATE_DOCS=1` to write the page.
#[test]
fn the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/commands.md");
    let page = commands_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &page).expect("the page can be written");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == page, "docs/commands.md is out of date: run this test with UPDATE_DOCS=1");
}
