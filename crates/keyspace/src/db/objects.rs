//! Objects being changed, and the index of those whose elements expire: by the moment at which the first one does.

use super::{Db, Expiry, Key, Place};
use crate::entry::Entry;
use crate::item::{Item, Removed};
use crate::object::ObjectBox;
use crate::value::{Encoding, NewValue, Object, Typed};

/// What is kept account of for an object: taken before a change, given back after it.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    bytes: usize,
    first_expiry_ms: Option<i64>,
}

impl Account {
    fn of(object: &dyn Object) -> Account {
        Account { bytes: object.memory_bytes(), first_expiry_ms: object.first_element_expiry_ms() }
    }
}

/// An object that is going to be changed.
#[derive(Debug)]
pub enum Opened<T> {
    /// It is changed where it lies, through [`Db::object_mut`]; [`Db::settle`] is told afterwards what it was.
    InPlace(Account),
    /// A copy, as the object is no more than bytes of its entry: [`Db::put_typed`] takes it afterwards.
    Copied(T),
}

impl Db {
    /// Prepares the object at `place` for changing, if it is a `T`.
    pub fn open<T: Typed>(&self, place: Place) -> Option<Opened<T>> {
        let entry = self.entry(place);
        if entry.kind() != T::KIND {
            return None;
        }
        Some(match entry.small() {
            Some(small) => Opened::Copied(T::of_small(small)),
            None => Opened::InPlace(self.account(place)),
        })
    }

    /// Stores an object that has no allocation of its own yet, and gets one only if it isn't small; as [`Db::put_string`].
    pub fn put_typed<T: Typed>(
        &mut self,
        key: &Key<'_>,
        place: Option<Place>,
        object: T,
        expiry: Expiry,
        access: u32,
    ) -> (Place, Option<Removed>) {
        match NewValue::of_small(&object) {
            Some(small) => self.put(key, place, &small, expiry, access),
            None => self.put_large_object(key, place, ObjectBox::new(object), expiry, access),
        }
    }

    /// The object at `place` for changing, if it is a `T` that lies outside of its entry.
    pub fn object_mut<T: Typed>(&mut self, place: Place) -> Option<&mut T> {
        let entry = self.entry(place);
        self.preserve(entry);
        (entry.encoding() == Encoding::Object && entry.kind() == T::KIND)
            // SAFETY: the entry owns an object of this kind and we hold the database mutably.
            .then(|| unsafe { ObjectBox::peek_mut::<T>(entry.word()) })
    }

    /// The account of the object at `place`, which lies outside of its entry.
    fn account(&self, place: Place) -> Account {
        Account::of(self.item(place).any_boxed().expect("an object is changed"))
    }

    /// Enters how an object has changed that was opened at `place`, where it lies; answers when its first element expires, if that is new.
    pub fn settle(&mut self, place: Place, before: Account) -> Option<i64> {
        let after = self.account(place);
        self.bytes = self.bytes + after.bytes - before.bytes;
        if before.first_expiry_ms == after.first_expiry_ms {
            return None;
        }
        let entry = self.entry(place);
        self.leave_element_expiry(entry, before.first_expiry_ms);
        self.enter_element_expiry(entry, after.first_expiry_ms);
        after.first_expiry_ms
    }

    /// Changes the object at `place` if it is a `T`; answers whether it is.
    #[cfg(test)]
    pub(crate) fn change<T: Typed>(
        &mut self,
        key: &Key<'_>,
        place: Place,
        change: impl FnOnce(&mut T),
    ) -> bool {
        match self.open::<T>(place) {
            None => return false,
            Some(Opened::InPlace(before)) => {
                change(self.object_mut(place).expect("opened as one"));
                self.settle(place, before);
            }
            Some(Opened::Copied(mut object)) => {
                change(&mut object);
                self.put_typed(key, Some(place), object, Expiry::Keep, self.item(place).access());
            }
        }
        true
    }

    /// Removes the element of the object at `place` that expires first, if that is before `now_ms`, after showing its
    /// name; answers whether there was one.
    pub fn remove_due_element(&mut self, place: Place, now_ms: i64, show: &mut dyn FnMut(&[u8])) -> bool {
        let entry = self.entry(place);
        if !Item::new(entry).has_due_element(now_ms) {
            return false;
        }
        self.preserve(entry);
        let before = self.account(place);
        // SAFETY: the entry owns an object of its kind, and we hold the database mutably.
        let object = unsafe { ObjectBox::peek_dyn_mut(entry.kind(), entry.word()) };
        let removed = object.remove_due_element(now_ms, show);
        self.settle(place, before);
        removed
    }

    /// Keys with elements that expire.
    pub fn element_expiring_len(&self) -> usize {
        self.element_expiries.len()
    }

    /// When the first element of all expires.
    pub fn first_element_expiry_ms(&self) -> Option<i64> {
        self.element_expiries.first().map(|(at, _)| *at)
    }

    /// Keys with elements whose time is over at `now_ms`, the earliest first.
    pub fn due_within(&self, now_ms: i64) -> impl Iterator<Item = &[u8]> {
        let due = self.element_expiries.iter().take_while(move |(at, _)| *at < now_ms);
        due.map(|(_, handle)| Entry::from_handle(*handle).key())
    }

    pub(super) fn enter_element_expiry(&mut self, entry: Entry, first_ms: Option<i64>) {
        if let Some(at) = first_ms {
            self.element_expiries.insert((at, entry.handle()));
        }
    }

    pub(super) fn leave_element_expiry(&mut self, entry: Entry, first_ms: Option<i64>) {
        if let Some(at) = first_ms {
            self.element_expiries.remove(&(at, entry.handle()));
        }
    }
}
