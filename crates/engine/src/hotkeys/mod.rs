//! HOTKEYS: which keys take the most time and the most bytes, as long as somebody wants to know.
//!
//! While nobody does, no run pays for it: a tracking makes every run one that is looked at closely, by the settings.

mod heavy;

use crate::engine::Engine;
use crate::figures::WorkTotals;
use base::prng::Prng;
use heavy::HeavyKeys;

/// Counters for each key that is to be shown: a weight is wrong by at most 1/16 of the share of an average shown key.
const COUNTERS_PER_SHOWN: usize = 16;

/// What HOTKEYS START asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    /// Keys by the time of their commands.
    pub(crate) by_time: bool,
    /// Keys by the bytes of their commands' requests and replies.
    pub(crate) by_bytes: bool,
    /// How many keys are shown.
    pub(crate) shown: usize,
    /// After how long it stops by itself, in microseconds; none: never.
    pub(crate) duration_us: Option<i64>,
    /// One in so many keys is looked at, by chance.
    pub(crate) sample_ratio: u64,
}

/// What the whole process has used since it started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time in its own code, in microseconds.
    pub(crate) user_us: u64,
    /// Processor time in the system, in microseconds.
    pub(crate) system_us: u64,
    /// Bytes received and sent.
    pub(crate) net_bytes: u64,
}

impl Usage {
    fn of(engine: &Engine) -> Usage {
        let ((system_us, user_us), totals) = (engine.host.facts().cpu_us, WorkTotals::of(engine));
        Usage { user_us, system_us, net_bytes: totals.received_bytes + totals.sent_bytes }
    }

    fn since(self, begin: Usage) -> Usage {
        Usage {
            user_us: self.user_us.saturating_sub(begin.user_us),
            system_us: self.system_us.saturating_sub(begin.system_us),
            net_bytes: self.net_bytes.saturating_sub(begin.net_bytes),
        }
    }
}

/// A run of a command with keys.
pub(crate) struct KeyRun<'a> {
    /// The keys, one at least.
    pub(crate) keys: &'a [&'a [u8]],
    /// How long it took.
    pub(crate) time_ns: u64,
    /// Bytes of its request and its reply.
    pub(crate) bytes: u64,
}

/// A tracking, under way or stopped.
pub(crate) struct Tracking {
    wanted: Wanted,
    started_us: i64,
    begin: Usage,
    /// When it stopped, and what was used by then.
    end: Option<(i64, Usage)>,
    time_ns: u64,
    bytes: u64,
    by_time: HeavyKeys,
    by_bytes: HeavyKeys,
}

/// What HOTKEYS GET tells.
pub(crate) struct Report<'t> {
    /// Whether tracking is under way.
    pub(crate) is_active: bool,
    /// What was asked for.
    pub(crate) wanted: Wanted,
    /// When it began, microseconds since the epoch.
    pub(crate) started_us: i64,
    /// How long it has been going on, or went on.
    pub(crate) duration_us: i64,
    /// What the process has used meanwhile.
    pub(crate) usage: Usage,
    /// The time of all commands with keys.
    pub(crate) time_ns: u64,
    /// The bytes of all commands with keys.
    pub(crate) bytes: u64,
    tracking: &'t Tracking,
}

impl Report<'_> {
    /// Keys with the microseconds of their commands, the heaviest first; those below one microsecond aren't shown.
    pub(crate) fn by_time_us(&self) -> Vec<(&[u8], u64)> {
        let in_us = |(key, ns)| (key, ns / 1000);
        self.shown(self.tracking.by_time.heaviest().map(in_us))
    }

    /// Keys with the bytes of their commands, the heaviest first.
    pub(crate) fn by_bytes(&self) -> Vec<(&[u8], u64)> {
        self.shown(self.tracking.by_bytes.heaviest())
    }

    fn shown<'k>(&self, keys: impl Iterator<Item = (&'k [u8], u64)>) -> Vec<(&'k [u8], u64)> {
        keys.take(self.wanted.shown).take_while(|(_, weight)| *weight > 0).collect()
    }
}

impl Tracking {
    fn new(wanted: Wanted, now_us: i64, begin: Usage) -> Tracking {
        let counters = wanted.shown * COUNTERS_PER_SHOWN;
        Tracking {
            wanted,
            started_us: now_us,
            begin,
            end: None,
            time_ns: 0,
            bytes: 0,
            by_time: HeavyKeys::new(counters),
            by_bytes: HeavyKeys::new(counters),
        }
    }

    fn is_active(&self) -> bool {
        self.end.is_none()
    }

    /// When it stops by itself.
    fn due_us(&self) -> Option<i64> {
        self.wanted.duration_us.map(|duration_us| self.started_us.saturating_add(duration_us))
    }

    fn is_due(&self, now_us: i64) -> bool {
        self.is_active() && self.due_us().is_some_and(|due_us| now_us >= due_us)
    }

    /// Enters a run that is over, at `now_us`. Its time and its bytes are divided evenly among its keys.
    pub(crate) fn note(&mut self, run: &KeyRun<'_>, now_us: i64, rng: &mut Prng) {
        if !self.is_active() || self.is_due(now_us) {
            return;
        }
        self.time_ns = self.time_ns.saturating_add(run.time_ns);
        self.bytes = self.bytes.saturating_add(run.bytes);
        let (keys, ratio) = (run.keys.len() as u64, self.wanted.sample_ratio);
        for (at, key) in (0..).zip(run.keys) {
            if ratio > 1 && rng.below(ratio) != 0 {
                continue;
            }
            if self.wanted.by_time {
                self.by_time.add(key, part(run.time_ns, at, keys));
            }
            if self.wanted.by_bytes {
                self.by_bytes.add(key, part(run.bytes, at, keys));
            }
        }
    }

    /// What there is to tell; `usage` is what the process has used by now.
    pub(crate) fn report(&self, now_us: i64, usage: Usage) -> Report<'_> {
        let (until_us, usage) = self.end.unwrap_or((now_us, usage));
        Report {
            is_active: self.is_active(),
            wanted: self.wanted,
            started_us: self.started_us,
            duration_us: (until_us - self.started_us).max(0),
            usage: usage.since(self.begin),
            time_ns: self.time_ns,
            bytes: self.bytes,
            tracking: self,
        }
    }
}

/// The part of the key with the number `at` in what `keys` keys share: together they have all of it.
fn part(whole: u64, at: u64, keys: u64) -> u64 {
    whole / keys + u64::from(at < whole % keys)
}

impl Engine {
    /// Begins to track, in place of a tracking that is over. Answers whether it did: not while another is under way.
    pub(crate) fn start_hot_keys(&self, wanted: Wanted, now_us: i64) -> bool {
        let usage = Usage::of(self);
        let mut hot_keys = self.hot_keys.lock();
        if hot_keys.as_ref().is_some_and(|tracking| tracking.is_active() && !tracking.is_due(now_us)) {
            return false;
        }
        *hot_keys = Some(Tracking::new(wanted, now_us, usage));
        drop(hot_keys);
        self.follow_hot_keys();
        true
    }

    /// Tracks no more, but keeps what is known. Answers whether tracking was under way.
    pub(crate) fn stop_hot_keys(&self, now_us: i64) -> bool {
        self.end_hot_keys(|tracking| tracking.is_active().then_some(now_us))
    }

    /// Stops a tracking whose time is over.
    pub(crate) fn stop_due_hot_keys(&self, now_us: i64) {
        self.end_hot_keys(|tracking| tracking.due_us().filter(|_| tracking.is_due(now_us)));
    }

    /// Stops the tracking if `end_us` answers when it has ended. Answers whether it did.
    fn end_hot_keys(&self, end_us: impl FnOnce(&Tracking) -> Option<i64>) -> bool {
        let usage = Usage::of(self);
        let mut hot_keys = self.hot_keys.lock();
        let Some(tracking) = hot_keys.as_mut() else { return false };
        let Some(end_us) = end_us(tracking) else { return false };
        tracking.end = Some((end_us, usage));
        drop(hot_keys);
        self.follow_hot_keys();
        true
    }

    /// Has the workers look at every run, or no more. The lock of `hot_keys` is taken within that of the settings, and no
    /// other within it.
    fn follow_hot_keys(&self) {
        self.override_settings(|overrides| {
            overrides.hot_keys = self.hot_keys.lock().as_ref().is_some_and(Tracking::is_active);
        });
    }

    /// Forgets what was tracked. Answers whether it did: not while tracking is under way.
    pub(crate) fn reset_hot_keys(&self) -> bool {
        let mut hot_keys = self.hot_keys.lock();
        if hot_keys.as_ref().is_some_and(Tracking::is_active) {
            return false;
        }
        *hot_keys = None;
        true
    }

    /// Shows what is known of hot keys, if anything is.
    pub(crate) fn with_hot_keys<T>(&self, now_us: i64, show: impl FnOnce(Option<Report<'_>>) -> T) -> T {
        let usage = Usage::of(self);
        let hot_keys = self.hot_keys.lock();
        show(hot_keys.as_ref().map(|tracking| tracking.report(now_us, usage)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted =
        Wanted { by_time: true, by_bytes: true, shown: 2, duration_us: Some(100), sample_ratio: 1 };

    fn tracked(wanted: Wanted, runs: &[(i64, &[&[u8]], u64, u64)]) -> Tracking {
        let (mut tracking, mut rng) = (Tracking::new(wanted, 1000, Usage::default()), Prng::new(1));
        for (at_us, keys, time_ns, bytes) in runs {
            tracking.note(&KeyRun { keys, time_ns: *time_ns, bytes: *bytes }, *at_us, &mut rng);
        }
        tracking
    }

    #[test]
    fn keys_share_their_commands_and_the_heaviest_are_shown() {
        let runs: [(i64, &[&[u8]], u64, u64); 4] = [
            (1000, &[b"a", b"b", b"a"], 3000, 11),
            (1050, &[b"c"], 900, 5),
            (1099, &[b"b"], 4000, 1),
            (1100, &[b"late"], 9000, 9000),
        ];
        let tracking = tracked(WANTED, &runs);
        let report = tracking.report(1080, Usage::default());
        assert_eq!((report.time_ns, report.bytes, report.duration_us), (7900, 17, 80));
        assert_eq!(report.by_time_us(), [(&b"b"[..], 5), (b"a", 2)]);
        assert_eq!(report.by_bytes(), [(&b"a"[..], 7), (b"c", 5)]);
    }

    #[test]
    fn only_what_is_wanted_is_kept_and_less_than_a_microsecond_is_not_shown() {
        let tracked = tracked(Wanted { by_bytes: false, ..WANTED }, &[(1000, &[b"a"], 999, 11)]);
        let report = tracked.report(1000, Usage::default());
        assert!(report.by_time_us().is_empty() && report.by_bytes().is_empty());
    }

    #[test]
    fn one_key_in_so_many_is_looked_at() {
        let runs: [(i64, &[&[u8]], u64, u64); 1] = [(1000, &[b"a"], 1000, 1)];
        let tracked = tracked(Wanted { sample_ratio: 10, ..WANTED }, &runs.repeat(10_000));
        let report = tracked.report(1000, Usage::default());
        assert_eq!(report.bytes, 10_000, "all commands count together");
        assert!((800..1200).contains(&report.by_bytes()[0].1), "{:?}", report.by_bytes());
    }
}
