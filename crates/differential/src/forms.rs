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
    /// What a connection is told about itself, and what is told of commands.
    Connections,
    /// MULTI, EXEC, WATCH: sequences of the other families' commands are wrapped.
    Transactions,
    /// Commands that wait, on the second connection.
    Blocking,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 15] = [
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

/// The forms that all servers know of all families but those about connections, to be asked about.
///
/// The tables have been read before, when the repertoire was made of them.
pub(crate) static ASKED_ABOUT: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let families = Family::ALL.iter().filter(|family| **family != Family::Connections);
    let forms = families.flat_map(|family| family.forms().unwrap_or_default());
    forms.filter(|form| form.only.is_none()).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_form() {
        for family in Family::ALL {
            assert!(!family.forms().unwrap().is_empty(), "{}", family.name());
            assert_eq!(Family::named(family.name()), Some(family));
        }
    }
}
