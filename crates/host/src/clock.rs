//! Clocks: the machine's, and one that tests advance.

use crate::wake::Bell;
use engine::{Clock, Wake};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a server's time comes from.
#[derive(Clone)]
pub enum Time {
    /// The machine's clocks.
    System,
    /// A test.
    Manual(Arc<ManualClock>),
}

impl Time {
    /// The clock of a server whose workers have these bells.
    pub(crate) fn clock(self, bells: &[Bell]) -> Arc<dyn Clock> {
        match self {
            Time::System => Arc::new(SystemClock::default()),
            Time::Manual(clock) => {
                clock.bells.lock().extend_from_slice(bells);
                clock
            }
        }
    }
}

/// Time that stands still until it is advanced: for tests.
pub struct ManualClock {
    start_us: i64,
    passed_ns: AtomicI64,
    /// Of the workers that look at this clock.
    bells: Mutex<Vec<Bell>>,
}

impl ManualClock {
    /// A clock that shows this moment, milliseconds since the epoch.
    pub fn at_ms(start_ms: i64) -> Arc<ManualClock> {
        let passed_ns = AtomicI64::new(0);
        Arc::new(ManualClock { start_us: start_ms * 1000, passed_ns, bells: Mutex::default() })
    }

    /// Lets time pass, and has the workers look at it.
    pub fn advance(&self, by: Duration) {
        self.passed_ns.fetch_add(by.as_nanos() as i64, SeqCst);
        self.bells.lock().iter().for_each(Wake::wake);
    }
}

impl Clock for ManualClock {
    fn wall_us(&self) -> i64 {
        self.start_us + self.passed_ns.load(SeqCst) / 1000
    }

    fn monotonic_ns(&self) -> u64 {
        self.passed_ns.load(SeqCst) as u64
    }
}

/// Wall time from the system, monotonic time from the processor's time stamp counter (checked and scaled by `quanta`,
/// which falls back to the system's clock where the counter can't be trusted).
pub struct SystemClock {
    clock: quanta::Clock,
    start: quanta::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        let clock = quanta::Clock::new();
        let start = clock.now();
        SystemClock { clock, start }
    }
}

impl Clock for SystemClock {
    fn wall_us(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_micros() as i64
    }

    #[inline]
    fn monotonic_ns(&self) -> u64 {
        self.clock.now().duration_since(self.start).as_nanos() as u64
    }
}
