//! Figures that need looking at regularly: rates, and peaks.

use crate::engine::Engine;
use crate::figures::{ClientFigures, MemoryFigures, ShardFigures, WorkTotals};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Samples that a rate is the mean of.
const RATE_SAMPLES: usize = 16;
/// The clients are looked at again after so many times as long as the last look took.
const LOOK_AGAIN_AFTER: u64 = 100;
/// How long clients aren't looked at after an eviction, nanoseconds.
const LEFT_ALONE_NS: u64 = 5_000_000;
/// For how many seconds a client's large buffer is remembered.
const RECENT_SECONDS: usize = 8;

/// Rates of the last moments.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rates {
    /// Commands per second.
    pub commands: f64,
    /// Bytes received per second.
    pub received_bytes: f64,
    /// Bytes sent per second.
    pub sent_bytes: f64,
    /// Turns of the event loops per second.
    pub turns: f64,
    /// Mean time of a turn, nanoseconds.
    pub turn_ns: f64,
}

/// What the sampler remembers.
#[derive(Default)]
pub struct Sampler {
    /// What the clients held when they were looked at, and when to look again (monotonic nanoseconds).
    client_bytes: AtomicU64,
    look_again_at_ns: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Moments (monotonic nanoseconds) and counters at them, the latest last.
    samples: VecDeque<(u64, WorkTotals)>,
    used_bytes: u64,
    peak_bytes: u64,
    peak_at_us: i64,
    /// Largest query buffer and largest output per second, the latest last.
    buffers: VecDeque<(u64, u64)>,
    last_second: i64,
}

impl Sampler {
    /// Takes a sample: called about ten times per second by one worker, which holds no shard. While a command holds a
    /// shard for long, the memory in use isn't looked at: that worker has clients who want other shards.
    pub fn sample(&self, engine: &Engine) {
        let (now_ns, now_us) = (engine.clock.monotonic_ns(), engine.clock.wall_us());
        let clients = self.note_clients(engine);
        let used_bytes = ShardFigures::glance(engine)
            .map(|shards| MemoryFigures::new(engine, &shards, &clients).used_bytes());
        let mut state = self.state.lock();
        state.samples.push_back((now_ns, WorkTotals::of(engine)));
        if state.samples.len() > RATE_SAMPLES {
            state.samples.pop_front();
        }
        if let Some(used_bytes) = used_bytes {
            state.note_used(used_bytes, now_us);
        }
        state.note_buffers(&clients, now_us / 1_000_000);
    }

    /// Looks at the clients. O(clients).
    pub(crate) fn note_clients(&self, engine: &Engine) -> ClientFigures {
        let start_ns = engine.clock.monotonic_ns();
        let clients = ClientFigures::of(engine);
        self.client_bytes.store(clients.bytes, Relaxed);
        let end_ns = engine.clock.monotonic_ns();
        let rest_ns = end_ns.saturating_sub(start_ns).saturating_mul(LOOK_AGAIN_AFTER);
        self.look_again_at_ns.store(end_ns.saturating_add(rest_ns), Relaxed);
        clients
    }

    /// As [`Sampler::note_clients`], unless that would take more than a hundredth of the time.
    pub(crate) fn renew_clients(&self, engine: &Engine, now_ns: u64) {
        if now_ns >= self.look_again_at_ns.load(Relaxed) {
            self.note_clients(engine);
        }
    }

    /// Keys have been evicted: who is told of that holds the message for a moment. As that is no reason to evict further
    /// keys, [`Sampler::renew_clients`] leaves the clients alone until it has gone out, as a rule.
    pub(crate) fn leave_clients(&self, now_ns: u64) {
        self.look_again_at_ns.fetch_max(now_ns.saturating_add(LEFT_ALONE_NS), Relaxed);
    }

    /// The clients have been looked at by somebody else.
    pub(crate) fn note_client_bytes(&self, bytes: u64) {
        self.client_bytes.store(bytes, Relaxed);
    }

    /// A client is gone, or as good as gone, that held so much.
    pub(crate) fn forget_client(&self, bytes: u64) {
        let _ = self.client_bytes.fetch_update(Relaxed, Relaxed, |sum| Some(sum.saturating_sub(bytes)));
    }

    /// What the clients held when they were last looked at, without those who have gone since, bytes.
    pub fn client_bytes(&self) -> u64 {
        self.client_bytes.load(Relaxed)
    }

    /// Notes that this much memory is in use: a peak perhaps, between two samples. Answers the peak.
    pub fn note_used(&self, used_bytes: u64, now_us: i64) -> u64 {
        self.state.lock().note_used(used_bytes, now_us)
    }

    /// Memory in use when it was last looked at, bytes.
    pub fn last_used_bytes(&self) -> u64 {
        self.state.lock().used_bytes
    }

    /// The rates of the last samples.
    pub fn rates(&self) -> Rates {
        let state = self.state.lock();
        let (Some((from_ns, from)), Some((to_ns, to))) = (state.samples.front(), state.samples.back()) else {
            return Rates::default();
        };
        let seconds = to_ns.saturating_sub(*from_ns) as f64 / 1e9;
        // Counters go back when they are reset.
        let grown = |from: u64, to: u64| to.saturating_sub(from) as f64;
        let rate = |from, to| if seconds > 0.0 { grown(from, to) / seconds } else { 0.0 };
        let turns = grown(from.turns, to.turns);
        Rates {
            commands: rate(from.processed, to.processed),
            received_bytes: rate(from.received_bytes, to.received_bytes),
            sent_bytes: rate(from.sent_bytes, to.sent_bytes),
            turns: rate(from.turns, to.turns),
            turn_ns: if turns > 0.0 { grown(from.turn_ns, to.turn_ns) / turns } else { 0.0 },
        }
    }

    /// Largest query buffer and largest output of the last seconds, bytes.
    pub fn recent_buffers(&self) -> (u64, u64) {
        let state = self.state.lock();
        let largest = |of: fn(&(u64, u64)) -> u64| state.buffers.iter().map(of).max().unwrap_or(0);
        (largest(|buffers| buffers.0), largest(|buffers| buffers.1))
    }

    /// CONFIG RESETSTAT: the peak is what is in use at the next look.
    pub fn reset(&self) {
        let mut state = self.state.lock();
        state.peak_bytes = 0;
        state.samples.clear();
    }
}

impl State {
    fn note_used(&mut self, used_bytes: u64, now_us: i64) -> u64 {
        self.used_bytes = used_bytes;
        if used_bytes > self.peak_bytes {
            (self.peak_bytes, self.peak_at_us) = (used_bytes, now_us);
        }
        self.peak_bytes
    }

    fn note_buffers(&mut self, clients: &ClientFigures, second: i64) {
        if second != self.last_second || self.buffers.is_empty() {
            self.last_second = second;
            self.buffers.push_back((0, 0));
            if self.buffers.len() > RECENT_SECONDS {
                self.buffers.pop_front();
            }
        }
        if let Some(latest) = self.buffers.back_mut() {
            latest.0 = latest.0.max(clients.largest_query_bytes);
            latest.1 = latest.1.max(clients.largest_output_bytes);
        }
    }
}
