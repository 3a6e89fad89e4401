//! INFO: what the server says about itself, in sections.
//!
//! Each section stands in a file of this folder as an array of rows: a name and a function that computes the value. A
//! section whose rows depend on the data (commands, databases, workers) is a function that writes them.

mod clients;
mod commands;
mod keysizes;
mod keyspace;
mod memory;
mod persistence;
mod replication;
mod server;
mod stats;
mod view;

pub(super) use self::view::View;
use crate::admin::Admin;
use crate::registry::Run;
use ::command::Flag::{Loading, Stale};
use ::command::{Args, Command, Done, Footprint, Group, Reply, Result, Spec};

/// INFO.
pub(crate) const COMMANDS: &[Command<Run>] = &[INFO];

const INFO: Command<Run> = Command::new(
    Spec {
        name: "info",
        group: Group::Server,
        summary: "Answers what the server says about itself.",
        syntax: "INFO [section [section ...]]",
        arity: -1,
        flags: &[Loading, Stale, ::command::Flag::Dangerous],
        footprint: Footprint::Each,
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        ..Spec::DEFAULT
    },
    Run::Admin(info),
);

/// One line of a section.
type Row = (&'static str, fn(&View<'_, '_>) -> String);

/// What a section consists of.
enum Content {
    /// The same lines always.
    Rows(&'static [Row]),
    /// Lines that depend on what there is.
    Written(fn(&View<'_, '_>, &mut Page)),
}

/// What has to be asked for to see a section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// The section itself: it takes long.
    ByName,
    /// All sections.
    All,
    /// Nothing.
    ByDefault,
}

/// A section.
struct Section {
    /// The title; in lower case, the name by which it is asked for.
    title: &'static str,
    /// Another name.
    alias: &'static str,
    asked: Asked,
    parts: &'static [Content],
}

impl Section {
    const fn new(title: &'static str, parts: &'static [Content]) -> Section {
        Section { title, alias: "", asked: Asked::ByDefault, parts }
    }

    fn is_named(&self, name: &[u8]) -> bool {
        name.eq_ignore_ascii_case(self.title.as_bytes())
            || (!self.alias.is_empty() && name.eq_ignore_ascii_case(self.alias.as_bytes()))
    }
}

use Content::{Rows, Written};

/// All sections in the order in which they are shown.
const SECTIONS: &[Section] = &[
    Section::new("Server", &[Rows(server::ROWS), Written(server::listeners)]),
    Section::new("Clients", &[Rows(clients::ROWS)]),
    Section::new("Memory", &[Rows(memory::ROWS)]),
    Section::new(
        "Persistence",
        &[Rows(persistence::ROWS), Written(persistence::append_only_file), Written(persistence::loading)],
    ),
    Section::new("Threads", &[Written(server::threads)]),
    Section::new("Stats", &[Rows(stats::ROWS)]),
    Section::new("Replication", &[Rows(replication::ROWS)]),
    Section::new("CPU", &[Rows(server::CPU_ROWS)]),
    Section { alias: "module_list", ..Section::new("Modules", &[]) },
    Section { asked: Asked::All, ..Section::new("Commandstats", &[Written(commands::counters)]) },
    Section::new("Errorstats", &[Written(commands::errors)]),
    Section { asked: Asked::All, ..Section::new("Latencystats", &[Written(commands::latencies)]) },
    Section::new("Cluster", &[Rows(server::CLUSTER_ROWS)]),
    Section::new("Keyspace", &[Written(keyspace::databases)]),
    Section { asked: Asked::ByName, ..Section::new("Keysizes", &[Written(keysizes::histograms)]) },
];

/// Text being put together.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn section(&mut self, section: &Section, view: &View<'_, '_>) {
        if !self.text.is_empty() {
            self.text.push_str("\r\n");
        }
        self.text.push_str(&format!("# {}\r\n", section.title));
        for part in section.parts {
            match part {
                Rows(rows) => rows.iter().for_each(|(name, value)| self.row(name, &value(view))),
                Written(write) => write(view, self),
            }
        }
    }

    fn row(&mut self, name: &str, value: &str) {
        self.text.push_str(&format!("{name}:{value}\r\n"));
    }
}

fn info(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let asked: Vec<&[u8]> = args.rest().collect();
    let wanted: Vec<&Section> = SECTIONS.iter().filter(|section| is_wanted(section, &asked)).collect();
    let view = View::new(admin.engine, admin.cx);
    let mut page = Page::default();
    wanted.into_iter().for_each(|section| page.section(section, &view));
    Ok(reply.verbatim(page.text.as_bytes()))
}

fn is_wanted(section: &Section, asked: &[&[u8]]) -> bool {
    let named = |name: &str, asked: &[u8]| asked.eq_ignore_ascii_case(name.as_bytes());
    let by_one = |asked: &&[u8]| {
        let group = match *asked {
            _ if named("default", asked) => Asked::ByDefault,
            _ if named("all", asked) || named("everything", asked) => Asked::All,
            _ => return section.is_named(asked),
        };
        section.asked >= group
    };
    if asked.is_empty() { section.asked == Asked::ByDefault } else { asked.iter().any(by_one) }
}

/// A number of bytes for people: `1.50M`.
fn human(bytes: u64) -> String {
    let mut text = Vec::new();
    base::bytes::push_human_bytes(&mut text, bytes);
    String::from_utf8_lossy(&text).into_owned()
}

/// A part of a whole, with two digits behind the point; 0 for nothing of nothing.
fn ratio(part: u64, whole: u64) -> String {
    format!("{:.2}", if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_by_name() {
        let titles = |asked: &[&[u8]]| -> Vec<&str> {
            SECTIONS.iter().filter(|section| is_wanted(section, asked)).map(|section| section.title).collect()
        };
        assert_eq!(titles(&[b"SERVER", b"cpu"]), ["Server", "CPU"]);
        assert_eq!(titles(&[b"nothing"]), [""; 0]);
        assert_eq!(titles(&[b"module_list"]), ["Modules"]);
        assert_eq!(titles(&[b"everything"]).len(), SECTIONS.len() - 1, "all but Keysizes");
        assert_eq!(titles(&[b"keysizes"]), ["Keysizes"]);
        assert_eq!(titles(&[]), titles(&[b"default"]));
        assert!(titles(&[]).contains(&"Errorstats") && !titles(&[]).contains(&"Commandstats"));
    }
}
