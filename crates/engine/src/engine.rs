//! What all workers share.

use crate::client::Clients;
use crate::clock::Clock;
use crate::mailbox::{Mail, Mailbox};
use crate::pause::Pause;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::slowlog::SlowLog;
use crate::stats::{SharedStats, WorkerStats};
use command::Shards;
use journal::Journal;
use keyspace::Removed;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where values go that are to be freed later, off the workers' threads.
pub trait Freer: Send + Sync {
    /// Takes values; never waits for them to be freed.
    fn free(&self, values: Vec<Removed>);
}

/// A worker as others see it.
pub struct WorkerHandle {
    /// Its messages.
    pub mailbox: Mailbox,
    /// Its counters.
    pub stats: Arc<WorkerStats>,
}

/// The server but for its sockets, files and threads.
pub struct Engine {
    /// The data.
    pub shards: Shards,
    /// The commands.
    pub registry: Registry,
    /// The clients.
    pub clients: Clients,
    /// The order of changes.
    pub journal: Arc<Journal>,
    /// The workers.
    pub workers: Vec<WorkerHandle>,
    /// Counters of rare things.
    pub stats: SharedStats,
    /// CLIENT PAUSE.
    pub pause: Pause,
    /// SLOWLOG.
    pub slowlog: Mutex<SlowLog>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Lazy freeing.
    pub freer: Box<dyn Freer>,
    settings: RwLock<Arc<Settings>>,
    settings_version: AtomicU64,
}

impl Engine {
    /// Puts an engine together.
    pub fn new(parts: Parts) -> Engine {
        Engine {
            shards: parts.shards,
            registry: parts.registry,
            clients: Clients::default(),
            journal: Arc::new(Journal::new()),
            workers: parts.workers,
            stats: SharedStats::default(),
            pause: Pause::default(),
            slowlog: Mutex::new(SlowLog::default()),
            clock: parts.clock,
            freer: parts.freer,
            settings: RwLock::new(Arc::new(parts.settings)),
            settings_version: AtomicU64::new(1),
        }
    }

    /// The present settings.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().clone()
    }

    /// Changes with every change of the settings.
    #[inline]
    pub fn settings_version(&self) -> u64 {
        self.settings_version.load(Ordering::Acquire)
    }

    /// Puts other settings in force, for every worker's next command.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.write() = Arc::new(settings);
        self.settings_version.fetch_add(1, Ordering::AcqRel);
    }

    /// Tells every worker.
    pub fn post_all(&self, mail: impl Fn() -> Mail) {
        for worker in &self.workers {
            worker.mailbox.post(mail());
        }
    }
}

/// What an engine is made of.
pub struct Parts {
    /// The data.
    pub shards: Shards,
    /// The commands.
    pub registry: Registry,
    /// The workers' handles.
    pub workers: Vec<WorkerHandle>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Lazy freeing.
    pub freer: Box<dyn Freer>,
    /// The configuration.
    pub settings: Settings,
}
