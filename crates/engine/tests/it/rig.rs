//! An engine with one worker, clients that are buffers, and a host that remembers what it was told.

use config::{Config, NoFiles};
use journal::Offset;
use keyspace::Garbage;
use parking_lot::Mutex;
use redstart_engine::{
    ApplyError, Client, Clock, Engine, Facts, Freer, Host, Level, Mail, Mailbox, Parts, Peer, Push, Seat,
    Session, Wake, Worker, WorkerHandle, WorkerStats,
};
use resp::Proto;
use resp::reply::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// The moment at which every test begins, microseconds since the epoch.
const START_US: i64 = 1_700_000_000_000_000;

/// An engine and its clients.
pub(crate) struct Rig {
    pub(crate) host: Arc<Memory>,
    pub(crate) engine: Arc<Engine>,
    clock: Arc<ManualClock>,
    worker: Worker,
    clients: BTreeMap<u64, Connection>,
}

struct Connection {
    session: Session,
    /// What stands behind a request that blocks.
    input: Vec<u8>,
    output: Vec<u8>,
    open: bool,
}

/// A number in INFO, as this client is told it.
pub(crate) fn info(rig: &mut Rig, client: u64, field: &str) -> i64 {
    let Value::Bulk(text) = rig.ask(client, "INFO").remove(0) else { panic!("INFO answers text") };
    let text = String::from_utf8(text).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.expect("the field is there").parse().expect("a number")
}

impl Rig {
    /// A server with the default configuration, but without save points.
    pub(crate) fn new() -> Rig {
        Rig::configured("save \"\"")
    }

    /// A server with this configuration file.
    pub(crate) fn configured(text: &str) -> Rig {
        let config = Config::load(text.as_bytes(), &mut NoFiles).expect("a valid configuration").config;
        let host = Arc::new(Memory { file: Mutex::new(Some(text.as_bytes().to_vec())), ..Memory::default() });
        let clock = Arc::new(ManualClock(AtomicI64::new(START_US)));
        let engine = Arc::new(Engine::new(parts(config, host.clone(), clock.clone())));
        let worker = Worker::new(engine.clone(), 0, 1);
        Rig { host, engine, clock, worker, clients: BTreeMap::new() }
    }

    /// Connects a client; answers its id.
    pub(crate) fn connect(&mut self) -> u64 {
        self.connect_from(Peer::Embedded)
    }

    /// Connects a client that is somewhere else.
    pub(crate) fn connect_from(&mut self, peer: Peer) -> u64 {
        let id = self.engine.clients.next_id();
        let client = Arc::new(Client::new(id, 0, peer, -1, self.clock.wall_us()));
        self.engine.clients.add(client.clone());
        let authenticated = self.engine.settings().password.is_empty();
        let mut session = Session::new(client, authenticated, Proto::Resp2);
        session.seat = id as usize;
        self.clients.insert(id, Connection { session, input: Vec::new(), output: Vec::new(), open: true });
        id
    }

    /// Sends a line of quoted words, or bytes as they are if the line ends with a line break.
    pub(crate) fn send(&mut self, client: u64, line: &str) {
        let input = if line.ends_with('\n') {
            line.as_bytes().to_vec()
        } else {
            let words = base::quote::split_args(line.as_bytes()).expect("balanced quotes");
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let mut bytes = Vec::new();
            resp::push_command(&mut bytes, &words);
            bytes
        };
        self.run(client, &input);
        self.settle();
    }

    /// Sends a line and takes what has arrived for the client since it was asked last.
    pub(crate) fn ask(&mut self, client: u64, line: &str) -> Vec<Value> {
        self.send(client, line);
        self.arrived(client)
    }

    /// Takes what has arrived for a client since it was asked last.
    pub(crate) fn arrived(&mut self, client: u64) -> Vec<Value> {
        let connection = self.clients.get_mut(&client).expect("connected");
        let bytes = std::mem::take(&mut connection.output);
        let (mut at, mut replies) = (0, Vec::new());
        while at < bytes.len() {
            let (value, len) =
                resp::reply::parse_reply(&bytes[at..]).expect("well-formed").expect("complete");
            replies.push(value);
            at += len;
        }
        replies
    }

    /// Bytes that have arrived for a client since it was asked last.
    pub(crate) fn unread_bytes(&self, client: u64) -> usize {
        self.clients[&client].output.len()
    }

    /// Whether the server has closed a client's connection, or is about to.
    pub(crate) fn is_closed(&self, client: u64) -> bool {
        let connection = &self.clients[&client];
        !connection.open || connection.session.closing
    }

    /// Closes a client's connection.
    pub(crate) fn close(&mut self, client: u64) {
        self.deliver(Mail::Kill { client_id: client });
    }

    /// Does what the worker does now and then.
    pub(crate) fn tick(&mut self) {
        self.worker.tick();
    }

    /// Lets time pass.
    pub(crate) fn advance_ms(&mut self, ms: i64) {
        self.clock.0.fetch_add(ms * 1000, Ordering::Relaxed);
        self.worker.refresh();
        while let Some(client) = self.worker.take_due() {
            self.with(client, |worker, connection| {
                worker.time_out(&mut connection.session, &mut connection.output);
            });
        }
        if self.worker.has_paused() && !self.engine.pause.is_active_at(self.clock.wall_us() / 1000) {
            self.end_pauses();
        }
        self.settle();
    }

    /// Does what is left of eviction at the end of a turn; answers whether there is still something to do.
    pub(crate) fn evict(&mut self) -> bool {
        self.worker.evict_keys();
        self.worker.has_to_evict()
    }

    fn run(&mut self, client: u64, input: &[u8]) {
        let Connection { session, input: buffer, output, open } =
            self.clients.get_mut(&client).expect("connected");
        buffer.extend_from_slice(input);
        if *open && session.blocked.is_none() {
            let (consumed, _) = self.worker.process(session, buffer, output);
            buffer.drain(..consumed);
        }
        self.worker.end_turn();
        self.deliver_messages();
        self.end_turn_of(client);
    }

    /// Counts what a client has sent of a request, and evicts clients if all of them together hold too much. What was
    /// answered is as good as sent.
    fn end_turn_of(&mut self, client: u64) {
        let Connection { session, input, .. } = &self.clients[&client];
        session.client.publish_buffers((input.len(), input.len()), (0, 0));
        self.worker.weigh_client(&session.client);
        self.worker.evict_clients();
    }

    /// A client has been answered so many bytes, which are to be sent at the end of the turn; that goes on.
    pub(crate) fn hold_output(&mut self, client: u64, bytes: usize) {
        self.clients[&client].session.client.publish_buffers((0, 0), (bytes, bytes));
    }

    fn deliver_messages(&mut self) {
        let mut outputs = Outputs(&mut self.clients);
        self.worker.deliver_messages(&mut outputs);
    }

    /// Delivers mail until there is none.
    /// What a worker does now and then, though nobody asks for it.
    pub(crate) fn do_duties(&mut self) {
        self.worker.tick();
        self.worker.expire_keys(u64::MAX / 2);
    }

    fn settle(&mut self) {
        while self.engine.workers[0].mailbox.has_mail() {
            for mail in self.engine.workers[0].mailbox.take() {
                self.deliver(mail);
            }
        }
    }

    fn deliver(&mut self, mail: Mail) {
        match mail {
            Mail::Served { client_id, reply, after } => self.with(client_id, |worker, connection| {
                worker.served(&mut connection.session, &reply, after, &mut connection.output);
            }),
            Mail::Migrated(migration) => self.worker.migrated(migration),
            Mail::Unblock { client_id, with_error } => self.with(client_id, |worker, connection| {
                worker.unblock(&mut connection.session, with_error, &mut connection.output);
            }),
            Mail::Ripens { client_id, at_ms } => self.with(client_id, |worker, connection| {
                worker.ripens(&mut connection.session, at_ms);
            }),
            Mail::Kill { client_id } => self.with(client_id, |worker, connection| {
                worker.close(&mut connection.session);
                connection.open = false;
            }),
            Mail::PauseChanged => self.end_pauses(),
            Mail::JournalSafe | Mail::ConfigChanged | Mail::Stop => {}
        }
    }

    fn end_pauses(&mut self) {
        for client in self.worker.take_paused() {
            self.with(client, |worker, connection| worker.unpause(&mut connection.session));
        }
    }

    /// Lets `act` change a client's session, then lets the session go on.
    fn with(&mut self, client: u64, act: impl FnOnce(&mut Worker, &mut Connection)) {
        self.worker.refresh();
        let connection = self.clients.get_mut(&client).expect("connected");
        act(&mut self.worker, connection);
        self.run(client, b"");
    }
}

/// The outputs of all clients.
struct Outputs<'a>(&'a mut BTreeMap<u64, Connection>);

impl redstart_engine::Outputs for Outputs<'_> {
    fn push(&mut self, to: Seat, message: &Push, after: Offset) {
        if let Some(connection) = self.0.get_mut(&(to as u64)).filter(|connection| connection.open) {
            message.write(&connection.session, &mut connection.output);
            connection.session.depend_on(after);
        }
    }

    fn seat_of(&self, client_id: u64) -> Option<Seat> {
        self.0.contains_key(&client_id).then_some(client_id as usize)
    }

    fn is_to_be_answered(&self, seat: Seat) -> bool {
        self.0[&(seat as u64)].session.is_to_be_answered()
    }
}

fn parts(config: Config, host: Arc<Memory>, clock: Arc<ManualClock>) -> Parts {
    let registry = redstart_engine::registry_of(&config).expect("commands can be renamed so");
    let stats = Arc::new(WorkerStats::new(registry.all().len()));
    Parts {
        shards: keyspace::Shards::new(4, 1, None),
        workers: vec![WorkerHandle { mailbox: Mailbox::new(Box::new(Deaf)), stats }],
        registry,
        clock,
        freer: Box::new(FreeNow),
        host,
        config,
        replication_id: String::new(),
        run_id: "0".repeat(40),
    }
}

struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn wall_us(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn monotonic_ns(&self) -> u64 {
        (self.wall_us() as u64 - START_US as u64) * 1000
    }
}

struct Deaf;

impl Wake for Deaf {
    fn wake(&self) {}
}

struct FreeNow;

impl Freer for FreeNow {
    fn free(&self, values: Vec<Garbage>) {
        drop(values);
    }
}

/// A host that remembers.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) log: Mutex<Vec<String>>,
    pub(crate) stopped: AtomicBool,
    pub(crate) file: Mutex<Option<Vec<u8>>>,
    /// A directive that can't be put in force.
    pub(crate) refused: Mutex<Option<&'static str>>,
}

/// Gives way to nobody.
struct Restless;

impl redstart_engine::Pace for Restless {
    fn give_way(&mut self) {}
}

impl Host for Memory {
    fn apply(&self, _: &Config, _: &mut Config) -> Result<(), ApplyError> {
        match *self.refused.lock() {
            Some(directive) => Err(ApplyError { directive, reason: "the host refuses".into() }),
            None => Ok(()),
        }
    }

    fn read_config_file(&self) -> std::io::Result<Option<Vec<u8>>> {
        Ok(self.file.lock().clone())
    }

    fn write_config_file(&self, text: &[u8]) -> std::io::Result<()> {
        *self.file.lock() = Some(text.to_vec());
        Ok(())
    }

    fn create_file(
        &self,
        _: &[u8],
        _: redstart_engine::Flush,
    ) -> std::io::Result<Box<dyn redstart_engine::NewFile>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn open_file(&self, _: &[u8]) -> std::io::Result<Option<redstart_engine::OldFile>> {
        Ok(None)
    }

    fn disk(&self) -> Arc<dyn journal::disk::Disk> {
        Arc::new(journal::disk::NoDisk)
    }

    fn spawn(
        &self,
        _: &str,
        _: redstart_engine::Urgency,
        work: Box<dyn FnOnce() + Send>,
    ) -> std::io::Result<()> {
        std::thread::Builder::new().spawn(work).map(drop)
    }

    fn connect(
        &self,
        _: &str,
        _: u16,
        _: std::time::Duration,
    ) -> std::io::Result<Box<dyn redstart_engine::Link>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn pace(&self) -> Box<dyn redstart_engine::Pace> {
        Box::new(Restless)
    }

    fn facts(&self) -> Facts {
        Facts::default()
    }

    fn log(&self, _: Level, text: &str) {
        self.log.lock().push(text.to_owned());
    }

    fn sleep_us(&self, _: u64) {}

    fn purge_memory(&self) {}

    fn allocator_statistics(&self) -> String {
        String::new()
    }

    fn crash(&self) {}

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}
