//! Blocking without a second execution: the typed step that a blocked command parks.

use crate::cx::Cx;
use crate::error::Result;
use crate::reply::{Done, Reply};
use keyspace::{DbIndex, Tracker};
use resp::Proto;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

/// What a blocked command still has to do. It is tried by whoever makes one of its keys ready, inside that Unit.
pub trait Step: Send + Sync {
    /// Whether `key` (one of the waiter's keys) holds now what the step needs. Changes nothing. Asked under the locks
    /// under which [`Step::serve`] is then called.
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool;

    /// Finishes with what `key` holds. Called once, right after [`Step::ready`] said yes; an error is the answer too.
    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done>;

    /// The reply when the time is up.
    fn timed_out(&self, reply: Reply<'_>) -> Done;

    /// Whether the step must be asked also when the key is gone: XREADGROUP then answers an error.
    fn minds_absence(&self) -> bool {
        false
    }

    /// Whether time alone may make the step ready: see [`Step::ripens_ms`].
    fn ripens(&self) -> bool {
        false
    }

    /// When `key` will have become ready if nothing happens to it, in milliseconds since the epoch; `None` if it won't.
    /// Asked after [`Step::ready`] said no, under the same locks.
    fn ripens_ms(&self, _cx: &mut Cx<'_>, _key: &[u8]) -> Option<i64> {
        None
    }

    /// A further key that serving changes: the destination of a move.
    fn destination(&self) -> Option<&[u8]> {
        None
    }

    /// The name of the command, for statistics.
    fn command(&self) -> &'static str;
}

/// A command that wants to wait.
pub struct Park {
    /// Its keys, in the order of its arguments.
    pub keys: Vec<Box<[u8]>>,
    /// What it still has to do.
    pub step: Box<dyn Step>,
    /// When it gives up, milliseconds since the epoch.
    pub deadline_ms: Option<i64>,
}

/// Who may answer a waiter: decided once, by one atomic word.
#[derive(Debug, Default)]
pub struct Claim(AtomicU8);

const WAITING: u8 = 0;
const CLAIMED: u8 = 1;
const CANCELLED: u8 = 2;

impl Claim {
    /// Whether nobody has answered or cancelled yet.
    pub fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Acquire) == WAITING
    }

    /// Takes the right to answer.
    pub fn claim(&self) -> bool {
        self.0.compare_exchange(WAITING, CLAIMED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Ends the waiting without a service: timeout, CLIENT UNBLOCK, disconnection.
    pub fn cancel(&self) -> bool {
        self.0.compare_exchange(WAITING, CANCELLED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// When a waiter is to be tried again because time may have made it ready.
#[derive(Debug)]
pub struct Ripening(AtomicI64);

impl Default for Ripening {
    fn default() -> Self {
        Ripening(AtomicI64::new(i64::MAX))
    }
}

impl Ripening {
    /// Notes a moment; answers whether it is earlier than any noted, so that the waiter's worker must be told.
    pub fn note(&self, at_ms: i64) -> bool {
        self.0.fetch_min(at_ms, Ordering::AcqRel) > at_ms
    }

    /// The moment noted.
    pub fn moment_ms(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Acquire)).filter(|at_ms| *at_ms != i64::MAX)
    }

    /// Forgets the moment: the waiter is being tried.
    pub fn forget(&self) {
        self.0.store(i64::MAX, Ordering::Release);
    }
}

/// A parked command, in the queues of all its keys.
pub struct Waiter {
    /// The client.
    pub client_id: u64,
    /// The worker whose mailbox takes the reply.
    pub worker: usize,
    /// The client's database.
    pub db: DbIndex,
    /// The client's protocol.
    pub proto: Proto,
    /// The keys it waits for.
    pub keys: Vec<Box<[u8]>>,
    /// What it still has to do.
    pub step: Box<dyn Step>,
    /// Who may answer.
    pub claim: Claim,
    /// When it is to be tried again.
    pub ripening: Ripening,
    /// Who is to be told when the keys change that it has read by being served, if anybody is.
    pub tracker: Option<Arc<Tracker>>,
    /// What the handler may know of the client when it is served.
    pub caller: crate::cx::Caller,
}

/// A waiter as the queues hold it.
pub type WaiterRef = Arc<Waiter>;

/// A shard of this server.
pub type Shard = keyspace::Shard<WaiterRef>;
/// The shards of this server.
pub type Shards = keyspace::Shards<WaiterRef>;
