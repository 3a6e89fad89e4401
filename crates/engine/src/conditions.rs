//! What the server as a whole may be in that keeps requests from running: loading, failing disks, too little memory.
//!
//! Each condition is a bit. The hot path asks whether there is any, and takes the general path then; which requests a
//! condition refuses follows from the flags of their commands.

use crate::engine::Engine;
use crate::registry::{Registered, Run};
use crate::session::{Multi, Session};
use crate::worker::Worker;
use command::{Error, Flag, FlagSet};
use std::sync::atomic::{AtomicU8, Ordering};

/// A state of the server in which some commands are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Condition {
    /// The data is being loaded.
    Loading = 1,
    /// The last snapshot has failed, and `stop-writes-on-bgsave-error` says that this stops writes.
    SnapshotFailed = 2,
    /// The append-only file can't be written.
    JournalFailed = 4,
    /// More memory is in use than `maxmemory` allows, and nothing can be evicted.
    MemoryFull = 8,
    /// The server was told to stop before its data was loaded: loading ends at the next block, and never is over.
    Abandoned = 16,
    /// So many changes wait for a slow disk that no more are taken: `aof-buffer-limit`.
    JournalFull = 32,
    /// Somebody monitors: nothing is refused, but every command must be told of.
    Monitored = 64,
}

/// The conditions that the server is in.
#[derive(Default)]
pub struct Conditions(AtomicU8);

impl Conditions {
    /// Whether there is any.
    #[inline]
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Whether the server is in this one.
    pub fn has(&self, condition: Condition) -> bool {
        self.0.load(Ordering::Acquire) & condition as u8 != 0
    }

    /// The server gets into a condition, or out of it.
    pub fn set(&self, condition: Condition, on: bool) {
        if on {
            self.0.fetch_or(condition as u8, Ordering::AcqRel);
        } else {
            self.0.fetch_and(!(condition as u8), Ordering::AcqRel);
        }
    }

    /// All data is loaded. Answers whether that still matters: not if loading has been abandoned.
    pub(crate) fn end_loading(&self) -> bool {
        self.update(|bits| {
            (bits & Condition::Abandoned as u8 == 0).then_some(bits & !(Condition::Loading as u8))
        })
    }

    /// Has loading end before all data is there. Answers whether there was still something to load.
    pub(crate) fn abandon_loading(&self) -> bool {
        self.update(|bits| {
            (bits & Condition::Loading as u8 != 0).then_some(bits | Condition::Abandoned as u8)
        })
    }

    fn update(&self, change: impl FnMut(u8) -> Option<u8>) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).is_ok()
    }
}

/// The text of a refusal, in the order in which Redis looks.
const MEMORY_FULL: Error = Error::new("OOM command not allowed when used memory > 'maxmemory'.");
const SNAPSHOT_FAILED: Error = Error::new(
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may \
     modify the data set are disabled, because this instance is configured to report errors during writes if RDB \
     snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
const JOURNAL_FULL: Error = Error::new(
    "MISCONF Errors writing to the AOF file: the disk is too slow, as many changes as aof-buffer-limit allows wait to be written",
);
pub(crate) const LOADING: Error = Error::new("LOADING Redis is loading the dataset in memory");

impl Engine {
    /// Why nothing may be written, if the disk is at fault.
    pub(crate) fn disk_failure(&self) -> Option<Error> {
        if self.conditions.has(Condition::JournalFailed) {
            let reason = self.journal_failure.lock();
            return Some(Error::with(
                [b"MISCONF Errors writing to the AOF file: ", reason.as_bytes()].concat(),
            ));
        }
        if self.conditions.has(Condition::JournalFull) {
            return Some(JOURNAL_FULL);
        }
        self.conditions.has(Condition::SnapshotFailed).then_some(SNAPSHOT_FAILED)
    }
}

impl Worker {
    /// Refuses a command that the server's condition doesn't allow.
    #[cold]
    pub(crate) fn check_conditions(&self, session: &Session, command: &Registered) -> Result<(), Error> {
        if session.replays {
            return Ok(());
        }
        let conditions = &self.engine.conditions;
        let flags = Effective::of(self, command, session.multi.as_ref());
        if conditions.has(Condition::MemoryFull) && flags.any(Flag::DenyOom) {
            return Err(MEMORY_FULL);
        }
        if flags.any(Flag::Write)
            && let Some(error) = self.engine.disk_failure()
        {
            return Err(error);
        }
        if conditions.has(Condition::Loading) && !flags.all(Flag::Loading) {
            return Err(LOADING);
        }
        Ok(())
    }
}

/// A command's flags, or for EXEC those of the commands that it would run.
struct Effective {
    own: FlagSet,
    queued: Vec<FlagSet>,
}

impl Effective {
    fn of(worker: &Worker, command: &Registered, multi: Option<&Multi>) -> Effective {
        let registry = &worker.engine.registry;
        let queue = multi.filter(|_| matches!(command.run, Run::Exec)).map(|multi| &multi.queue);
        let queued = queue.into_iter().flatten().map(|(id, _)| registry.command(*id).flags).collect();
        Effective { own: command.flags, queued }
    }

    fn any(&self, flag: Flag) -> bool {
        self.own.has(flag) || self.queued.iter().any(|flags| flags.has(flag))
    }

    fn all(&self, flag: Flag) -> bool {
        self.own.has(flag) && self.queued.iter().all(|flags| flags.has(flag))
    }
}
