//! Counters. Each worker counts for itself; INFO adds up.

use crate::registry::CommandId;
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// A counter that one thread writes and any may read.
#[derive(Default, Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds; only the owning thread may.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// The present value.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Back to zero; a count made at the same moment may be lost.
    pub fn reset(&self) {
        self.0.store(0, Relaxed);
    }
}

/// What is counted per command.
#[derive(Default, Debug)]
pub struct CommandStats {
    /// Runs.
    pub calls: Counter,
    /// Time in all runs.
    pub time_ns: Counter,
    /// Refused before running.
    pub rejected: Counter,
    /// Answered with an error.
    pub failed: Counter,
}

/// One worker's counters.
#[derive(Default)]
pub struct WorkerStats {
    /// Per command.
    pub commands: Vec<CommandStats>,
    /// Latency per command, for commands that have run, in nanoseconds.
    pub latency: Mutex<Vec<Option<Box<Histogram<u32>>>>>,
    /// Commands run.
    pub processed: Counter,
    /// Lookups that found a key.
    pub hits: Counter,
    /// Lookups that found none.
    pub misses: Counter,
    /// Keys whose time was over.
    pub expired: Counter,
    /// Changes of data.
    pub dirty: Counter,
    /// Values given to the background thread.
    pub lazy_freed: Counter,
    /// Bytes read from sockets.
    pub received_bytes: Counter,
    /// Bytes written to sockets.
    pub sent_bytes: Counter,
    /// Socket reads.
    pub reads: Counter,
    /// Socket writes.
    pub writes: Counter,
    /// Error replies.
    pub errors: Counter,
    /// Turns of the event loop.
    pub turns: Counter,
    /// Time spent in turns.
    pub turn_ns: Counter,
    /// Steps of parked commands that were served.
    pub served: Counter,
    /// Connections closed because of their output buffer.
    pub output_limit_closed: Counter,
    /// Connections closed because of their query buffer.
    pub query_limit_closed: Counter,
}

/// The largest latency a histogram tells apart: one second, as Redis does.
const MAX_LATENCY_NS: u64 = 1_000_000_000;

impl WorkerStats {
    /// Counters for `commands` commands.
    pub fn new(commands: usize) -> WorkerStats {
        WorkerStats {
            commands: (0..commands).map(|_| CommandStats::default()).collect(),
            latency: Mutex::new((0..commands).map(|_| None).collect()),
            ..WorkerStats::default()
        }
    }

    /// Counts a run.
    #[inline]
    pub fn ran(&self, id: CommandId, time_ns: u64) {
        let stats = &self.commands[usize::from(id)];
        stats.calls.add(1);
        stats.time_ns.add(time_ns);
        self.processed.add(1);
    }

    /// Enters runs' times, in nanoseconds, into the commands' histograms.
    pub fn record_latencies(&self, times_ns: &[(CommandId, u32)]) {
        let mut histograms = self.latency.lock();
        for (id, time_ns) in times_ns {
            let histogram = histograms[usize::from(*id)].get_or_insert_with(|| {
                Box::new(Histogram::new_with_bounds(1, MAX_LATENCY_NS, 2).expect("valid bounds"))
            });
            histogram.saturating_record(u64::from(*time_ns));
        }
    }

    /// Everything back to zero (CONFIG RESETSTAT), but the count of changes.
    pub fn reset(&self) {
        for stats in &self.commands {
            for counter in [&stats.calls, &stats.time_ns, &stats.rejected, &stats.failed] {
                counter.reset();
            }
        }
        self.latency.lock().iter_mut().for_each(|histogram| *histogram = None);
        let counters = [
            &self.processed,
            &self.hits,
            &self.misses,
            &self.expired,
            &self.lazy_freed,
            &self.received_bytes,
            &self.sent_bytes,
            &self.reads,
            &self.writes,
            &self.errors,
            &self.turns,
            &self.turn_ns,
            &self.served,
            &self.output_limit_closed,
            &self.query_limit_closed,
        ];
        counters.into_iter().for_each(Counter::reset);
    }
}

/// Error codes that are counted one by one; beyond these, errors are only counted together.
const MAX_ERROR_CODES: usize = 128;

/// Counters that any thread may add to: rare things.
#[derive(Default)]
pub struct SharedStats {
    /// Connections accepted.
    pub connections: AtomicU64,
    /// Connections refused for `maxclients`.
    pub rejected_connections: AtomicU64,
    /// Error replies by code.
    pub errors: Mutex<BTreeMap<Vec<u8>, u64>>,
    /// Failed AUTHs.
    pub denied_auth: AtomicU64,
    /// Values that the background thread still has to free.
    pub lazyfree_pending: AtomicI64,
    /// Values that the background thread has freed.
    pub lazyfreed: AtomicU64,
    /// Changes when the data was last saved (or emptied).
    pub saved_dirty: AtomicU64,
}

impl SharedStats {
    /// Counts an error reply by its code.
    pub fn error(&self, code: &[u8]) {
        let mut errors = self.errors.lock();
        if let Some(count) = errors.get_mut(code) {
            *count += 1;
        } else if errors.len() < MAX_ERROR_CODES {
            errors.insert(code.to_vec(), 1);
        }
    }

    /// Everything back to zero that CONFIG RESETSTAT resets.
    pub fn reset(&self) {
        self.connections.store(0, Relaxed);
        self.rejected_connections.store(0, Relaxed);
        self.denied_auth.store(0, Relaxed);
        self.lazyfreed.store(0, Relaxed);
        self.errors.lock().clear();
    }
}
