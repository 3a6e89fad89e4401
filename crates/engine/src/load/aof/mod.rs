//! Loading the append-only files: the base, then the files of changes, in the order of the list.
//!
//! The last file may end in the middle of a record, or of a transaction, as a crash leaves it: it is loaded up to there and
//! cut off. Anything else that isn't as it should be ends the start, with the place where it is.

mod records;

use super::{Aim, LoadError, LoadOptions, Present};
use crate::aof::State;
use crate::engine::Engine;
use crate::host::{Level, reason};
use crate::snapshot::empty_base;
use journal::aof::{
    self, BaseFormat, Extent, FileInfo, FileKind, FoundFiles, Manifest, Names, Single, StartError,
};
use journal::disk::{Disk, File, read_full};
use records::Records;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What a base may hold: what follows it removes keys whose time is over.
const BASE: LoadOptions = LoadOptions { drop_expired: false, present: Present::Error, aim: Aim::Serve };

/// The first bytes of a snapshot.
const RDB_SIGNATURES: [&[u8]; 2] = [b"REDIS", b"VALKEY"];

/// What was loaded, and where writing goes on.
pub(super) struct Loaded {
    names: Names,
    pub(super) manifest: Manifest,
    /// Up to where the last file of changes is whole.
    end: u64,
    /// Bytes of all files.
    bytes: u64,
}

impl Engine {
    /// Loads the append-only files, and writes them from then on.
    ///
    /// # Errors
    /// Why the server must not start.
    pub(super) fn load_journal(self: &Arc<Self>) -> Result<(), LoadError> {
        let disk = self.host.disk();
        let loaded = self.load_files(&disk, Aim::Serve)?;
        if loaded.manifest.is_empty() {
            self.warn_of_snapshot();
        }
        self.snapshots.note_loaded(self.clock.wall_us(), crate::figures::WorkTotals::of(self).dirty);
        self.open_journal(disk, loaded)
    }

    /// There are no append-only files, so the server starts empty: says so if there is a snapshot that it might be thought to
    /// load.
    fn warn_of_snapshot(&self) {
        let name = self.config().dbfilename.as_bytes().to_vec();
        if let Ok(Some(snapshot)) = self.host.open_file(&name) {
            let (name, bytes) = (shown(&name), snapshot.bytes);
            let text = format!(
                "WARNING: appendonly is on and there are no append-only files: the server starts EMPTY. {name} ({bytes} bytes) is \
                 not loaded, and the next snapshot replaces it. To have its data, stop the server now (SHUTDOWN NOSAVE), start it \
                 with appendonly no, and then CONFIG SET appendonly yes"
            );
            self.host.log(Level::Warning, &text);
        }
    }

    pub(super) fn load_files(self: &Arc<Self>, disk: &Arc<dyn Disk>, aim: Aim) -> Result<Loaded, LoadError> {
        let config = self.config();
        let names = Names::new(config.appenddirname.as_bytes(), config.appendfilename.as_bytes());
        let found = match aim {
            Aim::Serve => aof::find(&**disk, &names),
            Aim::Verify => aof::look(&**disk, &names),
        };
        let found = found.map_err(|error| self.start_error(error))?;
        if found.single == Single::Taken {
            let (single, directory) = (shown(names.single()), shown(names.directory()));
            let text = format!(
                "Successfully migrated an old-style AOF file ({single}) into the AOF directory ({directory})."
            );
            self.host.log(Level::Notice, &text);
        }
        let files = open_all(&**disk, &names, &found)?;
        let bytes = files.iter().map(|file| file.extent.end).sum();
        self.load_progress.begin(self.clock.wall_us(), bytes);
        let start_ns = self.clock.monotonic_ns();
        let mut end = 0;
        for (at, file) in files.iter().enumerate() {
            let last = files[at + 1..].iter().all(|file| file.extent.end == 0);
            end = self.load_one(file, last, aim)?;
        }
        if !files.is_empty() {
            let time_s = self.clock.monotonic_ns().saturating_sub(start_ns) as f64 / 1e9;
            self.host.log(Level::Notice, &format!("DB loaded from append only file: {time_s:.3} seconds"));
        }
        Ok(Loaded { names, manifest: found.manifest, end, bytes })
    }

    /// Loads one file; answers up to where it is whole.
    fn load_one(self: &Arc<Self>, opened: &Opened, last: bool, aim: Aim) -> Result<u64, LoadError> {
        let start_ns = self.clock.monotonic_ns();
        let name = shown(&opened.info.name);
        if opened.extent.torn > 0 {
            let text = format!(
                "The AOF {name} ends with {} bytes of a batch that was cut off and that nobody was told of: left out",
                opened.extent.torn
            );
            self.host.log(Level::Warning, &text);
        }
        let records_at = self.load_snapshot_part(opened, aim)?;
        let mut records = Records::new(self, opened, records_at, aim);
        let whole = records.load(last)?;
        if whole < opened.extent.end {
            self.cut_off(opened, whole, last, aim)?;
        }
        if opened.extent.end > 0 {
            let kind = if opened.info.kind == FileKind::Base { "base" } else { "incr" };
            let time_s = self.clock.monotonic_ns().saturating_sub(start_ns) as f64 / 1e9;
            let text = format!("DB loaded from {kind} file {name}: {time_s:.3} seconds");
            self.host.log(Level::Notice, &text);
        }
        Ok(whole)
    }

    /// Loads the snapshot that a base consists of, or begins with; answers where it ends.
    fn load_snapshot_part(self: &Arc<Self>, opened: &Opened, aim: Aim) -> Result<u64, LoadError> {
        let mut first = [0; 6];
        let count = read_full(&*opened.file, 0, &mut first).map_err(LoadError::Io)?;
        let is_rdb = RDB_SIGNATURES.iter().any(|signature| first[..count].starts_with(signature));
        if !is_rdb || opened.info.kind != FileKind::Base {
            return Ok(0);
        }
        self.host.log(Level::Notice, "Reading RDB base file on AOF loading...");
        let (mut contents, mut tail) = (FromFile { file: opened.file.clone(), at: 0 }, Vec::new());
        self.load_rdb(&mut contents, LoadOptions { aim, ..BASE }, Some(&mut tail)).map_err(|error| {
            if let LoadError::Stopped = error {
                return error;
            }
            self.host.log(Level::Warning, &error.to_string());
            let name = shown(&opened.info.name);
            LoadError::Aof(format!("Error reading the RDB base file {name}, AOF loading aborted"))
        })?;
        Ok(contents.at - tail.len() as u64)
    }

    /// The file is whole up to here: cuts the rest off.
    fn cut_off(&self, opened: &Opened, whole: u64, last: bool, aim: Aim) -> Result<(), LoadError> {
        let name = shown(&opened.info.name);
        let warn = |text: String| self.host.log(Level::Warning, &text);
        warn(format!("!!! Warning: short read while loading the AOF file {name}!!!"));
        if !last {
            return Err(LoadError::Aof("Fatal error: the truncated file is not the last file".into()));
        }
        if aim == Aim::Verify {
            warn(format!("A server would truncate the AOF {name} at offset {whole}"));
            return Ok(());
        }
        warn(format!("!!! Truncating the AOF {name} at offset {whole} !!!"));
        let cut = opened.file.truncate(whole).and_then(|()| opened.file.sync());
        if let Err(error) = cut {
            return Err(LoadError::Aof(format!("Error truncating the AOF file {name}: {}", reason(&error))));
        }
        warn(format!("AOF {name} loaded anyway because aof-load-truncated is enabled"));
        Ok(())
    }

    /// Writes on behind what was loaded.
    pub(super) fn open_journal(
        self: &Arc<Self>,
        disk: Arc<dyn Disk>,
        loaded: Loaded,
    ) -> Result<(), LoadError> {
        self.try_to_open(disk, loaded).map_err(|error| {
            LoadError::Aof(format!("Can't open or create the append-only files: {}", reason(&error)))
        })
    }

    fn try_to_open(self: &Arc<Self>, disk: Arc<dyn Disk>, loaded: Loaded) -> io::Result<()> {
        let Loaded { names, mut manifest, end, bytes } = loaded;
        let rdb = self.config().aof_use_rdb_preamble;
        let base = if rdb { empty_base(self)? } else { Vec::new() };
        let format = if rdb { BaseFormat::Rdb } else { BaseFormat::Aof };
        for file in aof::remove_history(&*disk, &names, &mut manifest)? {
            let text = format!("Removing the history file {} in the background", shown(&file.name));
            self.host.log(Level::Notice, &text);
        }
        let opened = manifest.incremental.last().cloned();
        let (log, made) = aof::prepare(disk, names, manifest, end, (&base, format))?;
        for file in &made {
            let kind = if file.kind == FileKind::Base { "base" } else { "incr" };
            let text = format!("Creating AOF {kind} file {} on server start", shown(&file.name));
            self.host.log(Level::Notice, &text);
        }
        if let Some(opened) = opened {
            let text = format!("Opening AOF incr file {} on server start", shown(&opened.name));
            self.host.log(Level::Notice, &text);
        }
        let made_base = made.iter().any(|file| file.kind == FileKind::Base);
        let bytes = bytes + if made_base { base.len() as u64 } else { 0 };
        self.aof.figures.current_bytes.store(bytes, Relaxed);
        self.aof.figures.base_bytes.store(bytes, Relaxed);
        self.aof.set_state(State::On);
        self.write_journal(log)
    }

    /// Logs what is wrong with the list of files.
    fn start_error(&self, error: StartError) -> LoadError {
        let warn = |text: &str| self.host.log(Level::Warning, text);
        match error {
            StartError::Manifest(error) => {
                warn("*** FATAL AOF MANIFEST FILE ERROR ***");
                if let Some((number, line)) = error.line {
                    warn(&format!("Reading the manifest file, at line {number}"));
                    warn(&format!(">>> '{}'", shown(&line)));
                }
                LoadError::Aof(error.fault.to_string())
            }
            StartError::Disk(what, name, error) => {
                LoadError::Aof(format!("{what} {}: {}", shown(&name), reason(&error)))
            }
        }
    }
}

/// A file that is about to be loaded.
struct Opened {
    info: FileInfo,
    file: Arc<dyn File>,
    extent: Extent,
}

fn open_all(disk: &dyn Disk, names: &Names, found: &FoundFiles) -> Result<Vec<Opened>, LoadError> {
    let open = |info: &FileInfo| {
        let file = disk.open(&found.path(names, info))?;
        let extent = Extent::of(&*file)?;
        Ok(Opened { info: info.clone(), file, extent })
    };
    let opened = found.manifest.to_load().map(|info| {
        open(info).map_err(|error: io::Error| {
            let name = shown(&info.name);
            LoadError::Aof(format!("Unable to obtain the AOF file {name} length. stat: {}", reason(&error)))
        })
    });
    opened.collect()
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// A file read from front to back.
struct FromFile {
    file: Arc<dyn File>,
    at: u64,
}

impl Read for FromFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}
