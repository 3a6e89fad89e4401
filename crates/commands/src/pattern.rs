//! The pattern of KEYS, and the options of all kinds of SCAN.

use base::glob::{Case, matches};
use command::{Args, Error, Result, Shards};
use keyspace::ShardId;

/// Elements looked at per call unless COUNT says otherwise.
const DEFAULT_COUNT: usize = 10;
/// Of all kinds of SCAN only HSCAN can leave out values.
pub(crate) const NO_VALUES: Error = Error::new("ERR NOVALUES option can only be used in HSCAN");

/// The options that all kinds of SCAN have.
pub(crate) struct ScanOptions<'a> {
    pub(crate) pattern: Pattern<'a>,
    /// About how many elements to look at.
    pub(crate) count: usize,
}

impl<'a> ScanOptions<'a> {
    /// None given.
    pub(crate) const NONE: ScanOptions<'static> = ScanOptions { pattern: Pattern::ANY, count: DEFAULT_COUNT };

    /// Reads the next option if it is one of these; answers whether it was.
    pub(crate) fn read_one(&mut self, args: &mut Args<'a>) -> Result<bool> {
        if args.take_with_value("COUNT") {
            self.count = args.int_in(1.., Error::SYNTAX)? as usize;
        } else if args.take_with_value("MATCH") {
            self.pattern = Pattern::new(args.bytes()?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// A pattern of keys.
#[derive(Clone, Copy)]
pub(crate) struct Pattern<'a> {
    /// Nothing: every key.
    glob: Option<&'a [u8]>,
}

impl<'a> Pattern<'a> {
    /// The pattern that every key matches.
    pub(crate) const ANY: Pattern<'static> = Pattern { glob: None };

    pub(crate) fn new(glob: &'a [u8]) -> Pattern<'a> {
        Pattern { glob: (glob != b"*").then_some(glob) }
    }

    /// Whether a key matches.
    #[inline]
    pub(crate) fn matches(&self, key: &[u8]) -> bool {
        self.glob.is_none_or(|glob| matches(glob, key, Case::Sensitive))
    }

    /// The only shard that can hold a matching key, if the pattern tells: it names one key, or begins with text that
    /// contains a hash tag.
    pub(crate) fn only_shard(&self, shards: &Shards) -> Option<ShardId> {
        let glob = self.glob?;
        if base::glob::is_literal(glob) {
            return Some(shards.shard_of(glob));
        }
        let text = &glob[..glob.iter().position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))?];
        let open = text.iter().position(|byte| *byte == b'{')?;
        let len = text[open + 1..].iter().position(|byte| *byte == b'}')?;
        (len > 0).then(|| shards.shard_of(&text[open..open + len + 2]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_in_front_of_every_wildcard_names_the_shard() {
        let shards = Shards::new(64, 1, None);
        let cases: [(&str, Option<&str>); 9] = [
            ("key", Some("key")),
            ("a{tag}b", Some("{tag}")),
            ("a{tag}*", Some("{tag}")),
            ("{tag}[ab]", Some("{tag}")),
            ("*{tag}", None),
            ("{t?g}*", None),
            ("{}x*", None),
            ("{open*", None),
            ("*", None),
        ];
        for (glob, key) in cases {
            let expected = key.map(|key| shards.shard_of(key.as_bytes()));
            assert_eq!(Pattern::new(glob.as_bytes()).only_shard(&shards), expected, "{glob}");
        }
    }
}
