//! Lines in the log that clients bring about: some at once, then one per second, so that nobody fills the disk.

use crate::host::Level;
use crate::worker::Worker;
use parking_lot::Mutex;

/// Lines that may follow one another without a pause.
const BURST: u64 = 20;
const PERIOD_NS: u64 = 1_000_000_000;

/// How many lines may be written.
#[derive(Default)]
pub(crate) struct Remarks(Mutex<Allowance>);

#[derive(Default)]
struct Allowance {
    /// Lines written, less those that time has paid for.
    used: u64,
    /// Until when time is counted.
    counted_ns: u64,
    /// Lines left out since the last one that was written.
    left_out: u64,
}

impl Remarks {
    /// Asks for a line at a moment of the monotonic clock: answers how many were left out before it, if it may be written.
    fn admit(&self, now_ns: u64) -> Option<u64> {
        let mut allowance = self.0.lock();
        let periods = now_ns.saturating_sub(allowance.counted_ns) / PERIOD_NS;
        allowance.used = allowance.used.saturating_sub(periods);
        allowance.counted_ns += periods * PERIOD_NS;
        if allowance.used == BURST {
            allowance.left_out += 1;
            return None;
        }
        allowance.used += 1;
        Some(std::mem::take(&mut allowance.left_out))
    }
}

impl Worker {
    /// Logs what the Unit has remarked, now that no shard is held.
    #[cold]
    pub(crate) fn log_remarks(&mut self) {
        for text in self.effects.remarks.drain(..) {
            match self.engine.remarks.admit(self.engine.clock.monotonic_ns()) {
                Some(0) => self.engine.host.log(Level::Verbose, &text),
                Some(left_out) => {
                    let text = format!("{text} ({left_out} such lines before it were left out)");
                    self.engine.host.log(Level::Verbose, &text);
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_line_per_second() {
        let remarks = Remarks::default();
        let start_ns = 7 * PERIOD_NS;
        let admitted = (0..100).filter(|_| remarks.admit(start_ns).is_some()).count() as u64;
        assert_eq!(admitted, BURST);
        assert_eq!(remarks.admit(start_ns + PERIOD_NS - 1), None);
        assert_eq!(remarks.admit(start_ns + PERIOD_NS), Some(100 - BURST + 1));
        assert_eq!(remarks.admit(start_ns + PERIOD_NS), None);
        let later_ns = start_ns + 1000 * PERIOD_NS;
        let admitted = (0..100).filter(|_| remarks.admit(later_ns).is_some()).count() as u64;
        assert_eq!(admitted, BURST);
    }
}
