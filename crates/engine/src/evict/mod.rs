//! Making room: while more memory is in use than `maxmemory` allows, keys are evicted, each by a Unit of its own that
//! nobody asked for, like those of `expire.rs`.
//!
//! # When
//! Before a request runs, its worker looks at the [`keyspace::Meter`]. Above the limit it evicts [`BATCH`] keys at a time
//! until there is room or the turn's time (`maxmemory-eviction-tenacity`) is used up. Then the request runs, and the worker
//! goes on at the end of the turn. A batch goes before each run of requests whatever the time: memory doesn't grow without
//! end under a load that is all insertions. Where no key may be evicted, the server is in [`Condition::MemoryFull`].
//!
//! # Which
//! Keys of one random shard, or of a few, are compared, each key having the same chance to be looked at; the best of the
//! latest samples wait in a pool of sixteen, and the best of these goes. So it is nearly the least used key of all, and
//! costs two short locks. Keys with the nearest expiry need no chance: a shard's index knows its first.

mod choose;
mod pool;
mod weights;

use crate::conditions::Condition;
use crate::engine::Engine;
use crate::latency::LatencyEvent;
use crate::worker::Worker;
use choose::{Chooser, Rules};
use config::{Config, MaxmemoryPolicy};
use keyspace::Db;
use pool::Candidate;

/// Keys evicted between two looks at the clock.
const BATCH: usize = 16;
/// Candidates tried before chance is given up: others may have used or removed some of them meanwhile.
const TRIES: usize = 16;
/// Shards' changes wait to be counted where memory is so large that they don't matter: up to 2^-18 of the limit each, 2^-8
/// for a thousand shards.
const QUANTUM_FROM_BYTES: u64 = 64 << 20;
const QUANTUM_SHIFT: u32 = 18;

/// Which keys may be evicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Victims {
    /// None.
    #[default]
    None,
    /// Those with a time to live.
    Expiring,
    /// All.
    All,
}

impl Victims {
    /// How many there are in a database.
    fn count(self, db: &Db) -> usize {
        match self {
            Victims::None => 0,
            Victims::Expiring => db.expiring_len(),
            Victims::All => db.len(),
        }
    }
}

/// Which of them goes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Order {
    /// Any.
    #[default]
    Random,
    /// The one whose last use is longest ago, or that is used least often: what its access bits remember.
    LeastUsed,
    /// The one that expires first.
    FirstToExpire,
}

/// What the configuration says of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MemorySettings {
    /// `maxmemory`; none: no limit.
    pub(crate) limit_bytes: Option<u64>,
    pub(crate) victims: Victims,
    pub(crate) order: Order,
    /// `maxmemory-samples`.
    pub(crate) samples: usize,
    /// Time for eviction per turn, from `maxmemory-eviction-tenacity`.
    pub(crate) turn_ns: u64,
}

impl MemorySettings {
    pub(crate) fn of(config: &Config) -> MemorySettings {
        use MaxmemoryPolicy as Policy;
        let (victims, order) = match config.maxmemory_policy {
            _ if config.import_mode => (Victims::None, Order::Random),
            Policy::Noeviction => (Victims::None, Order::Random),
            Policy::AllkeysRandom => (Victims::All, Order::Random),
            Policy::AllkeysLru | Policy::AllkeysLfu => (Victims::All, Order::LeastUsed),
            Policy::VolatileRandom => (Victims::Expiring, Order::Random),
            Policy::VolatileLru | Policy::VolatileLfu => (Victims::Expiring, Order::LeastUsed),
            Policy::VolatileTtl => (Victims::Expiring, Order::FirstToExpire),
        };
        MemorySettings {
            limit_bytes: Some(config.maxmemory).filter(|bytes| *bytes > 0),
            victims,
            order,
            samples: config.maxmemory_samples as usize,
            turn_ns: turn_ns(config.maxmemory_eviction_tenacity),
        }
    }

    fn quantum_bytes(&self) -> u32 {
        let limit_bytes = self.limit_bytes.filter(|bytes| *bytes >= QUANTUM_FROM_BYTES).unwrap_or(0);
        u32::try_from(limit_bytes >> QUANTUM_SHIFT).unwrap_or(u32::MAX)
    }
}

/// Time for eviction, as Redis has it: up to 10 the tenacity counts in 50 microseconds, each further one adds 15 %, and
/// 100 is without end.
fn turn_ns(tenacity: u32) -> u64 {
    match tenacity {
        0..=10 => u64::from(tenacity) * 50_000,
        11..=99 => (500_000.0 * 1.15_f64.powi(tenacity as i32 - 10)) as u64,
        _ => u64::MAX,
    }
}

/// Where a worker stands with its eviction duty.
#[derive(Default)]
pub(crate) struct EvictionDuty {
    chooser: Chooser,
    /// Time used in this turn.
    used_ns: u64,
    /// The turn's time was not enough.
    unfinished: bool,
}

/// Whether there is room for more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// There is, or nobody may look.
    Enough,
    /// There will be.
    Unfinished,
    /// There is none, and nothing that could be evicted.
    None,
}

impl Engine {
    /// Whether more memory is in use than this.
    fn exceeds(&self, limit_bytes: u64) -> bool {
        self.startup_bytes() + self.sampler.client_bytes() + self.shards.meter().bytes() > limit_bytes
    }
}

impl Worker {
    /// Evicts keys if more memory is in use than `maxmemory` allows. The worker holds no shard.
    #[inline]
    pub(crate) fn make_room(&mut self) {
        if let Some(limit_bytes) = self.settings.memory.limit_bytes {
            self.make_room_below(limit_bytes);
        }
    }

    /// Goes on with what the turn's requests have left undone: called at the end of each turn. The worker holds no shard.
    pub fn evict_keys(&mut self) {
        if self.settings.memory.limit_bytes.is_some() {
            self.refresh();
            self.make_room();
            self.eviction.used_ns = 0;
        }
    }

    /// Whether [`Worker::evict_keys`] is to be called soon, even if nothing else happens.
    pub fn has_to_evict(&self) -> bool {
        self.eviction.unfinished
    }

    /// The configuration has changed: without a limit nothing is counted and nothing refused.
    pub(crate) fn memory_settings_changed(&mut self) {
        if self.settings.memory.limit_bytes.is_none() && self.engine.shards.meter().is_running() {
            self.engine.shards.stop_meter();
            self.note_room(Room::Enough);
        }
    }

    #[inline(never)]
    fn make_room_below(&mut self, limit_bytes: u64) {
        let quantum_bytes = self.settings.memory.quantum_bytes();
        if self.engine.shards.meter().quantum_bytes() != Some(quantum_bytes) {
            self.engine.shards.start_meter(quantum_bytes);
        }
        self.engine.sampler.renew_clients(&self.engine, self.last_ns);
        let waits = self.engine.pause.is_active() || self.engine.conditions.has(Condition::Loading);
        // Clients that hold too much go before any key does.
        let exceeds = !waits
            && self.engine.exceeds(limit_bytes)
            && !self.engine.evict_clients_before_keys()
            && self.engine.exceeds(limit_bytes);
        let room = if exceeds { self.find_room(limit_bytes) } else { Room::Enough };
        self.note_room(room);
    }

    fn find_room(&mut self, limit_bytes: u64) -> Room {
        let start_ns = self.engine.clock.monotonic_ns();
        let end_ns =
            start_ns.saturating_add(self.settings.memory.turn_ns.saturating_sub(self.eviction.used_ns));
        let (room, now_ns) = loop {
            let room = self.evict_batch(limit_bytes);
            let now_ns = self.engine.clock.monotonic_ns();
            if room != Room::Unfinished || now_ns >= end_ns {
                break (room, now_ns);
            }
        };
        let time_ns = now_ns.saturating_sub(start_ns);
        self.eviction.used_ns += time_ns;
        // The time isn't that of the command to come.
        self.last_ns = now_ns;
        self.note_latency(LatencyEvent::EvictionCycle, time_ns);
        self.engine.sampler.leave_clients(now_ns);
        room
    }

    fn evict_batch(&mut self, limit_bytes: u64) -> Room {
        for _ in 0..BATCH {
            let meter = self.engine.shards.meter();
            let has_victims = match self.settings.memory.victims {
                Victims::None => false,
                Victims::Expiring => meter.has_expiring(),
                Victims::All => meter.has_keys(),
            };
            if !has_victims {
                return Room::None;
            }
            self.evict_one();
            if !self.engine.exceeds(limit_bytes) {
                return Room::Enough;
            }
        }
        Room::Unfinished
    }

    /// Evicts a key, unless chance finds none.
    fn evict_one(&mut self) {
        let engine = self.engine.clone();
        let rules = Rules {
            memory: self.settings.memory,
            remember: self.settings.limits.remember,
            now_ms: self.now.ms(),
        };
        for tries_left in (0..TRIES).rev() {
            let Some(candidate) = self.eviction.chooser.choose(&engine.shards, &rules, &mut self.rng) else {
                continue;
            };
            // Its shard's lock isn't waited for as long as there may be another candidate.
            let id = engine.shards.shard_of(&candidate.key);
            let suits = tries_left == 0 || engine.shards.peek(id).is_some();
            if suits && self.evict(&candidate, &rules) {
                return;
            }
        }
    }

    /// Evicts this key: a Unit. Answers whether it was there, and still as little wanted as when it was chosen.
    fn evict(&mut self, candidate: &Candidate, rules: &Rules) -> bool {
        let engine = self.engine.clone();
        let key = engine.shards.key(&candidate.key);
        let held = engine.shards.acquire(&[engine.shards.shard_of(key.bytes)]);
        let db = held.shards[0].shard.db(candidate.db);
        let score = db.find(&key).and_then(|place| rules.score(&db.item(place)));
        if score.is_none_or(|score| score < candidate.score) || engine.pause.is_active() {
            return false;
        }
        self.run_unasked(held, |cx| cx.slot_in(candidate.db, key.bytes).evict());
        true
    }

    fn note_room(&mut self, room: Room) {
        self.eviction.unfinished = room == Room::Unfinished;
        let conditions = &self.engine.conditions;
        if conditions.has(Condition::MemoryFull) != (room == Room::None) {
            conditions.set(Condition::MemoryFull, room == Room::None);
        }
        self.engine.stats.note_memory_exceeded(room != Room::Enough, self.now.us);
    }
}
