//! Units that nobody asked for: keys that the server itself removes, because their time is over or to make room.

use crate::unit::scope_of;
use crate::worker::Worker;
use command::{Caller, Cx, Scope, WaiterRef};
use keyspace::Held;

impl Worker {
    /// Lets `act` change keys of the only shard that is held, in the server's own name: a Unit from its run to its end.
    pub(crate) fn run_unasked(&mut self, mut held: Held<'_, WaiterRef>, act: impl FnOnce(&mut Cx<'_>)) {
        let engine = self.engine.clone();
        let settings = self.settings.clone();
        self.begin_effects(&engine);
        act(&mut Cx {
            scope: Scope::One(&mut held.shards[0].shard),
            shards: &engine.shards,
            db: 0,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller: Caller::default(),
            limits: &settings.limits,
        });
        if !self.effects.is_quiet() {
            self.settle(scope_of(&mut held), 0);
        }
        drop(held);
        self.free_removed();
        self.flush_tally();
    }
}
