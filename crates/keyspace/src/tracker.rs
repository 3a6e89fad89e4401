//! A client that caches what it has read, as the tables of tracked keys know it.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What a client is told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tracking {
    /// Nothing.
    Off,
    /// Changes of keys that it has read.
    Keys,
    /// Changes of all keys that begin with one of its prefixes.
    Prefixes,
}

/// A client's choice, written by its worker alone and read by whoever changes keys. It lives as long as the client, and a
/// little longer in tables that still refer to it.
#[derive(Debug)]
pub struct Tracker {
    /// CLIENT ID.
    pub client_id: u64,
    /// The worker that serves the client.
    pub worker: usize,
    tracking: AtomicU8,
    no_loop: AtomicBool,
    redirect: AtomicU64,
    redirect_broken: AtomicBool,
    prefix_bytes: AtomicU64,
    items: AtomicUsize,
}

impl Tracker {
    /// A client that is told of nothing.
    pub fn new(client_id: u64, worker: usize) -> Tracker {
        Tracker {
            client_id,
            worker,
            tracking: AtomicU8::new(Tracking::Off as u8),
            no_loop: AtomicBool::new(false),
            redirect: AtomicU64::new(0),
            redirect_broken: AtomicBool::new(false),
            prefix_bytes: AtomicU64::new(0),
            items: AtomicUsize::new(0),
        }
    }

    /// From now on the client is told of this; with `no_loop`, not of its own changes; by way of the client `redirect`, if
    /// one is given.
    pub fn set(&self, tracking: Tracking, no_loop: bool, redirect: Option<u64>) {
        self.no_loop.store(no_loop, Relaxed);
        self.redirect.store(redirect.unwrap_or(0), Relaxed);
        self.redirect_broken.store(false, Relaxed);
        self.tracking.store(tracking as u8, Relaxed);
    }

    /// What the client is told of.
    #[inline]
    pub fn tracking(&self) -> Tracking {
        match self.tracking.load(Relaxed) {
            0 => Tracking::Off,
            1 => Tracking::Keys,
            _ => Tracking::Prefixes,
        }
    }

    /// Whether it isn't told of its own changes.
    pub fn no_loop(&self) -> bool {
        self.no_loop.load(Relaxed)
    }

    /// CLIENT ID of the client that is told in its place.
    pub fn redirect(&self) -> Option<u64> {
        Some(self.redirect.load(Relaxed)).filter(|id| *id != 0)
    }

    /// That client is gone.
    pub fn note_broken_redirect(&self) {
        self.redirect_broken.store(true, Relaxed);
    }

    /// Whether that client was found to be gone.
    pub fn has_broken_redirect(&self) -> bool {
        self.redirect_broken.load(Relaxed)
    }

    /// Bytes that its prefixes take.
    pub fn prefix_bytes(&self) -> u64 {
        self.prefix_bytes.load(Relaxed)
    }

    /// Publishes how many bytes its prefixes take.
    pub fn set_prefix_bytes(&self, bytes: u64) {
        self.prefix_bytes.store(bytes, Relaxed);
    }

    /// Tracked keys that refer to it, in all shards.
    pub fn items(&self) -> usize {
        self.items.load(Relaxed)
    }

    pub(crate) fn refer(&self) {
        self.items.fetch_add(1, Relaxed);
    }

    pub(crate) fn release(&self) {
        self.items.fetch_sub(1, Relaxed);
    }
}
