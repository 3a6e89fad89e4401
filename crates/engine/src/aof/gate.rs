//! Which replies may leave: under `appendfsync always` none that tells of a change before it is on the disk.
//!
//! ```text
//!   worker                                 writer of the append-only file
//!   Unit changes a key, journal at 700     takes the journal up to 700, writes, forces to the disk
//!   reply stands behind a gate of 700      released = 700, wakes the workers that wait
//!   gate passes: the reply is sent
//! ```
//!
//! A Unit's reply depends on the records of the Unit, or, if there are none, on the latest changes of the keys that it has
//! looked at (`keyspace::Recent`). Whoever looks at other keys waits for nobody.

use journal::Offset;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Up to where the journal is safe, and who waits for that.
pub struct Gate {
    /// Replies wait.
    closed: AtomicBool,
    /// Replies that depend on nothing behind this may leave.
    released: AtomicU64,
    /// The journal is on the disk up to here.
    durable: AtomicU64,
    /// It is in the files up to here.
    written: AtomicU64,
    /// Workers that want to be told when these move.
    waiting: Vec<AtomicBool>,
}

impl Gate {
    /// An open gate, for so many workers.
    pub(crate) fn new(workers: usize) -> Gate {
        Gate {
            closed: AtomicBool::new(false),
            released: AtomicU64::new(0),
            durable: AtomicU64::new(0),
            written: AtomicU64::new(0),
            waiting: (0..workers).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// Whether replies may have to wait.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Acquire)
    }

    /// Whether a reply may leave that depends on the journal up to `offset`.
    #[inline]
    pub fn lets_pass(&self, offset: Offset) -> bool {
        offset <= self.released.load(SeqCst) || !self.closed.load(SeqCst)
    }

    /// The journal is on the disk up to here.
    pub fn durable(&self) -> Offset {
        self.durable.load(SeqCst)
    }

    /// The journal is in the files up to here.
    pub(super) fn written(&self) -> Offset {
        self.written.load(Relaxed)
    }

    /// Notes up to where it is in the files.
    pub(super) fn note_written(&self, written: Offset) {
        self.written.fetch_max(written, Relaxed);
    }

    /// A worker wants to be told of progress. It then has to look once more whether there was some meanwhile.
    pub fn wait(&self, worker: usize) {
        self.waiting[worker].store(true, SeqCst);
    }

    /// The workers that want to be told, each once.
    pub(crate) fn take_waiting(&self) -> impl Iterator<Item = usize> {
        let takes = |waiting: &AtomicBool| waiting.load(SeqCst) && waiting.swap(false, SeqCst);
        self.waiting.iter().enumerate().filter(move |(_, waiting)| takes(waiting)).map(|(worker, _)| worker)
    }

    /// Notes progress.
    pub(crate) fn advance(&self, released: Offset, durable: Offset) {
        self.durable.fetch_max(durable, SeqCst);
        self.released.fetch_max(released, SeqCst);
    }

    /// From now on replies wait, or no longer.
    pub fn close(&self, closed: bool) {
        self.closed.store(closed, Release);
    }
}
