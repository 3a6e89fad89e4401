//! `bind`: the addresses to listen on.

use crate::text::Text;
use crate::value::{Origin, Problem, Value, Word, list_items, list_line};

/// One address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddress {
    /// A host name or an address; `*` is every IPv4 address and `::*` every IPv6 address.
    pub host: Text,
    /// Whether the server starts although the machine doesn't have this address (written as a leading dash).
    pub optional: bool,
}

/// All addresses to listen on; none means none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddresses(pub Vec<BindAddress>);

impl BindAddresses {
    /// Every address of the machine.
    pub(crate) fn everywhere() -> Self {
        Self(vec![BindAddress::parse(b"*"), BindAddress::parse(b"-::*")])
    }

    fn words(&self) -> Vec<Word> {
        self.0.iter().map(BindAddress::word).collect()
    }
}

impl BindAddress {
    fn parse(word: &[u8]) -> Self {
        match word.strip_prefix(b"-") {
            Some(host) => Self { host: host.into(), optional: true },
            None => Self { host: word.into(), optional: false },
        }
    }

    fn word(&self) -> Word {
        let dash: &[u8] = if self.optional { b"-" } else { b"" };
        [dash, self.host.as_bytes()].concat()
    }
}

/// The most addresses Redis takes.
const MAX_ADDRESSES: usize = 16;

impl Value for BindAddresses {
    type Rule = ();

    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        let items = list_items(words, origin)?;
        if items.len() > MAX_ADDRESSES {
            return Err("Too many bind addresses specified.".into());
        }
        self.0 = items.iter().map(|word| BindAddress::parse(word)).collect();
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        self.words().join(&b' ')
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        Some(vec![list_line(&self.words())])
    }

    fn allowed((): &()) -> String {
        "up to 16 addresses".into()
    }
}
