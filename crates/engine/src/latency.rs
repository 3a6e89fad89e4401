//! LATENCY: what took longer than `latency-monitor-threshold`, by kind of event.

use std::collections::{BTreeMap, VecDeque};

/// Samples kept per event: the latest, at most one per second.
const SAMPLES: usize = 160;

/// A kind of event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LatencyEvent {
    /// A command that isn't declared fast.
    Command,
    /// A command that is declared fast.
    FastCommand,
    /// Removing keys whose time is over.
    ExpireCycle,
    /// Writing the append-only file.
    AofWrite,
    /// The same while a sync is under way.
    AofWritePendingSync,
    /// The same while a snapshot is under way.
    AofWriteActiveChild,
    /// The same while neither is.
    AofWriteAlone,
    /// Forcing the append-only file to the disk while replies wait for that.
    AofSyncAlways,
    /// Evicting keys.
    EvictionCycle,
}

impl LatencyEvent {
    const ALL: [LatencyEvent; 9] = [
        LatencyEvent::Command,
        LatencyEvent::FastCommand,
        LatencyEvent::ExpireCycle,
        LatencyEvent::AofWrite,
        LatencyEvent::AofWritePendingSync,
        LatencyEvent::AofWriteActiveChild,
        LatencyEvent::AofWriteAlone,
        LatencyEvent::AofSyncAlways,
        LatencyEvent::EvictionCycle,
    ];

    /// The name in the replies of LATENCY.
    pub fn name(self) -> &'static str {
        match self {
            LatencyEvent::Command => "command",
            LatencyEvent::FastCommand => "fast-command",
            LatencyEvent::ExpireCycle => "expire-cycle",
            LatencyEvent::AofWrite => "aof-write",
            LatencyEvent::AofWritePendingSync => "aof-write-pending-fsync",
            LatencyEvent::AofWriteActiveChild => "aof-write-active-child",
            LatencyEvent::AofWriteAlone => "aof-write-alone",
            LatencyEvent::AofSyncAlways => "aof-fsync-always",
            LatencyEvent::EvictionCycle => "eviction-cycle",
        }
    }

    /// The event with this name.
    pub fn named(name: &[u8]) -> Option<LatencyEvent> {
        Self::ALL.into_iter().find(|event| event.name().as_bytes() == name)
    }
}

/// The worst time of one second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The second, since the epoch.
    pub at_s: i64,
    /// The time, milliseconds.
    pub time_ms: u32,
}

/// The samples of one event, the oldest first. There is at least one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Series {
    samples: VecDeque<Sample>,
    worst_ms: u32,
}

impl Series {
    fn add(&mut self, sample: Sample) {
        self.worst_ms = self.worst_ms.max(sample.time_ms);
        match self.samples.back_mut() {
            Some(last) if last.at_s == sample.at_s => last.time_ms = last.time_ms.max(sample.time_ms),
            _ => self.samples.push_back(sample),
        }
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
    }

    /// The samples, the oldest first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = Sample> {
        self.samples.iter().copied()
    }

    /// The latest sample.
    pub fn latest(&self) -> Option<Sample> {
        self.samples.back().copied()
    }

    /// The worst time since the series was begun, milliseconds.
    pub fn worst_ms(&self) -> u32 {
        self.worst_ms
    }
}

/// Everything that was sampled.
#[derive(Default)]
pub struct LatencyMonitor {
    series: BTreeMap<LatencyEvent, Series>,
}

impl LatencyMonitor {
    /// Enters an event that took too long.
    pub fn add(&mut self, event: LatencyEvent, now_us: i64, time_ns: u64) {
        let time_ms = u32::try_from(time_ns / 1_000_000).unwrap_or(u32::MAX);
        self.series.entry(event).or_default().add(Sample { at_s: now_us / 1_000_000, time_ms });
    }

    /// The events that were sampled, with their samples.
    pub fn all(&self) -> impl ExactSizeIterator<Item = (LatencyEvent, &Series)> {
        self.series.iter().map(|(event, series)| (*event, series))
    }

    /// The samples of one event.
    pub fn of(&self, event: LatencyEvent) -> Option<&Series> {
        self.series.get(&event)
    }

    /// Forgets an event's samples; answers whether there were any.
    pub fn forget(&mut self, event: LatencyEvent) -> bool {
        self.series.remove(&event).is_some()
    }

    /// Forgets everything; answers how many events had samples.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.series).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sample_per_second_and_the_worst_of_all_time() {
        let mut monitor = LatencyMonitor::default();
        for (at_us, time_ns) in [(5_100_000, 30_000_000), (5_900_000, 70_000_000), (6_000_000, 40_999_999)] {
            monitor.add(LatencyEvent::Command, at_us, time_ns);
        }
        let series = monitor.of(LatencyEvent::Command).unwrap();
        let expected = [Sample { at_s: 5, time_ms: 70 }, Sample { at_s: 6, time_ms: 40 }];
        assert!(series.samples().eq(expected));
        assert_eq!((series.worst_ms(), series.latest()), (70, Some(expected[1])));
    }

    #[test]
    fn old_samples_go() {
        let mut monitor = LatencyMonitor::default();
        (0..1000).for_each(|second| monitor.add(LatencyEvent::ExpireCycle, second * 1_000_000, 1_000_000));
        let series = monitor.of(LatencyEvent::ExpireCycle).unwrap();
        assert_eq!(series.samples().map(|sample| sample.at_s).next(), Some(1000 - SAMPLES as i64));
        assert_eq!((monitor.clear(), monitor.clear()), (1, 0));
    }

    #[test]
    fn names() {
        assert!(
            LatencyEvent::ALL
                .iter()
                .all(|event| LatencyEvent::named(event.name().as_bytes()) == Some(*event))
        );
        assert_eq!(LatencyEvent::named(b"fork"), None);
    }
}
