//! Settings that are plain bytes: names, paths, passwords.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use base::quote;

use crate::value::{Problem, Scalar};

/// A string setting. Redis strings are bytes, so a path or a password need not be UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Vec<u8>);

impl Text {
    /// The bytes as they were given.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are none, which for most settings means that the thing isn't used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\"{}\"", self.0.escape_ascii())
    }
}

/// What a string may be, and whether an empty one is written to a file.
#[derive(Clone, Copy)]
pub(crate) struct TextRule {
    empty: Empty,
    check: fn(&[u8]) -> Result<(), &'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    /// A value like any other.
    Written,
    /// The same as no value: no line says it.
    Absent,
}

/// Any string.
pub(crate) const fn text() -> TextRule {
    TextRule { empty: Empty::Written, check: |_| Ok(()) }
}

/// Any string; an empty one means none.
pub(crate) const fn optional() -> TextRule {
    TextRule { empty: Empty::Absent, check: |_| Ok(()) }
}

impl TextRule {
    /// Accepts only what `check` does.
    pub(crate) const fn valid(self, check: fn(&[u8]) -> Result<(), &'static str>) -> Self {
        Self { check, ..self }
    }
}

impl Scalar for Text {
    type Rule = TextRule;

    fn parse(word: &[u8], rule: &TextRule) -> Result<Self, Problem> {
        (rule.check)(word)?;
        Ok(Self(word.to_vec()))
    }

    fn show(&self, _: &TextRule) -> Vec<u8> {
        self.0.clone()
    }

    fn file_form(&self, rule: &TextRule) -> Option<Vec<u8>> {
        (rule.empty == Empty::Written || !self.is_empty()).then(|| quote::quote(&self.0))
    }

    fn allowed(_: &TextRule) -> String {
        "text".into()
    }
}

fn require(condition: bool, problem: &'static str) -> Result<(), &'static str> {
    if condition { Ok(()) } else { Err(problem) }
}

fn is_path(word: &[u8]) -> bool {
    word.contains(&b'/')
}

/// A file of snapshots: a name without directories.
pub(crate) fn dbfilename(word: &[u8]) -> Result<(), &'static str> {
    require(!is_path(word), "dbfilename can't be a path, just a filename")
}

/// The file name that all files of the append-only log start with.
pub(crate) fn appendfilename(word: &[u8]) -> Result<(), &'static str> {
    require(!word.is_empty(), "appendfilename can't be empty")?;
    require(!is_path(word), "appendfilename can't be a path, just a filename")
}

/// The directory of the append-only log, in the working directory.
pub(crate) fn appenddirname(word: &[u8]) -> Result<(), &'static str> {
    require(!word.is_empty(), "appenddirname can't be empty")?;
    require(!is_path(word), "appenddirname can't be a path, just a dirname")
}

/// A host name to announce.
pub(crate) fn hostname(word: &[u8]) -> Result<(), &'static str> {
    const MAX: usize = 256;
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    require(word.len() < MAX, "Hostnames must be less than 256 characters")?;
    require(
        word.iter().all(is_allowed),
        "Hostnames may only contain alphanumeric characters, hyphens or dots",
    )
}

/// A locale whose order is that of bytes, which is the only one there is.
pub(crate) fn locale(word: &[u8]) -> Result<(), &'static str> {
    const OF_BYTES: [&[u8]; 5] = [b"", b"C", b"POSIX", b"C.UTF-8", b"C.utf8"];
    require(OF_BYTES.contains(&word), "Invalid locale name")
}

/// An IPv4 address or none.
pub(crate) fn ipv4(word: &[u8]) -> Result<(), &'static str> {
    require(word.is_empty() || parses::<Ipv4Addr>(word), "Invalid IPv4 address")
}

/// An IPv6 address or none.
pub(crate) fn ipv6(word: &[u8]) -> Result<(), &'static str> {
    require(word.is_empty() || parses::<Ipv6Addr>(word), "Invalid IPv6 address")
}

fn parses<T: std::str::FromStr>(word: &[u8]) -> bool {
    str::from_utf8(word).is_ok_and(|text| text.parse::<T>().is_ok())
}

/// A process title with only the variables there are.
pub(crate) fn title_template(word: &[u8]) -> Result<(), &'static str> {
    const PROBLEM: &str = "template format is invalid or contains unknown variables";
    const VARIABLES: [&[u8]; 7] =
        [b"title", b"listen-addr", b"server-mode", b"port", b"tls-port", b"unixsocket", b"config-file"];
    require(!word.is_empty(), PROBLEM)?;
    let mut pieces = word.split(|&byte| byte == b'{');
    pieces.next();
    for piece in pieces {
        let end = piece.iter().position(|&byte| byte == b'}').ok_or(PROBLEM)?;
        require(VARIABLES.contains(&&piece[..end]), PROBLEM)?;
    }
    Ok(())
}
