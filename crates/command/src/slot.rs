//! A key that a handler has opened: the one place where values are read and changed.
//!
//! Opening removes an expired key. Every change goes through a method here (or through an [`Open`] object), which keeps
//! expiry index and accounting, counts the change, marks watchers, finds waiters to be served, and removes an object that
//! has become empty: nothing that a handler could forget.

mod open;
mod text;

pub use open::Open;
pub use text::OpenText;

use crate::cx::{Caller, Expired, Limits, Now};
use crate::effects::Effects;
use crate::error::{Error, Result};
use crate::park::Shard;
use crate::spec::Event;
use base::prng::Prng;
use keyspace::{DbIndex, Expiry, Item, Key, Kind, Place, Value};
use std::ops::Range;

/// Elements of one value that are removed in one go because their time is over.
const ELEMENTS_EXPIRED_AT_ONCE: usize = 64;

/// The command that removes elements of a kind of value, one whose elements may expire.
///
/// # Panics
/// If they don't.
pub const fn removal_of_elements(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Set => b"SREM",
        Kind::SortedSet => b"ZREM",
        Kind::Hash => b"HDEL",
        _ => panic!("its elements don't expire"),
    }
}

/// The event of elements' having expired.
fn expiry_of_elements(kind: Kind) -> Event {
    match kind {
        Kind::Set => Event::set("sexpired"),
        Kind::SortedSet => Event::sorted_set("zexpired"),
        Kind::Hash => Event::hash("hexpired"),
        other => unreachable!("the elements of a {} don't expire", other.name()),
    }
}

/// An opened key.
pub struct Slot<'c, 'k> {
    shard: &'c mut Shard,
    effects: &'c mut Effects,
    rng: &'c mut Prng,
    limits: &'c Limits,
    db: DbIndex,
    key: Key<'k>,
    now: Now,
    caller: Caller,
    place: Option<Place>,
}

impl<'c, 'k> Slot<'c, 'k> {
    #[inline]
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of a Cx, taken apart so that they can be borrowed"
    )]
    pub(crate) fn new(
        shard: &'c mut Shard,
        effects: &'c mut Effects,
        rng: &'c mut Prng,
        db: DbIndex,
        key: Key<'k>,
        now: Now,
        limits: &'c Limits,
        caller: Caller,
    ) -> Self {
        let place = shard.db(db).find(&key);
        let mut slot = Slot { shard, effects, rng, limits, db, key, now, caller, place };
        if let Some(place) = place
            && caller.expired != Expired::Seen
        {
            let item = slot.shard.db(db).item(place);
            if item.is_expired(now.ms()) {
                slot.expire();
            } else if item.has_due_element(now.ms()) {
                slot.expire_elements(place);
            }
        }
        slot
    }

    #[cold]
    fn expire(&mut self) {
        let Some(place) = self.place.take() else { return };
        if self.caller.expired == Expired::Hidden {
            return;
        }
        self.effects.tally.expired += 1;
        self.remove_unasked(place, Event::EXPIRED, self.limits.lazy_expire);
    }

    /// Removes elements whose time is over: some of them, if there are very many. Who looks at the elements doesn't see
    /// the others; see [`Slot::alive_from_ms`].
    #[cold]
    fn expire_elements(&mut self, place: Place) {
        if self.caller.expired == Expired::Hidden {
            return;
        }
        let db = self.shard.db_mut(self.db);
        let kind = db.item(place).kind();
        let mut names: Vec<Vec<u8>> = Vec::new();
        let more = |names: &Vec<_>| names.len() < ELEMENTS_EXPIRED_AT_ONCE;
        while more(&names)
            && db.remove_due_element(place, self.now.ms(), &mut |name| names.push(name.to_vec()))
        {}
        self.effects.tally.expired_elements += names.len() as u64;
        self.effects.changed(self.shard, self.db, &self.key, expiry_of_elements(kind), 0);
        self.effects.name_elements(names.iter().map(Vec::as_slice));
        let words: Vec<&[u8]> = [removal_of_elements(kind), self.key.bytes]
            .into_iter()
            .chain(names.iter().map(Vec::as_slice))
            .collect();
        self.effects.record(self.db, &words);
        if self.item().and_then(|item| item.any_object()).is_some_and(|object| object.is_vacant()) {
            self.delete_vacant();
        }
    }

    /// Removes all elements whose time is over, however many: before what is seen of them is stored elsewhere. Who replays
    /// the journal sees every element that isn't recorded as removed.
    pub fn expire_all_elements(&mut self) {
        let (expired, now_ms) = (self.caller.expired, self.now.ms());
        while let Some(place) = self.place
            && expired == Expired::Removed
            && self.shard.db(self.db).item(place).has_due_element(now_ms)
        {
            self.expire_elements(place);
        }
    }

    /// Removes a key whose last element is gone: a part of that change, and not counted again.
    fn delete_vacant(&mut self) {
        let dirty = self.effects.dirty;
        self.delete(Event::DEL, false);
        self.effects.dirty = dirty;
    }

    /// Elements that expire before this moment, in milliseconds since the epoch, are not to be seen.
    pub fn alive_from_ms(&self) -> i64 {
        self.caller.alive_from_ms(self.now)
    }

    /// Removes the key to make room, if it is there.
    pub fn evict(&mut self) {
        if let Some(place) = self.place.take() {
            self.effects.tally.evicted += 1;
            self.remove_unasked(place, Event::EVICTED, self.limits.lazy_eviction);
        }
    }

    /// Removes the key in the server's own name: no change that is counted, and a record of its own.
    fn remove_unasked(&mut self, place: Place, event: Event, lazily: bool) {
        let removed = self.shard.db_mut(self.db).remove(&self.key, place);
        self.effects.free(removed, lazily);
        let (dirty, key) = (self.effects.dirty, self.key);
        self.effects.changed(self.shard, self.db, &key, event, 0);
        debug_assert_eq!(dirty, self.effects.dirty, "it isn't the command's change");
        let verb: &[u8] = if lazily { b"UNLINK" } else { b"DEL" };
        self.effects.record(self.db, &[verb, key.bytes]);
    }

    /// The key.
    pub fn key(&self) -> &'k [u8] {
        self.key.bytes
    }

    /// Whether a key that is to live until `at_ms` has no time left.
    pub fn is_over(&self, at_ms: i64) -> bool {
        at_ms <= self.now.ms() && self.caller.expired != Expired::Seen
    }

    /// Whether the key exists.
    #[inline]
    pub fn exists(&self) -> bool {
        self.place.is_some()
    }

    /// The key with its value, not counted as a use.
    #[inline]
    pub fn item(&self) -> Option<Item<'_>> {
        self.place.map(|place| self.shard.db(self.db).item(place))
    }

    /// As [`Slot::item`], for as long as the databases are borrowed.
    #[inline]
    pub fn into_item(self) -> Option<Item<'c>> {
        let shard: &'c Shard = self.shard;
        self.place.map(|place| shard.db(self.db).item(place))
    }

    /// The key with its value, counted as a use and as a hit or a miss.
    #[inline]
    pub fn into_read(mut self) -> Option<Item<'c>> {
        self.count_read();
        self.into_item()
    }

    /// Counts a use and a hit or a miss.
    #[inline]
    pub fn count_read(&mut self) {
        self.count_lookup();
        self.count_use();
    }

    /// Counts a hit or a miss.
    #[inline]
    pub fn count_lookup(&mut self) {
        if self.place.is_some() {
            self.effects.tally.hits += 1;
        } else {
            self.effects.tally.misses += 1;
            self.effects.also(self.db, self.key.bytes, Event::KEY_MISS);
        }
    }

    /// Counts a change, or a look that might have led to one, as a use.
    #[inline]
    pub fn count_use(&mut self) {
        if !self.caller.no_touch {
            self.touch();
        }
    }

    /// Refreshes the access bits.
    #[inline]
    pub fn touch(&mut self) {
        if let Some(place) = self.place {
            let item = self.shard.db(self.db).item(place);
            let rng = &mut *self.rng;
            item.set_access(self.limits.remember.used(item.access(), self.now.ms(), || rng.next_u64()));
        }
    }

    /// Whether the key holds a string (or nothing).
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`] if it holds something else.
    pub fn string(&self) -> Result<Option<keyspace::Str<'_>>> {
        match self.item() {
            None => Ok(None),
            Some(item) => item.string().map(Some).ok_or(Error::WRONG_TYPE),
        }
    }

    /// The access bits of the key after its value has been stored.
    #[inline]
    fn access(&mut self) -> u32 {
        let (remember, now_ms) = (self.limits.remember, self.now.ms());
        match self.place {
            None => remember.fresh(now_ms),
            Some(place) => {
                let access = self.shard.db(self.db).item(place).access();
                remember.used(access, now_ms, || self.rng.next_u64())
            }
        }
    }

    #[inline]
    fn note_expiry(&mut self, expiry: Expiry) {
        if let Expiry::At(at_ms) = expiry {
            self.effects.expires(at_ms);
        }
    }

    /// Stores a string in place of whatever the key holds.
    #[inline]
    pub fn put_string(&mut self, bytes: &[u8], expiry: Expiry, event: Event) {
        self.tell_overwritten(Kind::String);
        let access = self.access();
        let db = self.shard.db_mut(self.db);
        let (place, removed) = db.put_string(&self.key, self.place, bytes, expiry, access);
        self.note_expiry(expiry);
        self.stored(place, removed, event);
    }

    /// Stores an integer, which has been made of the string that the key holds, if it holds one.
    #[inline]
    pub fn put_int(&mut self, n: i64, expiry: Expiry, event: Event) {
        let access = self.access();
        let db = self.shard.db_mut(self.db);
        let (place, removed) = db.put_int(&self.key, self.place, n, expiry, access);
        self.note_expiry(expiry);
        self.stored(place, removed, event);
    }

    /// Stores any value in place of whatever the key holds.
    pub fn put_value(&mut self, value: Value, expiry: Expiry, event: Event) {
        self.tell_overwritten(value.kind());
        self.put_made(value, expiry, event);
    }

    /// Stores a value that has been made of the one that the key holds, if it holds one.
    pub fn put_made(&mut self, value: Value, expiry: Expiry, event: Event) {
        let access = self.access();
        let db = self.shard.db_mut(self.db);
        let (place, removed) = db.put_value(&self.key, self.place, value, expiry, access);
        if let Some(at_ms) = db.item(place).first_element_expiry_ms() {
            self.effects.expires(at_ms);
        }
        self.note_expiry(expiry);
        self.stored(place, removed, event);
    }

    /// As [`Slot::put_value`], but the key counts as new though it replaces another, and what it replaces is told of last.
    pub fn put_anew(&mut self, value: Value, expiry: Expiry, event: Event) {
        let (replaced, kind) = (self.item().map(|item| item.kind()), value.kind());
        if replaced.is_some() {
            self.also(Event::NEW);
        }
        self.put_made(value, expiry, event);
        if let Some(replaced) = replaced {
            self.tell_replaced(replaced, kind);
        }
    }

    /// Tells that the whole value is about to be replaced by one of a kind, if there is one.
    #[inline]
    pub fn tell_overwritten(&mut self, by: Kind) {
        if self.effects.interest.changes
            && let Some(replaced) = self.item().map(|item| item.kind())
        {
            self.tell_replaced(replaced, by);
        }
    }

    #[cold]
    fn tell_replaced(&mut self, replaced: Kind, by: Kind) {
        self.also(Event::OVERWRITTEN);
        if replaced != by {
            self.also(Event::TYPE_CHANGED);
        }
    }

    #[inline]
    fn stored(&mut self, place: Place, removed: Option<keyspace::Removed>, event: Event) {
        if removed.is_some() {
            self.effects.free(removed, self.limits.lazy_server_del);
        }
        if self.place.replace(place).is_none() {
            self.effects.also(self.db, self.key.bytes, Event::NEW);
        }
        self.effects.changed(self.shard, self.db, &self.key, event, 1);
    }

    /// Cuts the string off or fills it up with zero bytes to `len` and answers its bytes in the range `changed`, which
    /// are all that may be changed. The key must hold a string. Counted as one change.
    pub fn edit_string(&mut self, len: usize, changed: Range<usize>, event: Event) -> &mut [u8] {
        let place = self.place.expect("the caller has seen a string");
        self.count_use();
        self.effects.changed(self.shard, self.db, &self.key, event, 1);
        self.shard.db_mut(self.db).edit_string(place, len, changed)
    }

    /// Removes the key; answers whether it was there. `lazily` leaves large values to the background thread.
    pub fn delete(&mut self, event: Event, lazily: bool) -> bool {
        let Some(place) = self.place.take() else { return false };
        let removed = self.shard.db_mut(self.db).remove(&self.key, place);
        self.effects.changed(self.shard, self.db, &self.key, event, 1);
        self.effects.free(removed, lazily);
        true
    }

    /// Removes the key and answers its value and expiry.
    pub fn take_value(&mut self, event: Event) -> Option<(Value, Option<i64>)> {
        let place = self.place.take()?;
        let taken = self.shard.db_mut(self.db).take(&self.key, place);
        self.effects.changed(self.shard, self.db, &self.key, event, 1);
        Some(taken)
    }

    /// Sets or removes the time to live of a key that exists.
    pub fn set_expiry(&mut self, at_ms: Option<i64>, event: Event) {
        let place = self.place.expect("the caller has seen the key");
        self.count_use();
        self.shard.db_mut(self.db).set_expiry(place, at_ms);
        self.note_expiry(at_ms.map_or(Expiry::Never, Expiry::At));
        self.effects.changed(self.shard, self.db, &self.key, event, 1);
    }

    /// As [`Slot::set_expiry`], but as a part of a change that has been counted.
    pub fn also_set_expiry(&mut self, at_ms: Option<i64>, event: Event) {
        let place = self.place.expect("the caller has seen the key");
        self.shard.db_mut(self.db).set_expiry(place, at_ms);
        self.note_expiry(at_ms.map_or(Expiry::Never, Expiry::At));
        self.effects.also(self.db, self.key.bytes, event);
    }

    /// A further event of a change that has been counted.
    pub fn also(&mut self, event: Event) {
        self.effects.also(self.db, self.key.bytes, event);
    }

    /// Says which elements the last event was about.
    pub fn name_elements<'n>(&mut self, names: impl IntoIterator<Item = &'n [u8]>) {
        self.effects.name_elements(names);
    }

    /// Says how the running command is to be recorded, in place of its own words.
    pub fn outcome(&mut self, words: &[&[u8]]) {
        self.effects.outcome(self.db, words);
    }

    /// The Unit's moment.
    pub fn now(&self) -> Now {
        self.now
    }

    /// What the configuration allows.
    pub fn limits(&self) -> &'c Limits {
        self.limits
    }

    /// Sets the access bits directly (RESTORE's IDLETIME and FREQ).
    pub fn set_access(&mut self, access: u32) {
        if let Some(item) = self.item() {
            item.set_access(access);
        }
    }
}
