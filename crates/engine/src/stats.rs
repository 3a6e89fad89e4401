//! Counters. Each worker counts for itself; INFO adds up.

use crate::registry::CommandId;
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::OnceLock;
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

    /// Stores; only the owning thread may.
    pub fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
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
    /// Latency per command.
    latency: Vec<LatencyBuckets>,
    /// Commands run.
    pub processed: Counter,
    /// Lookups that found a key.
    pub hits: Counter,
    /// Lookups that found none.
    pub misses: Counter,
    /// Keys whose time was over.
    pub expired: Counter,
    /// Elements of sets and hashes whose time was over.
    pub expired_elements: Counter,
    /// Keys removed to make room.
    pub evicted: Counter,
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
    /// Time spent on expired keys.
    pub expiry_ns: Counter,
    /// Times that expired keys were left for the next turn.
    pub expiry_cut_short: Counter,
    /// Blocked clients with a deadline, at present.
    pub timers: Counter,
    /// Connections closed because of their output buffer.
    pub output_limit_closed: Counter,
    /// Connections closed because of their query buffer.
    pub query_limit_closed: Counter,
}

/// The largest latency that is told apart: one second, as in Redis.
const MAX_LATENCY_NS: u64 = 1_000_000_000;
/// Parts of a doubling that are told apart, as a power of two: 1/32 is about 3 %.
const PRECISION_BITS: u32 = 5;
/// Buckets up to `MAX_LATENCY_NS`: 2^5 below the first doubling, then 2^5 for each.
const BUCKETS: usize = 32 * 27;

/// Times of one command: counts in logarithmic buckets, cheap enough to be kept for every run.
///
/// A time below 32 ns has a bucket of its own; above, the bucket is the exponent with the five bits behind the leading
/// one, as in HdrHistogram with one and a half significant digits.
#[derive(Default, Debug)]
struct LatencyBuckets(OnceLock<Box<[Counter]>>);

impl LatencyBuckets {
    #[inline]
    fn record(&self, time_ns: u64) {
        let buckets = self.0.get_or_init(|| (0..BUCKETS).map(|_| Counter::default()).collect());
        buckets[bucket_of(time_ns.min(MAX_LATENCY_NS))].add(1);
    }

    fn add_to(&self, histogram: &mut Histogram<u64>) {
        let counts = self.0.get().into_iter().flatten().map(Counter::get).enumerate();
        for (at, count) in counts.filter(|(_, count)| *count > 0) {
            // In range: the histogram is made for the same bounds.
            let _ = histogram.record_n(middle_of(at), count);
        }
    }

    fn reset(&self) {
        self.0.get().into_iter().flatten().for_each(Counter::reset);
    }
}

#[inline]
fn bucket_of(time_ns: u64) -> usize {
    let exponent = (u64::BITS - time_ns.leading_zeros()).saturating_sub(PRECISION_BITS + 1);
    ((exponent << PRECISION_BITS) as usize) + (time_ns >> exponent) as usize
}

/// The time in the middle of a bucket.
fn middle_of(bucket: usize) -> u64 {
    let exponent = (bucket >> PRECISION_BITS).saturating_sub(1);
    let start = (bucket - (exponent << PRECISION_BITS)) as u64;
    (start << exponent) + ((1 << exponent) >> 1)
}

/// A histogram of command times in nanoseconds.
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 2 * MAX_LATENCY_NS, 2).expect("valid bounds")
}

impl WorkerStats {
    /// Counters for `commands` commands.
    pub fn new(commands: usize) -> WorkerStats {
        WorkerStats {
            commands: (0..commands).map(|_| CommandStats::default()).collect(),
            latency: (0..commands).map(|_| LatencyBuckets::default()).collect(),
            ..WorkerStats::default()
        }
    }

    /// Bytes of the counters, histograms left out.
    pub fn memory_bytes(&self) -> usize {
        size_of::<WorkerStats>() + self.commands.len() * (size_of::<CommandStats>() + size_of::<usize>())
    }

    /// Counts a run.
    #[inline]
    pub fn ran(&self, id: CommandId, time_ns: u64) {
        let stats = &self.commands[usize::from(id)];
        stats.calls.add(1);
        stats.time_ns.add(time_ns);
        self.processed.add(1);
    }

    /// Enters a run's time into the command's histogram.
    #[inline]
    pub fn record_latency(&self, id: CommandId, time_ns: u64) {
        self.latency[usize::from(id)].record(time_ns);
    }

    /// Adds a command's times, in nanoseconds, to a histogram made by [`new_histogram`].
    pub fn add_latency(&self, id: CommandId, histogram: &mut Histogram<u64>) {
        self.latency[usize::from(id)].add_to(histogram);
    }

    /// Everything back to zero (CONFIG RESETSTAT), but the count of changes.
    pub fn reset(&self) {
        for stats in &self.commands {
            for counter in [&stats.calls, &stats.time_ns, &stats.rejected, &stats.failed] {
                counter.reset();
            }
        }
        self.latency.iter().for_each(LatencyBuckets::reset);
        let counters = [
            &self.processed,
            &self.hits,
            &self.misses,
            &self.expired,
            &self.expired_elements,
            &self.evicted,
            &self.lazy_freed,
            &self.received_bytes,
            &self.sent_bytes,
            &self.reads,
            &self.writes,
            &self.errors,
            &self.turns,
            &self.turn_ns,
            &self.served,
            &self.expiry_ns,
            &self.expiry_cut_short,
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
    /// Clients closed because all together held too much.
    pub evicted_clients: AtomicU64,
    /// Error replies by code.
    pub errors: Mutex<BTreeMap<Vec<u8>, u64>>,
    /// Failed AUTHs.
    pub denied_auth: AtomicU64,
    /// Values that the background thread still has to free.
    pub lazyfree_pending: AtomicI64,
    /// Values that the background thread has freed.
    pub lazyfreed: AtomicU64,
    /// Since when more memory has been in use than is allowed, microseconds since the epoch; 0: it isn't.
    memory_exceeded_since_us: AtomicI64,
    /// For how long that was so before.
    memory_exceeded_us: AtomicI64,
    /// When an attack was last logged, microseconds since the epoch.
    attack_logged_us: AtomicI64,
}

/// Attacks are logged at most so often: the log mustn't become a weapon.
const ATTACK_LOG_INTERVAL_US: i64 = 60_000_000;

impl SharedStats {
    /// Counts an error reply, by its code and among those of the worker that `own` belongs to, which must be the
    /// caller. Called before the reply is on its way: who has seen it finds it counted.
    pub fn error(&self, own: &WorkerStats, code: &[u8]) {
        own.errors.add(1);
        let mut errors = self.errors.lock();
        if let Some(count) = errors.get_mut(code) {
            *count += 1;
        } else if errors.len() < MAX_ERROR_CODES {
            errors.insert(code.to_vec(), 1);
        }
    }

    /// Whether an attack seen at `now_us` may be logged: not if one was within the last minute.
    pub fn may_log_attack(&self, now_us: i64) -> bool {
        let last_us = self.attack_logged_us.load(Relaxed);
        let due = last_us == 0 || now_us - last_us >= ATTACK_LOG_INTERVAL_US;
        due && self.attack_logged_us.compare_exchange(last_us, now_us, Relaxed, Relaxed).is_ok()
    }

    /// Whether more memory is in use than is allowed, now.
    pub(crate) fn note_memory_exceeded(&self, exceeded: bool, now_us: i64) {
        let since_us = self.memory_exceeded_since_us.load(Relaxed);
        let swap =
            |to| self.memory_exceeded_since_us.compare_exchange(since_us, to, Relaxed, Relaxed).is_ok();
        if since_us == 0 && exceeded {
            swap(now_us);
        } else if since_us != 0 && !exceeded && swap(0) {
            self.memory_exceeded_us.fetch_add(now_us - since_us, Relaxed);
        }
    }

    /// For how long more memory has been in use than is allowed, microseconds: all in all, and since it is so at present.
    pub fn memory_exceeded_us(&self, now_us: i64) -> (i64, i64) {
        let since_us = self.memory_exceeded_since_us.load(Relaxed);
        let present_us = if since_us == 0 { 0 } else { now_us - since_us };
        (self.memory_exceeded_us.load(Relaxed) + present_us, present_us)
    }

    /// Everything back to zero that CONFIG RESETSTAT resets.
    pub fn reset(&self) {
        self.connections.store(0, Relaxed);
        self.rejected_connections.store(0, Relaxed);
        self.evicted_clients.store(0, Relaxed);
        self.denied_auth.store(0, Relaxed);
        self.lazyfreed.store(0, Relaxed);
        self.memory_exceeded_us.store(0, Relaxed);
        self.errors.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_within_three_percent() {
        for time_ns in (0..1000).chain((1000..MAX_LATENCY_NS).step_by(999_983)) {
            let middle = middle_of(bucket_of(time_ns));
            assert!(middle.abs_diff(time_ns) * 32 <= time_ns, "{time_ns} {middle}");
        }
        assert!(bucket_of(MAX_LATENCY_NS) < BUCKETS);
    }
}
