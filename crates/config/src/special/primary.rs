//! `replicaof`: the server whose data this one copies.

use crate::text::Text;
use crate::value::{Origin, Problem, Value, WRONG_NUMBER, Word, join_words, list_items, parse_lenient};

/// Where a primary listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryAddress {
    /// A host name or an address.
    pub host: Text,
    /// Its TCP port.
    pub port: u16,
}

/// The primary of this server, if it is a replica.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReplicaOf(pub Option<PrimaryAddress>);

impl ReplicaOf {
    fn words(&self) -> Vec<Word> {
        match &self.0 {
            Some(primary) => vec![primary.host.as_bytes().to_vec(), primary.port.to_string().into_bytes()],
            None => Vec::new(),
        }
    }
}

impl Value for ReplicaOf {
    type Rule = ();

    fn assign(&mut self, words: &[Word], origin: Origin, (): &()) -> Result<(), Problem> {
        let items = list_items(words, origin)?;
        let [host, port] = items.as_ref() else { return Err(WRONG_NUMBER.into()) };
        if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
            self.0 = None;
            return Ok(());
        }
        let port =
            parse_lenient(port).and_then(|port| u16::try_from(port).ok()).ok_or("Invalid master port")?;
        self.0 = Some(PrimaryAddress { host: host.as_slice().into(), port });
        Ok(())
    }

    fn show(&self, (): &()) -> Vec<u8> {
        self.words().join(&b' ')
    }

    fn lines(&self, (): &()) -> Option<Vec<Vec<u8>>> {
        let words = self.words();
        let line = join_words(words.iter().map(Vec::as_slice));
        Some(self.0.iter().map(|_| line.clone()).collect())
    }

    fn allowed((): &()) -> String {
        "host and port, or no one".into()
    }
}
