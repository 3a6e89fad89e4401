//! Turning the append-only file on and off while the server runs, and rewrites that begin by themselves.

use super::{Refused, State};
use crate::engine::Engine;
use crate::host::Level;
use crate::snapshot::Kind;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Engine {
    /// Has changes be written from now on, or no longer. `held`: the caller holds shards, so that a first rewrite has to
    /// wait.
    ///
    /// # Errors
    /// When the file can't be turned on: why stands in the log.
    pub(crate) fn switch_aof(self: &Arc<Self>, on: bool, held: bool) -> Result<(), ()> {
        match (on, self.aof.is_on()) {
            (true, false) => self.turn_aof_on(held),
            (false, true) => {
                self.turn_aof_off();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn turn_aof_on(self: &Arc<Self>, held: bool) -> Result<(), ()> {
        self.aof.set_state(State::Waiting);
        let begun = if held { Err(Refused::Busy(Kind::Save)) } else { self.begin_rewrite() };
        let why = match begun {
            Ok(()) => return Ok(()),
            Err(Refused::Failed) => {
                self.aof.set_state(State::Off);
                return Err(());
            }
            Err(Refused::Busy(_)) if held => "during a transaction. An AOF background",
            Err(Refused::Busy(Kind::Save)) => {
                "but there is already another background operation. An AOF background"
            }
            Err(Refused::Busy(Kind::Rewrite)) => {
                self.snapshots.cancel();
                "but there is already an AOF rewriting in background. Another one"
            }
        };
        let text = format!("AOF was enabled {why} was scheduled to start when possible.");
        self.host.log(Level::Notice, &text);
        self.aof.rewrites.schedule(true);
        Ok(())
    }

    fn turn_aof_off(&self) {
        let was = self.aof.state();
        self.aof.set_state(State::Off);
        self.aof.rewrites.schedule(false);
        if self.snapshots.running().is_some_and(|running| running.kind == Kind::Rewrite) {
            self.host.log(Level::Notice, "Killing running AOF rewrite child: there is none, its thread ends");
            self.snapshots.cancel();
        }
        match was {
            State::On => self.close_journal(),
            // What was written has nothing to begin with; the rewrite gives it up too.
            _ => self.discard_journal(),
        }
        self.follow_aof_settings(&self.config());
    }

    /// Begins a rewrite that is due. Called now and then by a thread that holds no shard.
    pub(crate) fn aof_duties(self: &Arc<Self>) {
        let state = self.aof.state();
        let (scheduled, waiting) = (self.aof.rewrites.history().scheduled, state == State::Waiting);
        if self.snapshots.running().is_some() {
            return;
        }
        let growth = if state == State::On { self.growth_beyond_limit() } else { None };
        if !scheduled && !waiting && growth.is_none() {
            return;
        }
        if !scheduled && let Err(minutes) = self.aof.rewrites.may_begin(self.clock.wall_us()) {
            if let Some(minutes) = minutes {
                let text = format!(
                    "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in {minutes} minutes"
                );
                self.host.log(Level::Warning, &text);
            }
            return;
        }
        if let Some(growth) = growth.filter(|_| !scheduled) {
            self.host.log(Level::Notice, &format!("Starting automatic rewriting of AOF on {growth}% growth"));
        }
        // If it fails, it is tried again later.
        let _ = self.begin_rewrite();
    }

    /// By how many per cent the files have grown, if that is a reason to rewrite them.
    fn growth_beyond_limit(&self) -> Option<u64> {
        let config = self.config();
        let figures = &self.aof.figures;
        let (current, base) = (figures.current_bytes.load(Relaxed), figures.base_bytes.load(Relaxed));
        let percentage = u64::from(config.auto_aof_rewrite_percentage);
        if percentage == 0 || current <= config.auto_aof_rewrite_min_size {
            return None;
        }
        let growth = (current * 100 / base.max(1)).saturating_sub(100);
        (growth >= percentage).then_some(growth)
    }
}
