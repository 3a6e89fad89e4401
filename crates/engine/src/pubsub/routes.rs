//! Which workers have how many subscribers of what.
//!
//! ```text
//!   channel's hash -> one of 64 parts, each behind a lock of its own
//!                     name -> [subscribers of worker 0, of worker 1, ...]
//!   patterns       -> one table; a publisher that finds it empty doesn't look
//! ```
//!
//! Publishers share the locks, and hold one for a lookup; only SUBSCRIBE and the like hold one alone. These locks are
//! leaves.

use super::{Kind, Name};
use crate::engine::Engine;
use base::glob::{self, Case};
use parking_lot::RwLock;
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Acquire, Release},
};

/// Parts of the table of channels.
const PARTS: usize = 64;

/// Subscribers of each worker.
type Counts = Box<[u32]>;

/// Which workers have how many subscribers of what.
pub(crate) struct Routes {
    workers: usize,
    seed: u64,
    channels: Channels,
    shard_channels: Channels,
    patterns: RwLock<BTreeMap<Name, Counts>>,
    pattern_count: AtomicUsize,
    /// Subscriptions of all kinds and all clients.
    subscriptions: AtomicUsize,
}

/// Channels of one kind.
struct Channels {
    parts: Vec<RwLock<HashMap<Name, Counts>>>,
}

/// Where a message must go.
pub(crate) struct Reach {
    /// How many get it, counted once for each subscription, on each worker.
    pub(crate) counts: SmallVec<[u32; 16]>,
    /// Somebody has subscribed to the channel itself.
    pub(crate) direct: bool,
    /// Patterns that match.
    pub(crate) patterns: Vec<Name>,
}

impl Engine {
    /// Whether anybody has subscribed to anything.
    pub fn has_subscriptions(&self) -> bool {
        self.routes.has_any() || Kind::ALL.iter().any(|kind| self.routes.len(*kind) > 0)
    }
}

impl Routes {
    /// Those of a server with so many workers.
    pub(crate) fn new(workers: usize, seed: u64) -> Routes {
        let channels = || Channels { parts: (0..PARTS).map(|_| RwLock::default()).collect() };
        Routes {
            workers,
            seed,
            channels: channels(),
            shard_channels: channels(),
            patterns: RwLock::default(),
            pattern_count: AtomicUsize::new(0),
            subscriptions: AtomicUsize::new(0),
        }
    }

    /// A client of this worker has subscribed.
    pub(crate) fn add(&self, kind: Kind, name: &Name, worker: usize) {
        self.subscriptions.fetch_add(1, AcqRel);
        let none = || vec![0; self.workers].into_boxed_slice();
        match self.part(kind, name) {
            Some(part) => part.write().entry(name.clone()).or_insert_with(none)[worker] += 1,
            None => {
                let mut patterns = self.patterns.write();
                patterns.entry(name.clone()).or_insert_with(none)[worker] += 1;
                self.pattern_count.store(patterns.len(), Release);
            }
        }
    }

    /// A client of this worker has unsubscribed.
    pub(crate) fn remove(&self, kind: Kind, name: &[u8], worker: usize) {
        self.subscriptions.fetch_sub(1, AcqRel);
        let less = |counts: &mut Counts| {
            counts[worker] -= 1;
            counts.iter().all(|count| *count == 0)
        };
        match self.part(kind, name) {
            Some(part) => {
                let mut part = part.write();
                if part.get_mut(name).is_some_and(less) {
                    part.remove(name);
                }
            }
            None => {
                let mut patterns = self.patterns.write();
                if patterns.get_mut(name).is_some_and(less) {
                    patterns.remove(name);
                }
                self.pattern_count.store(patterns.len(), Release);
            }
        }
    }

    /// Whether anybody has subscribed to anything.
    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.subscriptions.load(Acquire) > 0
    }

    /// Where a message on this channel must go; none if nobody wants it. O(patterns), O(1) without patterns.
    #[inline]
    pub(crate) fn find(&self, kind: Kind, channel: &[u8]) -> Option<Reach> {
        let mut reach = Reach { counts: SmallVec::new(), direct: false, patterns: Vec::new() };
        if let Some(counts) = self.part(kind, channel)?.read().get(channel) {
            reach.counts.extend_from_slice(counts);
            reach.direct = true;
        }
        if kind == Kind::Channel && self.pattern_count.load(Acquire) > 0 {
            self.find_patterns(channel, &mut reach);
        }
        (reach.direct || !reach.patterns.is_empty()).then_some(reach)
    }

    #[cold]
    fn find_patterns(&self, channel: &[u8], reach: &mut Reach) {
        reach.counts.resize(self.workers, 0);
        for (pattern, counts) in self.patterns.read().iter() {
            if glob::matches(pattern, channel, Case::Sensitive) {
                reach.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                reach.patterns.push(pattern.clone());
            }
        }
    }

    /// Subscribers of a channel, those of patterns not counted.
    pub(crate) fn subscribers(&self, kind: Kind, channel: &[u8]) -> u64 {
        let counts = |counts: &Counts| counts.iter().copied().map(u64::from).sum();
        self.part(kind, channel).map_or(0, |part| part.read().get(channel).map_or(0, counts))
    }

    /// Channels of a kind that have subscribers, in no particular order.
    pub(crate) fn names(&self, kind: Kind) -> Vec<Name> {
        let parts = self.channels(kind).map_or(&[][..], |channels| &channels.parts);
        parts.iter().flat_map(|part| part.read().keys().cloned().collect::<Vec<_>>()).collect()
    }

    /// How many channels of a kind, or patterns, have subscribers.
    pub(crate) fn len(&self, kind: Kind) -> usize {
        let sum = |channels: &Channels| channels.parts.iter().map(|part| part.read().len()).sum();
        self.channels(kind).map_or_else(|| self.patterns.read().len(), sum)
    }

    fn channels(&self, kind: Kind) -> Option<&Channels> {
        match kind {
            Kind::Channel => Some(&self.channels),
            Kind::ShardChannel => Some(&self.shard_channels),
            Kind::Pattern => None,
        }
    }

    /// Where a channel stands; none for patterns.
    #[inline]
    fn part(&self, kind: Kind, name: &[u8]) -> Option<&RwLock<HashMap<Name, Counts>>> {
        let channels = self.channels(kind)?;
        Some(&channels.parts[base::hash::hash(name, self.seed) as usize % PARTS])
    }
}
