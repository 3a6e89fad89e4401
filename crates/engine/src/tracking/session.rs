//! What one session has asked for with CLIENT TRACKING and CLIENT CACHING.

use super::options::{Selection, TrackingOptions};
use crate::engine::Engine;
use crate::pubsub::Name;
use crate::session::Session;
use keyspace::{Tracker, Tracking};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a prefix takes in the tables besides its name, bytes, about.
const PREFIX_BYTES: u64 = 64;

/// A session that tracks.
pub(crate) struct SessionTracking {
    pub(crate) tracker: Arc<Tracker>,
    pub(crate) selection: Selection,
    /// CLIENT CACHING has said that the next command is an exception.
    pub(crate) excepted: bool,
    pub(crate) prefixes: BTreeSet<Name>,
}

impl SessionTracking {
    /// Whether the keys that the running command reads are to be remembered.
    #[inline]
    pub(crate) fn remembers(&self) -> bool {
        let selected = match self.selection {
            // CLIENT CACHING may have been asked for before the mode was changed.
            Selection::All => true,
            Selection::OptIn => self.excepted,
            Selection::OptOut => !self.excepted,
        };
        self.tracker.tracking() == Tracking::Keys && selected
    }
}

/// Begins to track, or goes on with other options, which have been checked.
pub(super) fn begin(engine: &Engine, session: &mut Session, options: &TrackingOptions<'_>) {
    let tracker = session.client.tracker();
    let present = session.tracking.take();
    let excepted = present.as_ref().is_some_and(|present| present.excepted);
    let prefixes = present.map_or_else(BTreeSet::new, |present| present.prefixes);
    let mut tracking =
        SessionTracking { tracker: tracker.clone(), selection: options.selection, excepted, prefixes };
    let kind = if options.broadcast { Tracking::Prefixes } else { Tracking::Keys };
    tracker.set(kind, options.no_loop, options.redirect);
    engine.trackers.begin(&tracker);
    if options.broadcast {
        let all: &[&[u8]] = &[b""];
        let prefixes = if options.prefixes.is_empty() { all } else { &options.prefixes[..] };
        for prefix in prefixes {
            let prefix = Name::from(*prefix);
            if tracking.prefixes.insert(prefix.clone()) {
                engine.trackers.add_prefix(&prefix, &tracker);
            }
        }
    }
    let bytes = tracking.prefixes.iter().map(|prefix| PREFIX_BYTES + prefix.len() as u64).sum();
    tracker.set_prefix_bytes(bytes);
    session.tracking = Some(Box::new(tracking));
}

/// Ends a session's tracking, if it tracks. What it has read is forgotten in passing: see [`super::Sweep`].
pub(crate) fn end_tracking(engine: &Engine, session: &mut Session) {
    let Some(tracking) = session.tracking.take() else { return };
    tracking.prefixes.iter().for_each(|prefix| engine.trackers.remove_prefix(prefix, session.id));
    tracking.tracker.set(Tracking::Off, false, None);
    tracking.tracker.set_prefix_bytes(0);
    engine.trackers.end(&tracking.tracker);
}
