//! Differences that are known and wanted, or that say nothing: what is left out of every comparison, and why; and a
//! list, kept in a file, of further ones against a certain server.

use crate::server::Flavor;
use base::glob::{Case, matches};

/// A field of a reply whose value isn't compared.
#[derive(Debug)]
pub struct KnownField {
    /// The field's name.
    pub name: &'static str,
    /// Why it may differ.
    pub why: &'static str,
}

/// All of them.
pub const FIELDS: &[KnownField] = &[
    KnownField {
        name: "lag",
        why: "always the exact number here; null or drifting elsewhere after XDEL and XSETID",
    },
    KnownField { name: "radix-tree-keys", why: "counts the nodes of a data structure of Redis" },
    KnownField { name: "radix-tree-nodes", why: "counts the nodes of a data structure of Redis" },
    KnownField { name: "idle", why: "time of the run itself" },
    KnownField { name: "inactive", why: "time of the run itself" },
    KnownField { name: "seen-time", why: "time of the run itself" },
    KnownField { name: "active-time", why: "time of the run itself" },
];

/// Whether the value of the field called `name` isn't compared.
pub fn is_field(name: &[u8]) -> bool {
    FIELDS.iter().any(|field| field.name.as_bytes() == name)
}

/// Signatures of differences that are accepted. A case goes on after one if both servers refused the command, else it
/// ends there, as the data may differ from then on.
///
/// Each line of the list names a server's flavor (`redis` or `valkey`), then a signature as the tester prints it; the
/// lines before it that start with `#` say why. A `*` stands for anything.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    signatures: Vec<(Flavor, String)>,
}

impl Accepted {
    /// Reads a list.
    ///
    /// # Errors
    /// The line that can't be read.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut signatures = Vec::new();
        for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let flavor = match line.split_once(' ') {
                Some(("redis", signature)) => (Flavor::Redis, signature.trim().to_owned()),
                Some(("valkey", signature)) => (Flavor::Valkey, signature.trim().to_owned()),
                _ => return Err(format!("neither redis nor valkey is named: {line}")),
            };
            signatures.push(flavor);
        }
        Ok(Self { signatures })
    }

    /// Only what is accepted between servers of these flavors.
    #[must_use]
    pub fn between(mut self, flavors: [Flavor; 2]) -> Self {
        self.signatures.retain(|(flavor, _)| flavors.contains(flavor));
        self
    }

    /// Whether a difference is accepted.
    pub fn contains(&self, signature: &str) -> bool {
        let is = |accepted: &str| matches(accepted.as_bytes(), signature.as_bytes(), Case::Sensitive);
        self.signatures.iter().any(|(_, accepted)| is(accepted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_listed_for_the_servers_at_hand() {
        let list = "# why\nvalkey  GETEX: ERR x or null\n\nredis A: 1\n";
        let accepted =
            |flavors, signature| Accepted::parse(list).unwrap().between(flavors).contains(signature);
        assert!(accepted([Flavor::Redstart, Flavor::Valkey], "GETEX: ERR x or null"));
        assert!(!accepted([Flavor::Redstart, Flavor::Redis], "GETEX: ERR x or null"));
        assert!(accepted([Flavor::Redstart, Flavor::Redis], "A: 1"));
        let list = "valkey *: no or member * is missing";
        assert!(Accepted::parse(list).unwrap().contains("B: no or member 5 is missing"));
        assert!(Accepted::parse("GETEX: null").is_err());
    }
}
