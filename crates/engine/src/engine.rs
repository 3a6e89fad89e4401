//! What all workers share.

use crate::aof::Aof;
use crate::client::{Clients, Wait};
use crate::client_eviction::ClientWeights;
use crate::clock::Clock;
use crate::commandlog::CommandLog;
use crate::conditions::Conditions;
use crate::host::Host;
use crate::hotkeys::Tracking;
use crate::latency::LatencyMonitor;
use crate::load::LoadProgress;
use crate::mailbox::{Mail, Mailbox};
use crate::migrate::Links;
use crate::monitor::Monitors;
use crate::pause::Pause;
use crate::pubsub::Routes;
use crate::registry::Registry;
use crate::remarks::Remarks;
use crate::sampler::Sampler;
use crate::settings::{Overrides, Settings};
use crate::snapshot::Snapshots;
use crate::stats::{SharedStats, WorkerStats};
use crate::tracking::Trackers;
use command::Shards;
use config::Config;
use journal::Journal;
use keyspace::Garbage;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Where values go that are to be freed later, off the workers' threads.
pub trait Freer: Send + Sync {
    /// Takes values; never waits for them to be freed.
    fn free(&self, values: Vec<Garbage>);
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
    /// The append-only file.
    pub aof: Aof,
    /// The workers.
    pub workers: Vec<WorkerHandle>,
    /// Counters of rare things.
    pub stats: SharedStats,
    /// What keeps requests from running.
    pub conditions: Conditions,
    /// What the last failure of the append-only file was.
    pub journal_failure: Mutex<String>,
    /// CLIENT PAUSE.
    pub pause: Pause,
    /// Which workers have subscribers of what.
    pub(crate) routes: Routes,
    /// Which clients track what they read, or prefixes.
    pub(crate) trackers: Trackers,
    /// MONITOR.
    pub(crate) monitors: Monitors,
    /// COMMANDLOG and SLOWLOG.
    pub command_log: CommandLog,
    /// HOTKEYS: the present tracking, or the last one.
    pub(crate) hot_keys: Mutex<Option<Tracking>>,
    /// Connections to other servers, for MIGRATE.
    pub(crate) links: Links,
    /// LATENCY.
    pub latency: Mutex<LatencyMonitor>,
    /// SAVE, BGSAVE.
    pub snapshots: Snapshots,
    /// How far loading has come.
    pub load_progress: LoadProgress,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Lazy freeing.
    pub freer: Box<dyn Freer>,
    /// DEBUG SET-ACTIVE-EXPIRE.
    active_expiry: AtomicBool,
    /// DEBUG PAUSE-CRON.
    duties_paused: AtomicBool,
    /// Whoever runs the engine.
    pub host: Arc<dyn Host>,
    /// 40 hexadecimal digits that tell this run of the server from others.
    pub run_id: String,
    /// When the server started, microseconds since the epoch.
    pub started_us: i64,
    /// Rates and peaks.
    pub sampler: Sampler,
    /// Lines in the log that clients bring about.
    pub(crate) remarks: Remarks,
    /// What the clients hold together, if that is limited.
    pub(crate) client_weights: ClientWeights,
    startup_bytes: u64,
    replication_id: Mutex<String>,
    /// Held by whoever changes the configuration.
    config: Mutex<Arc<Config>>,
    settings: RwLock<Arc<Settings>>,
    settings_version: AtomicU64,
}

impl Engine {
    /// Puts an engine together.
    pub fn new(parts: Parts) -> Engine {
        let (startup_bytes, shards_seed) = (startup_bytes(&parts), parts.shards.seed());
        Engine {
            shards: parts.shards,
            registry: parts.registry,
            clients: Clients::default(),
            journal: Arc::new(Journal::new()),
            aof: Aof::new(parts.workers.len()),
            routes: Routes::new(parts.workers.len(), shards_seed),
            trackers: Trackers::default(),
            monitors: Monitors::new(parts.workers.len()),
            workers: parts.workers,
            stats: SharedStats::default(),
            conditions: Conditions::default(),
            journal_failure: Mutex::default(),
            pause: Pause::default(),
            command_log: CommandLog::default(),
            hot_keys: Mutex::default(),
            links: Links::default(),
            latency: Mutex::new(LatencyMonitor::default()),
            load_progress: LoadProgress::default(),
            snapshots: Snapshots::new(parts.clock.wall_us()),
            freer: parts.freer,
            active_expiry: AtomicBool::new(true),
            duties_paused: AtomicBool::new(false),
            host: parts.host,
            run_id: parts.run_id,
            started_us: parts.clock.wall_us(),
            sampler: Sampler::default(),
            remarks: Remarks::default(),
            client_weights: ClientWeights::default(),
            startup_bytes,
            replication_id: Mutex::new(parts.replication_id),
            clock: parts.clock,
            settings: RwLock::new(Arc::new(Settings::of(&parts.config, Overrides::default(), shards_seed))),
            config: Mutex::new(Arc::new(parts.config)),
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

    /// The present configuration.
    pub fn config(&self) -> Arc<Config> {
        self.config.lock().clone()
    }

    /// Changes the configuration: `change` works on a copy, the host puts it in force, and every worker's next command
    /// sees it. Changes are made one after another.
    ///
    /// # Errors
    /// What `change` answers, or what `refused` makes of the host's refusal; then nothing has changed.
    pub fn change_config<T, E>(
        &self,
        change: impl FnOnce(&mut Config) -> Result<T, E>,
        refused: impl FnOnce(&T, crate::host::ApplyError) -> E,
    ) -> Result<T, E> {
        let mut present = self.config.lock();
        let mut new = (**present).clone();
        let changed = change(&mut new)?;
        if let Err(error) = self.host.apply(&present, &mut new) {
            return Err(refused(&changed, error));
        }
        let overrides = self.settings().overrides;
        *self.settings.write() = Arc::new(Settings::of(&new, overrides, self.shards.seed()));
        *present = Arc::new(new);
        self.settings_version.fetch_add(1, Ordering::AcqRel);
        self.follow_aof_settings(&present);
        drop(present);
        self.note_snapshot_status();
        Ok(changed)
    }

    /// Changes the settings beyond what the configuration says: DEBUG QUICKLIST-PACKED-THRESHOLD and the like.
    pub fn override_settings(&self, change: impl FnOnce(&mut Overrides)) {
        let config = self.config.lock();
        let mut overrides = self.settings().overrides;
        change(&mut overrides);
        *self.settings.write() = Arc::new(Settings::of(&config, overrides, self.shards.seed()));
        self.settings_version.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether expired keys are removed without being asked for.
    pub fn active_expiry(&self) -> bool {
        self.active_expiry.load(Ordering::Relaxed)
    }

    /// Turns that on or off.
    pub fn set_active_expiry(&self, on: bool) {
        self.active_expiry.store(on, Ordering::Relaxed);
    }

    /// Whether DEBUG PAUSE-CRON holds the periodic duties back.
    pub fn duties_paused(&self) -> bool {
        self.duties_paused.load(Ordering::Relaxed)
    }

    /// Holds the periodic duties back, or no longer.
    pub fn set_duties_paused(&self, paused: bool) {
        self.duties_paused.store(paused, Ordering::Relaxed);
    }

    /// The id of this server's history of changes.
    pub fn replication_id(&self) -> String {
        self.replication_id.lock().clone()
    }

    /// Gives the history another id.
    pub fn set_replication_id(&self, id: String) {
        *self.replication_id.lock() = id;
    }

    /// What the server takes without data and clients, about.
    pub fn startup_bytes(&self) -> u64 {
        self.startup_bytes
    }

    /// CLIENT UNBLOCK: ends the wait of a client, as if its time were up or with an error. Answers whether it was
    /// waiting; if so, nobody else answers it any more.
    pub fn unblock(&self, client_id: u64, with_error: bool) -> bool {
        let Some(client) = self.clients.get(client_id) else { return false };
        let cancelled = client.wait.lock().as_ref().is_some_and(Wait::cancel);
        if cancelled {
            self.workers[client.worker].mailbox.post(Mail::Unblock { client_id, with_error });
        }
        cancelled
    }

    /// CLIENT KILL: the client runs no further command, is listed no more, and its worker closes the connection soon.
    /// Answers whether it was there.
    pub fn kill(&self, client_id: u64) -> bool {
        let Some(client) = self.clients.take(client_id) else { return false };
        client.killed.store(true, Ordering::Release);
        self.sampler.forget_client(client.memory_bytes());
        self.workers[client.worker].mailbox.post(Mail::Kill { client_id });
        true
    }

    /// Tells every worker.
    pub fn post_all(&self, mail: impl Fn() -> Mail) {
        for worker in &self.workers {
            worker.mailbox.post(mail());
        }
    }
}

fn startup_bytes(parts: &Parts) -> u64 {
    let shards = parts.shards.count() * size_of::<command::Shard>();
    let commands = size_of_val(parts.registry.all());
    let counters: usize = parts.workers.iter().map(|worker| worker.stats.memory_bytes()).sum();
    (size_of::<Engine>() + shards + commands + counters) as u64
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
    /// Whoever runs the engine.
    pub host: Arc<dyn Host>,
    /// The configuration.
    pub config: Config,
    /// 40 hexadecimal digits that tell this run of the server from others.
    pub run_id: String,
    /// 40 hexadecimal digits that tell this server's history of changes from others.
    pub replication_id: String,
}
