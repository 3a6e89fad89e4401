//! `MemberSet`: members without values.

use super::rows::Rows;
use super::store::Store;
use super::view::View;
use super::{Columns, Element, Form, Limits, Ttl};
use crate::intset::{IntSet, Ints};
use crate::packed::Packed;
use crate::small::Small;
use base::num::parse_i64;

/// Members, each with an expiry if it likes. See the module's documentation.
#[derive(Clone, Debug)]
pub struct MemberSet {
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Ints(IntSet),
    Texts(Store),
}

impl Default for MemberSet {
    fn default() -> Self {
        Self::new()
    }
}

impl MemberSet {
    /// An empty set, of integers as long as nothing else is added. Does not allocate.
    pub const fn new() -> Self {
        MemberSet { body: Body::Ints(IntSet::new()) }
    }

    /// An empty set that holds integers as texts, too. Does not allocate.
    pub const fn of_texts() -> Self {
        MemberSet { body: Body::Texts(Store::new(Columns::NAME)) }
    }

    /// A set in the large form from the start.
    pub fn large(limits: &Limits) -> Self {
        let mut set = Self::of_texts();
        set.texts(limits).make_table(limits.seed);
        set
    }

    /// The set of some integers.
    pub fn of_ints(ints: IntSet, limits: &Limits) -> Self {
        let large = ints.len() > limits.ints;
        let mut set = MemberSet { body: Body::Ints(ints) };
        if large {
            set.texts(limits).make_table(limits.seed);
        }
        set
    }

    /// The set whose small form this is.
    pub fn of_small(small: Small<'_>) -> Self {
        let body = match small {
            Small::Ints { .. } => Body::Ints(IntSet::of_small(small)),
            Small::Packed { .. } => Body::Texts(Store::of_small(Columns::NAME, small)),
        };
        MemberSet { body }
    }

    /// The set as bytes, if it is integers, or rows without expiries.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        match &self.body {
            Body::Ints(ints) => Some(ints.small()),
            Body::Texts(store) => store.small(),
        }
    }

    /// The members of the set whose small form this is, to look at.
    #[inline]
    pub fn view_of(small: Small<'_>) -> View<'_> {
        match small {
            Small::Ints { .. } => View::of_ints(Ints::of_small(small)),
            Small::Packed { .. } => View::of_rows(Rows::of_small(small, Columns::NAME)),
        }
    }

    /// The form that the set is held in.
    pub fn form(&self) -> Form {
        match &self.body {
            Body::Ints(_) => Form::Ints,
            Body::Texts(store) => store.form(),
        }
    }

    /// The members, to look at.
    #[inline]
    pub fn view(&self) -> View<'_> {
        match &self.body {
            Body::Ints(ints) => View::of_ints(ints.view()),
            Body::Texts(store) => store.view(),
        }
    }

    /// Number of members, also those whose time is over. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Ints(ints) => ints.len(),
            Body::Texts(store) => store.len(),
        }
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes allocated beyond the set itself. O(1).
    pub fn memory_bytes(&self) -> usize {
        match &self.body {
            Body::Ints(ints) => ints.memory_bytes(),
            Body::Texts(store) => store.memory_bytes(),
        }
    }

    /// Allocations that dropping it frees, about.
    pub fn allocations(&self) -> usize {
        if let Body::Texts(store) = &self.body { store.allocations() } else { 1 }
    }

    /// The integers, if that is the form.
    pub fn ints(&self) -> Option<&IntSet> {
        if let Body::Ints(ints) = &self.body { Some(ints) } else { None }
    }

    /// The rows, if that is the form, as listpacks carry them: member (, expiry).
    pub fn packed(&self) -> Option<&Packed> {
        if let Body::Texts(store) = &self.body { store.packed() } else { None }
    }

    /// Adds a member; answers whether it is new. The expiry of one that is there stays. O(1) in the large form.
    pub fn insert(&mut self, member: &[u8], limits: &Limits) -> bool {
        if let Body::Ints(ints) = &mut self.body {
            if let Some(value) = parse_i64(member) {
                let new = ints.insert(value);
                if ints.len() > limits.ints {
                    self.texts(limits).make_table(limits.seed);
                }
                return new;
            }
            // Integers that don't fit rows have more digits than a member may have bytes.
            if ints.len() >= limits.rows || longest(ints) > limits.text_bytes {
                self.texts(limits).make_table(limits.seed);
            }
        }
        self.texts(limits).set(member, b"", Ttl::Keep, limits)
    }

    /// Prepares for `count` members being added, beginning with `first`: what an empty set is held in follows from them,
    /// and too many at once make the large form.
    pub fn make_room(&mut self, count: usize, first: &[u8], limits: &Limits) {
        let all_ints = match self.ints() {
            Some(ints) if ints.is_empty() => parse_i64(first).is_some() && count <= limits.ints,
            ints => ints.is_some(),
        };
        if !all_ints {
            self.texts(limits);
        }
        if count > if all_ints { limits.ints } else { limits.rows } {
            self.texts(limits).make_table(limits.seed);
        }
    }

    /// Adds a member that isn't there, in the smallest form in which all have room: more integers than their form takes
    /// become rows, where [`MemberSet::insert`] makes a table of them.
    pub fn gather(&mut self, member: &[u8], limits: &Limits) {
        if self.ints().is_some_and(|ints| ints.len() >= limits.ints) {
            self.texts(limits);
        }
        self.insert(member, limits);
    }

    /// Removes a member; answers whether it was there. O(1) in the large form.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match &mut self.body {
            Body::Ints(ints) => parse_i64(member).is_some_and(|value| ints.remove(value)),
            Body::Texts(store) => store.remove(member),
        }
    }

    /// Sets when a member expires, or that it doesn't; answers whether it is there.
    pub fn set_expiry(&mut self, member: &[u8], expiry_ms: Option<i64>, limits: &Limits) -> bool {
        if expiry_ms.is_none() && self.ints().is_some() {
            return self.view().contains(member);
        }
        self.texts(limits).set_expiry(member, expiry_ms)
    }

    /// Asks the processor to load what a search for a member touches at its step; answers whether another one follows.
    #[inline]
    pub fn prefetch(&self, member: &[u8], step: usize) -> bool {
        if let Body::Texts(store) = &self.body { store.prefetch(member, step) } else { false }
    }

    /// Number of members that expire.
    pub fn expiring(&self) -> usize {
        if let Body::Texts(store) = &self.body { store.expiring() } else { 0 }
    }

    /// When the first member expires. O(1).
    #[inline]
    pub fn first_expiry_ms(&self) -> Option<i64> {
        if let Body::Texts(store) = &self.body { store.first_expiry_ms() } else { None }
    }

    /// Removes the member that expires first, if that is before `now_ms`, after showing it; answers whether there was
    /// one. O(1) in the large form.
    pub fn remove_due(&mut self, now_ms: i64, show: impl FnOnce(Element<'_>)) -> bool {
        if let Body::Texts(store) = &mut self.body { store.remove_due(now_ms, show) } else { false }
    }

    /// The members as texts, which integers become if that is what they are.
    fn texts(&mut self, limits: &Limits) -> &mut Store {
        if let Body::Ints(ints) = &self.body {
            let mut store = Store::new(Columns::NAME);
            store.make_room(ints.len(), longest(ints), limits);
            for value in ints.view().iter() {
                store.set(itoa::Buffer::new().format(value).as_bytes(), b"", Ttl::Clear, limits);
            }
            self.body = Body::Texts(store);
        }
        match &mut self.body {
            Body::Texts(store) => store,
            Body::Ints(_) => unreachable!("made texts above"),
        }
    }
}

/// Digits of the longest integer.
fn longest(ints: &IntSet) -> usize {
    let view = ints.view();
    let digits = |value: i64| crate::packed::Item::Int(value).text_len();
    view.len().checked_sub(1).map_or(0, |last| digits(view.at(0)).max(digits(view.at(last))))
}
