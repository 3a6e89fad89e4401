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
    pauses: Mutex<Pauses>,
}

/// Who holds clients back, each independently of the other.
#[derive(Clone, Copy, Default)]
struct Pauses {
    /// CLIENT PAUSE.
    asked: Option<Paused>,
    /// The server itself, while it ends or reloads its data.
    own: Option<PauseMode>,
}

impl Pauses {
    fn present(self) -> Option<Paused> {
        let own = self.own.map(|mode| Paused { mode, until_ms: i64::MAX });
        match (self.asked, own) {
            (Some(asked), Some(own)) => Some(Paused { mode: asked.mode.max(own.mode), ..own }),
            (asked, own) => asked.or(own),
        }
    }
}

/// Commands that may write though their flags don't say so, as far as a pause is concerned.
pub(crate) const MAY_WRITE: FlagSet = FlagSet::of(&[Flag::Write, Flag::MayReplicate, Flag::Publishes]);

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
        let mut pauses = self.pauses.lock();
        if pauses.asked.is_some_and(|asked| asked.until_ms <= now_ms) {
            pauses.asked = None;
        }
        self.note(&pauses)
    }

    /// The pause that a client has asked for, at `now_ms`.
    pub(crate) fn asked(&self, now_ms: i64) -> Option<Paused> {
        self.present(now_ms)?;
        self.pauses.lock().asked
    }

    /// Notes whether there is a pause; answers it.
    fn note(&self, pauses: &Pauses) -> Option<Paused> {
        let present = pauses.present();
        self.active.store(present.is_some(), Ordering::Release);
        present
    }

    /// Whether a pause is in force at `now_ms`.
    pub fn is_active_at(&self, now_ms: i64) -> bool {
        self.present(now_ms).is_some()
    }

    /// Pauses. A pause in force is only prolonged and widened, never shortened, as Redis does. The caller holds all shards.
    pub fn start(&self, mode: PauseMode, until_ms: i64) {
        let mut pauses = self.pauses.lock();
        let before = pauses.asked.unwrap_or(Paused { mode, until_ms });
        let mode = before.mode.max(mode);
        pauses.asked = Some(Paused { mode, until_ms: before.until_ms.max(until_ms) });
        self.note(&pauses);
    }

    /// Ends the pause that [`Pause::start`] began.
    pub fn end(&self) {
        let mut pauses = self.pauses.lock();
        pauses.asked = None;
        self.note(&pauses);
    }

    /// The server itself holds clients back from now on, or no longer; a pause that was asked for is another matter. Whoever
    /// begins holds all shards.
    pub(crate) fn hold(&self, mode: Option<PauseMode>) {
        let mut pauses = self.pauses.lock();
        pauses.own = mode;
        self.note(&pauses);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_pause_and_a_clients_dont_know_each_other() {
        let pause = Pause::default();
        pause.start(PauseMode::Write, 1000);
        pause.hold(Some(PauseMode::All));
        assert_eq!(pause.present(10), Some(Paused { mode: PauseMode::All, until_ms: i64::MAX }));
        pause.end();
        assert_eq!(pause.present(10).map(|paused| paused.mode), Some(PauseMode::All));
        pause.start(PauseMode::Write, 1000);
        pause.hold(None);
        assert_eq!(pause.present(10), Some(Paused { mode: PauseMode::Write, until_ms: 1000 }));
        assert_eq!(pause.present(1000), None);
        assert!(!pause.is_active());
    }
}
