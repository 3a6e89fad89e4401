//! What sets and maps have in common: rows that become a table.

use super::rows::{self, Rows, Shape};
use super::table::Table;
use super::view::View;
use super::{Columns, Element, Form, Limits, Ttl};
use crate::packed::Packed;
use crate::small::Small;

/// Elements by name.
#[derive(Clone, Debug)]
pub(super) struct Store {
    columns: Columns,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Rows(Packed),
    Timed(Box<Packed>),
    Table(Box<Table>),
}

impl Store {
    /// An empty store. Does not allocate.
    pub(super) const fn new(columns: Columns) -> Self {
        Store { columns, body: Body::Rows(Packed::new()) }
    }

    /// The store whose small form this is.
    pub(super) fn of_small(columns: Columns, small: Small<'_>) -> Self {
        Store { columns, body: Body::Rows(Packed::of_small(small)) }
    }

    /// The rows as bytes, if that is the form.
    #[inline]
    pub(super) fn small(&self) -> Option<Small<'_>> {
        if let Body::Rows(packed) = &self.body { packed.small() } else { None }
    }

    pub(super) fn form(&self) -> Form {
        match self.body {
            Body::Rows(_) => Form::Rows,
            Body::Timed(_) => Form::Timed,
            Body::Table(_) => Form::Table,
        }
    }

    fn shape(&self) -> Shape {
        Shape { columns: self.columns, expiries: matches!(self.body, Body::Timed(_)) }
    }

    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        match &self.body {
            Body::Rows(packed) => View::of_rows(Rows::of(packed, self.shape())),
            Body::Timed(packed) => View::of_rows(Rows::of(packed, self.shape())),
            Body::Table(table) => View::of_table(table),
        }
    }

    /// Asks the processor to load what a search for this name touches at its step; answers whether another one follows.
    #[inline]
    pub(super) fn prefetch(&self, name: &[u8], step: usize) -> bool {
        match &self.body {
            Body::Rows(packed) => packed.prefetch(),
            Body::Timed(packed) => packed.prefetch(),
            Body::Table(table) => return table.prefetch(name, step),
        }
        false
    }

    /// Number of elements. O(1).
    #[inline]
    pub(super) fn len(&self) -> usize {
        match &self.body {
            Body::Rows(packed) => packed.count() / self.shape().width(),
            Body::Timed(packed) => packed.count() / self.shape().width(),
            Body::Table(table) => table.len(),
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        match &self.body {
            Body::Rows(packed) => packed.memory_bytes(),
            Body::Timed(packed) => size_of::<Packed>() + packed.memory_bytes(),
            Body::Table(table) => size_of::<Table>() + table.memory_bytes(),
        }
    }

    pub(super) fn allocations(&self) -> usize {
        if let Body::Table(table) = &self.body { table.leaves() } else { 1 }
    }

    /// The rows in order, as DUMP payloads and RDB files carry them, if that is the form.
    pub(super) fn packed(&self) -> Option<&Packed> {
        match &self.body {
            Body::Rows(packed) => Some(packed),
            Body::Timed(packed) => Some(packed),
            Body::Table(_) => None,
        }
    }

    /// Adds an element or changes the one with this name; answers whether it is new.
    pub(super) fn set(&mut self, name: &[u8], value: &[u8], ttl: Ttl, limits: &Limits) -> bool {
        if matches!(ttl, Ttl::At(_)) {
            self.await_expiry();
        }
        let fits = name.len().max(value.len()) <= limits.text_bytes;
        if !fits || self.packed().is_some_and(|packed| !packed.has_room_for(name.len() + value.len())) {
            self.make_table(limits.seed);
        }
        let (shape, columns) = (self.shape(), self.columns);
        let packed = match &mut self.body {
            Body::Table(table) => return table.set(name, value, ttl),
            Body::Rows(packed) => packed,
            Body::Timed(packed) => packed,
        };
        let Some(at) = rows::find(packed, shape, name) else {
            rows::push(packed, shape, name, value, ttl.of_new());
            if self.len() > limits.rows {
                self.make_table(limits.seed);
            }
            return true;
        };
        let old_ms = rows::row(packed, shape, at).and_then(|row| row.expiry_ms);
        if old_ms != ttl.of(old_ms) {
            rows::remove(packed, shape, at);
            rows::push(packed, shape, name, value, ttl.of(old_ms));
        } else if columns.value {
            rows::set_value(packed, at, value);
        }
        false
    }

    /// Removes the element with this name; answers whether it was there.
    pub(super) fn remove(&mut self, name: &[u8]) -> bool {
        let shape = self.shape();
        let packed = match &mut self.body {
            Body::Table(table) => return table.find(name).map(|place| table.remove(place)).is_some(),
            Body::Rows(packed) => packed,
            Body::Timed(packed) => packed,
        };
        let found = rows::find(packed, shape, name);
        found.map(|at| rows::remove(packed, shape, at)).is_some()
    }

    /// Gives the element with this name another expiry, or none; answers whether it is there.
    pub(super) fn set_expiry(&mut self, name: &[u8], expiry_ms: Option<i64>) -> bool {
        if expiry_ms.is_some() {
            self.await_expiry();
        }
        let shape = self.shape();
        match &mut self.body {
            Body::Table(table) => table.find(name).map(|place| table.set_expiry(place, expiry_ms)).is_some(),
            // Rows without expiries: there is nothing to take away.
            Body::Rows(packed) => rows::find(packed, shape, name).is_some(),
            Body::Timed(packed) => {
                let Some(at) = rows::find(packed, shape, name) else { return false };
                let row = rows::row(packed, shape, at).expect("just found");
                let value = row.value.to_vec();
                rows::remove(packed, shape, at);
                rows::push(packed, shape, name, &value, expiry_ms);
                true
            }
        }
    }

    /// Number of elements that expire.
    pub(super) fn expiring(&self) -> usize {
        match &self.body {
            Body::Rows(_) => 0,
            Body::Timed(packed) => {
                Rows::of(packed, self.shape()).into_iter().take_while(|row| row.expiry_ms.is_some()).count()
            }
            Body::Table(table) => table.expiring(),
        }
    }

    /// When the first element expires. O(1).
    #[inline]
    pub(super) fn first_expiry_ms(&self) -> Option<i64> {
        match &self.body {
            Body::Rows(_) => None,
            Body::Timed(packed) => Rows::of(packed, self.shape()).first_expiry_ms(),
            Body::Table(table) => table.first_expiry_ms(),
        }
    }

    /// Removes the element that expires first, if that is before `now_ms`, after showing it.
    pub(super) fn remove_due(&mut self, now_ms: i64, show: impl FnOnce(Element<'_>)) -> bool {
        if self.first_expiry_ms().is_none_or(|at| at >= now_ms) {
            return false;
        }
        let shape = self.shape();
        match &mut self.body {
            Body::Rows(_) => return false,
            Body::Timed(packed) => {
                let first = packed.start();
                show(rows::row(packed, shape, first).expect("a row that is due"));
                rows::remove(packed, shape, first);
            }
            Body::Table(table) => {
                let Some(place) = table.first_expiring() else { return false };
                show(table.element(place));
                table.remove(place);
            }
        }
        true
    }

    /// Takes the large form if `count` more elements, the longest name or value having `longest` bytes, wouldn't fit
    /// the small one: once for all that are about to be added.
    pub(super) fn make_room(&mut self, count: usize, longest: usize, limits: &Limits) {
        if count > limits.rows || longest > limits.text_bytes {
            self.make_table(limits.seed);
        }
    }

    /// Takes the form with room for expiries, if it is a form of rows.
    pub(super) fn await_expiry(&mut self) {
        if let Body::Rows(packed) = &self.body {
            self.body = Body::Timed(Box::new(rows::with_expiries(packed, self.columns)));
        }
    }

    pub(super) fn make_table(&mut self, seed: u64) {
        if matches!(self.body, Body::Table(_)) {
            return;
        }
        let mut table = Box::new(Table::new(self.columns, seed));
        for row in self.view() {
            let ttl = row.expiry_ms.map_or(Ttl::Clear, Ttl::At);
            row.name.with_text(|name| row.value.with_text(|value| table.set(name, value, ttl)));
        }
        self.body = Body::Table(table);
    }
}
