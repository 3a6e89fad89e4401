//! Walking over elements in both directions. A walk keeps no path: from the end of a leaf it finds the next one by
//! rank, which is rare and needs no memory.

use super::large::Large;
use super::leaf::Leaf;
use super::moments::NEVER;
use super::small::{Pairs, PairsBack};
use super::{Element, Form, Ranked};

/// Elements from one of a given rank to the last.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    source: Source<'a>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Small(Pairs<'a>),
    Timed(Timed<'a, Pairs<'a>>),
    Large(Walk<'a>),
}

/// Elements of a packed set, some of which expire.
#[derive(Clone, Debug)]
struct Timed<'a, P> {
    pairs: P,
    /// When those that are still to come expire.
    moments: &'a [i64],
    /// What expires before this is passed over.
    from_ms: i64,
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
    /// What expires before this is passed over.
    from_ms: i64,
}

impl std::fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{} of a leaf", self.at, self.end)
    }
}

impl<'a> Iter<'a> {
    /// Leaves out what expires before a moment.
    pub(super) fn alive_at(mut self, from_ms: i64) -> Self {
        match &mut self.source {
            Source::Small(_) => {}
            Source::Timed(timed) => timed.from_ms = from_ms,
            Source::Large(walk) => walk.from_ms = from_ms,
        }
        self
    }

    /// Each element with its moment.
    pub(super) fn with_moments(self) -> WithMoments<'a> {
        WithMoments(self)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match &mut self.source {
            Source::Small(pairs) => pairs.next(),
            Source::Timed(timed) => timed.next().map(|(element, _)| element),
            Source::Large(walk) => walk.next(),
        }
    }
}

/// Elements from one of a given rank to the last, each with its moment.
pub(super) struct WithMoments<'a>(Iter<'a>);

impl<'a> Iterator for WithMoments<'a> {
    type Item = (Element<'a>, i64);

    fn next(&mut self) -> Option<(Element<'a>, i64)> {
        match &mut self.0.source {
            Source::Small(pairs) => pairs.next().map(|element| (element, NEVER)),
            Source::Timed(timed) => timed.next(),
            Source::Large(walk) => {
                let element = walk.next()?;
                Some((element, walk.leaf?.moment(walk.at - 1)))
            }
        }
    }
}

impl<'a> Timed<'a, Pairs<'a>> {
    fn next(&mut self) -> Option<(Element<'a>, i64)> {
        loop {
            let (first, rest) = self.moments.split_first()?;
            self.moments = rest;
            let element = self.pairs.next()?;
            if *first >= self.from_ms {
                return Some((element, *first));
            }
        }
    }
}

impl<'a> Timed<'a, PairsBack<'a>> {
    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            let (last, rest) = self.moments.split_last()?;
            self.moments = rest;
            let element = self.pairs.next()?;
            if *last >= self.from_ms {
                return Some(element);
            }
        }
    }
}

impl<'a> Walk<'a> {
    fn new(large: &'a Large, rank: usize) -> Self {
        Self { large, leaf: None, at: 0, end: 0, rank, from_ms: i64::MIN }
    }

    /// Whether an element of the leaf is passed over.
    #[inline]
    fn hides(&self, leaf: &Leaf, at: usize) -> bool {
        self.from_ms > i64::MIN && leaf.moment(at) < self.from_ms
    }

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            if self.at == self.end {
                let (leaf, at) = self.large.select(self.rank)?;
                self.rank += leaf.len() - at;
                (self.leaf, self.at, self.end) = (Some(leaf), at, leaf.len());
            }
            let (leaf, at) = (self.leaf?, self.at);
            self.at += 1;
            if !self.hides(leaf, at) {
                return Some(Element::of(leaf.key(at)));
            }
        }
    }

    #[inline]
    fn next_back(&mut self) -> Option<Element<'a>> {
        loop {
            if self.at == self.end {
                let (leaf, at) = self.large.select(self.rank.checked_sub(1)?)?;
                self.rank -= at + 1;
                (self.leaf, self.at, self.end) = (Some(leaf), 0, at + 1);
            }
            self.end -= 1;
            let leaf = self.leaf?;
            if !self.hides(leaf, self.end) {
                return Some(Element::of(leaf.key(self.end)));
            }
        }
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
    Timed(Timed<'a, PairsBack<'a>>),
    Large(Walk<'a>),
}

impl IterBack<'_> {
    /// Leaves out what expires before a moment.
    pub(super) fn alive_at(mut self, from_ms: i64) -> Self {
        match &mut self.source {
            SourceBack::Nothing | SourceBack::Small(_) => {}
            SourceBack::Timed(timed) => timed.from_ms = from_ms,
            SourceBack::Large(walk) => walk.from_ms = from_ms,
        }
        self
    }
}

impl<'a> Iterator for IterBack<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match &mut self.source {
            SourceBack::Nothing => None,
            SourceBack::Small(pairs) => pairs.next(),
            SourceBack::Timed(timed) => timed.next(),
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
        let source = match self.form() {
            Form::Small(packed, []) => Source::Small(Pairs::from_rank(packed, rank)),
            Form::Small(packed, moments) => Source::Timed(Timed {
                pairs: Pairs::from_rank(packed, rank),
                moments: &moments[rank.min(moments.len())..],
                from_ms: i64::MIN,
            }),
            Form::Large(large) => Source::Large(Walk::new(large, rank)),
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
        let source = match self.form() {
            _ if count == 0 => SourceBack::Nothing,
            Form::Small(packed, []) => SourceBack::Small(PairsBack::from_rank(packed, count - 1)),
            Form::Small(packed, moments) => SourceBack::Timed(Timed {
                pairs: PairsBack::from_rank(packed, count - 1),
                moments: &moments[..count],
                from_ms: i64::MIN,
            }),
            Form::Large(large) => SourceBack::Large(Walk::new(large, count)),
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
