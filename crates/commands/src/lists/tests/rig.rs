//! A small server for tests: one shard, one thread, a clock that stands still, and clients that may wait.
//!
//! It does for handlers what the engine does: finds them, enters what they changed into a journal, and serves the steps
//! of waiting clients, the oldest first.

use command::{
    Args, Caller, Change, Claim, Command, Cx, Done, Effects, Handler, Interest, Limits, Now, Replicate,
    Reply, Scope, Shard, Shards, Waiter, WaiterRef,
};
use keyspace::Remember;
use resp::{OwnedArgs, Proto};
use std::sync::Arc;

pub(super) struct Rig {
    shards: Shards,
    effects: Effects,
    rng: base::prng::Prng,
    pub(super) limits: Limits,
    pub(super) waiting: Vec<WaiterRef>,
}

/// What became of a command.
pub(super) enum Answer {
    Reply(Vec<u8>),
    Waits,
}

pub(super) const NOW: Now = Now { us: 1_700_000_000_000_000 };

/// Everything that a command left behind.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) changes: Vec<Change>,
    pub(super) records: Vec<Vec<u8>>,
    /// Clients that were served, with their replies.
    pub(super) served: Vec<(u64, Vec<u8>)>,
}

impl Rig {
    pub(super) fn new() -> Rig {
        let limits = Limits {
            remember: Remember::Recency,
            max_string_bytes: 512 << 20,
            list: structs::deque::Limits::default(),
            stream_idmp_duration_s: 100,
            stream_idmp_maxsize: 100,
            databases: 16,
            lazy_user_del: false,
            lazy_server_del: false,
            lazy_expire: false,
            lazy_user_flush: false,
        };
        let effects = Effects { interest: Interest { journal: true, changes: true }, ..Effects::default() };
        Rig {
            shards: Shards::new(1, 7, None),
            effects,
            rng: base::prng::Prng::new(1),
            limits,
            waiting: Vec::new(),
        }
    }

    /// Runs a command for a client.
    pub(super) fn run(&mut self, client_id: u64, proto: Proto, words: &[&[u8]]) -> Outcome {
        let caller = Caller { client_id, may_block: true, no_touch: false };
        self.run_as(caller, proto, words)
    }

    pub(super) fn run_as(&mut self, caller: Caller, proto: Proto, words: &[&[u8]]) -> Outcome {
        let command = find(words[0]);
        let (args, mut reply) = (OwnedArgs::from_slices(words), Vec::new());
        let dirty = self.effects.dirty;
        let result = self.with_cx(caller, |cx| {
            let result = (command.run)(cx, &mut Args::new(args.as_args(), 1), Reply::new(&mut reply, proto));
            let given = std::mem::take(&mut cx.effects.outcome_given);
            assert!(!given || command.spec.replicate == Replicate::Outcome, "declared as it is recorded");
            if cx.effects.dirty > dirty && !given {
                cx.effects.record(cx.db, words);
            }
            result
        });
        let answer = match result.map(Done::into_park) {
            Ok(None) => Answer::Reply(reply),
            Ok(Some(park)) => {
                self.park(caller, proto, *park);
                Answer::Waits
            }
            Err(error) => {
                reply.clear();
                resp::Writer::new(&mut reply, proto).error(error.text());
                Answer::Reply(reply)
            }
        };
        let served = self.serve();
        let records = std::mem::take(&mut self.effects.records).into_iter().map(|(_, words)| words).collect();
        Outcome { answer, changes: std::mem::take(&mut self.effects.changes), records, served }
    }

    /// The reply to a waiting client whose time is up.
    pub(super) fn time_out(&mut self, client_id: u64) -> Vec<u8> {
        let at = self.waiting.iter().position(|waiter| waiter.client_id == client_id).expect("it waits");
        let waiter = self.waiting.remove(at);
        self.unpark(&waiter);
        let mut reply = Vec::new();
        let _ = waiter.step.timed_out(Reply::new(&mut reply, waiter.proto));
        reply
    }

    /// The only shard, as the model's invariants look at it.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Shard) -> R) -> R {
        look(&self.shards.lock(self.shards.shard_of(b"")))
    }

    fn with_cx<R>(&mut self, caller: Caller, run: impl FnOnce(&mut Cx<'_>) -> R) -> R {
        let mut shard = self.shards.lock(self.shards.shard_of(b""));
        run(&mut Cx {
            scope: Scope::One(&mut shard),
            shards: &self.shards,
            db: 0,
            effects: &mut self.effects,
            now: NOW,
            rng: &mut self.rng,
            caller,
            limits: &self.limits,
        })
    }

    fn park(&mut self, caller: Caller, proto: Proto, park: command::Park) {
        let waiter = Arc::new(Waiter {
            client_id: caller.client_id,
            worker: 0,
            db: 0,
            proto,
            keys: park.keys,
            step: park.step,
            claim: Claim::default(),
            caller,
        });
        let mut shard = self.shards.lock(self.shards.shard_of(b""));
        for key in &waiter.keys {
            shard.waiters.park(0, key, waiter.clone());
        }
        self.waiting.push(waiter);
    }

    fn serve(&mut self) -> Vec<(u64, Vec<u8>)> {
        let mut served = Vec::new();
        while !self.effects.ready.is_empty() {
            let (_, key) = self.effects.ready.remove(0);
            while let Some(waiter) = self.next_ready(&key) {
                let mut reply = Vec::new();
                let result = self.with_cx(waiter.caller, |cx| {
                    waiter.step.serve(cx, &key, Reply::new(&mut reply, waiter.proto))
                });
                if let Err(error) = result {
                    reply.clear();
                    resp::Writer::new(&mut reply, waiter.proto).error(error.text());
                }
                self.waiting.retain(|other| !Arc::ptr_eq(other, &waiter));
                self.unpark(&waiter);
                served.push((waiter.client_id, reply));
            }
        }
        self.effects.outcome_given = false;
        served
    }

    /// The oldest waiter that the key can serve.
    fn next_ready(&mut self, key: &[u8]) -> Option<WaiterRef> {
        let waiters = self.waiting.clone();
        let mut of_key = waiters.into_iter().filter(|waiter| waiter.keys.iter().any(|other| **other == *key));
        of_key.find(|waiter| self.with_cx(waiter.caller, |cx| waiter.step.ready(cx, key)))
    }

    fn unpark(&self, waiter: &WaiterRef) {
        let mut shard = self.shards.lock(self.shards.shard_of(b""));
        for key in &waiter.keys {
            shard.waiters.retain(0, key, |other| !Arc::ptr_eq(other, waiter));
        }
    }
}

fn find(name: &[u8]) -> &'static Command<Handler> {
    let mut all = crate::ALL.iter().copied().flatten();
    all.find(|command| name.eq_ignore_ascii_case(command.spec.name.as_bytes())).expect("a known command")
}
