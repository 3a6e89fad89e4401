//! What stands behind the key of SORT.

use super::pattern::Pattern;
use command::{Args, Error, Result};
use std::ops::Range;

/// What may become of the elements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Answer,
    AnswerOrStore,
}

/// What elements are compared by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Numbers,
    Texts,
}

/// The options.
pub(super) struct Options<'a> {
    /// What tells the weight of an element; its own text if there is none.
    pub(super) by: Option<Pattern<'a>>,
    /// Whether a pattern without an asterisk says that the elements are to stay as they are.
    pub(super) unsorted: bool,
    pub(super) comparison: Comparison,
    pub(super) descending: bool,
    /// What is told of each element; the element itself if there is nothing.
    pub(super) get: Vec<Pattern<'a>>,
    /// The index, among all words, of the key that the result is stored under.
    pub(super) store: Option<usize>,
    offset: i64,
    count: i64,
}

impl<'a> Options<'a> {
    /// Reads all that is left.
    pub(super) fn read(args: &mut Args<'a>, purpose: Purpose) -> Result<Options<'a>> {
        let mut options = Options {
            by: None,
            unsorted: false,
            comparison: Comparison::Numbers,
            descending: false,
            get: Vec::new(),
            store: None,
            offset: 0,
            count: -1,
        };
        while !args.is_empty() {
            options.read_one(args, purpose)?;
        }
        Ok(options)
    }

    fn read_one(&mut self, args: &mut Args<'a>, purpose: Purpose) -> Result<()> {
        if args.take("ASC") {
            self.descending = false;
        } else if args.take("DESC") {
            self.descending = true;
        } else if args.take("ALPHA") {
            self.comparison = Comparison::Texts;
        } else if args.left() > 2 && args.take("LIMIT") {
            (self.offset, self.count) = (args.int()?, args.int()?);
        } else if purpose == Purpose::AnswerOrStore && args.take_with_value("STORE") {
            self.store = Some(args.position());
            args.bytes()?;
        } else if args.take_with_value("BY") {
            let pattern = Pattern::new(args.bytes()?);
            self.unsorted |= !pattern.names_keys();
            self.by = Some(pattern);
        } else if args.take_with_value("GET") {
            self.get.push(Pattern::new(args.bytes()?));
        } else {
            return Err(Error::SYNTAX);
        }
        Ok(())
    }

    /// All patterns.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern<'a>> {
        self.by.iter().chain(&self.get)
    }

    /// The part of `len` elements that is wanted.
    pub(super) fn span(&self, len: usize) -> Range<usize> {
        let start = usize::try_from(self.offset.max(0)).unwrap_or(usize::MAX).min(len);
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        start..start.saturating_add(count).min(len)
    }
}
