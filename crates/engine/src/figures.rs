//! Sums over workers, shards and clients: what INFO, MEMORY STATS and the sampler look at.

use crate::client::ClientClass;
use crate::engine::Engine;
use crate::registry::CommandId;
use crate::stats::{WorkerStats, new_histogram};
use command::Shard;
use hdrhistogram::Histogram;
use keyspace::DbIndex;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

/// Counters of all workers added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the counters of `WorkerStats`")]
pub struct WorkTotals {
    pub processed: u64,
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
    pub expired_elements: u64,
    pub evicted: u64,
    pub dirty: u64,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub reads: u64,
    pub writes: u64,
    pub errors: u64,
    pub turns: u64,
    pub turn_ns: u64,
    pub command_ns: u64,
    pub timers: u64,
    pub expiry_ns: u64,
    pub expiry_cut_short: u64,
    pub output_limit_closed: u64,
    pub query_limit_closed: u64,
}

impl WorkTotals {
    /// The sums over all workers of an engine.
    pub fn of(engine: &Engine) -> WorkTotals {
        let mut totals = WorkTotals::default();
        engine.workers.iter().for_each(|worker| totals.add(&worker.stats));
        totals
    }

    fn add(&mut self, stats: &WorkerStats) {
        self.processed += stats.processed.get();
        self.hits += stats.hits.get();
        self.misses += stats.misses.get();
        self.expired += stats.expired.get();
        self.expired_elements += stats.expired_elements.get();
        self.evicted += stats.evicted.get();
        self.dirty += stats.dirty.get();
        self.received_bytes += stats.received_bytes.get();
        self.sent_bytes += stats.sent_bytes.get();
        self.reads += stats.reads.get();
        self.writes += stats.writes.get();
        self.errors += stats.errors.get();
        self.turns += stats.turns.get();
        self.turn_ns += stats.turn_ns.get();
        self.command_ns += stats.commands.iter().map(|command| command.time_ns.get()).sum::<u64>();
        self.timers += stats.timers.get();
        self.expiry_ns += stats.expiry_ns.get();
        self.expiry_cut_short += stats.expiry_cut_short.get();
        self.output_limit_closed += stats.output_limit_closed.get();
        self.query_limit_closed += stats.query_limit_closed.get();
    }
}

/// One command's counters, over all workers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the counters of `CommandStats`")]
pub struct CommandTotals {
    pub calls: u64,
    pub time_ns: u64,
    pub rejected: u64,
    pub failed: u64,
}

impl Engine {
    /// A command's counters.
    pub fn command_totals(&self, id: CommandId) -> CommandTotals {
        let mut totals = CommandTotals::default();
        for worker in &self.workers {
            let stats = &worker.stats.commands[usize::from(id)];
            totals.calls += stats.calls.get();
            totals.time_ns += stats.time_ns.get();
            totals.rejected += stats.rejected.get();
            totals.failed += stats.failed.get();
        }
        totals
    }

    /// A command's latencies in nanoseconds; none if none was measured.
    pub fn latency_of(&self, id: CommandId) -> Option<Histogram<u64>> {
        let mut histogram = new_histogram();
        self.workers.iter().for_each(|worker| worker.stats.add_latency(id, &mut histogram));
        (!histogram.is_empty()).then_some(histogram)
    }
}

/// One numbered database, over all shards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DbFigures {
    /// Keys.
    pub keys: u64,
    /// Keys with a time to live.
    pub expiring: u64,
    /// Sum of these keys' expiry times, milliseconds since the epoch.
    pub expiry_sum_ms: i128,
    /// Keys with elements that have a time to live.
    pub element_expiring: u64,
    /// Bytes of the tables and the expiry indexes.
    pub overhead_bytes: u64,
    /// The expiry indexes' part of it.
    pub expiry_index_bytes: u64,
}

/// What the shards hold, added up shard after shard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShardFigures {
    /// Databases that exist.
    pub dbs: BTreeMap<DbIndex, DbFigures>,
    /// Bytes of entries and values.
    pub value_bytes: u64,
    /// Watched keys.
    pub watched_keys: u64,
    /// Clients to be told of tracked keys, counted once for each key.
    pub tracked_items: u64,
    /// Bytes of the tables of tracked keys.
    pub tracked_bytes: u64,
    /// Keys that somebody waits for.
    pub blocking_keys: u64,
    /// Keys whose absence somebody waits for.
    pub blocking_keys_on_nokey: u64,
}

impl ShardFigures {
    /// Adds a shard.
    pub fn add(&mut self, shard: &Shard) {
        for (index, db) in shard.dbs() {
            if db.overhead_bytes() == 0 {
                continue;
            }
            let figures = self.dbs.entry(index).or_default();
            figures.keys += db.len() as u64;
            figures.expiring += db.expiring_len() as u64;
            figures.element_expiring += db.element_expiring_len() as u64;
            figures.expiry_sum_ms += db.expiry_sum_ms();
            figures.overhead_bytes += db.overhead_bytes() as u64;
            figures.expiry_index_bytes += db.expiry_index_bytes() as u64;
            self.value_bytes += db.value_bytes() as u64;
        }
        self.watched_keys += shard.watched.len() as u64;
        self.tracked_items += shard.tracked.items() as u64;
        self.tracked_bytes += shard.tracked.bytes() as u64;
        for (db, key) in shard.waiters.keys() {
            self.blocking_keys += 1;
            let mut waiters = shard.waiters.of(db, key).into_iter().flatten();
            let minds = waiters.any(|waiter| waiter.step.minds_absence());
            self.blocking_keys_on_nokey += u64::from(minds);
        }
    }

    /// All shards of an engine, one after another, waiting for nobody: `None` if somebody holds a shard for long. One that
    /// is held when it is looked at is looked at once more, behind all others.
    pub fn glance(engine: &Engine) -> Option<ShardFigures> {
        let mut figures = ShardFigures::default();
        let mut held = Vec::new();
        for id in engine.shards.ids() {
            match engine.shards.peek(id) {
                Some(shard) => figures.add(&shard),
                None => held.push(id),
            }
        }
        for id in held {
            figures.add(&*engine.shards.peek(id)?);
        }
        Some(figures)
    }

    /// Bytes of all tables and expiry indexes.
    pub fn overhead_bytes(&self) -> u64 {
        self.dbs.values().map(|db| db.overhead_bytes).sum()
    }
}

/// What the clients hold, added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientFigures {
    /// Clients.
    pub clients: u64,
    /// Clients blocked by a blocking command.
    pub blocked: u64,
    /// Clients that watch keys.
    pub watching: u64,
    /// Clients that have subscribed to something.
    pub subscribed: u64,
    /// Bytes of their buffers and of what the server knows of them.
    pub bytes: u64,
    /// The largest query buffer, bytes.
    pub largest_query_bytes: u64,
    /// The largest amount of output that waits to be sent, bytes.
    pub largest_output_bytes: u64,
}

impl ClientFigures {
    /// The clients of an engine. O(clients).
    pub fn of(engine: &Engine) -> ClientFigures {
        let mut figures = ClientFigures::default();
        for client in engine.clients.all() {
            let query_bytes = client.query_capacity.load(Relaxed);
            let output_bytes = client.output_bytes.load(Relaxed);
            figures.clients += 1;
            figures.blocked += u64::from(client.blocked.load(Relaxed) || client.paused.load(Relaxed));
            figures.watching += u64::from(client.watched.load(Relaxed) > 0);
            figures.subscribed += u64::from(client.class() == ClientClass::PubSub);
            figures.bytes += client.memory_bytes();
            figures.largest_query_bytes = figures.largest_query_bytes.max(query_bytes);
            figures.largest_output_bytes = figures.largest_output_bytes.max(output_bytes);
        }
        figures
    }
}

/// Where the memory is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemoryFigures {
    /// What a server without data and clients takes.
    pub startup_bytes: u64,
    /// Entries and values.
    pub value_bytes: u64,
    /// Tables and expiry indexes.
    pub table_bytes: u64,
    /// Clients and their buffers.
    pub client_bytes: u64,
    /// Tables of the keys that clients have cached.
    pub tracked_bytes: u64,
}

impl MemoryFigures {
    /// Puts the parts together.
    pub fn new(engine: &Engine, shards: &ShardFigures, clients: &ClientFigures) -> MemoryFigures {
        MemoryFigures {
            startup_bytes: engine.startup_bytes(),
            value_bytes: shards.value_bytes,
            table_bytes: shards.overhead_bytes(),
            client_bytes: clients.bytes,
            tracked_bytes: shards.tracked_bytes,
        }
    }

    /// `used_memory`.
    pub fn used_bytes(&self) -> u64 {
        self.overhead_bytes() + self.value_bytes
    }

    /// What isn't data.
    pub fn overhead_bytes(&self) -> u64 {
        self.startup_bytes + self.table_bytes + self.client_bytes + self.tracked_bytes
    }
}
