//! Reading a cut into an RDB file.

use crate::engine::Engine;
use crate::host::NewFile;
use crate::version::REDIS_VERSION;
use command::WaiterRef;
use config::Config;
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

/// What the file is for, as it says itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A snapshot by itself.
    Snapshot,
    /// What an append-only file begins with.
    AofBase,
}

/// Reads a whole cut into `file`, which is not committed.
///
/// # Errors
/// When writing fails, or the snapshot is cancelled. The cut is over then, too.
pub fn write_cut(engine: &Engine, walk: Walk, purpose: Purpose, file: &mut dyn NewFile) -> io::Result<()> {
    let progress = &engine.snapshots.progress;
    progress.begin(&walk);
    let mut sink = FileSink::new(engine, purpose, file);
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
    FileSink::new(engine, Purpose::AofBase, &mut bytes).finish()?;
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

/// Encodes entries and writes them in blocks.
struct FileSink<'a> {
    engine: &'a Engine,
    /// Keys that `rdb-key-save-delay` has been waited for.
    delayed: u64,
    file: &'a mut dyn NewFile,
    encoder: Encoder,
    /// The database that the last key belongs to.
    db: Option<DbIndex>,
    /// Of the blocks that have been written, if there is to be a checksum.
    crc: Option<u64>,
    block: Vec<u8>,
    /// Length of `block` when the shard was taken.
    held_from: usize,
    /// Large values that were frozen under the shard's lock.
    frozen: VecDeque<PreImage>,
    error: Option<io::Error>,
}

impl<'a> FileSink<'a> {
    fn new(engine: &'a Engine, purpose: Purpose, file: &'a mut dyn NewFile) -> FileSink<'a> {
        let mut block = Vec::with_capacity(BLOCK_BYTES + 2 * LARGE_BYTES);
        let mut encoder = Encoder::new(options(engine));
        encoder.signature(&mut block);
        let now_s = engine.clock.wall_us() / 1_000_000;
        encoder.aux(&mut block, b"redis-ver", REDIS_VERSION.as_bytes());
        encoder.aux(&mut block, b"redis-bits", b"64");
        encoder.aux(&mut block, b"ctime", now_s.to_string().as_bytes());
        let used_bytes = engine.sampler.last_used_bytes();
        encoder.aux(&mut block, b"used-mem", used_bytes.to_string().as_bytes());
        let base: &[u8] = if purpose == Purpose::AofBase { b"1" } else { b"0" };
        encoder.aux(&mut block, b"aof-base", base);
        let checks = engine.config().rdbchecksum;
        FileSink {
            engine,
            delayed: 0,
            file,
            encoder,
            db: None,
            crc: checks.then_some(0),
            block,
            held_from: 0,
            frozen: VecDeque::new(),
            error: None,
        }
    }

    /// Writes the gathered block to the file.
    fn flush(&mut self) {
        self.crc = self.crc.map(|crc| base::crc64::crc64(crc, &self.block));
        if self.error.is_none() {
            self.error = self.file.write(&self.block).err();
        }
        self.block.clear();
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
            self.encoder.select(&mut self.block, db);
        }
    }

    /// Encodes an entry that nobody changes any more, in steps.
    fn encode(&mut self, entry: PreImage) {
        self.select(entry.db);
        let mut encoding =
            FrozenEncoder::new(entry.key.into_vec(), entry.expiry_ms, entry.access, entry.value);
        while encoding.step(&mut self.encoder, &mut self.block, STEP_BYTES) && self.wanted() {
            self.flush_if_large();
        }
        self.flush_if_large();
        self.engine.snapshots.progress.done.fetch_add(1, Relaxed);
    }

    /// `rdb-key-save-delay`: lets tests see a snapshot under way.
    fn delay(&mut self) {
        let delay_us = self.engine.config().rdb_key_save_delay;
        let done = self.engine.snapshots.progress.done.load(Relaxed);
        let keys = done - std::mem::replace(&mut self.delayed, done);
        if let Ok(delay_us @ 1..) = u64::try_from(delay_us) {
            for _ in 0..keys {
                if self.wanted() {
                    self.engine.host.sleep_us(delay_us);
                }
            }
        }
    }

    fn finish(mut self) -> io::Result<()> {
        self.encoder.end(&mut self.block);
        self.flush();
        let mut trailer = Vec::new();
        Encoder::checksum(&mut trailer, self.crc.unwrap_or(0));
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
        self.encoder.item(&mut self.block, item);
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
        self.flush_if_large();
        self.held_from = self.block.len();
        self.engine.host.give_way();
        self.delay();
        self.wanted()
    }
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
