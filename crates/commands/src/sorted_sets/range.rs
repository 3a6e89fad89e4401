//! What all range commands have in common: by what a range is given, in which direction it is read, and what part of it.

use super::bounds::{MemberRange, RankRange, ScoreRange};
use command::{Args, Error, Result};
use std::ops::Range;
use structs::ranked::{Element, Iter, IterBack, View};

/// What a range is given by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum By {
    Rank,
    Score,
    Member,
}

/// In which direction a range is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    /// From the lowest score up.
    Up,
    /// From the highest score down: ranks count from there, and the higher bound comes first.
    Down,
}

/// The part of a range that LIMIT names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limit {
    /// Elements left out at the beginning; negative: all.
    offset: i64,
    /// Elements at most; negative: all.
    count: i64,
}

impl Limit {
    pub(super) fn read(args: &mut Args<'_>) -> Result<Limit> {
        Ok(Limit { offset: args.int()?, count: args.int()? })
    }

    /// Whether it names a number of elements: -1 is as good as no limit where there can't be one.
    pub(super) fn says_how_many(self) -> bool {
        self.count != -1
    }
}

/// A range as it was asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    bounds: Bounds<'a>,
    direction: Direction,
    limit: Option<Limit>,
}

#[derive(Clone, Copy)]
enum Bounds<'a> {
    Ranks(RankRange),
    Scores(ScoreRange),
    Members(MemberRange<'a>),
}

impl<'a> Asked<'a> {
    /// Reads the two bounds, `first` being where the reading begins.
    pub(super) fn read(
        by: By,
        direction: Direction,
        limit: Option<Limit>,
        first: &'a [u8],
        last: &'a [u8],
    ) -> Result<Asked<'a>> {
        let (min, max) = match direction {
            Direction::Up => (first, last),
            Direction::Down => (last, first),
        };
        let rank = |word| base::num::parse_i64(word).ok_or(Error::NOT_AN_INTEGER);
        let bounds = match by {
            By::Rank => Bounds::Ranks(RankRange { start: rank(first)?, stop: rank(last)? }),
            By::Score => Bounds::Scores(ScoreRange::read(min, max)?),
            By::Member => Bounds::Members(MemberRange::read(min, max)?),
        };
        Ok(Asked { bounds, direction, limit })
    }

    /// The elements of a set in the range.
    pub(super) fn part(self, set: View<'_>) -> Part<'_> {
        let span = match self.bounds {
            Bounds::Ranks(ranks) => {
                let len = set.len();
                self.mirrored(ranks.span(len), len)
            }
            Bounds::Scores(scores) => scores.span(set),
            Bounds::Members(members) => members.span(set),
        };
        Part::new(set, self.limited(span), self.direction)
    }

    /// Ranks counted from the end of a set of `len` elements as ranks from its beginning, if they are.
    fn mirrored(self, ranks: Range<usize>, len: usize) -> Range<usize> {
        match self.direction {
            Direction::Up => ranks,
            Direction::Down => len - ranks.end..len - ranks.start,
        }
    }

    /// What the limit leaves of a span.
    fn limited(self, span: Range<usize>) -> Range<usize> {
        let Some(Limit { offset, count }) = self.limit else { return span };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(span.len());
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(span.len() - offset);
        match self.direction {
            Direction::Up => span.start + offset..span.start + offset + count,
            Direction::Down => span.end - offset - count..span.end - offset,
        }
    }
}

/// Some neighbouring elements of a set, one after the other; it knows how many.
pub(super) struct Part<'s> {
    elements: Elements<'s>,
    left: usize,
}

enum Elements<'s> {
    Up(Iter<'s>),
    Down(IterBack<'s>),
}

impl<'s> Part<'s> {
    /// The elements with these ranks, all of which must exist.
    pub(super) fn new(set: View<'s>, ranks: Range<usize>, direction: Direction) -> Part<'s> {
        let elements = match direction {
            Direction::Up => Elements::Up(set.iter_from(ranks.start)),
            Direction::Down => Elements::Down(set.iter_back_from(ranks.end.saturating_sub(1))),
        };
        Part { elements, left: ranks.len() }
    }
}

impl<'s> Iterator for Part<'s> {
    type Item = Element<'s>;

    #[inline]
    fn next(&mut self) -> Option<Element<'s>> {
        self.left = self.left.checked_sub(1)?;
        match &mut self.elements {
            Elements::Up(elements) => elements.next(),
            Elements::Down(elements) => elements.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Part<'_> {}
