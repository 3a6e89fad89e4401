//! MIGRATE: keys move to another server, and neither a worker nor a shard waits for that server.
//!
//! ```text
//! the command   holds the shards   dumps the values and watches their keys; the client is blocked
//! a thread      holds nothing      RESTORE to the other server, and notes what has been acknowledged
//! the worker    holds the shards   deletes acknowledged keys; those that have changed meanwhile are dumped again,
//!                                  and the thread's part begins anew for them
//! ```
//!
//! So a key is deleted at the moment at which both servers have the same value: nobody's change is lost.

mod finish;
mod links;
mod transfer;

pub(crate) use links::{Links, Place};

use crate::engine::Engine;
use crate::host::Urgency;
use crate::mailbox::Mail;
use crate::session::Session;
use command::{Cx, Error};
use keyspace::{DbIndex, DirtyFlag};
use rdb::{EncodeOptions, Encoder, Version};
use resp::Proto;
use std::sync::Arc;

/// A key that keeps changing is sent at most so often: then it stays in both servers.
const ROUNDS: u32 = 16;

/// What the client wants.
pub(crate) struct Wish {
    pub(crate) place: Place,
    /// The other server's database.
    pub(crate) db: i64,
    /// How long the other server may keep silent.
    pub(crate) timeout_ms: u64,
    /// The words of AUTH; empty: none is sent.
    pub(crate) auth: Vec<Vec<u8>>,
    /// The keys stay here.
    pub(crate) copy: bool,
    /// What the other server has there may go.
    pub(crate) replace: bool,
}

/// A key on its way.
struct Passenger {
    key: Box<[u8]>,
    luggage: Luggage,
    /// Set as soon as the key changes here.
    changed: DirtyFlag,
    acknowledged: bool,
}

/// What the other server is to have at a key.
enum Luggage {
    /// A value, as DUMP answers it, and how long it lives, in milliseconds; 0 is for ever.
    Value { payload: Vec<u8>, ttl_ms: i64 },
    /// Nothing any more: the key has been deleted here since its value was sent.
    Nothing,
}

/// A running MIGRATE.
pub struct Migration {
    wish: Wish,
    client_id: u64,
    worker: usize,
    proto: Proto,
    /// The database here.
    db: DbIndex,
    passengers: Vec<Passenger>,
    /// The first thing that went wrong.
    failure: Option<Error>,
    rounds: u32,
}

impl Migration {
    /// Dumps the keys that are there, and watches them unless they are to stay; none if there are none.
    pub(crate) fn prepare<'k>(
        wish: Wish,
        session: &Session,
        worker: usize,
        cx: &mut Cx<'_>,
        keys: impl Iterator<Item = &'k [u8]>,
    ) -> Option<Box<Migration>> {
        let mut passengers = Vec::new();
        for key in keys {
            if let Some(luggage) = pack(cx, key) {
                let passenger = Passenger::new(key.into(), luggage);
                if !wish.copy {
                    cx.shard(key).watched.add(session.db, key, &passenger.changed, false);
                }
                passengers.push(passenger);
            }
        }
        let (client_id, proto, db) = (session.id, session.proto, session.db);
        let migration =
            Migration { wish, client_id, worker, proto, db, passengers, failure: None, rounds: 0 };
        (!migration.passengers.is_empty()).then(|| Box::new(migration))
    }

    /// Has a thread talk to the other server. The client's worker gets the migration back in a message.
    pub(crate) fn send(mut self: Box<Self>, engine: &Arc<Engine>) {
        self.rounds += 1;
        let at = self.worker;
        let (theirs, cargo) = (engine.clone(), Arc::new(parking_lot::Mutex::new(Some(self))));
        let kept = cargo.clone();
        let work = move || {
            let Some(mut migration) = cargo.lock().take() else { return };
            migration.transfer(&theirs);
            theirs.workers[at].mailbox.post(Mail::Migrated(migration));
        };
        if engine.host.spawn("migrate", Urgency::Work, Box::new(work)).is_err()
            && let Some(mut migration) = kept.lock().take()
        {
            migration.fail(Error::new("IOERR error or timeout connecting to the client"));
            engine.workers[at].mailbox.post(Mail::Migrated(migration));
        }
    }

    fn fail(&mut self, failure: Error) {
        self.failure.get_or_insert(failure);
    }
}

impl Passenger {
    fn new(key: Box<[u8]>, luggage: Luggage) -> Passenger {
        Passenger { key, luggage, changed: DirtyFlag::default(), acknowledged: false }
    }
}

/// The value of a key as it will be sent, if there is one.
fn pack(cx: &mut Cx<'_>, key: &[u8]) -> Option<Luggage> {
    let (limits, now_ms) = (cx.limits, cx.now.ms());
    let item = cx.read(key)?;
    let options = EncodeOptions {
        version: Version::with_number(limits.rdb_version).unwrap_or_default(),
        compress: limits.rdb_compression,
        ..EncodeOptions::default()
    };
    let ttl_ms = item.expiry_ms().map_or(0, |at_ms| (at_ms - now_ms).max(1));
    Some(Luggage::Value { payload: rdb::dump(&mut Encoder::new(options), &item), ttl_ms })
}
