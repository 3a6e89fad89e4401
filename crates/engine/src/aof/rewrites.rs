//! How rewriting has gone so far, and when it is to be tried again.

use parking_lot::Mutex;

/// Failures in a row after which rewriting is tried less often.
const FAILURES_BEFORE_LIMIT: u32 = 3;
/// The longest time between tries, minutes.
const LONGEST_DELAY_MINUTES: u32 = 60;
const MINUTE_US: i64 = 60_000_000;

/// What INFO says of rewriting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RewriteHistory {
    /// One is to be begun when what is under way has ended.
    pub scheduled: bool,
    /// How long the last one took, in seconds; none before the first.
    pub time_s: Option<i64>,
    /// Whether the last one has gone well.
    pub ok: bool,
    /// How many have been begun.
    pub begun: u64,
    /// How many have failed since one has gone well.
    pub failures: u32,
    /// After failures, nothing is begun by itself before this moment, microseconds since the epoch.
    not_before_us: i64,
    /// Whether it has been said that nothing is begun by itself for a while.
    limited: bool,
}

/// How rewriting goes.
pub struct Rewrites(Mutex<RewriteHistory>);

impl Default for Rewrites {
    fn default() -> Self {
        Rewrites(Mutex::new(RewriteHistory {
            scheduled: false,
            time_s: None,
            ok: true,
            begun: 0,
            failures: 0,
            not_before_us: 0,
            limited: false,
        }))
    }
}

impl Rewrites {
    /// How it has gone so far.
    pub fn history(&self) -> RewriteHistory {
        *self.0.lock()
    }

    /// Has a rewrite begin when what is under way has ended, or no longer.
    pub(crate) fn schedule(&self, scheduled: bool) {
        self.0.lock().scheduled = scheduled;
    }

    pub(super) fn begun(&self) {
        let mut history = self.0.lock();
        history.scheduled = false;
        history.limited = false;
        history.begun += 1;
    }

    pub(super) fn ended(&self, ok: bool, cancelled: bool, time_s: i64, now_us: i64) {
        let mut history = self.0.lock();
        history.time_s = Some(time_s);
        if ok {
            (history.ok, history.failures, history.not_before_us) = (true, 0, 0);
        } else if !cancelled {
            history.ok = false;
            history.failures += 1;
            let beyond = history.failures.saturating_sub(FAILURES_BEFORE_LIMIT);
            let minutes = 1u32.checked_shl(beyond).unwrap_or(u32::MAX).min(LONGEST_DELAY_MINUTES);
            let limited = history.failures >= FAILURES_BEFORE_LIMIT;
            history.not_before_us =
                if limited { now_us + i64::from(minutes) * MINUTE_US } else { now_us + 1_000_000 };
        }
    }

    /// Whether one may begin by itself now; if not, for how many minutes not, once.
    pub(super) fn may_begin(&self, now_us: i64) -> Result<(), Option<i64>> {
        let mut history = self.0.lock();
        if now_us >= history.not_before_us {
            return Ok(());
        }
        let said = std::mem::replace(&mut history.limited, true);
        let minutes = (history.not_before_us - now_us + MINUTE_US - 1) / MINUTE_US;
        Err((!said && history.failures >= FAILURES_BEFORE_LIMIT).then_some(minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_failures_it_is_tried_less_often() {
        let rewrites = Rewrites::default();
        let mut now_us = 0;
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            while rewrites.history().failures < FAILURES_BEFORE_LIMIT - 1 {
                assert_eq!(rewrites.may_begin(now_us), Ok(()));
                rewrites.ended(false, false, 0, now_us);
                now_us += 1_000_000;
            }
            rewrites.begun();
            rewrites.ended(false, false, 0, now_us);
            assert_eq!(rewrites.may_begin(now_us), Err(Some(minutes)));
            assert_eq!(rewrites.may_begin(now_us), Err(None));
            now_us += minutes * MINUTE_US;
            assert_eq!(rewrites.may_begin(now_us), Ok(()));
        }
        rewrites.ended(true, false, 5, now_us);
        assert_eq!((rewrites.history().failures, rewrites.history().time_s), (0, Some(5)));
        assert_eq!(rewrites.may_begin(now_us), Ok(()));
    }
}
