//! EXEC: one Unit over the union of its commands' footprints.

use crate::account::Ran;
use crate::aof::{latest, latest_of};
use crate::footprint::footprint_of;
use crate::registry::Registered;
use crate::serve;
use crate::session::{Multi, Session};
use crate::unit::{ShardIds, keys_of, scope_of};
use crate::worker::Worker;
use command::{Error, Footprint};
use journal::Offset;
use keyspace::{DbIndex, Held, Presence};
use resp::Writer;

impl Worker {
    /// EXEC.
    pub(crate) fn run_exec(
        &mut self,
        session: &mut Session,
        command: &Registered,
        args: resp::Args<'_>,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let Some(multi) = session.multi.take() else {
            return self.fail_exec(session, command, args, &Error::new("ERR EXEC without MULTI"), out);
        };
        if multi.aborted {
            self.end_multi(session);
            let error = Error::new("EXECABORT Transaction discarded because of previous errors.");
            return self.fail_exec(session, command, args, &error, out);
        }
        let engine = self.engine.clone();
        let ids = self.exec_footprint(session, &multi);
        let mut held = serve::acquire(&engine.shards, ids, || {
            let commands =
                multi.queue.iter().map(|(id, args)| (engine.registry.command(*id), args.as_args()));
            commands.flat_map(|(command, args)| keys_of(command, args)).collect()
        });
        if self.is_held(session, command, Some(&multi)) {
            drop(held);
            session.multi = Some(multi);
            return self.hold(session, command.id, args);
        }
        self.begin_effects(&engine);
        let mut end = None;
        if self.watched_key_changed(session, &mut held) {
            Writer::new(out, session.proto).null_array();
        } else {
            end = self.run_queue(session, &multi, &mut held, out);
        }
        self.messages.end_unit(&engine, None);
        self.tell_monitors(session, command, args);
        if self.effects.interest.gate {
            session.depend_on(end.unwrap_or_else(|| self.exec_seen(session, &multi, &mut held)));
        }
        drop(held);
        self.free_removed();
        self.expire_overdue();
        self.end_multi(session);
        self.account(session, command, args, Ran { failed: false, reply_bytes: out.len() - start });
        self.note_blocked(session);
    }

    /// Answers an EXEC that runs nothing.
    fn fail_exec(
        &mut self,
        session: &mut Session,
        command: &Registered,
        args: resp::Args<'_>,
        error: &Error,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        self.write_error(error, session, out);
        self.tell_monitors(session, command, args);
        self.account(session, command, args, Ran { failed: true, reply_bytes: out.len() - start });
    }

    /// The shards of all queued commands and of the watched keys.
    fn exec_footprint(&self, session: &Session, multi: &Multi) -> ShardIds {
        let registry = &self.engine.registry;
        let mut ids = ShardIds::new();
        for (id, args) in &multi.queue {
            let command = registry.command(*id);
            match footprint_of(command, args.as_args()) {
                Footprint::Each | Footprint::All => return self.engine.shards.ids().collect(),
                Footprint::Keys => ids.extend(self.shards_of(command, args.as_args())),
                Footprint::Nothing => {}
            }
        }
        ids.extend(session.watching.keys.iter().map(|(_, key)| self.engine.shards.shard_of(key)));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Whether a watched key has changed, or has reached the end of its time, since it was watched.
    fn watched_key_changed(&self, session: &Session, held: &mut Held<'_, command::WaiterRef>) -> bool {
        let shards = &self.engine.shards;
        let dirty = &session.watching.dirty;
        let mut has_ended = |db: DbIndex, key: &[u8]| {
            let Some(shard) = held.get(shards.shard_of(key)) else { return false };
            let presence = shard.db(db).presence(&shards.key(key), self.now.ms());
            presence == Presence::Expired && !shard.watched.is_excused(db, key, dirty)
        };
        dirty.is_set() || session.watching.keys.iter().any(|(db, key)| has_ended(*db, key))
    }

    /// What the reply of a transaction that has changed nothing may tell of: see `unit::seen`.
    fn exec_seen(&self, session: &Session, multi: &Multi, held: &mut Held<'_, command::WaiterRef>) -> Offset {
        let registry = &self.engine.registry;
        let commands = || multi.queue.iter().map(|(id, args)| (registry.command(*id), args.as_args()));
        let whole = |(command, args): (&Registered, _)| {
            matches!(footprint_of(command, args), Footprint::Each | Footprint::All)
        };
        if commands().any(whole) {
            return latest(&scope_of(held));
        }
        let keys: Vec<Box<[u8]>> = commands().flat_map(|(command, args)| keys_of(command, args)).collect();
        let watched = session.watching.keys.iter().map(|(_, key)| &**key);
        latest_of(&self.engine, held, keys.iter().map(|key| &**key).chain(watched))
    }

    /// Runs the queued commands; answers the offset behind their records, if there are some.
    fn run_queue(
        &mut self,
        session: &mut Session,
        multi: &Multi,
        held: &mut Held<'_, command::WaiterRef>,
        out: &mut Vec<u8>,
    ) -> Option<Offset> {
        let engine = self.engine.clone();
        Writer::new(out, session.proto).array(multi.queue.len());
        for (id, args) in &multi.queue {
            let command = engine.registry.command(*id);
            let scope = if held.shards.is_empty() { command::Scope::Each } else { scope_of(held) };
            let start = out.len();
            let ran = self.run_in(session, command, args.as_args(), scope, false, out);
            if start > session.most_output {
                // Nobody will see it; what it does is done all the same.
                out.truncate(start);
            }
            self.refresh_settings();
            self.account(session, command, args.as_args(), ran);
        }
        if self.effects.is_quiet() || held.shards.is_empty() {
            return None;
        }
        let end = self.settle(scope_of(held), session.db);
        session.note_written(end);
        end
    }

    /// Ends a session's transaction, if there is one, and forgets its watched keys.
    pub(crate) fn end_multi(&mut self, session: &mut Session) {
        end_multi(&self.engine.shards, session);
    }
}

/// Ends a session's transaction, if there is one, and forgets its watched keys. The caller holds no shard.
pub(crate) fn end_multi(shards: &command::Shards, session: &mut Session) {
    session.multi = None;
    session.client.publish_multi(None);
    unwatch(shards, session);
}

/// Forgets all watched keys of a session, locking their shards one after another. The caller holds none.
pub(crate) fn unwatch(shards: &command::Shards, session: &mut Session) {
    for (db, key) in std::mem::take(&mut session.watching.keys) {
        shards.lock(shards.shard_of(&key)).watched.remove(db, &key, &session.watching.dirty);
    }
    session.watching.bytes = 0;
    session.watching.dirty.clear();
    session.client.publish_watched(0, 0);
}
