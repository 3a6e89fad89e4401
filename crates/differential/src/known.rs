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
/// lines before it that start with `#` say why. `*` stands for anything, `{one|other}` for each of several texts. Behind
/// ` @ ` may follow a pattern of the command that is answered differently, behind ` <- ` one of a command that brings
/// the difference about: then it is accepted only in a case in which such a command was sent before, or differs itself.
/// Commands are compared without regard to case. Instead of a signature, `not sent` leaves the commands out that ` @ `
/// describes: of what they do no reply tells, but everything that follows would differ.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    differences: Vec<Difference>,
}

/// The signature of a command that is left out.
const NOT_SENT: &str = "not sent";

#[derive(Clone, Debug)]
struct Difference {
    /// The line that says so.
    line: usize,
    flavor: Flavor,
    signature: String,
    /// The command that is answered differently.
    command: Option<String>,
    /// The command that brings it about.
    cause: Option<String>,
}

impl Accepted {
    /// Reads a list.
    ///
    /// # Errors
    /// The line that can't be read.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut differences = Vec::new();
        for (line, text) in (1..).zip(list.lines().map(str::trim)) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            for text in expanded(text) {
                differences.push(Difference::parse(line, &text)?);
            }
        }
        Ok(Self { differences })
    }

    /// Only what is accepted between servers of these flavors.
    #[must_use]
    pub fn between(mut self, flavors: [Flavor; 2]) -> Self {
        self.differences.retain(|difference| flavors.contains(&difference.flavor));
        self
    }

    /// The lines that the list consists of.
    pub fn lines(&self) -> Vec<usize> {
        let mut lines: Vec<_> = self.differences.iter().map(|difference| difference.line).collect();
        lines.dedup();
        lines
    }

    /// The line that accepts that `command` is answered differently after the commands `sent`, each a text.
    pub fn line(&self, signature: &str, command: &[u8], sent: &[Vec<u8>]) -> Option<usize> {
        let fits = |pattern: &String, text: &[u8]| matches(pattern.as_bytes(), text, Case::Insensitive);
        let found = self.differences.iter().find(|difference| {
            matches(difference.signature.as_bytes(), signature.as_bytes(), Case::Sensitive)
                && difference.command.as_ref().is_none_or(|pattern| fits(pattern, command))
                && difference.cause.as_ref().is_none_or(|cause| sent.iter().any(|sent| fits(cause, sent)))
        })?;
        Some(found.line)
    }

    /// The line that says that `command` isn't sent.
    pub fn leaves_out(&self, command: &[u8]) -> Option<usize> {
        self.line(NOT_SENT, command, &[])
    }
}

/// `line` with each of the texts that stand in braces.
fn expanded(line: &str) -> Vec<String> {
    let parts = line.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?)));
    let Some((head, (choices, tail))) = parts else { return vec![line.to_owned()] };
    let tails = expanded(tail);
    choices
        .split('|')
        .flat_map(|choice| tails.iter().map(move |tail| format!("{head}{choice}{tail}")))
        .collect()
}

impl Difference {
    fn parse(line: usize, text: &str) -> Result<Self, String> {
        let (flavor, rest) = match text.split_once(' ') {
            Some(("redis", rest)) => (Flavor::Redis, rest),
            Some(("valkey", rest)) => (Flavor::Valkey, rest),
            _ => return Err(format!("neither redis nor valkey is named: {text}")),
        };
        let (rest, cause) = split_at(rest, " <- ");
        let (signature, command) = split_at(rest, " @ ");
        if signature == NOT_SENT && command.is_none() {
            return Err(format!("no command is named: {text}"));
        }
        Ok(Self { line, flavor, signature: signature.to_owned(), command, cause })
    }
}

/// What stands before `mark`, and what behind it if it is there.
fn split_at<'t>(text: &'t str, mark: &str) -> (&'t str, Option<String>) {
    match text.split_once(mark) {
        Some((before, behind)) => (before.trim(), Some(behind.trim().to_owned())),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(list: &str, signature: &str, command: &str, sent: &[&str]) -> Option<usize> {
        let sent: Vec<_> = sent.iter().map(|line| line.as_bytes().to_vec()).collect();
        Accepted::parse(list).unwrap().line(signature, command.as_bytes(), &sent)
    }

    #[test]
    fn accepts_what_is_listed_for_the_servers_at_hand() {
        let list = "# why\nvalkey  GETEX: ERR x or null\n\nredis A: 1\n";
        let accepted =
            |flavors, signature| Accepted::parse(list).unwrap().between(flavors).line(signature, b"", &[]);
        assert_eq!(accepted([Flavor::Redstart, Flavor::Valkey], "GETEX: ERR x or null"), Some(2));
        assert_eq!(accepted([Flavor::Redstart, Flavor::Redis], "GETEX: ERR x or null"), None);
        assert_eq!(accepted([Flavor::Redstart, Flavor::Redis], "A: 1"), Some(4));
        assert_eq!(
            line("valkey *: no or member * is missing", "B: no or member 5 is missing", "", &[]),
            Some(1)
        );
        assert!(Accepted::parse("GETEX: null").is_err());
    }

    #[test]
    fn accepts_some_differences_only_after_what_brings_them_about() {
        let after =
            |sent: &[&str]| line("redis EXEC: null <- PFCOUNT *", "EXEC: null", "EXEC", sent).is_some();
        assert!(after(&["GET k", "pfcount s"]));
        assert!(!after(&["GET k", "PFADD s"]) && !after(&[]));
    }

    #[test]
    fn accepts_some_differences_of_certain_commands_only() {
        let list = "valkey {ZADD|ZINCRBY}: ERR {x|y} or null @ Z* 0x* <- DEL *";
        let accepted = |signature, command, sent: &[&str]| line(list, signature, command, sent).is_some();
        assert!(accepted("ZINCRBY: ERR y or null", "zincrby z 0x10 m", &["DEL z"]));
        assert!(accepted("ZADD: ERR x or null", "ZADD z 0x10 m", &["DEL z"]));
        assert!(!accepted("ZADD: ERR z or null", "ZADD z 0x10 m", &["DEL z"]));
        assert!(!accepted("ZADD: ERR x or null", "ZADD z 10 m", &["DEL z"]));
        assert!(!accepted("ZADD: ERR x or null", "ZADD z 0x10 m", &["GET z"]));
    }

    #[test]
    fn leaves_out_what_is_not_to_be_sent() {
        let accepted = Accepted::parse("redis not sent @ BITFIELD * SAT *").unwrap();
        assert_eq!(accepted.leaves_out(b"bitfield s OVERFLOW sat SET i8 0 1"), Some(1));
        assert_eq!(accepted.leaves_out(b"BITFIELD s SET i8 0 1"), None);
        assert!(Accepted::parse("redis not sent").is_err());
    }
}
