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

/// Fields that only one of two servers tells of: left out with their values.
pub const EXTRA_FIELDS: &[KnownField] = &[
    KnownField { name: "idmp-duration", why: "of Redis 8.6, here too" },
    KnownField { name: "idmp-maxsize", why: "of Redis 8.6, here too" },
    KnownField { name: "pids-tracked", why: "of Redis 8.6, here too" },
    KnownField { name: "iids-tracked", why: "of Redis 8.6, here too" },
    KnownField { name: "iids-added", why: "of Redis 8.6, here too" },
    KnownField { name: "iids-duplicates", why: "of Redis 8.6, here too" },
    KnownField { name: "nacked-count", why: "of Redis 8.8, here too" },
];

/// Whether the field called `name` is left out.
pub fn is_extra_field(name: &[u8]) -> bool {
    EXTRA_FIELDS.iter().any(|field| field.name.as_bytes() == name)
}

/// Differences that are accepted. A case goes on after one if both servers refused the command, else it ends there, as
/// the data may differ from then on.
///
/// Each line of the list names a server's flavor (`redis` or `valkey`), then a signature as the tester prints it; the
/// lines before it that start with `#` say why. A `*` stands for anything. Behind ` <- ` may follow a pattern of a
/// command, of capital or small letters: then the difference is accepted only in a case in which such a command was
/// sent before, or differs itself.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    differences: Vec<Difference>,
}

#[derive(Clone, Debug)]
struct Difference {
    flavor: Flavor,
    signature: String,
    /// The command that brings it about.
    cause: Option<String>,
}

impl Accepted {
    /// Reads a list.
    ///
    /// # Errors
    /// The line that can't be read.
    pub fn parse(list: &str) -> Result<Self, String> {
        let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(Self { differences: lines.map(Difference::parse).collect::<Result<_, _>>()? })
    }

    /// Only what is accepted between servers of these flavors.
    #[must_use]
    pub fn between(mut self, flavors: [Flavor; 2]) -> Self {
        self.differences.retain(|difference| flavors.contains(&difference.flavor));
        self
    }

    /// Whether a difference is accepted after the commands `sent`, each a text.
    pub fn contains(&self, signature: &str, sent: &[Vec<u8>]) -> bool {
        let was_sent =
            |cause: &String| sent.iter().any(|command| matches(cause.as_bytes(), command, Case::Insensitive));
        self.differences.iter().any(|difference| {
            matches(difference.signature.as_bytes(), signature.as_bytes(), Case::Sensitive)
                && difference.cause.as_ref().is_none_or(was_sent)
        })
    }
}

impl Difference {
    fn parse(line: &str) -> Result<Self, String> {
        let (flavor, rest) = match line.split_once(' ') {
            Some(("redis", rest)) => (Flavor::Redis, rest),
            Some(("valkey", rest)) => (Flavor::Valkey, rest),
            _ => return Err(format!("neither redis nor valkey is named: {line}")),
        };
        let (signature, cause) = match rest.split_once(" <- ") {
            Some((signature, cause)) => (signature, Some(cause.trim().to_owned())),
            None => (rest, None),
        };
        Ok(Self { flavor, signature: signature.trim().to_owned(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_is_listed_for_the_servers_at_hand() {
        let list = "# why\nvalkey  GETEX: ERR x or null\n\nredis A: 1\n";
        let accepted =
            |flavors, signature| Accepted::parse(list).unwrap().between(flavors).contains(signature, &[]);
        assert!(accepted([Flavor::Redstart, Flavor::Valkey], "GETEX: ERR x or null"));
        assert!(!accepted([Flavor::Redstart, Flavor::Redis], "GETEX: ERR x or null"));
        assert!(accepted([Flavor::Redstart, Flavor::Redis], "A: 1"));
        let list = "valkey *: no or member * is missing";
        assert!(Accepted::parse(list).unwrap().contains("B: no or member 5 is missing", &[]));
        assert!(Accepted::parse("GETEX: null").is_err());
    }

    #[test]
    fn accepts_some_differences_only_after_what_brings_them_about() {
        let accepted = Accepted::parse("redis EXEC: null <- PFCOUNT *").unwrap();
        let after = |sent: &[&str]| {
            let sent: Vec<_> = sent.iter().map(|line| line.as_bytes().to_vec()).collect();
            accepted.contains("EXEC: null", &sent)
        };
        assert!(after(&["GET k", "pfcount s"]));
        assert!(!after(&["GET k", "PFADD s"]) && !after(&[]));
    }
}
