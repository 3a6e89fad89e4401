//! Messages to workers: the one way to reach a connection from another thread.

use crate::messages::Parcel;
use crate::migrate::Migration;
use journal::Offset;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A message to a worker.
pub enum Mail {
    /// A parked command of this client has been answered with these bytes.
    Served {
        /// CLIENT ID.
        client_id: u64,
        /// The encoded reply.
        reply: Vec<u8>,
        /// The offset of the journal that the reply depends on.
        after: Offset,
    },
    /// A round of MIGRATE is over.
    Migrated(Box<Migration>),
    /// The journal is safe up to a later offset than before, or replies needn't wait for that any more.
    JournalSafe,
    /// CLIENT UNBLOCK: posted by [`crate::Engine::unblock`] alone, which takes the right to answer first.
    Unblock {
        /// CLIENT ID.
        client_id: u64,
        /// Whether the client gets an error instead of its timeout's reply.
        with_error: bool,
    },
    /// A parked command of this client is to be tried at a moment when time may have made it ready.
    Ripens {
        /// CLIENT ID.
        client_id: u64,
        /// The moment, in milliseconds since the epoch.
        at_ms: i64,
    },
    /// CLIENT KILL.
    Kill {
        /// CLIENT ID.
        client_id: u64,
    },
    /// CLIENT PAUSE is over, or has changed.
    PauseChanged,
    /// A configuration change that the host must act on.
    ConfigChanged,
    /// The server stops.
    Stop,
}

/// Wakes a worker that waits for its sockets. Given by the host.
pub trait Wake: Send + Sync {
    /// Makes the worker look at its mailbox soon.
    fn wake(&self);
}

/// A worker's messages.
pub struct Mailbox {
    mail: Mutex<Vec<Mail>>,
    full: AtomicBool,
    /// Messages to the worker's clients.
    parcels: Mutex<Vec<Parcel>>,
    has_parcels: AtomicBool,
    wake: Box<dyn Wake>,
}

impl Mailbox {
    /// An empty mailbox whose worker is woken by `wake`.
    pub fn new(wake: Box<dyn Wake>) -> Mailbox {
        Mailbox {
            mail: Mutex::default(),
            full: AtomicBool::new(false),
            parcels: Mutex::default(),
            has_parcels: AtomicBool::new(false),
            wake,
        }
    }

    /// Puts a message in; never waits for the worker.
    pub fn post(&self, mail: Mail) {
        self.mail.lock().push(mail);
        if !self.full.swap(true, Ordering::AcqRel) {
            self.wake.wake();
        }
    }

    /// Whether there is a message.
    #[inline]
    pub fn has_mail(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    /// Takes all messages, in their order.
    pub fn take(&self) -> Vec<Mail> {
        self.full.store(false, Ordering::Release);
        std::mem::take(&mut *self.mail.lock())
    }

    /// Puts messages to clients in, behind those that are there; `parcels` is empty afterwards. Answers whether the worker
    /// must be woken for them.
    pub(crate) fn put_parcels(&self, parcels: &mut Vec<Parcel>) -> bool {
        self.parcels.lock().append(parcels);
        !self.has_parcels.swap(true, Ordering::AcqRel)
    }

    /// Wakes the worker.
    pub(crate) fn wake(&self) {
        self.wake.wake();
    }

    /// Whether there are messages to clients.
    #[inline]
    pub fn has_parcels(&self) -> bool {
        self.has_parcels.load(Ordering::Acquire)
    }

    /// Takes these, in their order.
    pub(crate) fn take_parcels(&self) -> Vec<Parcel> {
        self.has_parcels.store(false, Ordering::Release);
        std::mem::take(&mut *self.parcels.lock())
    }
}
