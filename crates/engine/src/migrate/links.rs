//! Connections to other servers that MIGRATE keeps for a while.

use crate::host::Link;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Another server: host and port.
pub(crate) type Place = (String, u16);

/// Unused connections are closed after this time.
const KEPT_US: i64 = 10_000_000;
/// More aren't kept.
const MOST: usize = 64;

/// A connection, and what is known about it.
pub(super) struct Kept {
    pub(super) link: Box<dyn Link>,
    /// The selected database, if it is known.
    pub(super) db: Option<i64>,
    used_us: i64,
}

impl Kept {
    pub(super) fn new(link: Box<dyn Link>) -> Kept {
        Kept { link, db: None, used_us: 0 }
    }
}

/// The connections that nobody uses now.
#[derive(Default)]
pub(crate) struct Links(Mutex<HashMap<Place, Kept>>);

impl Links {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Takes the connection to a server for exclusive use.
    pub(super) fn take(&self, place: &Place) -> Option<Kept> {
        self.0.lock().remove(place)
    }

    /// Keeps a connection for the next one who needs it.
    pub(super) fn keep(&self, place: &Place, mut kept: Kept, now_us: i64) {
        kept.used_us = now_us;
        let mut links = self.0.lock();
        if links.len() >= MOST
            && let Some(oldest) = links.iter().min_by_key(|(_, kept)| kept.used_us)
        {
            let oldest = oldest.0.clone();
            links.remove(&oldest);
        }
        links.insert(place.clone(), kept);
    }

    /// Closes those that haven't been used for long.
    pub(crate) fn close_unused(&self, now_us: i64) {
        let unused = |kept: &Kept| now_us - kept.used_us > KEPT_US;
        // They are closed when the lock is released.
        let _closed: Vec<_> = self.0.lock().extract_if(|_, kept| unused(kept)).collect();
    }
}
