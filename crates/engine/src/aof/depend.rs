//! What a reply depends on: the offset of the journal up to which it must be safe before the reply may leave.

use super::Gate;
use crate::engine::Engine;
use crate::session::Session;
use crate::worker::Worker;
use command::{Interest, Scope, WaiterRef};
use journal::Offset;
use keyspace::{Held, ShardId};

impl Worker {
    /// A Unit begins: who wants to hear of what it does. The shards are held, so that nobody begins to read the journal
    /// before the Unit ends.
    #[inline]
    pub(crate) fn begin_effects(&mut self, engine: &Engine) {
        let (journal, gate) = (engine.journal.has_readers(), engine.aof.gate.is_closed());
        let invalidations = engine.trackers.prefix_count() > 0 && !self.replays;
        let changes = self.tells_changes(engine);
        let elements = changes && self.settings.events.name_subkeys();
        self.effects.interest = Interest { journal, gate: gate & journal, changes, elements, invalidations };
    }

    /// Notes for later readers that keys of these shards have changed by records that end at `end`. Forgets which.
    #[cold]
    pub(crate) fn note_touched(&mut self, engine: &Engine, scope: &mut Scope<'_>, end: Option<Offset>) {
        let all = std::mem::take(&mut self.effects.touched_all);
        let touched = self.effects.touched.drain(..);
        let Some(end) = end else { return };
        let durable = engine.aof.gate.durable();
        for (id, hash) in touched {
            in_shard(engine, scope, id, |recent| recent.changed(hash, end, durable));
        }
        if all {
            match scope {
                Scope::One(shard) => shard.recent.all_changed(end),
                Scope::Many(held) => held.iter_mut().for_each(|(_, shard)| shard.recent.all_changed(end)),
                Scope::Each => {
                    engine.shards.ids().for_each(|id| engine.shards.lock(id).recent.all_changed(end))
                }
            }
        }
    }
}

fn in_shard(engine: &Engine, scope: &mut Scope<'_>, id: ShardId, act: impl FnOnce(&mut keyspace::Recent)) {
    match scope {
        Scope::One(shard) => act(&mut shard.recent),
        Scope::Many(held) => {
            if let Ok(at) = held.binary_search_by_key(&id, |(id, _)| *id) {
                act(&mut held[at].1.recent);
            }
        }
        Scope::Each => act(&mut engine.shards.lock(id).recent),
    }
}

/// The offset behind the latest change in the shards that are held.
pub(crate) fn latest(scope: &Scope<'_>) -> Offset {
    match scope {
        Scope::One(shard) => shard.recent.of_any(),
        Scope::Many(held) => held.iter().map(|(_, shard)| shard.recent.of_any()).max().unwrap_or(0),
        Scope::Each => 0,
    }
}

/// The offset behind the latest change of these keys, whose shards are held.
pub(crate) fn latest_of<'k>(
    engine: &Engine,
    held: &mut Held<'_, WaiterRef>,
    keys: impl Iterator<Item = &'k [u8]>,
) -> Offset {
    let of_key = |key: &'k [u8]| {
        let hash = engine.shards.key(key).hash;
        held.get(engine.shards.shard_of(key)).map_or(0, |shard| shard.recent.of_key(hash))
    };
    keys.map(of_key).max().unwrap_or(0)
}

impl Session {
    /// What is answered from here on must not leave before the journal is safe up to this offset.
    #[inline]
    pub fn depend_on(&mut self, offset: Offset) {
        self.depends_on = self.depends_on.max(offset);
    }

    /// The session's replies so far must not leave before the journal is safe up to here: see [`Gate::lets_pass`].
    #[inline]
    pub fn depends_on(&self) -> Offset {
        self.depends_on
    }

    /// Whether its replies so far may leave.
    pub fn may_answer(&self, gate: &Gate) -> bool {
        gate.lets_pass(self.depends_on)
    }
}
