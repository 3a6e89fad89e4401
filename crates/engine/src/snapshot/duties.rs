//! Snapshots that nobody asks for: save points, and BGSAVE SCHEDULE when its turn has come.

use super::{History, Kind};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::figures::WorkTotals;
use crate::host::Level;
use config::Config;
use std::sync::Arc;

/// After a save that failed, the next one waits so long.
const RETRY_AFTER_US: i64 = 5_000_000;

impl Engine {
    /// Begins what is due. Called now and then by a thread that holds no shard.
    pub(crate) fn snapshot_duties(self: &Arc<Self>) {
        if self.snapshots.running().is_some() || self.conditions.has(Condition::Loading) {
            return;
        }
        let now_us = self.clock.wall_us();
        let history = self.snapshots.history();
        let may_try = history.ok || now_us - history.tried_us > RETRY_AFTER_US;
        if !may_try {
            return;
        }
        let changes = WorkTotals::of(self).dirty.saturating_sub(history.saved_dirty);
        let due = due_point(&self.config(), &history, changes, now_us);
        if let Some((seconds, _)) = due {
            self.host.log(Level::Notice, &format!("{changes} changes in {seconds} seconds. Saving..."));
        }
        if (due.is_some() || self.snapshots.is_scheduled())
            && self.snapshots.reserve(Kind::Save, now_us).is_ok()
            && let Ok(saver) = self.background_saver()
        {
            // The thread waits for it.
            let _ = saver.send(self.cut());
        }
    }
}

/// The first save point that is reached: (seconds, changes).
fn due_point(config: &Config, history: &History, changes: u64, now_us: i64) -> Option<(u32, u32)> {
    let age_s = (now_us - history.saved_us) / 1_000_000;
    let reached = |(seconds, least): &(u32, u32)| changes >= u64::from(*least) && age_s > i64::from(*seconds);
    config.save.0.iter().map(|point| (point.seconds, point.changes)).find(reached)
}
