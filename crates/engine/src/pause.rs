//! CLIENT PAUSE: a queue before admission. Paused clients keep their requests; nothing is executed twice.
//!
//! A pause begins while all shards are held, and whoever writes looks for it once more when it holds its shards. So from the
//! reply to CLIENT PAUSE on nothing changes: no command, no key whose time is over (it is hidden from readers, and stays).

use command::{Flag, FlagSet};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is held back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum PauseMode {
    /// Commands that write (or may).
    Write,
    /// All commands of clients.
    All,
}

/// A pause in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paused {
    /// What is held back.
    pub mode: PauseMode,
    /// Until when, milliseconds since the epoch.
    pub until_ms: i64,
}

/// The server's pause.
#[derive(Default)]
pub struct Pause {
    active: AtomicBool,
    paused: Mutex<Option<Paused>>,
}

/// Commands that may write though their flags don't say so, as far as a pause is concerned.
pub(crate) const MAY_WRITE: FlagSet = FlagSet::of(&[Flag::Write, Flag::MayReplicate]);

impl Pause {
    /// Whether there may be a pause: the check before each command.
    #[inline]
    pub fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    /// The pause in force at `now_ms`.
    pub fn present(&self, now_ms: i64) -> Option<Paused> {
        if !self.is_active() {
            return None;
        }
        let mut paused = self.paused.lock();
        if paused.is_some_and(|p| p.until_ms <= now_ms) {
            *paused = None;
            self.active.store(false, Ordering::Release);
        }
        *paused
    }

    /// Whether a pause is in force at `now_ms`.
    pub fn is_active_at(&self, now_ms: i64) -> bool {
        self.present(now_ms).is_some()
    }

    /// Pauses. A pause in force is only prolonged and widened, never shortened, as Redis does. The caller holds all shards.
    pub fn start(&self, mode: PauseMode, until_ms: i64) {
        let mut paused = self.paused.lock();
        let before = paused.unwrap_or(Paused { mode, until_ms });
        let mode = before.mode.max(mode);
        *paused = Some(Paused { mode, until_ms: before.until_ms.max(until_ms) });
        self.active.store(true, Ordering::Release);
    }

    /// Ends the pause.
    pub fn end(&self) {
        *self.paused.lock() = None;
        self.active.store(false, Ordering::Release);
    }

    /// Whether a command with these flags has to wait now. `exec_writes` says that it is an EXEC with a writing command.
    pub fn holds(&self, flags: FlagSet, exec_writes: bool, now_ms: i64) -> bool {
        match self.present(now_ms).map(|paused| paused.mode) {
            None => false,
            Some(PauseMode::All) => true,
            Some(PauseMode::Write) => exec_writes || flags.intersects(MAY_WRITE),
        }
    }
}
