//! From a connection's bytes to Units: requests are parsed in batches, their buckets and then their entries are
//! prefetched, then they run, neighbours on one shard under one acquisition.

use crate::engine::Engine;
use crate::messages::Running;
use crate::registry::{CommandId, Registered, Run};
use crate::session::Session;
use crate::worker::Worker;
use keyspace::{Db, ShardId};
use resp::{Args, Batch, Sender, Writer};
use smallvec::SmallVec;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

/// Requests parsed at once: enough to hide the latency of memory, few enough for their lines to stay in the cache.
const BATCH: usize = 64;
/// Requests on one shard that share an acquisition.
pub(crate) const SHARED_ACQUISITION: usize = 16;

/// What a session's connection is to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Wait for input.
    Idle,
    /// Read no further until the session is resumed.
    Blocked,
    /// Close once the output is sent.
    Closing,
}

/// How a request of the batch will run.
#[derive(Clone, Copy)]
pub(crate) enum Plan {
    /// On the shard of its only key, nothing else being involved.
    Direct { command: CommandId, shard: ShardId, hash: u64 },
    /// By the general path.
    General,
}

impl Worker {
    /// Runs the complete requests of `input`, appending the replies to `out`. Answers how many bytes were consumed; the
    /// caller keeps the rest and offers it again in front of what arrives later.
    pub fn process(&mut self, session: &mut Session, input: &[u8], out: &mut Vec<u8>) -> (usize, Progress) {
        let mut consumed = 0;
        if session.client.killed.load(Acquire) {
            session.closing = true;
        }
        self.messages.set_running(Some(Running { seat: session.seat, client_id: session.id }));
        self.refresh_settings();
        session.most_output = out.len().saturating_add(self.settings.most_output(session.client.class()));
        self.run_pending(session, out);
        while session.goes_on(out) {
            let (bytes, more) = self.process_batch(session, &input[consumed..], out);
            consumed += bytes;
            if !more {
                break;
            }
        }
        self.messages.set_running(None);
        session.closing |= out.len() > session.most_output;
        if session.closing {
            session.client.closing.store(true, Relaxed);
        }
        let progress = match session {
            Session { blocked: Some(_), .. } => Progress::Blocked,
            Session { closing: true, .. } => Progress::Closing,
            _ => Progress::Idle,
        };
        (consumed, progress)
    }

    /// Runs requests of a journal, appending a reply to each to `out`.
    pub(crate) fn replay(&mut self, session: &mut Session, input: &[u8], batch: &Batch, out: &mut Vec<u8>) {
        debug_assert!(session.replays, "others' requests have to be admitted");
        self.refresh();
        self.run_batch(session, input, batch, out);
        self.flush_tally();
    }

    /// Runs the requests that stood behind one that blocked.
    fn run_pending(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        if session.pending.is_empty() {
            return;
        }
        self.refresh();
        while session.goes_on(out) {
            let Some(request) = session.pending.pop_front() else { break };
            self.run_general(session, request.as_args(), out);
        }
        self.flush_tally();
    }

    fn process_batch(&mut self, session: &mut Session, input: &[u8], out: &mut Vec<u8>) -> (usize, bool) {
        let mut batch = std::mem::take(&mut self.batch);
        batch.clear();
        self.refresh();
        session.client.active_us.store(self.now.us, Relaxed);
        session.client.query_bytes.store(input.len() as u64, Relaxed);
        let (parsed, more) = self.parse(session, input, &mut batch);
        self.run_batch(session, input, &batch, out);
        session.publish(session.last_command);
        let consumed = batch.consumed();
        self.batch = batch;
        if let Err(error) = parsed
            && session.blocked.is_none()
        {
            self.protocol_error(session, &error, out);
        }
        self.flush_tally();
        (consumed, more)
    }

    /// Answers whether all went well, and whether there may be more complete requests in `input`.
    fn parse(
        &mut self,
        session: &mut Session,
        input: &[u8],
        batch: &mut Batch,
    ) -> (Result<(), resp::ProtocolError>, bool) {
        let mut limits = self.settings.protocol;
        let mut most = BATCH;
        if self.must_authenticate(session) {
            limits.sender = Sender::Unauthenticated;
            most = 1;
        }
        while batch.len() < most {
            match session.parser.parse_one(input, &limits, batch) {
                Ok(true) => {}
                Ok(false) => return (Ok(()), false),
                Err(error) => return (Err(error), false),
            }
        }
        (Ok(()), true)
    }

    fn protocol_error(&mut self, session: &mut Session, error: &resp::ProtocolError, out: &mut Vec<u8>) {
        let mut text = b"ERR ".to_vec();
        error.push_text(&mut text);
        Writer::new(out, session.proto).error(&text);
        self.engine.stats.error(&self.stats, b"ERR");
        session.closing = true;
    }

    fn run_batch(&mut self, session: &mut Session, input: &[u8], batch: &Batch, out: &mut Vec<u8>) {
        let mut plans = std::mem::take(&mut self.plans);
        let engine = self.engine.clone();
        plans.clear();
        let mut planner = Planner::new(&engine, session);
        plans.extend(batch.iter(input).map(|args| planner.plan(args)));
        if plans.len() > 1 {
            prefetch(&engine, session, &plans, input, batch);
        }
        let mut at = 0;
        while at < plans.len() && session.goes_on(out) {
            at += match plans[at] {
                Plan::Direct { shard, .. } if session.is_plain() => {
                    let same =
                        |plan: &&Plan| matches!(plan, Plan::Direct { shard: other, .. } if *other == shard);
                    let count = plans[at..].iter().take(SHARED_ACQUISITION).take_while(same).count();
                    self.run_direct(&engine, session, &plans[at..at + count], input, batch, at, shard, out)
                }
                _ => {
                    let args = batch.get(input, at).expect("planned from the batch");
                    self.run_general(session, args, out);
                    1
                }
            };
        }
        if session.blocked.is_some() {
            session
                .pending
                .extend((at..plans.len()).filter_map(|at| batch.get(input, at)).map(|args| args.to_owned()));
        }
        self.plans = plans;
    }
}

/// Decides how requests run. Neighbours mostly name the same command, which is then looked up once.
struct Planner<'e> {
    engine: &'e Engine,
    /// Whether the session and the server let requests run directly at all.
    direct: bool,
    last_name: &'e [u8],
    last: Option<&'e Registered>,
}

impl<'e> Planner<'e> {
    fn new(engine: &'e Engine, session: &Session) -> Self {
        let direct = session.is_plain() && !engine.pause.is_active() && !engine.conditions.any();
        Planner { engine, direct, last_name: &[], last: None }
    }

    #[inline]
    fn plan(&mut self, args: Args<'e>) -> Plan {
        let name = args.at(0);
        if name != self.last_name {
            self.last_name = name;
            self.last = self.engine.registry.find(name).filter(|command| matches!(command.run, Run::Data(_)));
        }
        let Some(command) = self.last else { return Plan::General };
        let Some(index) = command.single_key else { return Plan::General };
        if !self.direct || !arity_fits(command, args.len()) {
            return Plan::General;
        }
        let key = args.at(index);
        let shards = &self.engine.shards;
        Plan::Direct { command: command.id, shard: shards.shard_of(key), hash: shards.key(key).hash }
    }
}

/// What a planned request will touch.
struct Wanted<'a> {
    shard: ShardId,
    /// Of the key.
    hash: u64,
    /// What is looked for in the key's value.
    element: Option<&'a [u8]>,
}

/// Loads what the planned requests will touch: all buckets, then all entries; where elements are looked for, all objects,
/// then all that is on the way to those elements, step by step. What neighbours have in common is loaded once.
fn prefetch(engine: &Engine, session: &Session, plans: &[Plan], input: &[u8], batch: &Batch) {
    let mut wanted: SmallVec<[Wanted<'_>; BATCH]> = SmallVec::new();
    for (at, plan) in plans.iter().enumerate() {
        let Plan::Direct { command, shard, hash } = *plan else { continue };
        let index = engine.registry.command(command).spec.element;
        let element = index.and_then(|index| batch.get(input, at)?.get(index));
        if element.is_some() || wanted.last().is_none_or(|last| last.hash != hash) {
            wanted.push(Wanted { shard, hash, element });
        }
    }
    if wanted.len() < 2 {
        return;
    }
    let pass = |visit: &mut dyn FnMut(&Db, &[Wanted<'_>])| {
        for same in wanted.chunk_by(|one, next| one.hash == next.hash) {
            if let Some(guard) = engine.shards.peek(same[0].shard) {
                visit(guard.db(session.db), same);
            }
        }
    };
    pass(&mut |db, same| db.prefetch_bucket(same[0].hash));
    pass(&mut |db, same| db.prefetch_entry(same[0].hash));
    if wanted.iter().any(|one| one.element.is_some()) {
        pass(&mut |db, same| db.prefetch_object(same[0].hash));
        let (mut step, mut more) = (0, true);
        while std::mem::take(&mut more) {
            pass(&mut |db, same| {
                let names = same.iter().filter_map(|one| one.element);
                more |= db.prefetch_elements(same[0].hash, names, step);
            });
            step += 1;
        }
    }
}

/// Whether a command may be given that many words.
#[inline]
pub(crate) fn arity_fits(command: &Registered, words: usize) -> bool {
    let arity = command.spec.arity;
    if arity >= 0 { words == arity as usize } else { words >= usize::from(arity.unsigned_abs()) }
}
