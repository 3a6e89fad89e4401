//! `FieldMap`: fields with values.

use super::rows::Rows;
use super::store::Store;
use super::view::View;
use super::{Columns, Element, Form, Limits, Ttl};
use crate::packed::Packed;
use crate::small::Small;

/// Fields with values, each with an expiry if it likes. See the module's documentation.
#[derive(Clone, Debug)]
pub struct FieldMap {
    store: Store,
}

impl Default for FieldMap {
    fn default() -> Self {
        Self::new()
    }
}

impl FieldMap {
    /// An empty map. Does not allocate.
    pub const fn new() -> Self {
        FieldMap { store: Store::new(Columns::NAME_AND_VALUE) }
    }

    /// The map whose small form this is.
    pub fn of_small(small: Small<'_>) -> Self {
        FieldMap { store: Store::of_small(Columns::NAME_AND_VALUE, small) }
    }

    /// The map as bytes, if it is rows without expiries.
    #[inline]
    pub fn small(&self) -> Option<Small<'_>> {
        self.store.small()
    }

    /// The fields of the map whose small form this is, to look at.
    #[inline]
    pub fn view_of(small: Small<'_>) -> View<'_> {
        View::of_rows(Rows::of_small(small, Columns::NAME_AND_VALUE))
    }

    /// The form that the map is held in.
    pub fn form(&self) -> Form {
        self.store.form()
    }

    /// The fields, to look at.
    #[inline]
    pub fn view(&self) -> View<'_> {
        self.store.view()
    }

    /// Number of fields, also those whose time is over. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes allocated beyond the map itself. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.store.memory_bytes()
    }

    /// Allocations that dropping it frees, about.
    pub fn allocations(&self) -> usize {
        self.store.allocations()
    }

    /// The rows, if that is the form, as listpacks carry them: field, value (, expiry).
    pub fn packed(&self) -> Option<&Packed> {
        self.store.packed()
    }

    /// Gives a field a value; answers whether the field is new. O(1) in the large form.
    #[inline]
    pub fn set(&mut self, field: &[u8], value: &[u8], ttl: Ttl, limits: &Limits) -> bool {
        self.store.set(field, value, ttl, limits)
    }

    /// Prepares for `count` fields being set, of which the longest field or value has `longest` bytes.
    pub fn make_room(&mut self, count: usize, longest: usize, limits: &Limits) {
        self.store.make_room(count, longest, limits);
    }

    /// Removes a field; answers whether it was there. O(1) in the large form.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        self.store.remove(field)
    }

    /// Sets when a field expires, or that it doesn't; answers whether it is there.
    pub fn set_expiry(&mut self, field: &[u8], expiry_ms: Option<i64>) -> bool {
        self.store.set_expiry(field, expiry_ms)
    }

    /// Asks the processor to load what a search for a field touches at its step; answers whether another one follows.
    #[inline]
    pub fn prefetch(&self, field: &[u8], step: usize) -> bool {
        self.store.prefetch(field, step)
    }

    /// Takes the form with room for expiries, if it is a form of rows. Nothing else changes.
    pub fn await_expiry(&mut self) {
        self.store.await_expiry();
    }

    /// Number of fields that expire.
    pub fn expiring(&self) -> usize {
        self.store.expiring()
    }

    /// When the first field expires. O(1).
    #[inline]
    pub fn first_expiry_ms(&self) -> Option<i64> {
        self.store.first_expiry_ms()
    }

    /// Removes the field that expires first, if that is before `now_ms`, after showing it; answers whether there was
    /// one. O(1) in the large form.
    pub fn remove_due(&mut self, now_ms: i64, show: impl FnOnce(Element<'_>)) -> bool {
        self.store.remove_due(now_ms, show)
    }
}
