//! A worker's event loop: read all ready sockets, execute, then write once per connection.

mod completions;
mod messages;
mod output;

use crate::connection::{Connection, Intake};
use crate::edge::{Edge, Events};
use crate::listen::Listener;
use crate::poller::{Poller, Ready};
use crate::ring::Ring;
use crate::shared::Shared;
use crate::signals::StopSignals;
use crate::wake::Bell;
use engine::{Client, ClientClass, Mail, Peer, Session, Worker};
use resp::Proto;
use rustix::io::Errno;
use slab::Slab;
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Bytes read from one connection in one turn: bounds what a single client can make the others wait.
const READ_BYTES: usize = 64 << 10;
/// Room that is made at least for a value that is larger.
const LARGE_READ_BYTES: usize = 1 << 20;
/// Room for the rest of a request of which little is missing, or isn't known how much.
const SMALL_READ_BYTES: usize = 16 << 10;
/// The longest sleep: the rhythm of periodic duties.
const TICK: Duration = Duration::from_millis(100);
/// Time for expired keys in one turn.
const EXPIRE_BUDGET_NS: u64 = 500_000;

const BELL: u64 = u64::MAX;
const SIGNAL: u64 = u64::MAX - 1;
const FIRST_LISTENER: u64 = u64::MAX - 1024;

/// One worker with its sockets.
pub(crate) struct WorkerLoop {
    worker: Worker,
    shared: Arc<Shared>,
    edge: Edge,
    bell: Bell,
    /// The process' signals, if this worker looks after them.
    signals: Option<StopSignals>,
    listeners: Vec<Arc<Listener>>,
    connections: Slab<Connection>,
    by_client: HashMap<u64, usize>,
    /// Connections with output, to be written at the end of the turn.
    to_write: Vec<usize>,
    to_close: Vec<usize>,
    /// Connections with replies that wait for the journal to be safe.
    awaiting: Vec<usize>,
    buffer: Vec<u8>,
    stopping: bool,
    last_tick_ns: u64,
}

impl WorkerLoop {
    /// A worker's loop, with io_uring if a `ring` is given; with `signals` it looks after these too.
    pub(crate) fn new(
        worker: Worker,
        shared: Arc<Shared>,
        ring: Option<Ring>,
        bell: Bell,
        signals: Option<StopSignals>,
    ) -> io::Result<WorkerLoop> {
        let poller = Poller::new()?;
        poller.add(bell.as_fd(), BELL)?;
        if let Some(signals) = &signals {
            poller.add(signals.as_fd(), SIGNAL)?;
        }
        let listeners: Vec<_> = shared.listeners.lock().clone();
        for (at, listener) in listeners.iter().enumerate() {
            poller.add_shared(listener.as_fd(), FIRST_LISTENER + at as u64)?;
        }
        Ok(WorkerLoop {
            worker,
            shared,
            edge: Edge { ring, poller },
            bell,
            signals,
            listeners,
            connections: Slab::new(),
            by_client: HashMap::new(),
            to_write: Vec::new(),
            to_close: Vec::new(),
            awaiting: Vec::new(),
            buffer: Vec::with_capacity(READ_BYTES),
            stopping: false,
            last_tick_ns: 0,
        })
    }

    /// Runs until the server stops.
    pub(crate) fn run(mut self) {
        let mut events = Events::default();
        if let Err(error) = self.edge.enable() {
            panic!("beginning to wait for sockets failed: {error}");
        }
        while !self.stopping {
            let timeout = self.sleep_time();
            if let Err(error) = self.edge.wait(timeout, &mut events) {
                panic!("waiting for sockets failed: {error}");
            }
            self.turn(&mut events);
        }
        self.edge.submit();
        for (_, mut connection) in std::mem::take(&mut self.connections) {
            connection.release(&self.worker.engine().aof.gate);
            let _ = connection.flush();
        }
    }

    fn turn(&mut self, events: &mut Events) {
        let start_ns = self.worker.engine().clock.monotonic_ns();
        self.deliver_messages();
        self.take_completions(&mut events.completions);
        for event in &events.ready {
            match event.token {
                BELL => self.bell.quiet(),
                SIGNAL => self.take_signal(),
                token if token >= FIRST_LISTENER => self.accept((token - FIRST_LISTENER) as usize),
                token => self.serve(token as usize, *event),
            }
        }
        self.read_mail();
        self.end_waits();
        self.tick(start_ns);
        self.worker.end_turn();
        self.deliver_messages();
        self.release_replies();
        self.write_all();
        self.close_all();
        self.worker.evict_clients();
        let stats = self.worker.stats();
        stats.turns.add(1);
        stats.turn_ns.add(self.worker.engine().clock.monotonic_ns().saturating_sub(start_ns));
    }

    fn take_signal(&mut self) {
        if let Some(signal) = self.signals.as_ref().and_then(StopSignals::take) {
            self.shared.signalled(signal);
        }
    }

    /// Until the next deadline, at most a tick.
    fn sleep_time(&mut self) -> Duration {
        let has_mail = self.worker.engine().workers[self.worker.index].mailbox.has_mail();
        if has_mail || !self.to_write.is_empty() || self.worker.has_to_evict() {
            return Duration::ZERO;
        }
        let mut next = self.worker.next_expiry_ms();
        if let Some(at) = self.worker.next_deadline_ms() {
            next = Some(next.map_or(at, |other| other.min(at)));
        }
        let Some(at) = next else { return TICK };
        let now_us = self.worker.engine().clock.wall_us();
        // A key's or a waiter's time is over once its millisecond is past.
        let left_us = (at + 1).saturating_mul(1000).saturating_sub(now_us).max(0);
        Duration::from_micros(left_us as u64).min(TICK)
    }

    fn accept(&mut self, listener: usize) {
        let Some(listener) = self.listeners.get(listener).cloned() else { return };
        for _ in 0..self.shared.accepts_per_turn() {
            match listener.accept() {
                Ok(Some((socket, peer))) => self.admit(socket, peer, &listener),
                Ok(None) => return,
                Err(error) => {
                    self.shared.log_accept_error(&error);
                    return;
                }
            }
        }
    }

    /// Refuses a new connection, or gives it to the worker with the fewest.
    fn admit(&mut self, socket: OwnedFd, peer: Peer, listener: &Listener) {
        if let Err(text) = self.shared.may_connect(&peer) {
            let _ = rustix::net::send(&socket, text.as_bytes(), rustix::net::SendFlags::NOSIGNAL);
            return;
        }
        listener.prepare(&socket, self.shared.keepalive_s());
        self.worker.engine().stats.connections.fetch_add(1, Relaxed);
        let to = self.shared.least_loaded(self.worker.index);
        if to == self.worker.index {
            self.adopt(socket, peer);
        } else {
            self.shared.hand_over(to, socket, peer);
        }
    }

    fn adopt(&mut self, socket: OwnedFd, peer: Peer) {
        let engine = self.worker.engine().clone();
        let id = engine.clients.next_id();
        let now_us = engine.clock.wall_us();
        let client = Arc::new(Client::new(id, self.worker.index, peer, socket.as_raw_fd(), now_us));
        engine.clients.add(client.clone());
        self.worker.weigh_client(&client);
        let open = engine.settings().password.is_empty();
        let mut session = Session::new(client, open, Proto::Resp2);
        let entry = self.connections.vacant_entry();
        let token = entry.key();
        session.seat = token;
        let mut connection = Connection::new(socket, session);
        if self.edge.welcome(&mut connection, token).is_err() {
            engine.clients.take(id);
            self.shared.left(self.worker.index);
            return;
        }
        entry.insert(connection);
        self.by_client.insert(id, token);
    }

    fn serve(&mut self, token: usize, event: Ready) {
        if event.writable {
            self.flush(token);
        }
        let reads = |connection: &Connection| connection.intake == Intake::Poller;
        if event.readable && self.connections.get(token).is_some_and(reads) {
            self.read(token);
        }
    }

    /// Reads what has arrived, within the turn's bound, and runs it.
    fn read(&mut self, token: usize) {
        let connection = &mut self.connections[token];
        let direct = connection.input.is_empty();
        let buffer = if direct { &mut self.buffer } else { &mut connection.input };
        let room = if direct { READ_BYTES } else { reading_room(&connection.session, buffer.len()) };
        if direct {
            buffer.clear();
        }
        // Growing by a factor unless it is known how much is to come.
        if room <= SMALL_READ_BYTES {
            buffer.reserve(room)
        } else {
            buffer.reserve_exact(room)
        }
        let read = rustix::io::read(&connection.socket, rustix::buffer::spare_capacity(buffer));
        match read {
            Ok(0) => self.to_close.push(token),
            Ok(count) => {
                if !direct && room > SMALL_READ_BYTES {
                    self.weigh_large(token);
                }
                self.received(token, count, direct);
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.to_close.push(token),
        }
    }

    fn received(&mut self, token: usize, count: usize, direct: bool) {
        self.deliver_messages();
        self.count_received(token, count);
        let connection = &mut self.connections[token];
        if connection.session.blocked.is_some() {
            if direct {
                connection.input.extend_from_slice(&self.buffer);
            }
            return self.check_query_limit(token);
        }
        let start = connection.output.len();
        let Connection { session, input, output, .. } = connection;
        if direct {
            let (consumed, _) = self.worker.process(session, &self.buffer, output);
            input.extend_from_slice(&self.buffer[consumed..]);
        } else {
            let (consumed, _) = self.worker.process(session, input, output);
            drop_front(input, consumed);
        }
        self.after_run(token, start);
        self.end_bulk(token, count);
    }

    fn count_received(&self, token: usize, count: usize) {
        let stats = self.worker.stats();
        stats.reads.add(1);
        stats.received_bytes.add(count as u64);
        let client = &self.connections[token].session.client;
        client.received_bytes.store(client.received_bytes.load(Relaxed) + count as u64, Relaxed);
    }

    /// Lets a session go on that was blocked, and that has been answered from this length of its output on.
    fn resume(&mut self, token: usize, start: usize) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        let Connection { session, input, output, .. } = connection;
        let (consumed, _) = self.worker.process(session, input, output);
        drop_front(input, consumed);
        self.after_run(token, start);
    }

    /// A session has run, and has been answered from this length of its output on.
    fn after_run(&mut self, token: usize, start: usize) {
        let connection = &mut self.connections[token];
        let gate = &self.worker.engine().aof.gate;
        connection.hold_back_or_list(start, gate, token, &mut self.awaiting);
        connection.publish_buffers();
        self.queue_write(token);
        self.weigh(token);
        self.check_query_limit(token);
        self.deliver_messages();
    }

    /// Counts what a client holds of a large request before that is run: it isn't, if it is too large.
    fn weigh_large(&self, token: usize) {
        let connection = &self.connections[token];
        connection.publish_buffers();
        self.worker.weigh_client(&connection.session.client);
        self.worker.evict_clients();
    }

    /// Counts what a client holds, unless it is about to be sent something: it is counted after that.
    fn weigh(&self, token: usize) {
        let connection = &self.connections[token];
        if !connection.queued {
            self.worker.weigh_client(&connection.session.client);
        }
    }

    fn check_query_limit(&mut self, token: usize) {
        let connection = &self.connections[token];
        let bytes = connection.input.len() + connection.session.pending_bytes();
        if bytes as u64 > self.shared.query_buffer_limit() {
            self.worker.stats().query_limit_closed.add(1);
            self.shared.log_query_limit(&connection.session);
            self.to_close.push(token);
        }
    }

    fn read_mail(&mut self) {
        let engine = self.worker.engine().clone();
        let mailbox = &engine.workers[self.worker.index].mailbox;
        if mailbox.has_mail() {
            for mail in mailbox.take() {
                self.handle(mail);
            }
        }
        for (socket, peer) in self.shared.take_handed_over(self.worker.index) {
            self.adopt(socket, peer);
        }
    }

    fn handle(&mut self, mail: Mail) {
        match mail {
            Mail::Served { client_id, reply, after } => self.with_client(client_id, |worker, connection| {
                worker.served(&mut connection.session, &reply, after, &mut connection.output);
            }),
            Mail::Migrated(migration) => self.worker.migrated(migration),
            Mail::JournalSafe => self.end_offset_waits(),
            Mail::Unblock { client_id, with_error } => self.with_client(client_id, |worker, connection| {
                worker.unblock(&mut connection.session, with_error, &mut connection.output);
            }),
            Mail::Ripens { client_id, at_ms } => self.with_client(client_id, |worker, connection| {
                worker.ripens(&mut connection.session, at_ms);
            }),
            Mail::Kill { client_id } => {
                if let Some(token) = self.by_client.get(&client_id) {
                    self.to_close.push(*token);
                }
            }
            Mail::PauseChanged => self.end_pauses(),
            Mail::ConfigChanged => self.reconfigure(),
            Mail::Stop => self.stopping = true,
        }
    }

    /// Lets `act` change a client's session, then lets the session go on.
    fn with_client(&mut self, client_id: u64, act: impl FnOnce(&mut Worker, &mut Connection)) {
        let Some(token) = self.by_client.get(&client_id).copied() else { return };
        self.worker.refresh();
        let start = self.connections[token].output.len();
        act(&mut self.worker, &mut self.connections[token]);
        self.resume(token, start);
    }

    /// Sessions that have waited for the journal to be safe.
    fn end_offset_waits(&mut self) {
        self.worker.refresh();
        while let Some(client_id) = self.worker.take_acknowledged() {
            self.with_client(client_id, |worker, connection| {
                worker.acknowledge(&mut connection.session, &mut connection.output);
            });
        }
    }

    /// Lets replies go that the journal is safe for by now, and sees to it that the worker is woken for the others.
    fn release_replies(&mut self) {
        if self.awaiting.is_empty() {
            return;
        }
        let engine = self.worker.engine().clone();
        // First, so that progress made while the connections are looked at isn't missed.
        engine.aof.gate.wait(self.worker.index);
        let mut awaiting = std::mem::take(&mut self.awaiting);
        awaiting.retain(|token| {
            let Some(connection) = self.connections.get_mut(*token) else { return false };
            connection.release(&engine.aof.gate);
            connection.awaits_journal = connection.holds();
            let holds = connection.holds();
            self.queue_write(*token);
            holds
        });
        self.awaiting = awaiting;
    }

    /// Sessions whose deadline has passed.
    fn end_waits(&mut self) {
        if self.worker.next_deadline_ms().is_none() {
            return;
        }
        self.worker.refresh();
        while let Some(client_id) = self.worker.take_due() {
            self.with_client(client_id, |worker, connection| {
                worker.time_out(&mut connection.session, &mut connection.output);
            });
        }
    }

    fn end_pauses(&mut self) {
        for client_id in self.worker.take_paused() {
            self.with_client(client_id, |worker, connection| worker.unpause(&mut connection.session));
        }
    }

    fn reconfigure(&mut self) {
        let listeners: Vec<_> = self.shared.listeners.lock().clone();
        for listener in &self.listeners {
            self.edge.poller.remove(listener.as_fd());
        }
        for (at, listener) in listeners.iter().enumerate() {
            if let Err(error) = self.edge.poller.add_shared(listener.as_fd(), FIRST_LISTENER + at as u64) {
                self.shared.log_accept_error(&error);
            }
        }
        self.listeners = listeners;
    }

    /// Periodic duties, and keys whose time is over.
    fn tick(&mut self, now_ns: u64) {
        self.worker.expire_keys(EXPIRE_BUDGET_NS);
        self.worker.evict_keys();
        if now_ns.saturating_sub(self.last_tick_ns) < TICK.as_nanos() as u64 {
            return;
        }
        self.last_tick_ns = now_ns;
        if self.worker.engine().duties_paused() {
            return;
        }
        if self.worker.has_paused()
            && !self.worker.engine().pause.is_active_at(self.worker.engine().clock.wall_us() / 1000)
        {
            self.end_pauses();
        }
        self.worker.tick();
        self.close_idle();
        self.close_slow_readers();
    }

    fn close_idle(&mut self) {
        let Some(timeout_us) = self.shared.idle_timeout_us() else { return };
        let now_us = self.worker.engine().clock.wall_us();
        let idle = |connection: &Connection| {
            let since = connection.session.client.active_us.load(Relaxed);
            let client = &connection.session.client;
            let listens = client.class() == ClientClass::PubSub || client.monitors.load(Relaxed);
            connection.session.blocked.is_none() && !listens && now_us - since > timeout_us
        };
        let idle = self.connections.iter().filter(|(_, connection)| idle(connection)).map(|(token, _)| token);
        self.to_close.extend(idle);
    }

    fn close_all(&mut self) {
        if self.to_close.is_empty() {
            return;
        }
        let mut to_close = std::mem::take(&mut self.to_close);
        to_close.sort_unstable();
        to_close.dedup();
        to_close.retain(|token| self.connections.contains(*token));
        for token in &to_close {
            self.edge.forget(&self.connections[*token], *token);
        }
        self.edge.submit();
        for token in to_close {
            let mut connection = self.connections.remove(token);
            self.by_client.remove(&connection.session.id);
            self.worker.close(&mut connection.session);
            self.shared.left(self.worker.index);
        }
    }
}

/// How many bytes to make room for behind a part of a request: what it still needs, but at most three times what has
/// come. So who announces much gets memory only for what he sends, and a large value is moved few times.
fn reading_room(session: &Session, have: usize) -> usize {
    session.wanted_bytes(have).clamp(SMALL_READ_BYTES, LARGE_READ_BYTES.max(3 * have))
}

fn drop_front(input: &mut Vec<u8>, consumed: usize) {
    if consumed == input.len() {
        *input = Vec::new();
    } else if consumed > 0 {
        input.drain(..consumed);
    }
}
