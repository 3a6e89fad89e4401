//! Reading a cut into a file: an RDB file, or one of commands.

use crate::engine::Engine;
use crate::host::{NewFile, Pace};
use crate::version::REDIS_VERSION;
use ::commands::rebuild::{self, Output};
use command::WaiterRef;
use config::Config;
use journal::aof::{BaseFormat, Unsealed, push_second};
use keyspace::Remember;
use keyspace::{DbIndex, Hold, Item, PreImage, Sink, Walk};
use rdb::{EncodeOptions, Encoder, FrozenEncoder, Version};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering::Relaxed;

/// Bytes encoded while a shard is held.
const HOLD_BYTES: usize = 16 << 10;
/// A value larger than this is frozen while its shard is held, and encoded afterwards.
const LARGE_BYTES: usize = 16 << 10;
/// Bytes gathered before they are written to the file.
const BLOCK_BYTES: usize = 256 << 10;
/// Bytes of a large value encoded in one step.
const STEP_BYTES: usize = 256 << 10;
/// Bytes of commands after which a checksum follows.
const SEALED_BYTES: u64 = 1 << 20;
/// The longest wait for `rdb-key-save-delay` before a look whether the snapshot is still wanted.
const DELAY_STEP_US: u64 = 10_000;

/// What the file is for, as it says itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A snapshot by itself.
    Snapshot,
    /// What an append-only file begins with.
    AofBase(BaseFormat),
}

/// Reads a whole cut into `file`, which is not committed; gives way to others if there is a pace.
///
/// # Errors
/// When writing fails, or the snapshot is cancelled. The cut is over then, too.
pub fn write_cut(
    engine: &Engine,
    walk: Walk,
    purpose: Purpose,
    pace: Option<Box<dyn Pace>>,
    file: &mut dyn NewFile,
) -> io::Result<()> {
    let progress = &engine.snapshots.progress;
    progress.begin(&walk);
    let mut sink = FileSink::new(engine, purpose, pace, file);
    let complete = walk.run::<WaiterRef>(&engine.shards, &mut sink);
    progress.end();
    if complete { sink.finish() } else { Err(sink.error.unwrap_or_else(cancelled)) }
}

/// A base of no keys.
///
/// # Errors
/// None: it is written into memory.
pub(crate) fn empty_base(engine: &Engine) -> io::Result<Vec<u8>> {
    let mut bytes = InMemory::default();
    FileSink::new(engine, Purpose::AofBase(BaseFormat::Rdb), None, &mut bytes).finish()?;
    Ok(bytes.0)
}

/// A file that is only gathered.
#[derive(Default)]
struct InMemory(Vec<u8>);

impl NewFile for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn commit(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}

fn cancelled() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "cancelled")
}

/// In what form the keys are written.
enum Form {
    /// As an RDB file.
    Rdb {
        encoder: Encoder,
        /// Of the blocks that have been written, if there is to be a checksum.
        crc: Option<u64>,
    },
    /// As the commands that make them.
    Commands {
        /// What has been written since the last checksum, if there are to be some.
        unsealed: Option<Unsealed>,
    },
}

/// Encodes entries and writes them in blocks.
struct FileSink<'a> {
    engine: &'a Engine,
    /// Keys that `rdb-key-save-delay` has been waited for.
    delayed: u64,
    pace: Option<Box<dyn Pace>>,
    file: &'a mut dyn NewFile,
    form: Form,
    /// The database that the last key belongs to.
    db: Option<DbIndex>,
    block: Vec<u8>,
    /// Length of `block` when the shard was taken.
    held_from: usize,
    /// Large values that were frozen under the shard's lock.
    frozen: VecDeque<PreImage>,
    error: Option<io::Error>,
}

impl<'a> FileSink<'a> {
    fn new(
        engine: &'a Engine,
        purpose: Purpose,
        pace: Option<Box<dyn Pace>>,
        file: &'a mut dyn NewFile,
    ) -> FileSink<'a> {
        let mut block = Vec::with_capacity(BLOCK_BYTES + 2 * LARGE_BYTES);
        let form = match purpose {
            Purpose::AofBase(BaseFormat::Aof) => begin_commands(engine, &mut block),
            Purpose::AofBase(BaseFormat::Rdb) => begin_rdb(engine, b"1", &mut block),
            Purpose::Snapshot => begin_rdb(engine, b"0", &mut block),
        };
        let mut error = None;
        if let Form::Commands { .. } = form {
            // What stands before the first checksum counts to none.
            error = file.write(&block).err();
            block.clear();
        }
        FileSink {
            engine,
            delayed: 0,
            pace,
            file,
            form,
            db: None,
            block,
            held_from: 0,
            frozen: VecDeque::new(),
            error,
        }
    }

    /// Writes the gathered block to the file.
    fn flush(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        self.write(&mut block);
        self.block = block;
    }

    /// Writes bytes and takes them away.
    fn write(&mut self, bytes: &mut Vec<u8>) {
        match &mut self.form {
            Form::Rdb { crc, .. } => *crc = crc.map(|crc| base::crc64::crc64(crc, bytes)),
            Form::Commands { unsealed } => unsealed.iter_mut().for_each(|unsealed| unsealed.add(bytes)),
        }
        if self.error.is_none() {
            self.error = self.file.write(bytes).err();
        }
        bytes.clear();
    }

    /// Between commands: adds the checksum of at least so many bytes, if there are so many.
    fn seal(&mut self, least: u64) {
        self.flush_if_large();
        let due = |unsealed: &&Unsealed| unsealed.len() + self.block.len() as u64 >= least;
        if !matches!(&self.form, Form::Commands { unsealed } if unsealed.as_ref().filter(due).is_some()) {
            return;
        }
        self.flush();
        if let Form::Commands { unsealed: Some(unsealed) } = &mut self.form {
            let seal = std::mem::take(unsealed).seal();
            let mut line = Vec::new();
            seal.push(&mut line);
            if self.error.is_none() {
                self.error = self.file.write(&line).err();
            }
        }
    }

    fn flush_if_large(&mut self) {
        if self.block.len() >= BLOCK_BYTES {
            self.flush();
        }
    }

    fn wanted(&self) -> bool {
        self.error.is_none() && !self.engine.snapshots.is_cancelled()
    }

    /// What follows belongs to this database.
    fn select(&mut self, db: DbIndex) {
        if self.db.replace(db) != Some(db) {
            match &self.form {
                Form::Rdb { encoder, .. } => encoder.select(&mut self.block, db),
                Form::Commands { .. } => {
                    resp::push_command(&mut self.block, &[b"SELECT", db.to_string().as_bytes()]);
                }
            }
        }
    }

    /// Encodes an entry that nobody changes any more, in steps.
    fn encode(&mut self, entry: PreImage) {
        self.select(entry.db);
        match self.form {
            Form::Rdb { .. } => self.encode_rdb(entry),
            Form::Commands { .. } => self.encode_commands(entry),
        }
        self.flush_if_large();
        self.engine.snapshots.progress.done.fetch_add(1, Relaxed);
    }

    fn encode_rdb(&mut self, entry: PreImage) {
        let mut encoding =
            FrozenEncoder::new(entry.key.into_vec(), entry.expiry_ms, entry.access, entry.value);
        while let Form::Rdb { encoder, .. } = &mut self.form
            && encoding.step(encoder, &mut self.block, STEP_BYTES)
            && self.wanted()
        {
            self.flush_if_large();
        }
    }

    fn encode_commands(&mut self, entry: PreImage) {
        let mut block = std::mem::take(&mut self.block);
        let mut look = |out: &mut Vec<u8>| {
            if out.len() >= BLOCK_BYTES {
                self.write(out);
            }
        };
        let mut output = Output { out: &mut block, look: &mut look };
        rebuild::frozen(&entry.key, entry.expiry_ms, entry.value, &mut output);
        self.block = block;
    }

    /// `rdb-key-save-delay`: lets tests see a snapshot under way.
    fn delay(&mut self) {
        let delay_us = self.engine.config().rdb_key_save_delay;
        let done = self.engine.snapshots.progress.done.load(Relaxed);
        let keys = done - std::mem::replace(&mut self.delayed, done);
        if let Ok(delay_us @ 1..) = u64::try_from(delay_us) {
            for _ in 0..keys {
                let mut left_us = delay_us;
                while left_us > 0 && self.wanted() && self.engine.config().rdb_key_save_delay > 0 {
                    let step_us = left_us.min(DELAY_STEP_US);
                    self.engine.host.sleep_us(step_us);
                    left_us -= step_us;
                }
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        let mut trailer = Vec::new();
        if let Form::Rdb { encoder, .. } = &self.form {
            encoder.end(&mut self.block);
        }
        self.seal(1);
        self.flush();
        if let Form::Rdb { crc, .. } = self.form {
            Encoder::checksum(&mut trailer, crc.unwrap_or(0));
        }
        match self.error {
            None => self.file.write(&trailer),
            Some(error) => Err(error),
        }
    }
}

impl Sink for FileSink<'_> {
    fn item(&mut self, db: DbIndex, item: &Item<'_>) -> Hold {
        if item.memory_bytes() > LARGE_BYTES {
            self.frozen.push_back(PreImage::of(db, item));
            return Hold::Enough;
        }
        self.select(db);
        match &mut self.form {
            Form::Rdb { encoder, .. } => encoder.item(&mut self.block, item),
            Form::Commands { .. } => {
                rebuild::item(item, &mut Output { out: &mut self.block, look: &mut |_| () });
            }
        }
        self.engine.snapshots.progress.done.fetch_add(1, Relaxed);
        if self.block.len() - self.held_from < HOLD_BYTES { Hold::Longer } else { Hold::Enough }
    }

    fn changed(&mut self, entry: PreImage) {
        self.encode(entry);
    }

    fn between(&mut self) -> bool {
        while let Some(entry) = self.frozen.pop_front() {
            self.encode(entry);
        }
        self.seal(SEALED_BYTES);
        self.held_from = self.block.len();
        self.engine.snapshots.progress.peak_copied_bytes();
        self.pace.iter_mut().for_each(|pace| pace.give_way());
        self.delay();
        self.wanted()
    }
}

/// The head of an RDB file; `base` says whether something follows it in an append-only file.
fn begin_rdb(engine: &Engine, base: &[u8], block: &mut Vec<u8>) -> Form {
    let mut encoder = Encoder::new(options(engine));
    encoder.signature(block);
    let now_s = engine.clock.wall_us() / 1_000_000;
    encoder.aux(block, b"redis-ver", REDIS_VERSION.as_bytes());
    encoder.aux(block, b"redis-bits", b"64");
    encoder.aux(block, b"ctime", now_s.to_string().as_bytes());
    let used_bytes = engine.sampler.last_used_bytes();
    encoder.aux(block, b"used-mem", used_bytes.to_string().as_bytes());
    encoder.aux(block, b"aof-base", base);
    Form::Rdb { encoder, crc: engine.config().rdbchecksum.then_some(0) }
}

/// The head of a file of commands.
fn begin_commands(engine: &Engine, block: &mut Vec<u8>) -> Form {
    let config = engine.config();
    if config.aof_timestamp_enabled {
        push_second(block, engine.clock.wall_us() / 1_000_000);
    }
    let unsealed = config.aof_checksum.then(Unsealed::default);
    if let Some(unsealed) = unsealed {
        unsealed.seal().push(block);
    }
    Form::Commands { unsealed }
}

/// What the configuration says about the form of the file.
fn options(engine: &Engine) -> EncodeOptions {
    let (config, settings) = (engine.config(), engine.settings());
    let limits = &settings.limits;
    EncodeOptions {
        version: Version::with_number(limits.rdb_version).unwrap_or_default(),
        compress: limits.rdb_compression,
        access: remembered(&config, limits.remember),
        now_ms: engine.clock.wall_us() / 1000,
    }
}

/// Access bits are written where a policy looks at them.
fn remembered(config: &Config, remember: Remember) -> Option<Remember> {
    use config::MaxmemoryPolicy as Policy;
    let used = matches!(
        config.maxmemory_policy,
        Policy::AllkeysLru | Policy::VolatileLru | Policy::AllkeysLfu | Policy::VolatileLfu
    );
    used.then_some(remember)
}
