//! Rewriting the append-only file: the data as it is now becomes the base, and a new file of changes begins behind it.
//!
//! ```text
//!  all shards are held for a moment:    a cut of the data | the journal notes that a file begins
//!  the writer gets there:               ends the old file, begins the new one, both in the list
//!  the rewriting thread:                reads the cut into a new base, forces it to the disk
//!  the writer:                          puts the base into the list in place of all that came before
//! ```
//!
//! After a crash at any moment the list names files that belong together. Turning the file on while the server runs is
//! the same, but that the new file isn't in the list before its base is.

use super::State;
use super::thread::Request;
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::host::{Flush, Level, Urgency, reason};
use crate::snapshot::{Kind, Purpose, write_cut};
use journal::aof::{self, BaseFormat, FileInfo, Log, Names};
use keyspace::Walk;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often a rewrite that waits for the writer looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Why there is no rewrite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// This is under way.
    Busy(Kind),
    /// There can't be another thread, or no file.
    Failed,
}

/// What the writer answers when a file has begun: its number, and the base that would precede it.
pub(super) struct Begun {
    pub(super) first_kept: u64,
    pub(super) base: FileInfo,
}

/// Where the changes go meanwhile.
enum Changes {
    /// Into a file that the writer begins.
    Listed(Receiver<Result<Begun, String>>),
    /// Into a file that isn't in the list yet.
    Unlisted(FileInfo),
    /// Nowhere: the data alone is written.
    Unwritten(FileInfo),
    /// Nowhere, because they can't be written: the cut is only to be ended.
    Lost,
}

/// A rewrite on its way.
struct Rewrite {
    walk: Walk,
    changes: Changes,
}

/// A rewrite whose thread waits for the cut.
pub(crate) struct Prepared {
    thread: Sender<Rewrite>,
    /// The new files of a log that isn't written yet.
    log: Option<Log>,
    base: Option<FileInfo>,
}

impl Engine {
    /// Begins a rewrite. The caller holds no shard.
    ///
    /// # Errors
    /// Why it doesn't begin.
    pub(crate) fn begin_rewrite(self: &Arc<Self>) -> Result<(), Refused> {
        let prepared = self.prepare_rewrite()?;
        let ids: Vec<_> = self.shards.ids().collect();
        let mut held = self.shards.acquire(&ids);
        let walk = Walk::of(&mut held);
        self.launch_rewrite(prepared, walk)
    }

    /// Everything that has to be there before the cut. The right to make a snapshot is reserved with that.
    ///
    /// # Errors
    /// Why there can't be a rewrite.
    pub(crate) fn prepare_rewrite(self: &Arc<Self>) -> Result<Prepared, Refused> {
        if self.conditions.has(Condition::Loading) {
            // What is in memory is a part of the data. It is done when all of it is there.
            return Err(Refused::Busy(Kind::Save));
        }
        self.snapshots.reserve(Kind::Rewrite, self.clock.wall_us()).map_err(Refused::Busy)?;
        self.aof.rewrites.begun();
        let prepared = self.prepare_files().and_then(|(log, base)| {
            let thread = self.rewriting_thread()?;
            Ok(Prepared { thread, log, base })
        });
        prepared.map_err(|error| {
            let text = format!("Can't rewrite append only file in background: {}", reason(&error));
            self.host.log(Level::Warning, &text);
            self.rewrite_ended(false);
            Refused::Failed
        })
    }

    /// The new log, if the file is about to be turned on, and the base, if no writer knows the list.
    fn prepare_files(&self) -> io::Result<(Option<Log>, Option<FileInfo>)> {
        if self.aof.state() == State::On {
            return Ok((None, None));
        }
        let (disk, names) = (self.host.disk(), self.aof_names());
        let broken = |_| io::Error::other("the list of append-only files can't be used");
        let found = aof::find(&*disk, &names).map_err(broken)?;
        let base = found.manifest.next_base(&names, self.base_format());
        if self.aof.state() == State::Off {
            disk.create_dir(names.directory())?;
            return Ok((None, Some(base)));
        }
        let log = Log::unlisted(disk, names.clone(), found.manifest)?;
        let name = String::from_utf8_lossy(&names.temporary_incremental()).into_owned();
        self.host.log(Level::Notice, &format!("Creating AOF incr file {name} on background rewrite"));
        Ok((Some(log), Some(base)))
    }

    pub(super) fn base_format(&self) -> BaseFormat {
        if self.config().aof_use_rdb_preamble { BaseFormat::Rdb } else { BaseFormat::Aof }
    }

    pub(crate) fn aof_names(&self) -> Names {
        let config = self.config();
        Names::new(config.appenddirname.as_bytes(), config.appendfilename.as_bytes())
    }

    /// Begins a rewrite of a cut. The caller holds all shards.
    ///
    /// # Errors
    /// When the journal can't be written from now on; the thread then ends the cut.
    pub(crate) fn launch_rewrite(self: &Arc<Self>, prepared: Prepared, walk: Walk) -> Result<(), Refused> {
        let Prepared { thread, log, base } = prepared;
        let changes = match (log, base) {
            (None, None) => {
                let (sender, begun) = channel();
                self.aof.request(Request::TellBegun(sender));
                self.journal.begin_file();
                self.aof.wake();
                Changes::Listed(begun)
            }
            (None, Some(base)) => Changes::Unwritten(base),
            (Some(log), base) => match (self.write_journal(log), base) {
                (Ok(()), Some(base)) => Changes::Unlisted(base),
                _ => Changes::Lost,
            },
        };
        let lost = matches!(changes, Changes::Lost);
        // The thread waits for it.
        let _ = thread.send(Rewrite { walk, changes });
        if lost { Err(Refused::Failed) } else { Ok(()) }
    }

    /// Starts the thread that rewrites what it is sent.
    fn rewriting_thread(self: &Arc<Self>) -> io::Result<Sender<Rewrite>> {
        let engine = self.clone();
        let (sender, rewrites) = channel::<Rewrite>();
        let work = move || {
            if let Ok(rewrite) = rewrites.recv() {
                engine.rewrite(rewrite);
            }
        };
        self.host.spawn("aof-rewrite", Urgency::Background, Box::new(work))?;
        Ok(sender)
    }

    fn rewrite(self: &Arc<Self>, rewrite: Rewrite) {
        let Rewrite { walk, changes } = rewrite;
        let unlisted = matches!(changes, Changes::Unlisted(_));
        let pid = self.host.facts().pid;
        self.host.log(Level::Notice, &format!("Background append only file rewriting started by pid {pid}"));
        let done = self.rewrite_files(walk, changes);
        let text = match &done {
            Ok(()) => "Background AOF rewrite terminated with success",
            Err(_) => "Background AOF rewrite terminated with error",
        };
        self.host.log(if done.is_ok() { Level::Notice } else { Level::Warning }, text);
        if let Err(error) = &done
            && !self.snapshots.is_cancelled()
        {
            self.host.log(Level::Warning, error);
        }
        if unlisted && done.is_err() {
            self.discard_journal();
        }
        self.rewrite_ended(done.is_ok());
        if done.is_ok() {
            self.host.log(Level::Notice, "Background AOF rewrite finished successfully");
        }
    }

    fn rewrite_files(&self, walk: Walk, changes: Changes) -> Result<(), String> {
        let (base, first_kept, written) = match changes {
            Changes::Unlisted(base) => (base, 0, true),
            Changes::Unwritten(base) => (base, 0, false),
            Changes::Lost => {
                walk.abandon(&self.shards);
                return Err("there can't be another thread".into());
            }
            Changes::Listed(begun) => match self.wait_for_writer(&begun) {
                Ok(begun) => (begun.base, begun.first_kept, true),
                Err(error) => {
                    walk.abandon(&self.shards);
                    return Err(error);
                }
            },
        };
        self.write_base(walk, &base)?;
        let history = if written {
            let (sender, installed) = channel();
            self.aof.request(Request::Install { base, first_kept, reply: sender });
            self.aof.wake();
            self.wait_for_writer(&installed)?
        } else {
            let installed = aof::install_base(&*self.host.disk(), &self.aof_names(), base);
            installed.map_err(|error| reason(&error))?
        };
        if written && !self.config().aof_disable_auto_gc {
            // Here, because removing large files takes long.
            self.remove_files(&history);
            let (sender, forgotten) = channel();
            self.aof.request(Request::ForgetHistory(sender));
            self.aof.wake();
            // Who sees that the rewrite has ended sees a list without these files.
            let _ = self.wait_for_writer(&forgotten);
        }
        Ok(())
    }

    /// Reads the cut into the file of the base.
    fn write_base(&self, walk: Walk, base: &FileInfo) -> Result<(), String> {
        let name = String::from_utf8_lossy(&base.name).into_owned();
        let flush = Flush::incremental(self.config().aof_rewrite_incremental_fsync);
        let mut file = match self.host.create_file(&self.aof_names().path(&base.name), flush) {
            Ok(file) => file,
            Err(error) => {
                walk.abandon(&self.shards);
                return Err(format!("Can't create the AOF base file {name}: {}", reason(&error)));
            }
        };
        let (purpose, pace) = (Purpose::AofBase(base.base_format()), Some(self.host.pace()));
        let written = write_cut(self, walk, purpose, pace, &mut *file).and_then(|()| file.commit());
        written
            .map_err(|error| format!("Write error writing append only file on disk: {}", reason(&error)))?;
        self.host.log(Level::Notice, &format!("Successfully created the AOF base file {name}"));
        Ok(())
    }

    /// Waits for an answer of the writer, as long as the rewrite is wanted.
    fn wait_for_writer<T>(&self, answer: &Receiver<Result<T, String>>) -> Result<T, String> {
        loop {
            match answer.recv_timeout(LOOK_EVERY) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) if !self.snapshots.is_cancelled() => {}
                Err(_) => return Err("the append-only file is no longer written".into()),
            }
        }
    }

    /// Removes files that are of no use any more.
    pub(super) fn remove_files(&self, files: &[FileInfo]) {
        let (disk, names) = (self.host.disk(), self.aof_names());
        for file in files {
            let name = String::from_utf8_lossy(&file.name).into_owned();
            self.host.log(Level::Notice, &format!("Removing the history file {name} in the background"));
            // What can't be removed is in nobody's way.
            let _ = disk.remove(&names.path(&file.name));
        }
    }

    fn rewrite_ended(&self, ok: bool) {
        let began_us = self.snapshots.running().map(|running| running.since_us);
        let now_us = self.clock.wall_us();
        let time_s = began_us.map_or(0, |began_us| (now_us - began_us).max(0) / 1_000_000);
        if ok {
            let figures = &self.aof.figures;
            figures.base_bytes.store(figures.current_bytes.load(Relaxed), Relaxed);
        }
        let cancelled = self.snapshots.is_cancelled();
        self.aof.rewrites.ended(ok, cancelled, time_s, now_us);
        self.snapshots.release();
    }
}
