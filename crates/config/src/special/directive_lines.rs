//! Directives that exist only as lines of a file: `user`, `rename-command`, `loadmodule`, `include`, and those of the past.

use std::ops::RangeInclusive;

use crate::text::Text;
use crate::value::{Origin, Problem, Value, Word, join_words};

/// The words of each line of such a directive, in order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DirectiveLines(pub Vec<Vec<Text>>);

/// What Redis says when a directive of this kind is malformed, or unknown.
pub(crate) const BAD_DIRECTIVE: &str = "Bad directive or wrong number of arguments";

impl Value for DirectiveLines {
    /// How many words a line has.
    type Rule = RangeInclusive<usize>;

    fn assign(&mut self, words: &[Word], _origin: Origin, counts: &Self::Rule) -> Result<(), Problem> {
        if !counts.contains(&words.len()) {
            return Err(BAD_DIRECTIVE.into());
        }
        self.0.push(words.iter().map(|word| word.as_slice().into()).collect());
        Ok(())
    }

    /// Commands don't know these directives, so this is only for people.
    fn show(&self, rule: &Self::Rule) -> Vec<u8> {
        self.lines(rule).unwrap_or_default().join(&b'\n')
    }

    fn lines(&self, _: &Self::Rule) -> Option<Vec<Vec<u8>>> {
        Some(self.0.iter().map(|words| join_words(words.iter().map(Text::as_bytes))).collect())
    }

    fn allowed(_: &Self::Rule) -> String {
        "words".into()
    }
}

/// A directive that leaves nothing behind: `include`, which the loader follows, and those of old versions that do
/// nothing. A rewritten file keeps their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Unstored;

impl Value for Unstored {
    /// How many words a line has.
    type Rule = RangeInclusive<usize>;

    fn assign(&mut self, words: &[Word], _origin: Origin, counts: &Self::Rule) -> Result<(), Problem> {
        if counts.contains(&words.len()) { Ok(()) } else { Err(BAD_DIRECTIVE.into()) }
    }

    fn show(&self, _: &Self::Rule) -> Vec<u8> {
        Vec::new()
    }

    fn lines(&self, _: &Self::Rule) -> Option<Vec<Vec<u8>>> {
        None
    }

    fn allowed(_: &Self::Rule) -> String {
        "words".into()
    }
}
