//! The subscribers among one worker's clients.

use super::{Kind, Name, PerKind};
use crate::messages::Seat;
use std::collections::HashMap;

/// A worker's clients by what they have subscribed to.
#[derive(Default)]
pub(crate) struct LocalSubscribers {
    seats: PerKind<HashMap<Name, Vec<Seat>>>,
}

impl LocalSubscribers {
    /// Enters a subscription, which isn't there yet.
    pub(crate) fn add(&mut self, kind: Kind, name: &Name, seat: Seat) {
        self.seats[kind].entry(name.clone()).or_default().push(seat);
    }

    /// Takes a subscription out. O(subscribers of this name).
    pub(crate) fn remove(&mut self, kind: Kind, name: &[u8], seat: Seat) {
        let Some(seats) = self.seats[kind].get_mut(name) else { return };
        seats.retain(|other| *other != seat);
        if seats.is_empty() {
            self.seats[kind].remove(name);
        }
    }

    /// Those who have subscribed to exactly this.
    #[inline]
    pub(crate) fn of(&self, kind: Kind, name: &[u8]) -> &[Seat] {
        self.seats[kind].get(name).map_or(&[], Vec::as_slice)
    }
}
