//! The path of a Unit: admit, footprint, acquire, run, serve, sequence, settle, release.

use crate::account::Ran;
use crate::admin::Admin;
use crate::aof::{latest, latest_of};
use crate::batch::Plan;
use crate::client::Wait;
use crate::engine::Engine;
use crate::figures::WorkTotals;
use crate::footprint::{footprint_of, key_positions};
use crate::mailbox::Mail;
use crate::pause::MAY_WRITE;
use crate::registry::{Registered, Run};
use crate::serve;
use crate::session::{Blocked, Session};
use crate::tracking::{remember, remember_one, tracker_of};
use crate::worker::Worker;
use command::{
    Args, Caller, Claim, Cx, Done, Error, Expired, Flag, FlagSet, Footprint, Park, Replicate, Reply,
    Ripening, Scope, Shard, Waiter,
};
use journal::Offset;
use keyspace::{Held, Key, ShardId};
use resp::{Batch, Writer};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Shard numbers, ascending and distinct.
pub(crate) type ShardIds = SmallVec<[ShardId; 4]>;

/// A planned request for a key of the shard that is held.
#[derive(Clone, Copy)]
struct Direct<'a> {
    command: &'a Registered,
    args: resp::Args<'a>,
    /// Of its key.
    hash: u64,
}

impl Worker {
    /// Runs planned requests of one shard under one acquisition; answers how many ran.
    #[expect(clippy::too_many_arguments, reason = "the parts of one batch")]
    pub(crate) fn run_direct(
        &mut self,
        engine: &Engine,
        session: &mut Session,
        plans: &[Plan],
        input: &[u8],
        batch: &Batch,
        first: usize,
        shard_id: ShardId,
        out: &mut Vec<u8>,
    ) -> usize {
        if !session.replays {
            self.prepare(session, out);
        }
        let mut shard = engine.shards.lock(shard_id);
        // A pause may have begun since the requests were planned, or there is no room any more.
        let plans = if engine.pause.is_active() || engine.conditions.any() { &[] } else { plans };
        self.begin_effects(engine);
        let mut ran = 0;
        for plan in plans {
            let Plan::Direct { command, hash, .. } = plan else { break };
            let command = engine.registry.command(*command);
            let args = batch.get(input, first + ran).expect("planned from the batch");
            if needs_more_shards(command, args, &shard) {
                break;
            }
            ran += 1;
            let request = Direct { command, args, hash: *hash };
            self.run_one_direct(engine, session, request, &mut shard, out);
            if !session.goes_on(out) {
                break;
            }
        }
        drop(shard);
        self.free_removed();
        if ran == 0 {
            let args = batch.get(input, first).expect("planned from the batch");
            self.run_general(session, args, out);
            ran = 1;
        }
        ran
    }

    /// What a session's command does with keys whose time is over: who reads changes nothing while clients are `paused` or
    /// data is imported.
    #[inline]
    fn expired(&self, session: &Session, command: &Registered, paused: bool) -> Expired {
        let imports = self.settings.imports;
        if session.replays || (imports && session.import_source) {
            Expired::Seen
        } else if (paused || imports) && !command.flags.intersects(MAY_WRITE) {
            Expired::Hidden
        } else {
            Expired::Removed
        }
    }

    #[inline]
    fn run_one_direct(
        &mut self,
        engine: &Engine,
        session: &mut Session,
        request: Direct<'_>,
        shard: &mut Shard,
        out: &mut Vec<u8>,
    ) {
        let Direct { command, args, hash } = request;
        let Run::Data(handler) = command.run else { unreachable!("only data commands are planned") };
        let start = out.len();
        let caller = Caller {
            client_id: session.id,
            may_block: !session.replays,
            no_touch: session.no_touch,
            expired: self.expired(session, command, false),
        };
        let mut cx = Cx {
            scope: Scope::One(shard),
            shards: &engine.shards,
            db: session.db,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller,
            limits: &self.settings.limits,
        };
        let dirty = cx.effects.dirty;
        let result = handler(&mut cx, &mut Args::new(args, command.words), Reply::new(out, session.proto));
        if cx.effects.interest.journal {
            sequence(&mut cx, command, args, dirty);
        }
        let failed = result.is_err();
        match result {
            Ok(done) => {
                if let Some(park) = done.into_park() {
                    let parked = park_in(&mut cx, session, command, self.index, *park);
                    session.blocked = Some(parked);
                }
            }
            Err(error) => {
                out.truncate(start);
                self.write_error(&error, session, out);
            }
        }
        let ran = Ran { failed, reply_bytes: out.len() - start };
        if session.tracking.is_some() {
            let bytes = args.at(command.single_key.expect("planned by its only key"));
            remember_one(shard, engine, session, command, &Key { bytes, hash });
        }
        let mut end = None;
        if !self.effects.is_quiet() {
            end = self.settle(Scope::One(shard), session.db);
            session.note_written(end);
        }
        if self.effects.interest.gate {
            session.depend_on(end.unwrap_or_else(|| shard.recent.of_key(hash)));
        }
        if self.messages.has_own() {
            self.write_own(session, out);
        }
        session.end_exception();
        self.account(session, command, args, ran);
        if session.blocked.is_some() {
            self.note_blocked(session);
        }
    }

    /// Runs one command with its own footprint.
    pub(crate) fn run_command(
        &mut self,
        session: &mut Session,
        command: &Registered,
        args: resp::Args<'_>,
        out: &mut Vec<u8>,
    ) {
        let engine = self.engine.clone();
        let ids = match footprint_of(command, args) {
            Footprint::Nothing | Footprint::Each => None,
            Footprint::All => Some(engine.shards.ids().collect()),
            Footprint::Keys => Some(self.shards_of(command, args)),
        };
        let mut held = ids.map(|ids| match command.flags.has(Flag::Write) {
            true => serve::acquire(&engine.shards, ids, || keys_of(command, args).collect()),
            false => engine.shards.acquire(&ids),
        });
        if self.is_held(session, command, None) {
            drop(held);
            return self.hold(session, command.id, args);
        }
        let ran = match &mut held {
            Some(held) if !held.shards.is_empty() => {
                prefetch_keys(&engine.shards, held, session.db, command, args);
                self.run_in(session, command, args, scope_of(held), true, out)
            }
            _ => self.run_in(session, command, args, Scope::Each, true, out),
        };
        let mut end = None;
        if !self.effects.is_quiet() {
            let scope = held.as_mut().map_or(Scope::Each, scope_of);
            end = self.settle(scope, session.db);
            session.note_written(end);
        }
        self.messages.end_unit(&engine, None);
        if self.effects.interest.gate {
            session.depend_on(end.unwrap_or_else(|| seen(&engine, command, args, held.as_mut())));
        }
        drop(held);
        self.free_removed();
        self.expire_overdue();
        // What a command has set holds for it too, as it does for the slow log of Redis.
        self.refresh_settings();
        self.account(session, command, args, ran);
        self.note_blocked(session);
    }

    /// The shards of a command's keys.
    pub(crate) fn shards_of(&self, command: &Registered, args: resp::Args<'_>) -> ShardIds {
        let positions = key_positions(command, args);
        let mut ids: ShardIds =
            positions.iter().map(|at| self.engine.shards.shard_of(args.at(*at))).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Runs a command's handler in a scope that is locked already.
    pub(crate) fn run_in(
        &mut self,
        session: &mut Session,
        command: &Registered,
        args: resp::Args<'_>,
        scope: Scope<'_>,
        alone: bool,
        out: &mut Vec<u8>,
    ) -> Ran {
        let engine = self.engine.clone();
        let settings = self.settings.clone();
        self.begin_effects(&engine);
        let start = out.len();
        let (no_touch, expired) =
            (session.no_touch, self.expired(session, command, engine.pause.is_active()));
        let caller =
            Caller { client_id: session.id, may_block: alone && !session.replays, no_touch, expired };
        let mut cx = Cx {
            scope,
            shards: &engine.shards,
            db: session.db,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller,
            limits: &settings.limits,
        };
        let dirty = cx.effects.dirty;
        let reply = Reply::new(out, session.proto);
        let mut words = Args::new(args, command.words);
        let result = match command.run {
            Run::Data(handler) => handler(&mut cx, &mut words, reply),
            Run::Admin(handler) => {
                let mut admin = Admin {
                    cx: &mut cx,
                    session,
                    engine: &engine,
                    settings: &settings,
                    worker: self.index,
                    in_exec: !alone,
                    secrets: &mut self.secrets,
                    messages: &mut self.messages,
                };
                handler(&mut admin, &mut words, reply)
            }
            Run::Exec => Err(Error::new("ERR EXEC can't be nested")),
        };
        sequence(&mut cx, command, args, dirty);
        remember(&mut cx, &engine, session, command, args);
        let failed = match result.map(Done::into_park) {
            Ok(None) => false,
            Ok(Some(park)) => {
                let parked = park_in(&mut cx, session, command, self.index, *park);
                session.blocked = Some(parked);
                false
            }
            Err(error) => {
                out.truncate(start);
                self.write_error(&error, session, out);
                true
            }
        };
        let ran = Ran { failed, reply_bytes: out.len() - start };
        self.tell_changes(&engine);
        self.tell_monitors(session, command, args);
        ran
    }

    /// Serves waiters and enters the journal, while the shards are held. Answers the offset behind the Unit's records, if
    /// there are some.
    pub(crate) fn settle(&mut self, mut scope: Scope<'_>, db: keyspace::DbIndex) -> Option<Offset> {
        let engine = self.engine.clone();
        let mut answers = Vec::new();
        if !self.effects.ready.is_empty() && !matches!(scope, Scope::Each) {
            answers = self.serve_ready(&engine, scope.reborrow(), db);
        }
        self.effects.ready.clear();
        self.tell_changes(&engine);
        let mut end = None;
        if !self.effects.records.is_empty() {
            let behind = engine.journal.append(self.effects.records.iter(), self.now.us / 1_000_000);
            engine.note_journal_end(behind);
            end = Some(behind);
            self.effects.records.clear();
            self.journaled = true;
        }
        if self.effects.interest.gate {
            self.note_touched(&engine, &mut scope, end);
        }
        if !answers.is_empty() {
            let after = end.unwrap_or_else(|| latest(&scope));
            self.stats.served.add(answers.len() as u64);
            answers.into_iter().for_each(|answer| answer.post(&engine, after));
        }
        self.tell_invalidations(&engine, end.unwrap_or(0));
        self.messages.end_unit(&engine, end);
        if std::mem::take(&mut self.effects.emptied) {
            let save = !engine.config().save.0.is_empty();
            let dirty = WorkTotals::of(&engine).dirty + self.effects.dirty;
            engine.snapshots.emptied(self.now.us, dirty, save);
            self.save_emptied |= save;
        }
        end
    }

    /// Serves the waiters of keys that the Unit has made ready.
    fn serve_ready(
        &mut self,
        engine: &Engine,
        scope: Scope<'_>,
        db: keyspace::DbIndex,
    ) -> Vec<serve::Answer> {
        let (settings, mut answers) = (self.settings.clone(), Vec::new());
        let mut cx = Cx {
            scope,
            shards: &engine.shards,
            db,
            effects: &mut self.effects,
            now: self.now,
            rng: &mut self.rng,
            caller: Caller::default(),
            limits: &settings.limits,
        };
        serve::serve_ready(&mut cx, engine, &self.stats, &mut answers);
        answers
    }

    /// Frees what the Unit took out of use, and logs its remarks, now that no shard is held.
    #[inline]
    pub(crate) fn free_removed(&mut self) {
        if !(self.effects.freed.is_empty() & self.effects.freed_lazily.is_empty()) {
            self.free_all_removed();
        }
        if !self.effects.remarks.is_empty() {
            self.log_remarks();
        }
    }

    #[cold]
    fn free_all_removed(&mut self) {
        if !self.effects.freed_lazily.is_empty() {
            let garbage = std::mem::take(&mut self.effects.freed_lazily);
            let keys: usize = garbage.iter().map(keyspace::Garbage::keys).sum();
            self.engine.stats.lazyfree_pending.fetch_add(keys as i64, Relaxed);
            self.engine.freer.free(garbage);
        }
        self.effects.freed.clear();
    }

    /// Publishes that a session has become blocked, and sets its timer.
    #[inline]
    pub(crate) fn note_blocked(&mut self, session: &mut Session) {
        let Some(blocked) = &session.blocked else { return };
        let (wait, timer_ms) = match blocked {
            Blocked::Parked { waiter, timer_ms, .. } => (Wait::Parked(waiter.clone()), *timer_ms),
            Blocked::Wait { claim, local, deadline_ms, .. } => {
                if let Some(offset) = local {
                    self.offset_waits.insert((*offset, session.id));
                    // The worker then looks whether the disk has it meanwhile.
                    self.engine.workers[self.index].mailbox.post(Mail::JournalSafe);
                }
                (Wait::Offset(claim.clone()), *deadline_ms)
            }
            Blocked::Elsewhere => (Wait::Elsewhere, None),
            Blocked::Paused => return,
        };
        session.client.set_wait(Some(wait));
        if let Some(at) = timer_ms {
            self.timers.insert((at, session.id));
        }
    }

    /// Answers an error and counts it.
    pub(crate) fn write_error(&mut self, error: &Error, session: &Session, out: &mut Vec<u8>) {
        Writer::new(out, session.proto).error(error.text());
        self.engine.stats.error(&self.stats, error.code());
    }

    /// Publishes what the batch has counted.
    pub(crate) fn flush_tally(&mut self) {
        let tally = std::mem::take(&mut self.effects.tally);
        self.stats.hits.add(tally.hits);
        self.stats.misses.add(tally.misses);
        self.stats.expired.add(tally.expired);
        self.stats.expired_elements.add(tally.expired_elements);
        self.stats.evicted.add(tally.evicted);
        self.stats.lazy_freed.add(tally.lazy_freed);
        self.stats.dirty.add(std::mem::take(&mut self.effects.dirty));
    }
}

/// Loads what a command of several keys will touch: all buckets, then all entries.
fn prefetch_keys(
    shards: &command::Shards,
    held: &mut Held<'_, command::WaiterRef>,
    db: keyspace::DbIndex,
    command: &Registered,
    args: resp::Args<'_>,
) {
    if held.shards.len() < 2 {
        return;
    }
    let key = |at: usize| (shards.shard_of(args.at(at)), shards.key(args.at(at)).hash);
    let keys: SmallVec<[(ShardId, u64); 32]> = key_positions(command, args).into_iter().map(key).collect();
    for (shard, hash) in &keys {
        if let Some(shard) = held.get(*shard) {
            shard.db(db).prefetch_bucket(*hash);
        }
    }
    for (shard, hash) in &keys {
        if let Some(shard) = held.get(*shard) {
            shard.db(db).prefetch_entry(*hash);
        }
    }
}

/// Enters a command into the Unit's records, as its declaration says.
pub(crate) fn sequence(cx: &mut Cx<'_>, command: &Registered, args: resp::Args<'_>, dirty_before: u64) {
    let changed = cx.effects.dirty > dirty_before;
    let given = std::mem::take(&mut cx.effects.outcome_given);
    if changed && !given && command.spec.replicate != Replicate::Never && cx.effects.interest.journal {
        let words: SmallVec<[&[u8]; 16]> = args.iter().collect();
        cx.effects.record(cx.db, &words);
    }
}

/// The locked shards as a handler's scope.
pub(crate) fn scope_of<'u>(held: &'u mut Held<'_, command::WaiterRef>) -> Scope<'u> {
    if let [_] = held.shards[..] {
        return Scope::One(&mut held.shards[0].shard);
    }
    Scope::Many(held.shards.iter_mut().map(|locked| (locked.id, &mut *locked.shard)).collect())
}

/// Parks what a handler wants to wait for in the queues of its keys, under the locks that saw them empty.
fn park_in(cx: &mut Cx<'_>, session: &Session, command: &Registered, worker: usize, park: Park) -> Blocked {
    let waiter = Arc::new(Waiter {
        client_id: session.id,
        worker,
        db: cx.db,
        proto: session.proto,
        keys: park.keys,
        step: park.step,
        claim: Claim::default(),
        ripening: Ripening::default(),
        tracker: tracker_of(session, command),
        caller: cx.caller,
    });
    for (at, key) in waiter.keys.iter().enumerate() {
        let repeated = waiter.keys[..at].contains(key);
        if !repeated {
            let db = cx.db;
            cx.shard(key).waiters.park(db, key, waiter.clone());
            if let Some(at_ms) = waiter.step.ripens_ms(cx, key) {
                waiter.ripening.note(at_ms);
            }
        }
    }
    let (deadline_ms, ripens_ms) = (park.deadline_ms, waiter.ripening.moment_ms());
    Blocked::Parked { waiter, deadline_ms, timer_ms: deadline_ms.into_iter().chain(ripens_ms).min() }
}

/// Whether serving those who wait for this command's only key may need shards besides its own.
#[inline]
fn needs_more_shards(command: &Registered, args: resp::Args<'_>, shard: &Shard) -> bool {
    if shard.waiters.is_empty() || !command.flags.has(Flag::Write) {
        return false;
    }
    let key = args.at(command.single_key.expect("planned by its only key"));
    // In any database: the command may bring the key to another one, as MOVE does.
    shard.waiters.in_any_db(key).any(|waiter| waiter.step.destination().is_some())
}

/// The keys of a command.
pub(crate) fn keys_of(command: &Registered, args: resp::Args<'_>) -> impl Iterator<Item = Box<[u8]>> {
    key_positions(command, args).into_iter().map(move |at| Box::from(args.at(at)))
}

/// What the reply of a command that has changed nothing may tell of: the offset behind the latest change that it may have
/// seen. Commands about the server look at data in passing, and must be answered while the disk doesn't.
fn seen(
    engine: &Engine,
    command: &Registered,
    args: resp::Args<'_>,
    held: Option<&mut Held<'_, command::WaiterRef>>,
) -> Offset {
    match (footprint_of(command, args), held) {
        (Footprint::Keys, Some(held)) => {
            let positions = key_positions(command, args);
            latest_of(engine, held, positions.iter().map(|at| args.at(*at)))
        }
        (Footprint::Each | Footprint::All, _) if command.flags.intersects(READS_OR_WRITES) => {
            engine.journal.end()
        }
        _ => 0,
    }
}

/// Commands about data.
const READS_OR_WRITES: FlagSet = FlagSet::of(&[Flag::Readonly, Flag::Write]);
