//! A virtual worker: does what the host's event loop does, but takes what there is to do in a seeded order.

use crate::client::{Connection, VirtualClient, whole_reply};
use crate::plan::{Step, request};
use crate::run::Shared;
use crate::scheduler::Wakeup;
use base::prng::Prng;
use engine::{Blocked, Client, Mail, Peer, Push, Seat, Session, Worker};
use journal::Offset;
use keyspace::Interleave;
use resp::Proto;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Time for expired keys in one turn, as the host gives it.
const EXPIRE_BUDGET_NS: u64 = 500_000;

/// Something that a worker can do next.
#[derive(Clone, Copy, Debug)]
enum Act {
    ReadMail,
    EndWaits,
    EndPauses,
    ExpireKeys,
    EvictKeys,
    /// A client takes its next step.
    Step(usize),
    /// A client reads what it has been sent while it was dozing.
    Receive(usize),
    /// Runs what a client has sent.
    Read(usize),
}

/// A worker with its clients.
pub(crate) struct VirtualWorker {
    pub(crate) worker: Worker,
    pub(crate) clients: Vec<VirtualClient>,
    shared: Arc<Shared>,
    rng: Prng,
    /// Calls that were waiting when their connection was closed, by CLIENT ID: client and call.
    closed: HashMap<u64, (usize, usize)>,
}

impl VirtualWorker {
    pub(crate) fn new(
        shared: Arc<Shared>,
        index: usize,
        seed: u64,
        clients: Vec<VirtualClient>,
    ) -> VirtualWorker {
        let worker = Worker::new(shared.engine.clone(), index, seed);
        VirtualWorker { worker, clients, shared, rng: Prng::new(seed ^ 0xac7), closed: HashMap::new() }
    }

    /// Works until there is nothing left to do for anybody.
    pub(crate) fn run(&mut self) {
        loop {
            self.shared.scheduler.turn();
            let acts = self.possible_acts();
            if acts.is_empty() {
                let (next_us, tick_us) = (self.next_event_us(), self.next_tick_us());
                if self.shared.scheduler.idle(next_us, tick_us) == Wakeup::Stop {
                    return;
                }
                continue;
            }
            if let Err(text) = self.shared.check_pause() {
                self.shared.scheduler.fail(text);
            }
            let act = acts[self.rng.below(acts.len() as u64) as usize];
            if let Err(text) = self.act(act) {
                self.shared.scheduler.fail(text);
            }
        }
    }

    fn possible_acts(&mut self) -> Vec<Act> {
        let engine = self.worker.engine().clone();
        let now_us = engine.clock.wall_us();
        let due = |at: Option<i64>| at.is_some_and(|at| at * 1000 <= now_us);
        let mut acts = Vec::new();
        if engine.workers[self.worker.index].mailbox.has_mail() || self.worker.has_messages() {
            acts.push(Act::ReadMail);
        }
        if due(self.worker.next_deadline_ms()) {
            acts.push(Act::EndWaits);
        }
        if self.worker.has_paused() && !engine.pause.is_active_at(now_us / 1000) {
            acts.push(Act::EndPauses);
        }
        if due(self.worker.next_expiry_ms().map(|at| at + 1)) {
            acts.push(Act::ExpireKeys);
        }
        if self.worker.has_to_evict() {
            acts.push(Act::EvictKeys);
        }
        for (at, client) in self.clients.iter().enumerate() {
            if client.can_step(now_us) {
                acts.push(Act::Step(at));
            }
            if client.has_input() {
                acts.push(Act::Read(at));
            }
            if client.reads_at_us().is_some_and(|at_us| at_us <= now_us) {
                acts.push(Act::Receive(at));
            }
        }
        acts
    }

    /// When something has to be done that keeps the run alive.
    fn next_event_us(&self) -> Option<i64> {
        let engine = self.worker.engine();
        let now_us = engine.clock.wall_us();
        let deadline = self.worker.next_deadline_ms();
        let paused = self.worker.has_paused().then(|| engine.pause.present(now_us / 1000)).flatten();
        let moments = [deadline.map(|at| at * 1000), paused.map(|paused| paused.until_ms * 1000)];
        let clients = self.clients.iter().filter(|client| client.can_step(i64::MAX));
        let steps = clients.map(|client| client.ready_at_us);
        let readings = self.clients.iter().filter_map(VirtualClient::reads_at_us);
        moments.into_iter().flatten().chain(steps).chain(readings).min()
    }

    fn next_tick_us(&mut self) -> Option<i64> {
        self.worker.next_expiry_ms().map(|at| (at + 1) * 1000)
    }

    fn act(&mut self, act: Act) -> Result<(), String> {
        match act {
            Act::ReadMail => self.read_mail(),
            Act::EndWaits => self.end_waits(),
            Act::EndPauses => self.end_pauses(),
            Act::ExpireKeys => {
                self.worker.expire_keys(EXPIRE_BUDGET_NS);
                self.end_turn()
            }
            Act::EvictKeys => {
                self.worker.evict_keys();
                self.end_turn()
            }
            Act::Step(client) => self.step(client),
            Act::Receive(client) => self.receive(client),
            Act::Read(client) => self.read(client),
        }
    }

    fn note(&self, client: usize, text: impl FnOnce() -> String) {
        self.shared.scheduler.note(|| format!("client {} {}", self.clients[client].index, text()));
    }

    /// Offers a client's input, sometimes only a part of it, to its session.
    fn read(&mut self, at: usize) -> Result<(), String> {
        let Some(connection) = &self.clients[at].connection else { return Ok(()) };
        let (offered, fresh) = (connection.offered, connection.input.len() - connection.offered);
        let part = if self.rng.below(8) == 0 { 1 + self.rng.below(fresh as u64) as usize } else { fresh };
        self.process(at, offered + part)
    }

    /// Runs the first `len` bytes of a client's input.
    fn process(&mut self, at: usize, len: usize) -> Result<(), String> {
        self.note(at, || "runs".into());
        self.deliver_messages()?;
        let Some(Connection { session, input, output, offered }) = &mut self.clients[at].connection else {
            return Ok(());
        };
        let (consumed, _) = self.worker.process(session, &input[..len], output);
        input.drain(..consumed);
        *offered = len - consumed;
        self.after_run(at)
    }

    fn after_run(&mut self, at: usize) -> Result<(), String> {
        self.end_turn()?;
        self.receive(at)
    }

    fn end_turn(&mut self) -> Result<(), String> {
        self.worker.end_turn();
        self.deliver_messages()
    }

    /// Gives the clients the messages that have come for them.
    fn deliver_messages(&mut self) -> Result<(), String> {
        if self.worker.has_messages() {
            let mut outputs = Outputs { clients: &mut self.clients, grown: Vec::new() };
            self.worker.deliver_messages(&mut outputs);
            for at in outputs.grown {
                self.receive(at)?;
            }
        }
        Ok(())
    }

    /// Lets a client have what has been written for it.
    fn receive(&mut self, at: usize) -> Result<(), String> {
        let stamp = self.shared.scheduler.stamp();
        let now_us = self.shared.scheduler.now_us();
        let client = &mut self.clients[at];
        if client.reads_at_us().is_some_and(|at_us| now_us < at_us) {
            if client.has_too_much() {
                self.close(at)?;
            }
            return Ok(());
        }
        client.receive(stamp)?;
        if client.has_paused(stamp) {
            self.shared.paused();
        }
        let Some(connection) = &client.connection else { return Ok(()) };
        let closing = connection.session.closing;
        if let Some(Blocked::Parked { .. }) = connection.session.blocked {
            client.parked(stamp);
            self.note(at, || format!("waits as {stamp}"));
        }
        if closing {
            self.close(at)?;
        }
        Ok(())
    }

    /// Lets a session go on that was blocked.
    fn resume(&mut self, at: usize) -> Result<(), String> {
        self.after_run(at)?;
        let Some(connection) = &self.clients[at].connection else { return Ok(()) };
        self.process(at, connection.input.len())
    }

    /// Closes a connection. What has been written for it arrives.
    fn close(&mut self, at: usize) -> Result<(), String> {
        self.note(at, || "is closed".into());
        let stamp = self.shared.scheduler.stamp();
        let client = &mut self.clients[at];
        client.receive(stamp)?;
        let waiting = client.lose_connection();
        let Some(mut connection) = client.connection.take() else { return Ok(()) };
        let id = connection.session.id;
        if let Some(call) = waiting {
            self.closed.insert(id, (at, call));
        }
        self.worker.close(&mut connection.session);
        self.clients[at].watch.close(stamp);
        self.clients[at].inbox.close(id, stamp, self.shared.scheduler.stamp());
        Ok(())
    }

    /// Closes all connections: the run is over.
    pub(crate) fn close_all(&mut self) -> Result<(), String> {
        (0..self.clients.len()).try_for_each(|at| self.close(at))
    }

    fn read_mail(&mut self) -> Result<(), String> {
        self.deliver_messages()?;
        let engine = self.worker.engine().clone();
        for mail in engine.workers[self.worker.index].mailbox.take() {
            self.handle(mail)?;
        }
        Ok(())
    }

    fn handle(&mut self, mail: Mail) -> Result<(), String> {
        match mail {
            Mail::Served { client_id, reply, after } => {
                if self.find(client_id).is_none() {
                    return self.served_too_late(client_id, &reply);
                }
                self.with_client(client_id, |worker, connection| {
                    worker.served(&mut connection.session, &reply, after, &mut connection.output);
                })
            }
            Mail::Migrated(migration) => {
                self.worker.migrated(migration);
                Ok(())
            }
            Mail::Unblock { client_id, with_error } => self.with_client(client_id, |worker, connection| {
                worker.unblock(&mut connection.session, with_error, &mut connection.output);
            }),
            Mail::Ripens { client_id, at_ms } => self.with_client(client_id, |worker, connection| {
                worker.ripens(&mut connection.session, at_ms);
            }),
            Mail::Kill { client_id } => self.find(client_id).map_or(Ok(()), |at| self.close(at)),
            Mail::PauseChanged => self.end_pauses(),
            Mail::JournalSafe | Mail::ConfigChanged | Mail::Stop => Ok(()),
        }
    }

    fn find(&self, client_id: u64) -> Option<usize> {
        position(&self.clients, client_id)
    }

    /// A client was served while its connection was closed: what it was given is lost, as with any server.
    fn served_too_late(&mut self, client_id: u64, reply: &[u8]) -> Result<(), String> {
        let Some((at, call)) = self.closed.remove(&client_id) else {
            return Err(format!("client id {client_id} was served though it wasn't waiting"));
        };
        let (value, _) = whole_reply(reply)?;
        self.clients[at].calls[call].replied = Some((self.shared.scheduler.stamp(), value));
        Ok(())
    }

    /// Lets `act` change a client's session, then lets the session go on.
    fn with_client(
        &mut self,
        client_id: u64,
        act: impl FnOnce(&mut Worker, &mut Connection),
    ) -> Result<(), String> {
        let Some(at) = self.find(client_id) else { return Ok(()) };
        self.worker.refresh();
        if let Some(connection) = &mut self.clients[at].connection {
            act(&mut self.worker, connection);
        }
        self.resume(at)
    }

    fn end_waits(&mut self) -> Result<(), String> {
        self.worker.refresh();
        while let Some(client_id) = self.worker.take_due() {
            self.with_client(client_id, |worker, connection| {
                worker.time_out(&mut connection.session, &mut connection.output);
            })?;
        }
        Ok(())
    }

    fn end_pauses(&mut self) -> Result<(), String> {
        for client_id in self.worker.take_paused() {
            self.with_client(client_id, |worker, connection| worker.unpause(&mut connection.session))?;
        }
        Ok(())
    }

    fn connect(&mut self, at: usize) {
        let engine = self.worker.engine().clone();
        let (id, now_us) = (engine.clients.next_id(), engine.clock.wall_us());
        let client = Arc::new(Client::new(id, self.worker.index, Peer::Embedded, -1, now_us));
        engine.clients.add(client.clone());
        let mut session = Session::new(client, true, Proto::Resp2);
        let client = &mut self.clients[at];
        session.seat = at;
        session.db = client.db;
        session.client.set_db(client.db);
        client.connection = Some(Connection { session, input: Vec::new(), offered: 0, output: Vec::new() });
        self.shared.ids[client.index].store(id, Relaxed);
    }

    fn step(&mut self, at: usize) -> Result<(), String> {
        if self.clients[at].connection.is_none() {
            self.connect(at);
        }
        if let Some((key, by)) = self.clients[at].adding.take() {
            let sum = (self.clients[at].read_sum() + by).to_string();
            let requests =
                [request(&[b"MULTI"]), request(&[b"SET", &key, sum.as_bytes()]), request(&[b"EXEC"])];
            self.send(at, &requests);
            return Ok(());
        }
        let Some(step) = self.clients[at].steps.pop_front() else { return Ok(()) };
        self.note(at, || format!("does: {step}"));
        self.take_step(at, step)
    }

    fn take_step(&mut self, at: usize, step: Step) -> Result<(), String> {
        let engine = self.worker.engine().clone();
        let now_us = engine.clock.wall_us();
        match step {
            Step::Send { requests, .. } => self.send(at, &requests),
            Step::Add { key, by } => {
                self.send(at, &[request(&[b"WATCH", &key]), request(&[b"GET", &key])]);
                self.clients[at].adding = Some((key, by));
            }
            Step::Think { us } => self.clients[at].ready_at_us = now_us + us,
            Step::Doze { us } => self.clients[at].awake_at_us = now_us + us,
            Step::Disconnect => self.close(at)?,
            Step::Kill { client } => {
                engine.kill(self.id_of(client));
            }
            Step::Unblock { client, with_error } => {
                engine.unblock(self.id_of(client), with_error);
            }
            Step::Pause { ms, all } => {
                let mode: &[u8] = if all { b"ALL" } else { b"WRITE" };
                self.send(at, &[request(&[b"CLIENT", b"PAUSE", ms.to_string().as_bytes(), mode])]);
            }
            Step::Unpause => {
                self.shared.unpauses();
                self.send(at, &[request(&[b"CLIENT", b"UNPAUSE"])]);
            }
            Step::Cut => self.shared.cut(),
        }
        Ok(())
    }

    fn send(&mut self, at: usize, requests: &[crate::plan::Request]) {
        let stamp = self.shared.scheduler.stamp();
        let shared = self.shared.clone();
        self.clients[at].send(requests, stamp, |client| shared.ids[client].load(Relaxed));
    }

    /// The number of a client's present connection.
    fn id_of(&self, client: usize) -> u64 {
        self.shared.ids[client].load(Relaxed)
    }
}

/// The outputs of a worker's clients; notes whose have grown.
struct Outputs<'a> {
    clients: &'a mut [VirtualClient],
    grown: Vec<usize>,
}

impl engine::Outputs for Outputs<'_> {
    fn push(&mut self, to: Seat, message: &Push, after: Offset) {
        let Some(connection) = &mut self.clients[to].connection else { return };
        message.write(&connection.session, &mut connection.output);
        connection.session.depend_on(after);
        self.grown.push(to);
    }

    fn seat_of(&self, client_id: u64) -> Option<Seat> {
        position(self.clients, client_id)
    }

    fn is_to_be_answered(&self, seat: Seat) -> bool {
        self.clients[seat]
            .connection
            .as_ref()
            .is_some_and(|connection| connection.session.is_to_be_answered())
    }
}

fn position(clients: &[VirtualClient], client_id: u64) -> Option<usize> {
    let is = |client: &VirtualClient| client.connection.as_ref().is_some_and(|c| c.session.id == client_id);
    clients.iter().position(is)
}
