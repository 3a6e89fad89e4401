//! What sets, sorted sets and hashes share: elements that may expire by themselves, and walks over them.

pub(crate) mod block;
pub(crate) mod expire;
pub(crate) mod ttl;
pub(crate) mod walk;

use command::{Cx, Error, Event, Limits, Open, Result, removal_of_elements};
use keyspace::{Item, Typed};
use structs::fields::{FieldMap, MemberSet, View};
use structs::ranked::Ranked;

/// A container of elements, and how its commands call things.
pub(crate) trait Elements: Typed {
    /// What an element is called, in the singular.
    const NOUN: &'static str;
    /// The word that announces elements among a command's arguments.
    const BLOCK: &'static str;
    /// The command that removes elements.
    const REMOVE: &'static [u8] = removal_of_elements(Self::KIND);
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

    /// Visits the elements that expire, each with its moment in milliseconds since the epoch.
    fn for_each_expiring(&self, visit: &mut dyn FnMut(&[u8], i64));
    /// When the element with this name expires; that it doesn't, if it is there; nothing, if it isn't.
    fn find_expiry(&self, name: &[u8]) -> Option<Option<i64>>;
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
    const EXPIRE_AT: &'static [u8] = b"HPEXPIREAT";
    const PERSIST: &'static [u8] = b"HPERSIST";
    const REMOVED: Event = Event::hash("hdel");
    const EXPIRE: Event = Event::hash("hexpire");
    const PERSISTED: Event = Event::hash("hpersist");

    fn for_each_expiring(&self, visit: &mut dyn FnMut(&[u8], i64)) {
        for_each_expiring(self.view(), visit);
    }

    fn find_expiry(&self, name: &[u8]) -> Option<Option<i64>> {
        self.view().find(name).map(|found| found.expiry_ms)
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
    const EXPIRE_AT: &'static [u8] = b"SPEXPIREAT";
    const PERSIST: &'static [u8] = b"SPERSIST";
    const REMOVED: Event = Event::set("srem");
    const EXPIRE: Event = Event::set("sexpire");
    const PERSISTED: Event = Event::set("spersist");

    fn for_each_expiring(&self, visit: &mut dyn FnMut(&[u8], i64)) {
        for_each_expiring(self.view(), visit);
    }

    fn find_expiry(&self, name: &[u8]) -> Option<Option<i64>> {
        self.view().find(name).map(|found| found.expiry_ms)
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        MemberSet::remove(self, name)
    }

    fn set_expiry(&mut self, name: &[u8], at_ms: Option<i64>, limits: &Limits) -> bool {
        MemberSet::set_expiry(self, name, at_ms, &limits.set)
    }
}

/// A container that can be looked at wherever its elements are.
pub(crate) trait Viewed: Elements {
    /// All elements of what a key holds, if it is such a container.
    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>>;
}

impl Viewed for FieldMap {
    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>> {
        item.fields()
    }
}

impl Viewed for MemberSet {
    fn view_of<'a>(item: &Item<'a>) -> Option<View<'a>> {
        item.members()
    }
}

impl Elements for Ranked {
    const NOUN: &'static str = "member";
    const BLOCK: &'static str = "MEMBERS";
    const EXPIRE_AT: &'static [u8] = b"ZPEXPIREAT";
    const PERSIST: &'static [u8] = b"ZPERSIST";
    const REMOVED: Event = Event::sorted_set("zrem");
    const EXPIRE: Event = Event::sorted_set("zexpire");
    const PERSISTED: Event = Event::sorted_set("zpersist");

    fn for_each_expiring(&self, visit: &mut dyn FnMut(&[u8], i64)) {
        self.expiries().for_each(|(member, at_ms)| member.with_text(|member| visit(member, at_ms)));
    }

    fn find_expiry(&self, name: &[u8]) -> Option<Option<i64>> {
        self.expiry_ms(name)
    }

    fn remove(&mut self, name: &[u8]) -> bool {
        Ranked::remove(self, name).is_some()
    }

    fn set_expiry(&mut self, name: &[u8], at_ms: Option<i64>, _: &Limits) -> bool {
        Ranked::set_expiry(self, name, at_ms)
    }
}

fn for_each_expiring(elements: View<'_>, visit: &mut dyn FnMut(&[u8], i64)) {
    if elements.first_expiry_ms().is_none() {
        return;
    }
    for element in elements {
        if let Some(at_ms) = element.expiry_ms {
            element.name.with_text(|name| visit(name, at_ms));
        }
    }
}

/// The elements of a key, to look at; counted as a use.
#[inline]
pub(crate) fn read<'c, T: Viewed>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<View<'c>>> {
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
        if open.find_expiry(name).flatten().is_some_and(over) {
            Elements::remove(&mut **open, name);
            open.element_expired(name);
        }
    }
}
