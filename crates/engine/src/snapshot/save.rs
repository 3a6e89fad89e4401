//! SAVE and BGSAVE: the cut becomes the file that `dbfilename` names.

use super::{Kind, Purpose, WantedBy, write_cut};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::figures::WorkTotals;
use crate::host::{Flush, Level, Pace, Urgency};
use keyspace::Walk;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};

/// Why there is no new file.
#[derive(Debug)]
pub(crate) enum SaveError {
    /// Another snapshot is under way.
    Busy,
    /// The file couldn't be written.
    Failed,
}

/// A cut that is to be saved.
pub(crate) struct Cut {
    walk: Walk,
    /// Changes made before it.
    dirty: u64,
}

impl Engine {
    /// Takes all shards for a moment. The caller has reserved the snapshot and holds no shard.
    pub(crate) fn cut(&self) -> Cut {
        let ids: Vec<_> = self.shards.ids().collect();
        let mut held = self.shards.acquire(&ids);
        self.cut_of(Walk::of(&mut held))
    }

    /// A cut that all shards have been added to; they are still held.
    pub(crate) fn cut_of(&self, walk: Walk) -> Cut {
        // Whoever asks how far it has come may do so before its thread runs.
        self.snapshots.progress.total.store(walk.keys() as u64, Relaxed);
        Cut { walk, dirty: WorkTotals::of(self).dirty }
    }

    /// SAVE: returns when the file is there.
    ///
    /// # Errors
    /// When there is no new file; the old one is still there.
    pub(crate) fn save_now(&self, wanted_by: WantedBy) -> Result<(), SaveError> {
        let reserved = self.snapshots.reserve_for(wanted_by, Kind::Save, self.clock.wall_us());
        reserved.map_err(|_| SaveError::Busy)?;
        let cut = self.cut();
        let dirty = cut.dirty;
        let written = self.write_save(cut, None);
        self.snapshots.ended(self.clock.wall_us(), dirty, written.is_ok(), false);
        self.note_snapshot_status();
        written.map_err(|_| SaveError::Failed)
    }

    /// FLUSHALL where there are save points: whoever sees the reply finds no data on the disk either. While another snapshot is
    /// under way a later one does that.
    pub(crate) fn save_emptied(&self) {
        if self.snapshots.is_scheduled() && !self.conditions.has(Condition::Loading) {
            // What has failed stands in the log, and is tried again at the next save point.
            let _ = self.save_now(WantedBy::Client);
        }
    }

    /// Starts the thread that saves the cut which it is sent. The caller has reserved the snapshot, and needn't make the
    /// cut if there can't be another thread.
    ///
    /// # Errors
    /// When there can't be another thread; the snapshot is released then.
    pub(crate) fn background_saver(self: &Arc<Self>) -> io::Result<Sender<Cut>> {
        let engine = self.clone();
        let (sender, cuts) = channel::<Cut>();
        let work = move || {
            if let Ok(cut) = cuts.recv() {
                // Not before: whoever sends it may hold all shards until then.
                let pid = engine.host.facts().pid;
                engine.host.log(Level::Notice, &format!("Background saving started by pid {pid}"));
                let dirty = cut.dirty;
                let written = engine.write_save(cut, Some(engine.host.pace()));
                engine.background_save_ended(dirty, &written);
            }
        };
        let started = self.host.spawn("snapshot", Urgency::Background, Box::new(work));
        if let Err(error) = &started {
            self.host.log(Level::Warning, &format!("Can't save in background: {error}"));
            self.snapshots.ended(self.clock.wall_us(), 0, false, true);
            self.note_snapshot_status();
        }
        started.map(|()| sender)
    }

    fn background_save_ended(&self, dirty: u64, written: &io::Result<()>) {
        let text = match written {
            Ok(()) => "Background saving terminated with success",
            Err(_) if self.snapshots.is_cancelled() => "Background saving was cancelled",
            Err(_) => "Background saving error",
        };
        let level = if written.is_ok() { Level::Notice } else { Level::Warning };
        self.host.log(level, text);
        // A save that was called off says nothing about the disk.
        let ok = written.is_ok() || self.snapshots.is_cancelled() && self.snapshots.history().ok;
        let now_us = self.clock.wall_us();
        if written.is_ok() || !ok {
            self.snapshots.ended(now_us, dirty, ok, true);
            self.note_snapshot_status();
        } else {
            self.snapshots.release();
        }
    }

    /// Lets no writes through while snapshots fail, if the configuration says so; lets them through again. Called when either
    /// changes.
    pub(crate) fn note_snapshot_status(&self) {
        let config = self.config();
        let matters = config.stop_writes_on_bgsave_error && !config.save.0.is_empty();
        self.conditions.set(Condition::SnapshotFailed, matters && !self.snapshots.history().ok);
    }

    fn write_save(&self, cut: Cut, pace: Option<Box<dyn Pace>>) -> io::Result<()> {
        let name = self.config().dbfilename.as_bytes().to_vec();
        let flush = Flush::incremental(self.config().rdb_save_incremental_fsync);
        let written = match self.host.create_file(&name, flush) {
            Ok(mut file) => {
                write_cut(self, cut.walk, Purpose::Snapshot, pace, &mut *file).and_then(|()| file.commit())
            }
            Err(error) => {
                cut.walk.abandon(&self.shards);
                Err(error)
            }
        };
        match &written {
            Ok(()) => self.host.log(Level::Notice, "DB saved on disk"),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let text = format!("Error saving DB on disk: {error}");
                self.host.log(Level::Warning, &text);
            }
        }
        written
    }
}
