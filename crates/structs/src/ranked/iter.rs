//! Walking over elements in both directions. A walk keeps no path: from the end of a leaf it finds the next one by
//! rank, which is rare and needs no memory.

use super::large::Large;
use super::leaf::Leaf;
use super::small::{Pairs, PairsBack};
use super::{Element, Ranked, Shape};

/// Elements from one of a given rank to the last.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    source: Source<'a>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Small(Pairs<'a>),
    Large(Walk<'a>),
}

/// Elements of a leaf that are still to come: `at..end`.
#[derive(Clone)]
struct Walk<'a> {
    large: &'a Large,
    leaf: Option<&'a Leaf>,
    at: usize,
    end: usize,
    /// Forward: the rank of the first element behind the leaf. Backward: the number of elements before it.
    rank: usize,
}

impl std::fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{} of a leaf", self.at, self.end)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match &mut self.source {
            Source::Small(pairs) => pairs.next(),
            Source::Large(walk) => walk.next(),
        }
    }
}

impl<'a> Walk<'a> {
    fn new(large: &'a Large, rank: usize) -> Self {
        Self { large, leaf: None, at: 0, end: 0, rank }
    }

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        if self.at == self.end {
            let (leaf, at) = self.large.select(self.rank)?;
            self.rank += leaf.len() - at;
            (self.leaf, self.at, self.end) = (Some(leaf), at, leaf.len());
        }
        let at = self.at;
        self.at += 1;
        Some(Element::of(self.leaf?.key(at)))
    }

    #[inline]
    fn next_back(&mut self) -> Option<Element<'a>> {
        if self.at == self.end {
            let (leaf, at) = self.large.select(self.rank.checked_sub(1)?)?;
            self.rank -= at + 1;
            (self.leaf, self.at, self.end) = (Some(leaf), 0, at + 1);
        }
        self.end -= 1;
        Some(Element::of(self.leaf?.key(self.end)))
    }
}

/// Elements from one of a given rank to the first.
#[derive(Clone, Debug)]
pub struct IterBack<'a> {
    source: SourceBack<'a>,
}

#[derive(Clone, Debug)]
enum SourceBack<'a> {
    Nothing,
    Small(PairsBack<'a>),
    Large(Walk<'a>),
}

impl<'a> Iterator for IterBack<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match &mut self.source {
            SourceBack::Nothing => None,
            SourceBack::Small(pairs) => pairs.next(),
            SourceBack::Large(walk) => walk.next_back(),
        }
    }
}

impl Ranked {
    /// All elements, first to last.
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    /// The elements from the one of a rank to the last; none when there is no such rank.
    pub fn iter_from(&self, rank: usize) -> Iter<'_> {
        let source = match &self.shape {
            Shape::Small(packed) => Source::Small(Pairs::from_rank(packed, rank)),
            Shape::Large(large) => Source::Large(Walk::new(large, rank)),
        };
        Iter { source }
    }

    /// All elements, last to first.
    pub fn iter_back(&self) -> IterBack<'_> {
        self.iter_back_from(self.len().saturating_sub(1))
    }

    /// The elements from the one of a rank to the first; a rank that doesn't exist counts as the last.
    pub fn iter_back_from(&self, rank: usize) -> IterBack<'_> {
        let count = self.len().min(rank.saturating_add(1));
        let source = match &self.shape {
            _ if count == 0 => SourceBack::Nothing,
            Shape::Small(packed) => SourceBack::Small(PairsBack::from_rank(packed, count - 1)),
            Shape::Large(large) => SourceBack::Large(Walk::new(large, count)),
        };
        IterBack { source }
    }
}

impl<'a> IntoIterator for &'a Ranked {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
