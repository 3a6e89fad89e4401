//! The threads that make values of bytes and put them into the shards.

use super::rdb::LoadError;
use super::{Aim, LoadOptions, Loaded, Present};
use crate::engine::Engine;
use crate::host::{Level, Urgency};
use crate::settings::Settings;
use keyspace::{Expiry, Remember, Value};
use parking_lot::Mutex;
use rdb::{Access, Damage, DecodeOptions, Entry, Error, Reason, ValueType};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes of keys and values that are handed to a thread at once.
const BATCH_BYTES: usize = 256 << 10;
/// Batches on their way per thread: what reading may be ahead of decoding.
const QUEUED: usize = 4;

/// A key on its way.
struct Item {
    db: u32,
    expiry_ms: Option<i64>,
    access: Option<Access>,
    value_type: ValueType,
    key: Range<usize>,
    payload: Range<usize>,
    extension: Option<Range<usize>>,
    payload_at: u64,
}

/// Keys on their way, their bytes one after another.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

impl Batch {
    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn push(&mut self, entry: &Entry<'_>) {
        let (key, payload) = (self.keep(&entry.key), self.keep(entry.payload));
        let extension = entry.extension.as_deref().map(|extension| self.keep(extension));
        self.items.push(Item {
            db: entry.db,
            expiry_ms: entry.expiry_ms,
            access: entry.access,
            value_type: entry.value_type,
            key,
            payload,
            extension,
            payload_at: entry.payload_at,
        });
    }
}

/// What all threads of a load share.
struct Common {
    engine: Arc<Engine>,
    options: LoadOptions,
    settings: Arc<Settings>,
    decode: DecodeOptions,
    now_ms: i64,
    keys: AtomicU64,
    expired: AtomicU64,
    empty: AtomicU64,
    failed: AtomicBool,
    error: Mutex<Option<LoadError>>,
}

/// The threads, and what is being gathered for them.
pub(super) struct Pool {
    common: Arc<Common>,
    batch: Batch,
    batches: Option<SyncSender<Batch>>,
    /// Closed when the last thread has ended.
    ended: Receiver<()>,
}

impl Pool {
    /// Starts the threads.
    pub(super) fn new(engine: &Arc<Engine>, options: LoadOptions) -> std::io::Result<Pool> {
        let settings = engine.settings();
        let common = Arc::new(Common {
            engine: engine.clone(),
            options,
            decode: DecodeOptions {
                list: settings.limits.list,
                set: settings.limits.set,
                hash: settings.limits.hash,
                sorted_set: settings.limits.sorted_set,
            },
            settings,
            now_ms: engine.clock.wall_us() / 1000,
            keys: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            empty: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            error: Mutex::new(None),
        });
        let threads = engine.workers.len();
        let (batches, receiver) = sync_channel::<Batch>(threads * QUEUED);
        let receiver = Arc::new(Mutex::new(receiver));
        let (running, ended) = sync_channel(0);
        for _ in 0..threads {
            let (common, receiver, running) = (common.clone(), receiver.clone(), running.clone());
            let work = move || {
                let _running: SyncSender<()> = running;
                loop {
                    let batch = receiver.lock().recv();
                    let Ok(batch) = batch else { break };
                    common.load(&batch);
                }
            };
            engine.host.spawn("load", Urgency::Work, Box::new(work))?;
        }
        Ok(Pool { common, batch: Batch::default(), batches: Some(batches), ended })
    }

    /// Gives a key to the threads.
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        if entry.payload.len() >= BATCH_BYTES {
            // Copying it would cost more than a thread of its own brings.
            let value = entry.decode(&self.common.decode);
            let head = Head {
                db: entry.db,
                expiry_ms: entry.expiry_ms,
                access: entry.access,
                value_type: entry.value_type,
            };
            return self.common.enter(&head, &entry.key, value);
        }
        self.batch.push(entry);
        if self.batch.bytes.len() >= BATCH_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.batch.bytes.reserve(BATCH_BYTES + (BATCH_BYTES >> 2));
        if let Some(batches) = &self.batches {
            // Fails only when all threads have panicked.
            let _ = batches.send(batch);
        }
    }

    /// Whether a key couldn't be loaded.
    pub(super) fn has_failed(&self) -> bool {
        self.common.failed.load(Ordering::Relaxed)
    }

    /// Waits until all keys are in their shards.
    pub(super) fn finish(mut self) -> Result<Loaded, LoadError> {
        self.flush();
        self.batches = None;
        // An error says that the last thread has ended.
        let _ = self.ended.recv();
        let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        let Common { keys, expired, empty, .. } = &*self.common;
        let loaded = Loaded { keys: count(keys), expired: count(expired), empty: count(empty) };
        match self.common.error.lock().take() {
            None => Ok(loaded),
            Some(error) => Err(error),
        }
    }
}

/// A key but for its name and value.
struct Head {
    db: u32,
    expiry_ms: Option<i64>,
    access: Option<Access>,
    value_type: ValueType,
}

impl Common {
    fn load(&self, batch: &Batch) {
        let delay_us = u64::try_from(self.engine.config().key_load_delay).unwrap_or(0);
        for item in &batch.items {
            if self.failed.load(Ordering::Relaxed) {
                return;
            }
            let extension = item.extension.clone().map(|range| &batch.bytes[range]);
            let payload = &batch.bytes[item.payload.clone()];
            let value = rdb::decode_value(item.value_type, payload, extension, &self.decode);
            let value = value.map_err(|error| Error { offset: item.payload_at + error.offset, ..error });
            let head = Head {
                db: item.db,
                expiry_ms: item.expiry_ms,
                access: item.access,
                value_type: item.value_type,
            };
            self.enter(&head, &batch.bytes[item.key.clone()], value);
            if delay_us > 0 {
                self.engine.host.sleep_us(delay_us);
            }
        }
    }

    fn enter(&self, head: &Head, key: &[u8], value: Result<Value, Error>) {
        match value {
            // Older servers have written such keys by mistake.
            Err(Error { reason: Reason::Empty, .. }) => self.skip_empty(key),
            Err(Error { reason: Reason::Unsupported(value_type), .. }) if self.options.aim == Aim::Verify => {
                self.engine.load_progress.pass_over(format!("keys of type {value_type}"));
            }
            Err(error) => {
                let damage = Damage { value_type: head.value_type, error };
                self.fail(LoadError::Value { key: key.into(), damage });
            }
            Ok(_) if head.db >= self.settings.limits.databases => {
                self.fail(LoadError::Database(self.settings.limits.databases))
            }
            Ok(_) if self.is_over(head) => drop(self.expired.fetch_add(1, Ordering::Relaxed)),
            Ok(value) => self.put(head, key, value),
        }
    }

    fn skip_empty(&self, key: &[u8]) {
        let text = format!("Loading: skipping empty key: {}", String::from_utf8_lossy(key));
        self.engine.host.log(Level::Notice, &text);
        self.empty.fetch_add(1, Ordering::Relaxed);
    }

    fn is_over(&self, head: &Head) -> bool {
        self.options.drop_expired && head.expiry_ms.is_some_and(|at| at < self.now_ms)
    }

    fn put(&self, head: &Head, key: &[u8], value: Value) {
        let shards = &self.engine.shards;
        let key = shards.key(key);
        let mut shard = shards.lock(shards.shard_of(key.bytes));
        let db = shard.db_mut(head.db);
        let place = db.find(&key);
        if place.is_some() && self.options.present == Present::Error {
            return self.fail(LoadError::Duplicate { db: head.db, key: key.bytes.into() });
        }
        let expiry = head.expiry_ms.map_or(Expiry::Never, Expiry::At);
        let (_, replaced) = db.put_value(&key, place, value, expiry, self.access(head.access));
        drop(shard);
        drop(replaced);
        self.keys.fetch_add(1, Ordering::Relaxed);
    }

    /// The access bits of a key, if the file tells them in the way in which they are used here.
    fn access(&self, access: Option<Access>) -> u32 {
        let remember = self.settings.limits.remember;
        match (access, remember) {
            (Some(Access::IdleSeconds(idle_s)), Remember::Recency) => {
                remember.idle_since(u32::try_from(idle_s).unwrap_or(u32::MAX), self.now_ms)
            }
            (Some(Access::Frequency(count)), Remember::Frequency { .. }) => {
                remember.with_frequency(count, self.now_ms)
            }
            _ => remember.fresh(self.now_ms),
        }
    }

    fn fail(&self, error: LoadError) {
        self.failed.store(true, Ordering::Relaxed);
        self.error.lock().get_or_insert(error);
    }
}
