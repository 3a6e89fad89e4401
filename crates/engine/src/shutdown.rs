//! The end of the server: nothing that was acknowledged is lost by it.

use crate::engine::Engine;
use crate::host::Level;
use crate::mailbox::Mail;
use crate::pause::PauseMode;
use crate::snapshot::{SaveError, WantedBy};
use command::WaiterRef;
use config::{SaveOnShutdown, ShutdownOptions};
use keyspace::Held;

/// How often the end looks whether a cancelled snapshot has ended.
const LOOK_EVERY_US: u64 = 1000;

/// The server isn't ready to stop: why stands in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotReady;

impl Engine {
    /// Gets everything to disk that must be there, then has the host stop. From here on nobody writes. The caller holds no
    /// shard.
    ///
    /// # Errors
    /// When the data can't be saved; then the server goes on as if nothing had been asked for.
    pub fn shut_down(&self, options: &ShutdownOptions) -> Result<(), NotReady> {
        // One end at a time: the second would cancel the first one's snapshot. And none with half of the data reloaded.
        let _one = self.snapshots.holder.lock();
        if self.conditions.abandon_loading() {
            // The files have more than the memory: a snapshot now would replace all of the data by a part of it.
            self.host.log(Level::Warning, "Received shutdown signal during loading, exiting now.");
            self.host.stop();
            return Ok(());
        }
        self.host.log(Level::Warning, "User requested shutdown...");
        drop(self.hold_clients(PauseMode::Write));
        // None begins any more: it would be cut off, or be in the way of the last one.
        self.snapshots.hold(true);
        self.end_snapshot();
        let config = self.config();
        let save = match options.save {
            SaveOnShutdown::WhenConfigured => !config.save.0.is_empty(),
            SaveOnShutdown::Always => true,
            SaveOnShutdown::Never => false,
        };
        if save && self.final_save().is_err() && !options.force {
            self.snapshots.hold(false);
            self.pause.hold(None);
            self.post_all(|| Mail::PauseChanged);
            return Err(NotReady);
        }
        if self.aof.is_on() {
            self.host.log(Level::Notice, "Calling fsync() on the AOF file.");
            self.close_journal();
        }
        self.host.stop();
        Ok(())
    }

    /// Nobody changes anything any more, or runs anything, until the server ends that hold on its clients. Answers all
    /// shards, held.
    pub(crate) fn hold_clients(&self, mode: PauseMode) -> Held<'_, WaiterRef> {
        let ids: Vec<_> = self.shards.ids().collect();
        let held = self.shards.acquire(&ids);
        self.pause.hold(Some(mode));
        held
    }

    /// Gives up a snapshot under way: what comes now is newer.
    fn end_snapshot(&self) {
        if self.snapshots.running().is_some() {
            self.host.log(Level::Warning, "There is a snapshot under way. Cancelling it!");
        }
        while self.snapshots.running().is_some() {
            self.snapshots.cancel();
            self.host.sleep_us(LOOK_EVERY_US);
        }
    }

    fn final_save(&self) -> Result<(), SaveError> {
        self.host.log(Level::Notice, "Saving the final RDB snapshot before exiting.");
        self.save_now(WantedBy::Shutdown).inspect_err(|_| {
            self.host.log(Level::Warning, "Error trying to save the DB, can't exit.");
        })
    }
}
