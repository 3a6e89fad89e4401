//! What the data files of a directory hold: they are loaded as a server would load them, and nothing is changed.

use super::{Aim, LoadError};
use crate::conditions::Condition;
use crate::digest;
use crate::engine::Engine;
use keyspace::{DbIndex, Kind};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Which of the data files are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The append-only files if `appendonly` says so, else the snapshot.
    Configured,
    /// The append-only files if there are some, else the snapshot.
    Present,
}

/// What data files hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The files, in the order in which they were read.
    pub files: Vec<String>,
    /// The keys, by database and type; those of which there are none are left out.
    pub keys: Vec<KeyCount>,
    /// What this server doesn't know, and how often it was met.
    pub passed_over: Vec<(String, u64)>,
    /// Keys whose time is over, which a server would leave out.
    pub expired: u64,
    /// Keys without elements, which a server would leave out.
    pub empty: u64,
    /// What DEBUG DIGEST would answer.
    pub digest: String,
}

/// How many keys of a type a database has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyCount {
    /// The number of the database.
    pub db: DbIndex,
    /// The type.
    pub kind: Kind,
    /// Its keys.
    pub keys: u64,
    /// Those of them that expire.
    pub expiring: u64,
}

impl Engine {
    /// Loads data files into an engine that serves nobody, and tells what they hold. Nothing is written.
    ///
    /// # Errors
    /// Why a server wouldn't start with them; [`io::ErrorKind::NotFound`] if there are none.
    pub fn verify_data(self: &Arc<Self>, choice: Choice) -> Result<Verified, LoadError> {
        self.conditions.set(Condition::Loading, true);
        let files = self.load_to_verify(choice).inspect_err(|error| self.log_failure(error))?;
        if files.is_empty() {
            return Err(LoadError::Io(io::ErrorKind::NotFound.into()));
        }
        let (databases, now_ms) = (self.settings().limits.databases, self.clock.wall_us() / 1000);
        let fingerprint = digest::of_all(databases, now_ms, &mut |look| {
            self.shards.ids().for_each(|id| look(&self.shards.lock(id)));
        });
        let progress = &self.load_progress;
        Ok(Verified {
            files,
            keys: self.count_keys(databases),
            passed_over: std::mem::take(&mut *progress.passed_over.lock()).into_iter().collect(),
            expired: progress.expired.load(Relaxed),
            empty: progress.empty.load(Relaxed),
            digest: fingerprint.to_hex(),
        })
    }

    /// Loads what was chosen; answers the names of the files.
    fn load_to_verify(self: &Arc<Self>, choice: Choice) -> Result<Vec<String>, LoadError> {
        let shown = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        if choice == Choice::Present || self.config().appendonly {
            let loaded = self.load_files(&self.host.disk(), Aim::Verify)?;
            let files: Vec<_> = loaded.manifest.to_load().map(|file| shown(&file.name)).collect();
            if choice == Choice::Configured || !files.is_empty() {
                return Ok(files);
            }
        }
        let there = self.load_snapshot(Aim::Verify)?;
        Ok(there.then(|| shown(self.config().dbfilename.as_bytes())).into_iter().collect())
    }

    fn count_keys(&self, databases: DbIndex) -> Vec<KeyCount> {
        let mut counts = BTreeMap::<(DbIndex, Kind), KeyCount>::new();
        for id in self.shards.ids() {
            let shard = self.shards.lock(id);
            for db in 0..databases {
                shard.db(db).for_each(|item| {
                    let kind = item.kind();
                    let none = KeyCount { db, kind, keys: 0, expiring: 0 };
                    let count = counts.entry((db, kind)).or_insert(none);
                    count.keys += 1;
                    count.expiring += u64::from(item.expiry_ms().is_some());
                });
            }
        }
        counts.into_values().collect()
    }
}
