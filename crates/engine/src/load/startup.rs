//! What a server loads before it serves.

use super::{Aim, LoadError, LoadOptions, Loaded, Present};
use crate::aof::State;
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::figures::WorkTotals;
use crate::host::{Level, OldFile};
use crate::mailbox::Mail;
use crate::pause::PauseMode;
use crate::snapshot::WantedBy;
use command::Shard;
use keyspace::Garbage;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What DEBUG RELOAD is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reload {
    /// To save the data first.
    pub save: bool,
    /// To empty all databases before the file is loaded.
    pub empty: bool,
    /// What a key means that is there already.
    pub present: Present,
}

/// Why data was not reloaded.
#[derive(Debug)]
pub(crate) enum ReloadError {
    /// It could not be saved.
    NotSaved,
    /// It could not be loaded again.
    NotLoaded(LoadError),
}

impl From<LoadError> for ReloadError {
    fn from(error: LoadError) -> Self {
        Self::NotLoaded(error)
    }
}

/// What the file of snapshots may hold.
const SNAPSHOT: LoadOptions = LoadOptions { drop_expired: true, present: Present::Error, aim: Aim::Serve };

impl Engine {
    /// Loads the data files, if there are any. Until it returns, clients are told to wait, and nothing is saved; after an error
    /// that stays so: what is in memory is less than what the files have.
    ///
    /// # Errors
    /// Why the server must not start: what there is can't be loaded whole, or the server was told to stop meanwhile.
    pub fn load_data(self: &Arc<Self>) -> Result<(), LoadError> {
        self.conditions.set(Condition::Loading, true);
        let on = self.config().appendonly;
        let result = if on { self.load_journal() } else { self.load_snapshot(Aim::Serve).map(drop) };
        let end = |()| if self.conditions.end_loading() { Ok(()) } else { Err(LoadError::Stopped) };
        result.and_then(end).inspect_err(|error| self.log_failure(error))
    }

    pub(super) fn log_failure(&self, error: &LoadError) {
        if let LoadError::Aof(_) | LoadError::Stopped = error {
            // Whoever ends the program says it: it is the last line of the log.
            return;
        }
        let offset = self.load_progress.done_bytes.load(Relaxed);
        let text = match error {
            LoadError::Checksum { .. } => {
                format!("Internal error in RDB reading offset {offset} -> RDB CRC error")
            }
            LoadError::Io(_) => "Short read or OOM loading DB. Unrecoverable error, aborting now.".to_owned(),
            LoadError::File(error) => {
                format!("Internal error in RDB reading offset {} -> {}", error.offset, error.reason)
            }
            LoadError::Value { damage, .. } => {
                format!("Internal error in RDB reading offset {} -> {damage}", damage.error.offset)
            }
            _ => String::new(),
        };
        self.host.log(Level::Warning, &error.to_string());
        if !text.is_empty() {
            self.host.log(Level::Warning, &text);
        }
    }

    /// Loads the file of snapshots; answers whether there is one.
    pub(super) fn load_snapshot(self: &Arc<Self>, aim: Aim) -> Result<bool, LoadError> {
        let name = self.config().dbfilename.as_bytes().to_vec();
        let Some(file) = self.host.open_file(&name).map_err(LoadError::Io)? else { return Ok(false) };
        let start_ns = self.clock.monotonic_ns();
        self.load_file(file, LoadOptions { aim, ..SNAPSHOT })?;
        let time_s = self.clock.monotonic_ns().saturating_sub(start_ns) as f64 / 1e9;
        self.host.log(Level::Notice, &format!("DB loaded from disk: {time_s:.3} seconds"));
        Ok(true)
    }

    /// DEBUG RELOAD. Nobody else runs from before the file is saved until it is loaded. The caller holds no shard.
    ///
    /// # Errors
    /// Why there is no new file, and all is as it was; or what is wrong with the file, and then data is missing.
    pub(crate) fn reload(self: &Arc<Self>, what: Reload) -> Result<(), ReloadError> {
        self.alone(|| {
            if what.save && self.save_now(WantedBy::Client).is_err() {
                return Err(ReloadError::NotSaved);
            }
            self.snapshots.hold(true);
            if what.empty {
                self.empty();
            }
            // Records that follow in an append-only file were made with those keys there, until their removal is recorded.
            let drop_expired = self.aof.state() == State::Off;
            let options = LoadOptions { present: what.present, drop_expired, ..SNAPSHOT };
            let name = self.config().dbfilename.as_bytes().to_vec();
            let file = self.host.open_file(&name).map_err(LoadError::Io);
            let loaded = file.and_then(|file| match file {
                Some(file) => self.load_file(file, options),
                None => Err(LoadError::Io(std::io::ErrorKind::NotFound.into())),
            });
            loaded.map_err(Into::into)
        })
    }

    /// DEBUG LOADAOF: writes the append-only file to its end, empties all databases and loads it. Nobody else runs meanwhile.
    /// The caller holds no shard.
    ///
    /// # Errors
    /// What is wrong with the files; then data is missing.
    pub(crate) fn reload_journal(self: &Arc<Self>) -> Result<(), LoadError> {
        self.alone(|| {
            self.snapshots.hold(true);
            self.empty();
            let written = self.aof.state() == State::On;
            if written {
                self.close_journal();
            }
            let disk = self.host.disk();
            self.load_files(&disk, Aim::Serve).and_then(|loaded| match written {
                true => self.open_journal(disk, loaded),
                false => Ok(()),
            })
        })
    }

    /// Reloads while no client's command runs, and the server doesn't end; what clients have cached is forgotten.
    fn alone<E: From<LoadError>>(&self, reload: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let _holder = self.snapshots.holder.lock();
        if self.snapshots.is_held() {
            // The server has just ended: what it has saved is the last word.
            return Err(LoadError::Stopped.into());
        }
        let mut held = self.hold_clients(PauseMode::All);
        self.forget_tracked(&mut held);
        drop(held);
        let reloaded = reload();
        self.snapshots.hold(false);
        self.pause.hold(None);
        self.post_all(|| Mail::PauseChanged);
        reloaded
    }

    /// Empties all databases.
    fn empty(&self) {
        let ids: Vec<_> = self.shards.ids().collect();
        let mut held = self.shards.acquire(&ids);
        let garbage: Vec<_> = held.shards.iter_mut().flat_map(|locked| take_all(&mut locked.shard)).collect();
        drop(held);
        self.freer.free(garbage);
    }

    /// Loads an RDB file; says in the log how that went.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(crate) fn load_file(
        self: &Arc<Self>,
        mut file: OldFile,
        options: LoadOptions,
    ) -> Result<(), LoadError> {
        self.load_progress.begin(self.clock.wall_us(), file.bytes);
        let loaded = self.load_rdb(&mut *file.contents, options, None)?;
        let Loaded { keys, expired, empty } = loaded;
        let skipped = if empty > 0 { format!(", empty keys skipped: {empty}") } else { String::new() };
        let text = format!("Done loading RDB, keys loaded: {keys}, keys expired: {expired}{skipped}.");
        self.host.log(Level::Notice, &text);
        self.snapshots.note_loaded(self.clock.wall_us(), WorkTotals::of(self).dirty);
        Ok(())
    }
}

/// Takes the contents of a shard's databases out.
fn take_all(shard: &mut Shard) -> Vec<Garbage> {
    let indexes: Vec<_> = shard.dbs().map(|(index, _)| index).collect();
    let taken = indexes.into_iter().filter_map(|index| shard.take_db(index));
    taken.filter_map(|taken| taken.contents.map(Garbage::Database)).collect()
}
