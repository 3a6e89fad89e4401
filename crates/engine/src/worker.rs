//! A worker: what one thread needs to run the Units of its connections. The thread, its sockets and its sleep belong to
//! the host (or to the simulator).

use crate::engine::Engine;
use crate::mailbox::Mail;
use crate::messages::Messages;
use crate::migrate::Migration;
use crate::settings::Settings;
use crate::stats::WorkerStats;
use crate::tracking::{Changed, Sweep};
use base::prng::Prng;
use command::{Effects, Now};
use journal::Offset;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One thread's part of the engine.
pub struct Worker {
    /// Its number.
    pub index: usize,
    pub(crate) engine: Arc<Engine>,
    pub(crate) effects: Effects,
    pub(crate) rng: Prng,
    pub(crate) settings: Arc<Settings>,
    settings_version: u64,
    pub(crate) stats: Arc<WorkerStats>,
    /// Deadlines of blocked sessions: (milliseconds since the epoch, client).
    pub(crate) timers: BTreeSet<(i64, u64)>,
    pub(crate) now: Now,
    /// When the last command ended, by `clock.monotonic_ns()`.
    pub(crate) last_ns: u64,
    pub(crate) batch: resp::Batch,
    pub(crate) plans: Vec<crate::batch::Plan>,
    pub(crate) expiry: crate::expire::ExpiryDuty,
    /// Sessions that wait for this server's disk: (offset of the journal, client).
    pub(crate) offset_waits: BTreeSet<(Offset, u64)>,
    pub(crate) eviction: crate::evict::EvictionDuty,
    /// Clients whose sessions are held back by CLIENT PAUSE.
    pub(crate) paused: Vec<u64>,
    /// Migrations whose keys CLIENT PAUSE keeps from being deleted.
    #[expect(clippy::vec_box, reason = "they come and go in boxes")]
    pub(crate) held_migrations: Vec<Box<Migration>>,
    /// Positions of words of the running command that must not be logged.
    pub(crate) secrets: Vec<usize>,
    /// Records have entered the journal in this turn.
    pub(crate) journaled: bool,
    /// All data has been removed in this turn, and is to be gone from the disk too.
    pub(crate) save_emptied: bool,
    pub(crate) messages: Messages,
    /// What has changed in this turn, for clients that are told of prefixes.
    pub(crate) changed: Changed,
    /// Taking clients that track no longer out of the tables of tracked keys.
    pub(crate) tracking_sweep: Sweep,
    /// How often in a row too few tracked keys were forgotten.
    pub(crate) tracking_shortfalls: u32,
    /// It runs what a journal holds, of which nobody is told.
    pub(crate) replays: bool,
}

impl Worker {
    /// The worker with this number; `seed` is for its random source.
    pub fn new(engine: Arc<Engine>, index: usize, seed: u64) -> Worker {
        let stats = engine.workers[index].stats.clone();
        let mut worker = Worker {
            index,
            effects: Effects::default(),
            rng: Prng::new(seed),
            settings: engine.settings(),
            settings_version: engine.settings_version(),
            stats,
            timers: BTreeSet::new(),
            now: Now { us: 0 },
            last_ns: 0,
            batch: resp::Batch::new(),
            plans: Vec::new(),
            expiry: crate::expire::ExpiryDuty::default(),
            offset_waits: BTreeSet::new(),
            eviction: crate::evict::EvictionDuty::default(),
            paused: Vec::new(),
            held_migrations: Vec::new(),
            secrets: Vec::new(),
            journaled: false,
            save_emptied: false,
            messages: Messages::new(index, engine.workers.len()),
            changed: Changed::default(),
            tracking_sweep: Sweep::default(),
            tracking_shortfalls: 0,
            replays: false,
            engine,
        };
        worker.refresh();
        worker
    }

    /// A worker without connections, which runs what a journal holds. What it does counts nowhere.
    pub(crate) fn for_replay(engine: Arc<Engine>) -> Worker {
        let stats = Arc::new(WorkerStats::new(engine.registry.all().len()));
        Worker { stats, replays: true, ..Worker::new(engine, 0, 0) }
    }

    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The present settings.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Its counters.
    pub fn stats(&self) -> &WorkerStats {
        &self.stats
    }

    /// Periodic duties of the engine, about ten times per second. The worker holds no shard.
    pub fn tick(&mut self) {
        self.refresh_settings();
        self.stats.timers.set(self.timers.len() as u64);
        self.limit_tracked_keys();
        if self.index == 0 {
            self.engine.sampler.sample(&self.engine);
            self.engine.snapshot_duties();
            self.engine.links.close_unused(self.now.us);
            self.engine.aof_duties();
            self.sweep_tracked();
            if self.settings.overrides.hot_keys {
                self.engine.stop_due_hot_keys(self.engine.clock.wall_us());
            }
        }
    }

    /// A turn of the event loop ends, before its replies are sent: has the journal's changes of this turn written, and
    /// messages to other workers' clients delivered. Those to its own are to be delivered afterwards.
    #[inline]
    pub fn end_turn(&mut self) {
        if std::mem::take(&mut self.save_emptied) {
            self.engine.save_emptied();
        }
        if std::mem::take(&mut self.journaled) {
            self.engine.aof.journal_grew();
        }
        if !self.changed.is_empty() {
            self.tell_prefixes();
        }
        self.messages.flush(&self.engine);
    }

    /// Reads the clock and notices changed settings. Called once per batch of requests.
    #[inline]
    pub fn refresh(&mut self) {
        self.now = Now { us: self.engine.clock.wall_us() };
        self.last_ns = self.engine.clock.monotonic_ns();
        self.refresh_settings();
    }

    #[inline]
    pub(crate) fn refresh_settings(&mut self) {
        let version = self.engine.settings_version();
        if version != self.settings_version {
            self.settings_version = version;
            self.settings = self.engine.settings();
            self.memory_settings_changed();
        }
    }

    /// The moment of the last [`Worker::refresh`].
    pub fn now(&self) -> Now {
        self.now
    }

    /// The next moment, in milliseconds since the epoch, at which a blocked session's time is up.
    pub fn next_deadline_ms(&self) -> Option<i64> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// A client whose deadline has passed; it is forgotten here.
    pub fn take_due(&mut self) -> Option<u64> {
        let (at, client_id) = *self.timers.first()?;
        if at > self.now.ms() {
            return None;
        }
        self.timers.pop_first();
        Some(client_id)
    }

    /// A client that waits for this server's disk to have what it has by now; it is forgotten here.
    pub fn take_acknowledged(&mut self) -> Option<u64> {
        let (offset, client_id) = *self.offset_waits.first()?;
        // First, so that no progress is missed.
        self.engine.aof.gate.wait(self.index);
        if offset > self.engine.aof.gate.durable() && self.engine.aof.is_on() {
            return None;
        }
        self.offset_waits.pop_first();
        Some(client_id)
    }

    /// Whether CLIENT PAUSE holds a session of this worker back.
    pub fn has_paused(&self) -> bool {
        !(self.paused.is_empty() && self.held_migrations.is_empty())
    }

    /// Clients that CLIENT PAUSE held back: to be resumed by the caller.
    pub fn take_paused(&mut self) -> Vec<u64> {
        for migration in self.held_migrations.drain(..) {
            self.engine.workers[self.index].mailbox.post(Mail::Migrated(migration));
        }
        std::mem::take(&mut self.paused)
    }
}
