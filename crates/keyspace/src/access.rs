//! The 24 access bits of an entry: an LRU clock in seconds, or an LFU counter with its minute.
//!
//! ```text
//! LRU   23......................0   seconds, modulo 2^24
//! LFU   23............8 7.......0
//!       minutes mod 2^16  counter   logarithmic counter (Morris), halved by nothing, decremented by time
//! ```

/// How accesses are remembered: follows `maxmemory-policy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remember {
    /// When the key was last used.
    Recency,
    /// How often the key is used.
    Frequency {
        /// `lfu-log-factor`.
        log_factor: u32,
        /// `lfu-decay-time`, minutes per decrement; 0 never decrements.
        decay_minutes: u32,
    },
}

/// The counter that a new key starts with, so that it isn't evicted at once.
const LFU_INITIAL: u32 = 5;
const CLOCK_MASK: u32 = (1 << 24) - 1;

fn seconds(now_ms: i64) -> u32 {
    (now_ms / 1000) as u32 & CLOCK_MASK
}

fn minutes(now_ms: i64) -> u32 {
    (now_ms / 60_000) as u32 & 0xffff
}

impl Remember {
    /// The bits of a key that is made now.
    #[inline]
    pub fn fresh(self, now_ms: i64) -> u32 {
        match self {
            Remember::Recency => seconds(now_ms),
            Remember::Frequency { .. } => minutes(now_ms) << 8 | LFU_INITIAL,
        }
    }

    /// The bits of a key with `access` after a use now. `random` is asked for LFU only.
    #[inline]
    pub fn used(self, access: u32, now_ms: i64, random: impl FnOnce() -> u64) -> u32 {
        match self {
            Remember::Recency => seconds(now_ms),
            Remember::Frequency { log_factor, .. } => {
                let counter = self.frequency(access, now_ms);
                minutes(now_ms) << 8 | increment(counter, log_factor, random())
            }
        }
    }

    /// The LFU counter of a key, decayed up to now.
    pub fn frequency(self, access: u32, now_ms: i64) -> u32 {
        let Remember::Frequency { decay_minutes, .. } = self else { return 0 };
        let elapsed = minutes(now_ms).wrapping_sub(access >> 8) & 0xffff;
        let periods = elapsed.checked_div(decay_minutes).unwrap_or(0);
        (access & 255).saturating_sub(periods)
    }

    /// Seconds since the last use of a key.
    pub fn idle_seconds(self, access: u32, now_ms: i64) -> u32 {
        match self {
            Remember::Recency => seconds(now_ms).wrapping_sub(access) & CLOCK_MASK,
            Remember::Frequency { .. } => (minutes(now_ms).wrapping_sub(access >> 8) & 0xffff) * 60,
        }
    }

    /// The bits of a key that was last used `idle_seconds` ago.
    pub fn idle_since(self, idle_seconds: u32, now_ms: i64) -> u32 {
        match self {
            Remember::Recency => seconds(now_ms).wrapping_sub(idle_seconds) & CLOCK_MASK,
            Remember::Frequency { .. } => self.fresh(now_ms),
        }
    }

    /// The bits of a key whose LFU counter is given.
    pub fn with_frequency(self, frequency: u8, now_ms: i64) -> u32 {
        match self {
            Remember::Recency => self.fresh(now_ms),
            Remember::Frequency { .. } => minutes(now_ms) << 8 | u32::from(frequency),
        }
    }
}

/// Counts one more use with probability `1 / ((counter - initial) * factor + 1)`.
fn increment(counter: u32, log_factor: u32, random: u64) -> u32 {
    if counter >= 255 {
        return 255;
    }
    let divisor = u64::from(counter.saturating_sub(LFU_INITIAL)) * u64::from(log_factor) + 1;
    counter + u32::from(random.is_multiple_of(divisor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LFU: Remember = Remember::Frequency { log_factor: 10, decay_minutes: 1 };

    #[test]
    fn idle_time_counts_from_the_last_use() {
        let bits = Remember::Recency.fresh(5_000_000);
        assert_eq!(Remember::Recency.idle_seconds(bits, 5_042_000), 42);
        assert_eq!(Remember::Recency.idle_seconds(Remember::Recency.idle_since(7, 90_000), 90_000), 7);
    }

    #[test]
    fn the_counter_grows_slowly_and_decays() {
        let mut bits = LFU.fresh(0);
        assert_eq!(LFU.frequency(bits, 0), 5);
        bits = LFU.used(bits, 0, || 0);
        assert_eq!(LFU.frequency(bits, 0), 6);
        bits = LFU.used(bits, 0, || 1);
        assert_eq!(LFU.frequency(bits, 0), 6, "one in eleven counts now");
        assert_eq!(LFU.frequency(bits, 4 * 60_000), 2);
        assert_eq!(LFU.frequency(bits, 4_000 * 60_000), 0);
    }
}
