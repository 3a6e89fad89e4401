//! Loading an RDB file.

use super::pool::Pool;
use super::{Aim, LoadOptions, Loaded};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::host::Level;
use config::RdbVersionCheck;
use rdb::{Damage, Event, Leniency, Scanner};
use std::fmt;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Bytes read from the file at once.
const BLOCK_BYTES: usize = 1 << 20;

/// Why a file can't be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// It can't be read, or no thread can be had.
    Io(std::io::Error),
    /// It is broken, or of a version from the future.
    File(rdb::Error),
    /// A value is broken, or of a type that this server doesn't have.
    Value {
        /// Its key.
        key: Box<[u8]>,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A key stands in the file twice.
    Duplicate {
        /// The number of its database.
        db: u32,
        /// The key.
        key: Box<[u8]>,
    },
    /// A key is in a database beyond `databases`, which is this.
    Database(u32),
    /// The bytes aren't those that were written.
    Checksum {
        /// What the file says.
        expected: u64,
        /// What its bytes give.
        found: u64,
    },
    /// It has a library of functions, which this server doesn't have.
    Functions,
    /// The append-only files can't be loaded, as this says.
    Aof(String),
    /// The server was told to stop meanwhile: nothing is wrong.
    Stopped,
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        match self {
            LoadError::Io(error) => write!(out, "{error}"),
            LoadError::File(error) => write!(out, "{error}"),
            LoadError::Value { key, damage } => {
                write!(out, "key '{}': {damage} at offset {}", text(key), damage.error.offset)
            }
            LoadError::Duplicate { db, key } => {
                write!(out, "RDB has duplicated key '{}' in DB {db}", text(key))
            }
            LoadError::Database(db) => write!(
                out,
                "FATAL: Data file was created with a Redis server configured to handle more than {db} databases. Exiting"
            ),
            LoadError::Checksum { expected, found } => {
                write!(out, "Wrong RDB checksum expected: ({expected:x}) but got ({found:x}). Aborting now.")
            }
            LoadError::Aof(text) => out.write_str(text),
            LoadError::Stopped => out.write_str("stopped while loading"),
            LoadError::Functions => out.write_str("the file has functions, which this version doesn't have"),
        }
    }
}

impl std::error::Error for LoadError {}

impl Engine {
    /// Loads an RDB file, whose end must be the end of `contents` unless `tail` is given: that takes what stands behind it.
    ///
    /// # Errors
    /// The first thing that is wrong. Keys before it may have been loaded.
    pub fn load_rdb(
        self: &Arc<Self>,
        contents: &mut dyn Read,
        options: LoadOptions,
        tail: Option<&mut Vec<u8>>,
    ) -> Result<Loaded, LoadError> {
        let mut pool = Pool::new(self, options).map_err(LoadError::Io)?;
        let (scanner, aim) = (self.rdb_scanner(), options.aim);
        let mut reading = Reading { engine: self, scanner, aim, input: Vec::new(), crc: 0 };
        let read = reading.run(contents, &mut pool);
        let loaded = pool.finish();
        read?;
        let loaded = loaded?;
        if let Some(tail) = tail {
            tail.append(&mut reading.input);
        }
        self.load_progress.note(loaded);
        Ok(loaded)
    }
}

impl Engine {
    fn rdb_scanner(&self) -> Scanner {
        let any_version = self.config().rdb_version_check == RdbVersionCheck::Relaxed;
        Scanner::lenient(Leniency { any_version, any_checksum: false })
    }
}

/// A file being read.
struct Reading<'e> {
    engine: &'e Engine,
    scanner: Scanner,
    aim: Aim,
    /// What the scanner hasn't taken.
    input: Vec<u8>,
    /// Of what it has taken.
    crc: u64,
}

impl Reading<'_> {
    fn run(&mut self, contents: &mut dyn Read, pool: &mut Pool) -> Result<(), LoadError> {
        loop {
            let taken = self.take_events(pool)?;
            if taken.ended || pool.has_failed() {
                return Ok(());
            }
            self.input.drain(..taken.bytes);
            let wanted = self.scanner.wanted().saturating_sub(self.input.len()).clamp(BLOCK_BYTES, 64 << 20);
            let have = self.input.len() as u64;
            contents.take(wanted as u64).read_to_end(&mut self.input).map_err(LoadError::Io)?;
            let read = self.input.len() as u64 - have;
            self.engine.load_progress.done_bytes.fetch_add(read, Relaxed);
            if self.engine.conditions.has(Condition::Abandoned) {
                return Err(LoadError::Stopped);
            }
            if read == 0 {
                self.scanner.finish(&self.input).map_err(LoadError::File)?;
            }
        }
    }

    /// Takes the events that are complete; those of keys go to the pool.
    fn take_events(&mut self, pool: &mut Pool) -> Result<Taken, LoadError> {
        let checks = self.engine.config().rdbchecksum && !self.engine.settings().overrides.any_rdb_checksum;
        let (mut at, mut ended) = (0, false);
        while let Some((event, len)) = self.scanner.next(&self.input[at..]).map_err(LoadError::File)? {
            match event {
                Event::Entry(entry) => pool.push(&entry),
                Event::Aux { name, value } => note_field(self.engine, &name, &value),
                Event::Function(_) if self.aim == Aim::Verify => {
                    self.engine.load_progress.pass_over("libraries of functions".to_owned());
                }
                Event::Function(_) => return Err(LoadError::Functions),
                Event::End { checksum } => {
                    ended = true;
                    if let Some(expected) = checksum.filter(|_| checks) {
                        let counted = at + len - size_of::<u64>();
                        let found = base::crc64::crc64(self.crc, &self.input[..counted]);
                        if found != expected {
                            return Err(LoadError::Checksum { expected, found });
                        }
                    }
                }
                _ => {}
            }
            at += len;
            if pool.has_failed() {
                break;
            }
        }
        if ended {
            self.input.drain(..at);
        } else if checks {
            self.crc = base::crc64::crc64(self.crc, &self.input[..at]);
        }
        Ok(Taken { bytes: at, ended })
    }
}

struct Taken {
    bytes: usize,
    ended: bool,
}

/// Logs what a file says of itself, as operators know it.
fn note_field(engine: &Engine, name: &[u8], value: &[u8]) {
    let value = String::from_utf8_lossy(value);
    let text = match name {
        b"redis-ver" | b"valkey-ver" => format!("Loading RDB produced by version {value}"),
        b"ctime" => {
            let now_s = engine.clock.wall_us() / 1_000_000;
            let age_s = value.parse::<i64>().map_or(0, |at_s| (now_s - at_s).max(0));
            format!("RDB age {age_s} seconds")
        }
        b"used-mem" => {
            let used = value.parse::<f64>().unwrap_or(0.0) / (1024.0 * 1024.0);
            format!("RDB memory usage when created {used:.2} Mb")
        }
        b"aof-base" if &*value == "1" => "RDB is base AOF".to_owned(),
        _ => return,
    };
    engine.host.log(Level::Notice, &text);
}
