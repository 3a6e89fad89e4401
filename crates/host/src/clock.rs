//! The machine's clocks.

use engine::Clock;
use std::time::{SystemTime, UNIX_EPOCH};

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
