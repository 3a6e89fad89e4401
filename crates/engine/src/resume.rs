//! How waiting ends: served by somebody, timed out, unblocked by another client, or with the connection.

use crate::account::Ran;
use crate::commands::server::NO_LOCAL_DISK;
use crate::exec::unwatch;
use crate::serve;
use crate::session::{Blocked, Session};
use crate::tracking::end_tracking;
use crate::unit::{ShardIds, scope_of};
use crate::worker::Worker;
use command::{Error, Reply, WaiterRef};
use journal::Offset;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Worker {
    /// A blocked command of this session has been answered: by whoever made its key ready, or by another server.
    pub fn served(&mut self, session: &mut Session, reply: &[u8], after: Offset, out: &mut Vec<u8>) {
        if let Some(Blocked::Parked { .. } | Blocked::Elsewhere) = session.blocked {
            session.depend_on(after);
            let start = out.len();
            out.extend_from_slice(reply);
            let failed = reply.first() == Some(&b'-');
            self.account_unfinished(session, Ran { failed, reply_bytes: reply.len() });
            self.end_waiting(session);
            session.filter_reply(out, start);
        }
    }

    /// Somebody has found out when time will have made the parked command of this session ready.
    pub fn ripens(&mut self, session: &mut Session, at_ms: i64) {
        if let Some(Blocked::Parked { timer_ms, .. }) = &mut session.blocked
            && timer_ms.is_none_or(|timer_ms| at_ms < timer_ms)
        {
            if let Some(later_ms) = timer_ms.replace(at_ms) {
                self.timers.remove(&(later_ms, session.id));
            }
            self.timers.insert((at_ms, session.id));
        }
    }

    /// The session's timer has gone off. If its deadline has passed, answers what its command answers then; does nothing
    /// if somebody else has the right to answer: that reply is on its way. Before its deadline, tries its command.
    pub fn time_out(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        if let Some(Blocked::Parked { waiter, deadline_ms, timer_ms }) = &mut session.blocked
            && deadline_ms.is_none_or(|deadline_ms| deadline_ms > self.now.ms())
        {
            *timer_ms = *deadline_ms;
            self.timers.extend(deadline_ms.map(|at_ms| (at_ms, session.id)));
            return self.try_ripened(&waiter.clone());
        }
        let cancelled = match &session.blocked {
            Some(Blocked::Parked { waiter, .. }) => waiter.claim.cancel(),
            Some(Blocked::Wait { claim, .. }) => claim.cancel(),
            Some(Blocked::Elsewhere | Blocked::Paused) | None => false,
        };
        if cancelled {
            self.end_unserved(session, false, out);
        }
    }

    /// CLIENT UNBLOCK, sent by [`crate::Engine::unblock`], which has taken the right to answer: answers as if the time
    /// were up, or with an error.
    pub fn unblock(&mut self, session: &mut Session, with_error: bool, out: &mut Vec<u8>) {
        self.end_unserved(session, with_error, out);
    }

    /// Serves those who wait for the keys of a waiter that time may have made ready, the oldest first: a Unit.
    fn try_ripened(&mut self, waiter: &WaiterRef) {
        waiter.ripening.forget();
        let engine = self.engine.clone();
        let mut ids: ShardIds = waiter.keys.iter().map(|key| engine.shards.shard_of(key)).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut held = serve::acquire(&engine.shards, ids, || waiter.keys.clone());
        self.begin_effects(&engine);
        self.effects.ready.extend(waiter.keys.iter().map(|key| (waiter.db, key.clone())));
        self.settle(scope_of(&mut held), waiter.db);
        drop(held);
        self.free_removed();
        self.flush_tally();
    }

    fn end_unserved(&mut self, session: &mut Session, with_error: bool, out: &mut Vec<u8>) {
        let start = out.len();
        let reply = Reply::new(out, session.proto);
        match &session.blocked {
            Some(Blocked::Elsewhere | Blocked::Paused) | None => return,
            Some(_) if with_error => {
                let error = Error::new("UNBLOCKED client unblocked via CLIENT UNBLOCK");
                self.write_error(&error, session, out);
            }
            Some(Blocked::Parked { waiter, .. }) => drop(waiter.step.timed_out(reply)),
            Some(Blocked::Wait { answer, .. }) => drop(answer.write(self.engine.has_on_disk(session), reply)),
        }
        self.account_unfinished(session, Ran { failed: with_error, reply_bytes: out.len() - start });
        self.end_waiting(session);
        session.filter_reply(out, start);
    }

    /// The journal is safe up to the offset that the session waits for, or is no longer written.
    pub fn acknowledge(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        let Some(Blocked::Wait { claim, .. }) = &session.blocked else { return };
        if !claim.claim() {
            return;
        }
        if self.engine.aof.is_on() {
            return self.end_unserved(session, false, out);
        }
        let start = out.len();
        self.write_error(&NO_LOCAL_DISK, session, out);
        self.account_unfinished(session, Ran { failed: true, reply_bytes: out.len() - start });
        self.end_waiting(session);
        session.filter_reply(out, start);
    }

    /// CLIENT PAUSE no longer holds the session back, or it is to be tried whether it does.
    pub fn unpause(&mut self, session: &mut Session) {
        if let Some(Blocked::Paused) = session.blocked {
            session.blocked = None;
            session.client.paused.store(false, Relaxed);
        }
    }

    /// The connection is gone: takes the session out of everything that refers to it.
    pub fn close(&mut self, session: &mut Session) {
        match &session.blocked {
            Some(Blocked::Parked { waiter, .. }) => drop(waiter.claim.cancel()),
            Some(Blocked::Wait { claim, .. }) => drop(claim.cancel()),
            Some(Blocked::Elsewhere | Blocked::Paused) | None => {}
        }
        self.end_waiting(session);
        self.paused.retain(|id| *id != session.id);
        unwatch(&self.engine.shards, session);
        self.messages.unsubscribe_all(&self.engine, session);
        end_tracking(&self.engine, session);
        self.messages.end_monitoring(&self.engine, session);
        if let Some(client) = self.engine.clients.take(session.id) {
            self.engine.sampler.forget_client(client.memory_bytes());
        }
        self.engine.client_weights.forget(&session.client);
    }

    fn end_waiting(&mut self, session: &mut Session) {
        let Some(blocked) = session.blocked.take() else { return };
        session.client.set_wait(None);
        let timer_ms = match blocked {
            Blocked::Parked { waiter, timer_ms, .. } => {
                self.unpark(&waiter);
                timer_ms
            }
            Blocked::Wait { local, deadline_ms, .. } => {
                self.offset_waits.retain(|(offset, id)| *id != session.id || Some(*offset) != local);
                deadline_ms
            }
            Blocked::Elsewhere | Blocked::Paused => None,
        };
        if let Some(at) = timer_ms {
            self.timers.remove(&(at, session.id));
        }
    }

    /// Takes a waiter out of all queues, locking their shards one after another.
    fn unpark(&self, waiter: &WaiterRef) {
        let shards = &self.engine.shards;
        for key in &waiter.keys {
            let mut shard = shards.lock(shards.shard_of(key));
            shard.waiters.retain(waiter.db, key, |other| !Arc::ptr_eq(other, waiter));
        }
    }
}
