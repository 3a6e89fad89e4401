//! The commands that are tried, by family, in the notation of [`crate::grammar`].

use crate::grammar::Form;
use crate::tables;
use std::sync::LazyLock;

/// A group of commands that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Strings and counters.
    Strings,
    /// Commands for keys of any type, and databases.
    Keys,
    /// Lists.
    Lists,
    /// Sets.
    Sets,
    /// Hashes, with fields that expire.
    Hashes,
    /// Streams and consumer groups.
    Streams,
    /// Sorted sets.
    SortedSets,
    /// Bits of strings.
    Bitmaps,
    /// Places.
    Geo,
    /// Strings that count different elements.
    HyperLogLogs,
    /// SORT, and what it reads.
    Sort,
    /// Publishing and subscribing.
    Subscriptions,
    /// What a connection is told about itself.
    Connections,
    /// What is told about the server and its commands.
    Server,
    /// MULTI, EXEC, WATCH: sequences of the other families' commands are wrapped.
    Transactions,
    /// Commands that wait, on the second connection.
    Blocking,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 16] = [
        Self::Strings,
        Self::Keys,
        Self::Lists,
        Self::Sets,
        Self::Hashes,
        Self::Streams,
        Self::SortedSets,
        Self::Bitmaps,
        Self::Geo,
        Self::HyperLogLogs,
        Self::Sort,
        Self::Subscriptions,
        Self::Connections,
        Self::Server,
        Self::Transactions,
        Self::Blocking,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strings => "strings",
            Self::Keys => "keys",
            Self::Lists => "lists",
            Self::Sets => "sets",
            Self::Hashes => "hashes",
            Self::Streams => "streams",
            Self::SortedSets => "sorted-sets",
            Self::Bitmaps => "bitmaps",
            Self::Geo => "geo",
            Self::HyperLogLogs => "hyperloglogs",
            Self::Sort => "sort",
            Self::Subscriptions => "subscriptions",
            Self::Connections => "connections",
            Self::Server => "server",
            Self::Transactions => "transactions",
            Self::Blocking => "blocking",
        }
    }

    /// The family with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    fn table(self) -> &'static str {
        match self {
            Self::Strings => tables::STRINGS,
            Self::Keys => tables::KEYS,
            Self::Lists => tables::LISTS,
            Self::Sets => tables::SETS,
            Self::Hashes => tables::HASHES,
            Self::Streams => tables::STREAMS,
            Self::SortedSets => tables::SORTED_SETS,
            Self::Bitmaps => tables::BITMAPS,
            Self::Geo => tables::GEO,
            Self::HyperLogLogs => tables::HYPER_LOG_LOGS,
            Self::Sort => tables::SORT,
            Self::Subscriptions => tables::SUBSCRIPTIONS,
            Self::Connections => tables::CONNECTIONS,
            Self::Server => tables::SERVER,
            Self::Transactions => tables::TRANSACTIONS,
            Self::Blocking => tables::BLOCKING,
        }
    }

    /// Its forms.
    ///
    /// # Errors
    /// The first line of the table that is no form, and why.
    pub fn forms(self) -> Result<Vec<Form>, String> {
        self.table().lines().map(str::trim).filter(|line| !line.is_empty()).map(Form::parse).collect()
    }
}

/// The forms that all servers know of the families that work on data, to be asked about.
///
/// The tables have been read before, when the repertoire was made of them.
pub(crate) static ASKED_ABOUT: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let others = [Family::Connections, Family::Server];
    let families = Family::ALL.iter().filter(|family| !others.contains(family));
    let forms = families.flat_map(|family| family.forms().unwrap_or_default());
    forms.filter(|form| form.only.is_none()).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Draw;
    use base::prng::Prng;
    use std::collections::BTreeSet;

    /// The page that is made of the declarations of all commands.
    const PAGE: &str = include_str!("../../../docs/commands.md");
    const DRAWS: usize = 300;

    /// The names of all commands of the page: containers' with those of their subcommands.
    fn registry() -> BTreeSet<String> {
        let (ours, _) = PAGE.split_once("## Beside").expect("the page ends with what others have");
        let rows = ours.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let mut names = BTreeSet::new();
        for (syntax, _) in rows {
            let mut words = syntax.split(' ');
            let (name, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let is_subcommand = CONTAINERS.contains(&name);
            let full = if is_subcommand { format!("{name} {second}") } else { name.to_owned() };
            names.insert(full.trim_end().to_owned());
        }
        names
    }

    const CONTAINERS: [&str; 13] = [
        "CLIENT",
        "COMMAND",
        "COMMANDLOG",
        "CONFIG",
        "HOTKEYS",
        "LATENCY",
        "MEMORY",
        "MODULE",
        "OBJECT",
        "PUBSUB",
        "SLOWLOG",
        "XGROUP",
        "XINFO",
    ];

    /// The names of what is drawn from a form.
    fn sent(form: &Form, names: &mut BTreeSet<String>) {
        let (mut prng, mut clock) = (Prng::new(1), 0);
        for _ in 0..DRAWS {
            let command = form.draw(&mut Draw::new(&mut prng, &mut clock));
            let word = |at: usize| {
                command.get(at).map(|word| String::from_utf8_lossy(word).to_uppercase()).unwrap_or_default()
            };
            let is_subcommand = CONTAINERS.contains(&word(0).as_str());
            let full = if is_subcommand { format!("{} {}", word(0), word(1)) } else { word(0) };
            names.insert(full.trim_end().to_owned());
        }
    }

    #[test]
    fn every_command_is_sent_or_left_out_for_a_reason() {
        let mut names = BTreeSet::new();
        for family in Family::ALL {
            family.forms().unwrap().iter().for_each(|form| sent(form, &mut names));
        }
        let left_out: BTreeSet<_> = tables::LEFT_OUT.iter().map(|(name, _)| (*name).to_owned()).collect();
        let registry = registry();
        assert!(registry.len() > 250, "the page has rows of another form: {registry:?}");
        let missing: Vec<_> = registry.difference(&names).filter(|name| !left_out.contains(*name)).collect();
        assert!(missing.is_empty(), "neither sent nor left out: {missing:?}");
        let needless: Vec<_> =
            left_out.iter().filter(|name| names.contains(*name) || !registry.contains(*name)).collect();
        assert!(needless.is_empty(), "left out, though sent or unknown: {needless:?}");
    }

    #[test]
    fn every_line_is_a_form() {
        for family in Family::ALL {
            assert!(!family.forms().unwrap().is_empty(), "{}", family.name());
            assert_eq!(Family::named(family.name()), Some(family));
        }
    }
}
