//! Which elements of one container are in others too, or in none of them.
//!
//! Tables that hash names alike are compared leaf by leaf: where the number of a leaf says in which leaf of the other
//! table its elements would lie, nothing is hashed, and the cells are compared as they are.
//!
//! ```text
//!  one table      leaf 5 of 8 ──┐  the last three bits of all its hashes are 5
//!  other table    leaf 1 of 4 <─┘  so the last two are 1
//! ```

use super::Element;
use super::leaf::Leaf;
use super::table::Table;
use super::view::{Body, View};
use std::cell::OnceCell;

/// In how many of the other containers an element must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// In all of them.
    All,
    /// In none of them.
    None,
}

impl Membership {
    fn holds<T>(self, others: &[T], has: impl FnMut(&T) -> bool) -> bool {
        match self {
            Membership::All => others.iter().all(has),
            Membership::None => !others.iter().any(has),
        }
    }
}

impl<'a> View<'a> {
    /// Visits the elements that are in all `others`, or in none, until `visit` answers false; answers whether it never
    /// did. The others are asked in their order. O(elements * others) in the large form.
    pub fn compare(
        self,
        others: &[View<'_>],
        membership: Membership,
        visit: &mut dyn FnMut(Element<'a>) -> bool,
    ) -> bool {
        let Body::Table(table) = self.body else {
            return self.into_iter().all(|element| {
                !membership.holds(others, |other| other.contains_item(element.name)) || visit(element)
            });
        };
        let mut others: Vec<Other<'_>> = others.iter().map(|other| Other::new(*other, table)).collect();
        (0..table.leaves()).all(|index| {
            others.iter_mut().for_each(|other| other.turn_to(table, index));
            let leaf = table.leaf(index);
            (0..leaf.len()).all(|at| {
                let sought = Sought { table, leaf, at, hash: OnceCell::new() };
                let chosen =
                    leaf.shows(at, self.from_ms) && membership.holds(&others, |other| other.has(&sought));
                !chosen || visit(sought.element())
            })
        })
    }
}

/// An element of a table that is looked for in others.
struct Sought<'a> {
    table: &'a Table,
    leaf: &'a Leaf,
    at: usize,
    hash: OnceCell<u64>,
}

impl<'a> Sought<'a> {
    #[inline]
    fn element(&self) -> Element<'a> {
        self.leaf.element(self.at, self.table.columns())
    }

    fn hash(&self) -> u64 {
        *self.hash.get_or_init(|| self.element().name.with_text(|name| self.table.hash(name)))
    }
}

/// A container that is looked into.
struct Other<'a> {
    view: View<'a>,
    /// The table, if it is one that hashes alike.
    table: Option<&'a Table>,
    /// Where all elements of the present leaf would lie, if that is one leaf.
    leaf: Option<&'a Leaf>,
}

impl<'a> Other<'a> {
    fn new(view: View<'a>, table: &Table) -> Self {
        let other = if let Body::Table(other) = view.body { Some(other) } else { None };
        Other { view, table: other.filter(|other| other.hashes_as(table)), leaf: None }
    }

    /// The elements of this leaf of the table come next.
    fn turn_to(&mut self, table: &Table, index: usize) {
        self.leaf = self.table.and_then(|own| own.leaf_for(index, table.leaves()));
    }

    #[inline]
    fn has(&self, sought: &Sought<'_>) -> bool {
        let leaf = self.leaf.or_else(|| self.table.map(|table| table.leaf_with(sought.hash())));
        match leaf {
            Some(leaf) => {
                let found = leaf.find_like(sought.leaf, sought.at);
                found.is_some_and(|at| leaf.shows(at, self.view.from_ms))
            }
            None => self.view.contains_item(sought.element().name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{Limits, MemberSet};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NOW_MS: i64 = 10;

    /// A set of every `step`-th number below `end`, some written out at length, some expired.
    fn set(end: u32, step: u32, seed: u64) -> (MemberSet, BTreeSet<Vec<u8>>) {
        let limits = Limits { ints: 4, rows: 20, text_bytes: 300, seed };
        let (mut set, mut alive) = (MemberSet::new(), BTreeSet::new());
        for number in (0..end).step_by(step as usize) {
            let width = [0, 20, 280][number as usize % 3];
            let name = format!("{number:0width$}").into_bytes();
            set.insert(&name, &limits);
            if number % 7 == 1 && step.is_multiple_of(2) {
                set.set_expiry(&name, Some(NOW_MS - 1), &limits);
            } else {
                alive.insert(name);
            }
        }
        (set, alive)
    }

    proptest! {
        #[test]
        fn as_in_sets_of_the_standard_library(
            shapes in prop::collection::vec((0..900u32, 1..5u32, 1..3u64), 1..4),
            all in any::<bool>(),
        ) {
            let sets: Vec<_> = shapes.into_iter().map(|(end, step, seed)| set(end, step, seed)).collect();
            let views: Vec<View<'_>> = sets.iter().map(|(set, _)| set.view().alive_at(NOW_MS)).collect();
            let membership = if all { Membership::All } else { Membership::None };
            let mut found = Vec::new();
            let whole = views[0].compare(&views[1..], membership, &mut |element| {
                found.push(element.name.to_vec());
                true
            });
            let expected = sets[0].1.iter().filter(|name| {
                membership.holds(&sets[1..], |(_, other)| other.contains(*name))
            });
            prop_assert!(whole);
            let distinct: BTreeSet<&Vec<u8>> = found.iter().collect();
            prop_assert_eq!(distinct.len(), found.len());
            prop_assert!(distinct.into_iter().eq(expected));
            let mut left = 3;
            views[0].compare(&views[1..], membership, &mut |_| { left -= 1; left > 0 });
            prop_assert_eq!(left, 3 - found.len().min(3));
        }
    }
}
