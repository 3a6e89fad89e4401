//! Looking at the elements of a set or map, whatever form they are held in.

use std::collections::HashSet;

use super::Element;
use super::rows::{self, Rows};
use super::table::Table;
use crate::intset::Ints;
use crate::packed::Item;
use base::num::parse_i64;
use base::prng::Prng;

/// The elements of a [`super::MemberSet`] or [`super::FieldMap`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(super) body: Body<'a>,
    /// Elements that expire before this are not seen.
    pub(super) from_ms: i64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'a> {
    Ints(Ints<'a>),
    Rows(Rows<'a>),
    Table(&'a Table),
}

impl<'a> View<'a> {
    fn of(body: Body<'a>) -> Self {
        View { body, from_ms: i64::MIN }
    }

    /// No elements.
    pub fn empty() -> Self {
        View::of(Body::Ints(Ints::EMPTY))
    }

    pub(super) fn of_ints(ints: Ints<'a>) -> Self {
        View::of(Body::Ints(ints))
    }

    pub(super) fn of_rows(rows: Rows<'a>) -> Self {
        View::of(Body::Rows(rows))
    }

    pub(super) fn of_table(table: &'a Table) -> Self {
        View::of(Body::Table(table))
    }

    /// The same elements without those that expire before a moment, in milliseconds since the epoch.
    #[must_use]
    pub fn alive_at(self, now_ms: i64) -> Self {
        View { from_ms: now_ms, ..self }
    }

    /// Number of elements. O(1) as long as none are hidden; a step for each leaf that has hidden ones in the large form.
    #[inline]
    pub fn len(&self) -> usize {
        match self.body {
            _ if !self.hides_some() => self.len_of_all(),
            Body::Table(table) => table.len() - table.expiring_before(self.from_ms),
            Body::Ints(_) | Body::Rows(_) => self.into_iter().count(),
        }
    }

    /// Number of elements, hidden ones included. O(1).
    #[inline]
    pub fn len_of_all(&self) -> usize {
        match self.body {
            Body::Ints(ints) => ints.len(),
            Body::Rows(rows) => rows.len(),
            Body::Table(table) => table.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.into_iter().next().is_none()
    }

    #[inline]
    fn hides_some(&self) -> bool {
        self.from_ms > i64::MIN && self.first_expiry_ms().is_some_and(|at| at < self.from_ms)
    }

    /// When the first element expires, hidden or not.
    #[inline]
    pub fn first_expiry_ms(&self) -> Option<i64> {
        match self.body {
            Body::Ints(_) => None,
            Body::Rows(rows) => rows.first_expiry_ms(),
            Body::Table(table) => table.first_expiry_ms(),
        }
    }

    #[inline]
    fn shows(&self, element: &Element<'_>) -> bool {
        element.expiry_ms.is_none_or(|at| at >= self.from_ms)
    }

    /// The element with this name. O(1) in the large form, a short walk otherwise.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<Element<'a>> {
        let found = match self.body {
            Body::Ints(ints) => parse_i64(name).filter(|value| ints.contains(*value)).map(of_int),
            Body::Rows(rows) => rows.find(name),
            Body::Table(table) => table.find(name).map(|place| table.element(place)),
        };
        found.filter(|element| self.shows(element))
    }

    /// Whether there is an element with this name.
    #[inline]
    pub fn contains(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    /// Whether there is an element with the name that another container's element has.
    #[inline]
    pub fn contains_item(&self, name: Item<'_>) -> bool {
        match (self.body, name) {
            (Body::Ints(ints), Item::Int(value)) => ints.contains(value),
            _ => name.with_text(|name| self.contains(name)),
        }
    }

    /// Visits the elements of a scan's next step and returns the next cursor, 0 at the end. Start with 0. Small
    /// containers are visited in one step. Every element that is there from the first to the last call is visited.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(Element<'a>)) -> u64 {
        let shown = |element: &Element<'a>| self.shows(element);
        match self.body {
            Body::Table(table) => table.scan(cursor, |element| {
                if shown(&element) {
                    visit(element);
                }
            }),
            _ => {
                self.into_iter().for_each(visit);
                0
            }
        }
    }

    /// Parts that the elements can be walked in, one after another, as long as nothing changes.
    pub fn parts(&self) -> usize {
        if let Body::Table(table) = self.body { table.leaves() } else { 1 }
    }

    /// The elements of a part.
    pub fn part(&self, index: usize) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let walk = match self.body {
            Body::Table(table) => Walk::Table { table, leaf: index, at: 0, end: index + 1 },
            _ => self.into_iter().walk,
        };
        Iter { walk, from_ms: self.from_ms }
    }

    /// An element chosen at random, each with the same probability. O(1) expected in the large form, unless most elements are hidden.
    pub fn sample(&self, rng: &mut Prng) -> Option<Element<'a>> {
        if self.hides_some() {
            return self.sample_shown(rng);
        }
        match self.body {
            Body::Table(table) => table.sample(rng).map(|place| table.element(place)),
            Body::Ints(ints) => draw(ints.len(), rng).map(|index| of_int(ints.at(index))),
            Body::Rows(rows) => draw(rows.len(), rng).and_then(|index| rows.into_iter().nth(index)),
        }
    }

    fn sample_shown(&self, rng: &mut Prng) -> Option<Element<'a>> {
        const TRIES: usize = 32;
        if let Body::Table(table) = self.body {
            for _ in 0..TRIES {
                let element = table.element(table.sample(rng)?);
                if self.shows(&element) {
                    return Some(element);
                }
            }
        }
        let index = draw(self.len(), rng)?;
        self.into_iter().nth(index)
    }

    /// Up to `count` different elements, each combination with the same probability. O(count) expected in the large
    /// form if that is a small part of the elements.
    pub fn choose(&self, count: usize, rng: &mut Prng) -> Vec<Element<'a>> {
        let len = self.len();
        if let Body::Table(table) = self.body
            && count < len / 4
            && len == table.len()
        {
            let (mut seen, mut chosen) = (HashSet::with_capacity(count), Vec::with_capacity(count));
            while chosen.len() < count {
                let Some(place) = table.sample(rng) else { break };
                if seen.insert(place) {
                    chosen.push(table.element(place));
                }
            }
            return chosen;
        }
        // Knuth's algorithm S: each element is taken with the probability that fills what is still wanted.
        let (mut wanted, mut left) = (count.min(len), len as u64);
        let mut chosen = Vec::with_capacity(wanted);
        for element in self {
            if wanted == 0 {
                break;
            }
            if rng.below(left) < wanted as u64 {
                chosen.push(element);
                wanted -= 1;
            }
            left -= 1;
        }
        chosen
    }
}

fn draw(len: usize, rng: &mut Prng) -> Option<usize> {
    (len > 0).then(|| rng.below(len as u64) as usize)
}

fn of_int<'a>(value: i64) -> Element<'a> {
    Element { name: Item::Int(value), value: Element::NO_VALUE, expiry_ms: None }
}

impl<'a> IntoIterator for View<'a> {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        let walk = match self.body {
            Body::Ints(ints) => Walk::Ints { ints, at: 0 },
            Body::Rows(rows) => Walk::Rows(rows.into_iter()),
            Body::Table(table) => Walk::Table { table, leaf: 0, at: 0, end: table.leaves() },
        };
        Iter { walk, from_ms: self.from_ms }
    }
}

impl<'a> IntoIterator for &View<'a> {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        (*self).into_iter()
    }
}

/// The elements of a [`View`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    walk: Walk<'a>,
    from_ms: i64,
}

#[derive(Clone, Debug)]
enum Walk<'a> {
    Ints { ints: Ints<'a>, at: usize },
    Rows(rows::Iter<'a>),
    Table { table: &'a Table, leaf: usize, at: usize, end: usize },
}

impl<'a> Iterator for Walk<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        match self {
            Walk::Ints { ints, at } => {
                *at += 1;
                (*at <= ints.len()).then(|| of_int(ints.at(*at - 1)))
            }
            Walk::Rows(rows) => rows.next(),
            Walk::Table { table, leaf, at, end } => {
                while *leaf < *end {
                    if let Some(element) = table.nth_of_leaf(*leaf, *at) {
                        *at += 1;
                        return Some(element);
                    }
                    (*leaf, *at) = (*leaf + 1, 0);
                }
                None
            }
        }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        let from_ms = self.from_ms;
        self.walk.find(|element| element.expiry_ms.is_none_or(|at| at >= from_ms))
    }
}
