//! How waiting ends: served by somebody, timed out, unblocked by another client, or with the connection.

use crate::exec::unwatch;
use crate::session::{Blocked, Session};
use crate::worker::Worker;
use command::{Reply, WaiterRef};
use resp::Writer;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl Worker {
    /// A parked command of this session has been answered by whoever made its key ready.
    pub fn served(&mut self, session: &mut Session, reply: &[u8], out: &mut Vec<u8>) {
        if let Some(Blocked::Parked { .. }) = session.blocked {
            out.extend_from_slice(reply);
            self.end_waiting(session);
        }
    }

    /// The session's deadline has passed: answers what its command answers then. Does nothing if it has just been
    /// served: that reply is on its way.
    pub fn time_out(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        match &session.blocked {
            Some(Blocked::Parked { waiter, .. }) if waiter.claim.cancel() => {
                let _ = waiter.step.timed_out(Reply::new(out, session.proto));
                self.end_waiting(session);
            }
            Some(Blocked::Wait { .. }) => {
                Writer::new(out, session.proto).int(0);
                self.end_waiting(session);
            }
            _ => {}
        }
    }

    /// CLIENT UNBLOCK: as [`Worker::time_out`], or with an error. Answers whether the session was waiting.
    pub fn unblock(&mut self, session: &mut Session, with_error: bool, out: &mut Vec<u8>) -> bool {
        let waits = match &session.blocked {
            Some(Blocked::Parked { waiter, .. }) => waiter.claim.is_waiting(),
            Some(Blocked::Wait { .. }) => true,
            _ => false,
        };
        if waits && with_error {
            if let Some(Blocked::Parked { waiter, .. }) = &session.blocked
                && !waiter.claim.cancel()
            {
                return false;
            }
            Writer::new(out, session.proto).error(b"UNBLOCKED client unblocked via CLIENT UNBLOCK");
            self.end_waiting(session);
        } else if waits {
            self.time_out(session, out);
        }
        waits
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
        if let Some(Blocked::Parked { waiter, .. }) = &session.blocked {
            waiter.claim.cancel();
        }
        self.end_waiting(session);
        self.paused.retain(|id| *id != session.id);
        unwatch(&self.engine.shards, session);
        self.engine.clients.remove(session.id);
    }

    fn end_waiting(&mut self, session: &mut Session) {
        let Some(blocked) = session.blocked.take() else { return };
        session.client.blocked.store(false, Relaxed);
        let deadline_ms = match blocked {
            Blocked::Parked { waiter, deadline_ms } => {
                self.unpark(&waiter);
                deadline_ms
            }
            Blocked::Wait { deadline_ms } => deadline_ms,
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
