//! A string opened for changing some of its bytes where they lie.

use super::Slot;
use crate::error::Result;
use crate::spec::Event;
use keyspace::{Expiry, Place, Str, Value};
use std::ops::Range;

/// A string opened for changing in place. Report the changes with [`OpenText::changed_by`].
pub struct OpenText<'c, 'k> {
    slot: Slot<'c, 'k>,
    place: Place,
    len: usize,
    grown: bool,
}

impl<'c, 'k> Slot<'c, 'k> {
    /// Opens the string that the key holds, filled up with zero bytes to `min_len`; makes one if there is none. It is held
    /// as bytes from then on, not as an integer.
    ///
    /// # Errors
    /// [`crate::Error::WRONG_TYPE`].
    pub fn open_text(mut self, min_len: usize) -> Result<OpenText<'c, 'k>> {
        let old_len = self.string()?.as_ref().map(Str::text_len);
        let len = old_len.unwrap_or(0).max(min_len);
        let place = match self.place {
            Some(place) => {
                self.count_use();
                self.shard.db_mut(self.db).edit_string(place, len, 0..0);
                place
            }
            None => self.insert_zeros(len),
        };
        Ok(OpenText { slot: self, place, len, grown: old_len != Some(len) })
    }

    fn insert_zeros(&mut self, len: usize) -> Place {
        let (access, zeros) = (self.access(), Value::Bytes(vec![0; len], true));
        let (place, _) = self.shard.db_mut(self.db).put_value(&self.key, None, zeros, Expiry::Never, access);
        self.place = Some(place);
        self.effects.also(self.db, self.key.bytes, Event::NEW);
        place
    }
}

impl OpenText<'_, '_> {
    /// Whether opening made the string, or made it longer: a change to be reported.
    pub fn has_grown(&self) -> bool {
        self.grown
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self.slot.shard.db(self.slot.db).item(self.place).string() {
            Some(Str::Bytes(bytes)) => bytes,
            _ => unreachable!("opening made it bytes"),
        }
    }

    /// The bytes in a range, for changing. What a frozen string still needs of them is saved first, so that the range is
    /// better short.
    ///
    /// # Panics
    /// When the range reaches beyond the end.
    pub fn edit(&mut self, range: Range<usize>) -> &mut [u8] {
        let Slot { shard, db, .. } = &mut self.slot;
        shard.db_mut(*db).edit_string(self.place, self.len, range)
    }

    /// Replaces all bytes.
    pub fn replace(&mut self, bytes: &[u8]) {
        self.len = bytes.len();
        self.edit(0..bytes.len()).copy_from_slice(bytes);
    }

    /// The string has changed in a way that changes no answer: `count` changes that are no matter for those who watch the
    /// key, and no event.
    pub fn changed_unseen(&mut self, count: usize) {
        self.slot.effects.dirty += count as u64;
    }

    /// The string has changed: `count` changes, one event.
    pub fn changed_by(&mut self, count: usize, event: Event) {
        let Slot { shard, effects, db, key, .. } = &mut self.slot;
        effects.changed(shard, *db, key, event, count);
    }
}
