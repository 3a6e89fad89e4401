//! Snapshots: when the data is saved, how that goes, and what INFO says of it.
//!
//! One snapshot is under way at a time. It begins with a cut, which takes all shards for a moment, and goes on in a thread
//! of its own, which reads the cut into a file while the workers work. `save` holds RDB files, `file` what any of them
//! is written through.

mod duties;
mod file;
mod save;

pub(crate) use file::empty_base;
pub use file::{Purpose, write_cut};
pub(crate) use save::SaveError;

use keyspace::{Handover, Walk};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What a snapshot is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The file that `dbfilename` names.
    Save,
    /// The base of the append-only file.
    Rewrite,
}

/// The snapshot under way.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// What it is made for.
    pub kind: Kind,
    /// When it began, microseconds since the epoch.
    pub since_us: i64,
    /// Who wants it.
    wanted_by: WantedBy,
}

/// Who wants a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum WantedBy {
    /// Nobody waits for it.
    Nobody,
    /// A client waits for it: SAVE.
    Client,
    /// The end of the server waits for it.
    Shutdown,
}

/// How saving has gone so far.
#[derive(Clone, Copy, Debug)]
pub struct History {
    /// When the data was last saved (or loaded, or empty), microseconds since the epoch.
    pub saved_us: i64,
    /// The changes that had been made then.
    pub saved_dirty: u64,
    /// When saving in the background was last begun.
    pub tried_us: i64,
    /// Whether the last save in the background has gone well.
    pub ok: bool,
    /// How long it took, in seconds.
    pub time_s: Option<i64>,
    /// Saves that have gone well.
    pub saves: u64,
}

#[derive(Debug)]
struct State {
    running: Option<Running>,
    /// The server is about to end, or reloads its data: only the snapshot begins that its end waits for.
    held: bool,
    /// BGSAVE SCHEDULE: to be begun when what is under way has ended.
    scheduled: bool,
    history: History,
}

/// How far the snapshot under way has come.
#[derive(Default)]
pub struct Progress {
    /// Keys that it will hold.
    pub total: AtomicU64,
    /// Keys that have been read.
    pub done: AtomicU64,
    /// What writers hand over before they change it.
    handover: Mutex<Option<Arc<Handover>>>,
    /// The most bytes that they had handed over at a time.
    peak_copied_bytes: AtomicU64,
    /// Bytes that they had handed over when the last snapshot ended.
    last_copied_bytes: AtomicU64,
}

impl Progress {
    fn begin(&self, walk: &Walk) {
        self.total.store(walk.keys() as u64, Relaxed);
        self.peak_copied_bytes.store(0, Relaxed);
        *self.handover.lock() = Some(walk.handover().clone());
    }

    fn end(&self) {
        self.last_copied_bytes.store(self.copied_bytes(), Relaxed);
        *self.handover.lock() = None;
    }

    /// Bytes that exist twice, because they have been changed since the snapshot began.
    pub fn copied_bytes(&self) -> u64 {
        self.handover.lock().as_ref().map_or(0, |handover| handover.bytes() as u64)
    }

    /// The most there were so far while the snapshot under way was made; 0 when there is none.
    pub fn peak_copied_bytes(&self) -> u64 {
        let present = self.copied_bytes();
        let under_way = self.handover.lock().is_some();
        if under_way { self.peak_copied_bytes.fetch_max(present, Relaxed).max(present) } else { 0 }
    }

    /// The same when the last snapshot ended.
    pub fn last_copied_bytes(&self) -> u64 {
        self.last_copied_bytes.load(Relaxed)
    }
}

/// The server's snapshots.
pub struct Snapshots {
    state: Mutex<State>,
    cancelled: AtomicBool,
    /// Held by whoever keeps snapshots from beginning: one end of the server, or one reloading of its data, at a time.
    pub(crate) holder: Mutex<()>,
    /// How far the one under way has come.
    pub progress: Progress,
}

impl Snapshots {
    /// Of a server that started at this moment.
    pub(crate) fn new(started_us: i64) -> Snapshots {
        let history =
            History { saved_us: started_us, saved_dirty: 0, tried_us: 0, ok: true, time_s: None, saves: 0 };
        Snapshots {
            state: Mutex::new(State { running: None, held: false, scheduled: false, history }),
            cancelled: AtomicBool::new(false),
            holder: Mutex::new(()),
            progress: Progress::default(),
        }
    }

    /// The one under way.
    pub fn running(&self) -> Option<Running> {
        self.state.lock().running
    }

    /// How saving has gone so far.
    pub fn history(&self) -> History {
        self.state.lock().history
    }

    /// Whether BGSAVE SCHEDULE waits for its turn.
    pub fn is_scheduled(&self) -> bool {
        self.state.lock().scheduled
    }

    /// Reserves the right to make a snapshot that nobody waits for; answers what is under way if something is.
    pub(crate) fn reserve(&self, kind: Kind, now_us: i64) -> Result<(), Kind> {
        self.reserve_for(WantedBy::Nobody, kind, now_us)
    }

    /// Reserves the right to make a snapshot; answers what is under way if something is.
    pub(crate) fn reserve_for(&self, wanted_by: WantedBy, kind: Kind, now_us: i64) -> Result<(), Kind> {
        let mut state = self.state.lock();
        if state.held && wanted_by != WantedBy::Shutdown {
            return Err(Kind::Save);
        }
        if let Some(running) = state.running {
            return Err(running.kind);
        }
        state.running = Some(Running { kind, since_us: now_us, wanted_by });
        if kind == Kind::Save {
            state.history.tried_us = now_us;
            state.scheduled = false;
        }
        self.cancelled.store(false, Relaxed);
        self.progress.total.store(0, Relaxed);
        self.progress.done.store(0, Relaxed);
        Ok(())
    }

    /// The server is about to end or reloads its data, or doesn't any more: whether snapshots are kept from beginning, but for
    /// its last one. The caller holds `holder`.
    pub(crate) fn hold(&self, held: bool) {
        self.state.lock().held = held;
    }

    /// Whether snapshots are kept from beginning.
    pub(crate) fn is_held(&self) -> bool {
        self.state.lock().held
    }

    /// Gives the right back.
    pub(crate) fn release(&self) {
        self.state.lock().running = None;
    }

    /// The snapshot under way is not wanted any more: it ends soon, without a file.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }

    /// Has a save begin when what is under way has ended.
    pub(crate) fn schedule(&self) {
        self.state.lock().scheduled = true;
    }

    /// FLUSHALL: what is being saved is of no use any more, unless somebody waits for it. If there are save points, the file is
    /// to be emptied too.
    pub(crate) fn emptied(&self, now_us: i64, dirty: u64, save: bool) {
        let mut state = self.state.lock();
        let of_no_use =
            |running: Running| running.kind == Kind::Save && running.wanted_by == WantedBy::Nobody;
        if state.running.is_some_and(of_no_use) {
            self.cancel();
        }
        if save {
            (state.history.saved_us, state.history.saved_dirty) = (now_us, dirty);
            state.scheduled = true;
        }
    }

    /// The data in memory is what a file holds: after loading.
    pub fn note_loaded(&self, now_us: i64, dirty: u64) {
        let mut state = self.state.lock();
        (state.history.saved_us, state.history.saved_dirty) = (now_us, dirty);
    }

    /// A save has ended that held the state after `dirty` changes; `background` ones leave a status.
    fn ended(&self, now_us: i64, dirty: u64, ok: bool, background: bool) {
        let mut state = self.state.lock();
        let since_us = state.running.take().map_or(now_us, |running| running.since_us);
        let history = &mut state.history;
        if ok {
            (history.saved_us, history.saved_dirty) = (now_us, dirty);
            history.saves += 1;
        }
        if background {
            history.ok = ok;
            history.time_s = Some((now_us - since_us) / 1_000_000);
        } else if ok {
            history.ok = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_snapshot_begins_when_the_server_is_about_to_end() {
        let snapshots = Snapshots::new(0);
        snapshots.hold(true);
        assert_eq!(snapshots.reserve(Kind::Save, 1), Err(Kind::Save));
        assert_eq!(snapshots.reserve(Kind::Rewrite, 1), Err(Kind::Save));
        assert_eq!(snapshots.reserve_for(WantedBy::Client, Kind::Save, 1), Err(Kind::Save));
        assert_eq!(snapshots.reserve_for(WantedBy::Shutdown, Kind::Save, 1), Ok(()));
        snapshots.release();
        snapshots.hold(false);
        assert_eq!(snapshots.reserve(Kind::Save, 1), Ok(()));
    }

    #[test]
    fn what_somebody_waits_for_goes_on_when_all_is_emptied() {
        let snapshots = Snapshots::new(0);
        for (wanted_by, cancelled) in [(WantedBy::Nobody, true), (WantedBy::Client, false)] {
            assert_eq!(snapshots.reserve_for(wanted_by, Kind::Save, 1), Ok(()));
            snapshots.emptied(2, 3, false);
            assert_eq!(snapshots.is_cancelled(), cancelled, "{wanted_by:?}");
            snapshots.release();
        }
    }
}
