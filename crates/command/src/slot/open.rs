//! An object opened for changing: where it is meanwhile, and what becomes of it when that is over.

use super::{Slot, expiry_of_elements, removal_of_elements};
use crate::cx::Now;
use crate::effects::Effects;
use crate::error::{Error, Result};
use crate::spec::Event;
use keyspace::{Account, DbIndex, Expiry, Opened, Place, Typed};
use std::ops::{Deref, DerefMut};

impl<'c, 'k> Slot<'c, 'k> {
    /// Stores an object that was open, in the key's entry or for the first time; answers when its first element expires.
    fn store<T: Typed>(&mut self, object: T) -> Option<i64> {
        let access =
            self.item().map_or_else(|| self.limits.remember.fresh(self.now.ms()), |item| item.access());
        let db = self.shard.db_mut(self.db);
        let (place, removed) = db.put_typed(&self.key, self.place, object, Expiry::Keep, access);
        debug_assert!(removed.is_none(), "it held nothing outside of its entry");
        self.place = Some(place);
        db.item(place).first_element_expiry_ms()
    }

    /// Opens the object that the key holds, for changing.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    pub fn open<T: Typed>(self) -> Result<Option<Open<'c, 'k, T>>> {
        let Some(place) = self.place else { return Ok(None) };
        let held = match self.shard.db(self.db).open(place).ok_or(Error::WRONG_TYPE)? {
            Opened::InPlace(before) => Held::InPlace(place, before),
            Opened::Copied(object) => Held::Apart(object),
        };
        let mut slot = self;
        slot.count_use();
        Ok(Some(Open { slot, held }))
    }

    /// Opens the object that the key holds, for changing; makes one if there is none.
    ///
    /// # Errors
    /// [`Error::WRONG_TYPE`].
    pub fn open_or_insert<T: Typed>(self, make: impl FnOnce() -> T) -> Result<Open<'c, 'k, T>> {
        if self.place.is_none() {
            self.effects.also(self.db, self.key.bytes, Event::NEW);
            return Ok(Open { slot: self, held: Held::Apart(make()) });
        }
        self.open().map(|open| open.expect("the key is there"))
    }
}

/// An object opened for changing. Report each change with [`Open::changed_by`]; the rest happens when it is dropped.
pub struct Open<'c, 'k, T: Typed> {
    slot: Slot<'c, 'k>,
    held: Held<T>,
}

/// Where an object is while it is open.
enum Held<T> {
    /// Where it always is; what is kept account of for it.
    InPlace(Place, Account),
    /// Here, to be stored: it is new, or so small that its bytes lie in the key's entry.
    Apart(T),
    /// Stored again.
    Stored,
}

impl<T: Typed> Open<'_, '_, T> {
    /// The object has changed: `count` changes, one event. A count of 0 means the event alone.
    pub fn changed_by(&mut self, count: usize, event: Event) {
        let Slot { shard, effects, db, key, .. } = &mut self.slot;
        effects.changed(shard, *db, key, event, count);
    }

    /// The object has changed in a way that doesn't show in its value, such as a stream's groups: `count` changes that are
    /// no matter for those who watch the key.
    pub fn changed_unseen(&mut self, count: usize) {
        self.slot.effects.dirty += count as u64;
    }

    /// Lets those who wait for the key be asked again, though its value hasn't changed.
    pub fn wake(&mut self) {
        let Slot { shard, effects, db, key, .. } = &mut self.slot;
        effects.ready_if_awaited(shard, *db, key.bytes);
    }

    /// As [`Open::wake`], if somebody waits whom time alone may serve: when that will be is to be found out anew.
    pub fn wake_ripening(&mut self) {
        let Slot { shard, db, key, .. } = &self.slot;
        let waiters = shard.waiters.of(*db, key.bytes);
        if waiters.is_some_and(|waiters| waiters.iter().any(|waiter| waiter.step.ripens())) {
            self.wake();
        }
    }

    /// A further event of a change that has been counted.
    pub fn also(&mut self, event: Event) {
        self.slot.also(event);
    }

    /// Says which elements the last event was about.
    #[inline]
    pub fn name_elements<'n>(&mut self, names: impl IntoIterator<Item = &'n [u8]>) {
        self.slot.effects.name_elements(names);
    }

    /// Whether anybody reads how changes are recorded.
    pub fn is_recorded(&self) -> bool {
        self.slot.effects.interest.journal
    }

    /// The Unit's effects, for outcomes.
    pub fn effects(&mut self) -> &mut Effects {
        self.slot.effects
    }

    /// The database, for outcomes.
    pub fn db(&self) -> DbIndex {
        self.slot.db
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        self.slot.key()
    }

    /// The Unit's moment.
    pub fn now(&self) -> Now {
        self.slot.now
    }

    /// As [`Slot::alive_from_ms`].
    pub fn alive_from_ms(&self) -> i64 {
        self.slot.alive_from_ms()
    }

    /// Whether an element that is to live until `at_ms` has no time left.
    pub fn is_over(&self, at_ms: i64) -> bool {
        self.slot.is_over(at_ms)
    }

    /// Says how the running command is to be recorded, in place of its own words.
    pub fn outcome(&mut self, words: &[&[u8]]) {
        self.slot.outcome(words);
    }

    /// As [`Open::outcome`]: a command on this key with options, and with names of elements behind them.
    pub fn outcome_for(&mut self, verb: &[u8], options: &[&[u8]], names: &[&[u8]]) {
        if self.is_recorded() {
            let words = [&[verb, self.slot.key.bytes][..], options, names].concat();
            self.slot.outcome(&words);
        }
    }

    /// When the first element expires, whether it is to be seen or not.
    pub fn first_element_expiry_ms(&self) -> Option<i64> {
        keyspace::Object::first_element_expiry_ms(&**self)
    }

    /// An element's time was over, and the command itself has removed it: not the command's change, which is recorded
    /// behind this.
    pub fn element_expired(&mut self, name: &[u8]) {
        let Slot { shard, effects, db, key, .. } = &mut self.slot;
        effects.tally.expired_elements += 1;
        effects.changed(shard, *db, key, expiry_of_elements(T::KIND), 0);
        effects.name_elements([name]);
        effects.record(*db, &[removal_of_elements(T::KIND), key.bytes, name]);
    }

    /// The key's time to live.
    pub fn expiry_ms(&self) -> Option<i64> {
        self.slot.item().and_then(|item| item.expiry_ms())
    }
}

impl<T: Typed> Deref for Open<'_, '_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.held {
            Held::Apart(object) => object,
            Held::InPlace(place, _) => {
                self.slot.shard.db(self.slot.db).item(*place).boxed().expect("checked when opened")
            }
            Held::Stored => unreachable!("it is stored when it is dropped"),
        }
    }
}

impl<T: Typed> DerefMut for Open<'_, '_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.held {
            Held::Apart(object) => object,
            Held::InPlace(place, _) => {
                self.slot.shard.db_mut(self.slot.db).object_mut(*place).expect("checked when opened")
            }
            Held::Stored => unreachable!("it is stored when it is dropped"),
        }
    }
}

impl<T: Typed> Drop for Open<'_, '_, T> {
    fn drop(&mut self) {
        let vacant = self.is_vacant();
        let first_expiry_ms = match std::mem::replace(&mut self.held, Held::Stored) {
            Held::InPlace(place, before) => self.slot.shard.db_mut(self.slot.db).settle(place, before),
            // What is about to be removed needn't be stored again.
            Held::Apart(_) if vacant && self.slot.exists() => None,
            Held::Apart(object) => self.slot.store(object),
            Held::Stored => unreachable!("it is dropped once"),
        };
        if let Some(at_ms) = first_expiry_ms {
            self.slot.effects.expires(at_ms);
        }
        if vacant {
            self.slot.delete_vacant();
        }
    }
}
