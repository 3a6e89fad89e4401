//! The end of a round of MIGRATE: a Unit that deletes what has arrived, and finds what has changed meanwhile.

use super::{Luggage, Migration, Passenger, ROUNDS, pack};
use crate::mailbox::Mail;
use crate::serve;
use crate::unit::{ShardIds, scope_of};
use crate::worker::Worker;
use command::{Caller, Cx, Error, Event, Flag, FlagSet, Reply};
use journal::Offset;

impl Worker {
    /// A round of a migration is over: answers the client, or begins another round for keys that have changed since they
    /// were sent. While clients may not write, it waits for the end of that.
    pub fn migrated(&mut self, mut migration: Box<Migration>) {
        self.refresh();
        let end = match migration.wish.copy {
            true => None,
            false => match self.finish_round(&mut migration) {
                Ok(end) => end,
                Err(Paused) => return self.held_migrations.push(migration),
            },
        };
        let changed = !migration.wish.copy && !migration.passengers.is_empty();
        if changed {
            return migration.send(&self.engine.clone());
        }
        let mut reply = Vec::new();
        match &migration.failure {
            None => drop(Reply::new(&mut reply, migration.proto).ok()),
            Some(failure) => {
                resp::Writer::new(&mut reply, migration.proto).error(failure.text());
                self.engine.stats.error(&self.stats, failure.code());
            }
        }
        let (client_id, after) = (migration.client_id, end.unwrap_or(0));
        self.engine.workers[self.index].mailbox.post(Mail::Served { client_id, reply, after });
    }

    /// # Errors
    /// While clients may not write.
    fn finish_round(&mut self, migration: &mut Migration) -> Result<Option<Offset>, Paused> {
        let (engine, settings) = (self.engine.clone(), self.settings.clone());
        let keys = || migration.passengers.iter().map(|passenger| passenger.key.clone()).collect::<Vec<_>>();
        let mut ids: ShardIds = keys().iter().map(|key| engine.shards.shard_of(key)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut held = serve::acquire(&engine.shards, ids, keys);
        // A pause begins while all shards are held: from here on none does.
        if engine.pause.holds(FlagSet::of(&[Flag::Write]), false, self.now.ms()) {
            return Err(Paused);
        }
        self.begin_effects(&engine);
        let mut cx = Cx {
            scope: scope_of(&mut held),
            shards: &engine.shards,
            db: migration.db,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller: Caller::default(),
            limits: &settings.limits,
        };
        migration.unload(&mut cx);
        let end = self.settle(scope_of(&mut held), migration.db);
        drop(held);
        self.free_removed();
        self.flush_tally();
        Ok(end)
    }
}

/// CLIENT PAUSE, or the server itself, lets nobody write now.
struct Paused;

impl Migration {
    /// Deletes keys that have arrived as they are, and keeps on board those that have changed. Those that haven't arrived
    /// stay here.
    fn unload(&mut self, cx: &mut Cx<'_>) {
        let (mut arrived, mut again) = (Vec::new(), Vec::new());
        // All are looked at before the first is deleted: the same key may have been named twice.
        for passenger in std::mem::take(&mut self.passengers) {
            cx.shard(&passenger.key).watched.remove(self.db, &passenger.key, &passenger.changed);
            match passenger.acknowledged {
                true if passenger.changed.is_set() => again.push(passenger.key),
                true => arrived.push(passenger.key),
                false => {}
            }
        }
        let lazily = cx.limits.lazy_server_del;
        arrived.retain(|key| cx.slot(key).delete(Event::DEL, lazily));
        if !arrived.is_empty() && cx.effects.interest.journal {
            let mut words: Vec<&[u8]> = vec![b"DEL"];
            words.extend(arrived.iter().map(|key| &**key));
            cx.effects.record(self.db, &words);
        }
        if self.rounds < ROUNDS {
            self.passengers = again.into_iter().map(|key| self.pack_again(cx, key)).collect();
        } else if !again.is_empty() {
            let text = "IOERR a key has changed again and again while it was sent: both servers have it";
            self.fail(Error::new(text));
        }
    }

    fn pack_again(&self, cx: &mut Cx<'_>, key: Box<[u8]>) -> Passenger {
        let luggage = pack(cx, &key).unwrap_or(Luggage::Nothing);
        let passenger = Passenger::new(key, luggage);
        cx.shard(&passenger.key).watched.add(self.db, &passenger.key, &passenger.changed, false);
        passenger
    }
}
