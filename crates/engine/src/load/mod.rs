//! Loading: from data files to the shards, on all cores.
//!
//! One thread reads the file and finds where its keys are; the others make values of them and put these into the shards. Clients are
//! served meanwhile as far as their commands need no data.

mod aof;
mod pool;
mod rdb;
mod startup;
mod verify;

pub use rdb::LoadError;
pub(crate) use startup::{Reload, ReloadError};
pub use verify::{Choice, KeyCount, Verified};

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// What loading does with keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadOptions {
    /// Keys whose time is over are left out. Not in the base of an append-only file: what follows it removes them.
    pub drop_expired: bool,
    /// What a key means that is there already.
    pub present: Present,
    /// What it is loaded for.
    pub aim: Aim,
}

/// What data is loaded for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// To be served: what this server doesn't know is an error, and a log that a crash has cut off is cut back to what is whole.
    Serve,
    /// To see what there is: what isn't known is passed over and counted, and files stay as they are.
    Verify,
}

/// What a key means that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Present {
    /// The file is broken.
    Error,
    /// It is replaced.
    Replace,
}

/// What has been loaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// Keys that are there now.
    pub keys: u64,
    /// Keys that were left out because their time was over.
    pub expired: u64,
    /// Keys that were left out because their values have no elements.
    pub empty: u64,
}

/// How far loading has come; what INFO says of it.
#[derive(Default)]
pub struct LoadProgress {
    /// When it began, microseconds since the epoch.
    pub since_us: AtomicI64,
    /// Bytes of all files.
    pub total_bytes: AtomicU64,
    /// Bytes read.
    pub done_bytes: AtomicU64,
    /// Keys loaded last.
    pub keys: AtomicU64,
    /// Keys left out last because their time was over.
    pub expired: AtomicU64,
    /// Keys left out last because their values have no elements.
    pub empty: AtomicU64,
    /// What was passed over because this server doesn't know it, and how often.
    passed_over: Mutex<BTreeMap<String, u64>>,
}

impl LoadProgress {
    /// Loading begins.
    pub fn begin(&self, now_us: i64, total_bytes: u64) {
        self.since_us.store(now_us, Relaxed);
        self.total_bytes.store(total_bytes, Relaxed);
        self.done_bytes.store(0, Relaxed);
    }

    /// Something that this server doesn't know was passed over.
    fn pass_over(&self, what: String) {
        *self.passed_over.lock().entry(what).or_default() += 1;
    }

    pub(crate) fn note(&self, loaded: Loaded) {
        self.keys.store(loaded.keys, Relaxed);
        self.expired.store(loaded.expired, Relaxed);
        self.empty.store(loaded.empty, Relaxed);
    }
}
