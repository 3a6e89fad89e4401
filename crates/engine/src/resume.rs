//! How waiting ends: served by somebody, timed out, unblocked by another client, or with the connection.

use crate::exec::unwatch;
use crate::serve::count_failure;
use crate::session::{Blocked, Session};
use crate::worker::Worker;
use command::{Error, Reply, WaiterRef};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Worker {
    /// A parked command of this session has been answered by whoever made its key ready.
    pub fn served(&mut self, session: &mut Session, reply: &[u8], out: &mut Vec<u8>) {
        if let Some(Blocked::Parked { .. }) = session.blocked {
            let start = out.len();
            out.extend_from_slice(reply);
            let failed = reply.first() == Some(&b'-');
            self.stats.errors.add(u64::from(failed));
            self.account_unfinished(session, failed);
            self.end_waiting(session);
            session.filter_reply(out, start);
        }
    }

    /// The session's deadline has passed: answers what its command answers then. Does nothing if somebody else has the
    /// right to answer: that reply is on its way.
    pub fn time_out(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        let cancelled = match &session.blocked {
            Some(Blocked::Parked { waiter, .. }) => waiter.claim.cancel(),
            Some(Blocked::Wait { claim, .. }) => claim.cancel(),
            Some(Blocked::Paused) | None => false,
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

    fn end_unserved(&mut self, session: &mut Session, with_error: bool, out: &mut Vec<u8>) {
        let start = out.len();
        let reply = Reply::new(out, session.proto);
        match &session.blocked {
            Some(Blocked::Paused) | None => return,
            Some(blocked) if with_error => {
                if let Blocked::Parked { waiter, .. } = blocked {
                    count_failure(&self.engine, &self.stats, waiter);
                }
                let error = Error::new("UNBLOCKED client unblocked via CLIENT UNBLOCK");
                self.write_error(&error, session, out);
            }
            Some(Blocked::Parked { waiter, .. }) => drop(waiter.step.timed_out(reply)),
            Some(Blocked::Wait { answer, .. }) => drop(answer.write(reply)),
        }
        self.account_unfinished(session, with_error);
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
            Some(Blocked::Paused) | None => {}
        }
        self.end_waiting(session);
        self.paused.retain(|id| *id != session.id);
        unwatch(&self.engine.shards, session);
        self.engine.clients.take(session.id);
    }

    fn end_waiting(&mut self, session: &mut Session) {
        let Some(blocked) = session.blocked.take() else { return };
        session.client.set_wait(None);
        let deadline_ms = match blocked {
            Blocked::Parked { waiter, deadline_ms } => {
                self.unpark(&waiter);
                deadline_ms
            }
            Blocked::Wait { deadline_ms, .. } => deadline_ms,
            Blocked::Paused => None,
        };
        if let Some(at) = deadline_ms {
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
