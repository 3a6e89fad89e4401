//! What sets and hashes share: elements that may expire by themselves, and walks over them.

pub(crate) mod block;
pub(crate) mod expire;
pub(crate) mod ttl;
pub(crate) mod walk;

use command::{Cx, Error, Event, Limits, Open, Result};
use keyspace::{Item, Typed};
use structs::fields::{FieldMap, MemberSet, View};

/// A container of elements, and how its commands call things.
pub(crate) trait Elements: Typed {
    /// What an element is called, in the singular.
    const NOUN: &'static str;
    /// The word that announces elements among a command's arguments.
    const BLOCK: &'static str;
    /// The command that removes elements.
    const REMOVE: &'static [u8];
    /// The command that sets when elements expire.
    const EXPIRE_AT: &'static [u8];
    /// The command that makes elements stay.
    const PERSIST: &'static [u8];
    /// Elements have been removed.
    const REMOVED: Event;
    /// It has been said when elements expire.
    const EXPIRE: Event;
    /// Elements don't expire any more.
    const PERSISTED: Event;

    /// All elements.
    fn view(&self) -> View<'_>;
    /// All elements of what a key holds, if it is such a container.
    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>>;
    /// Removes an element; answers whether it was there.
    fn remove(&mut self, name: &[u8]) -> bool;
    /// It is about to be said when elements expire, though there may be none of them.
    fn await_expiry(&mut self) {}
    /// Sets when an element expires, or that it doesn't; answers whether it is there.
    fn set_expiry(&mut self, name: &[u8], at_ms: Option<i64>, limits: &Limits) -> bool;
}

impl Elements for FieldMap {
    const NOUN: &'static str = "field";
    const BLOCK: &'static str = "FIELDS";
    const REMOVE: &'static [u8] = b"HDEL";
    const EXPIRE_AT: &'static [u8] = b"HPEXPIREAT";
    const PERSIST: &'static [u8] = b"HPERSIST";
    const REMOVED: Event = Event::hash("hdel");
    const EXPIRE: Event = Event::hash("hexpire");
    const PERSISTED: Event = Event::hash("hpersist");

    fn view(&self) -> View<'_> {
        FieldMap::view(self)
    }

    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>> {
        item.fields()
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        FieldMap::remove(self, name)
    }

    fn await_expiry(&mut self) {
        FieldMap::await_expiry(self);
    }

    fn set_expiry(&mut self, name: &[u8], at_ms: Option<i64>, _: &Limits) -> bool {
        FieldMap::set_expiry(self, name, at_ms)
    }
}

impl Elements for MemberSet {
    const NOUN: &'static str = "member";
    const BLOCK: &'static str = "MEMBERS";
    const REMOVE: &'static [u8] = b"SREM";
    const EXPIRE_AT: &'static [u8] = b"SPEXPIREAT";
    const PERSIST: &'static [u8] = b"SPERSIST";
    const REMOVED: Event = Event::set("srem");
    const EXPIRE: Event = Event::set("sexpire");
    const PERSISTED: Event = Event::set("spersist");

    fn view(&self) -> View<'_> {
        MemberSet::view(self)
    }

    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>> {
        item.members()
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        MemberSet::remove(self, name)
    }

    fn set_expiry(&mut self, name: &[u8], at_ms: Option<i64>, limits: &Limits) -> bool {
        MemberSet::set_expiry(self, name, at_ms, &limits.set)
    }
}

/// The elements of a key, to look at; counted as a use.
#[inline]
pub(crate) fn read<'c, T: Elements>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<View<'c>>> {
    let from_ms = cx.alive_from_ms();
    let Some(item) = cx.read(key) else { return Ok(None) };
    T::view_of(&item).map(|elements| Some(elements.alive_at(from_ms))).ok_or(Error::WRONG_TYPE)
}

/// Removes those of the named elements whose time is over. Opening a key removes such elements, but not all of them if
/// there are very many: who changes an element depending on what it is must not find one that is over.
pub(crate) fn lapse<'n, T: Elements>(open: &mut Open<'_, '_, T>, names: impl Iterator<Item = &'n [u8]>) {
    let from_ms = open.alive_from_ms();
    if open.first_element_expiry_ms().is_none_or(|at| at >= from_ms) {
        return;
    }
    for name in names {
        let over = |at: i64| at < from_ms;
        if open.view().find(name).is_some_and(|element| element.expiry_ms.is_some_and(over)) {
            Elements::remove(&mut **open, name);
            open.element_expired(name);
        }
    }
}
