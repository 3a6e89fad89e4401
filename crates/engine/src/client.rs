//! What the server knows of its clients: the registry behind CLIENT LIST, and each client's figures.
//!
//! A client's figures are written by its worker alone and read by anybody, hence relaxed atomics.

use crate::session::Multi;
use command::{Claim, WaiterRef};
use config::{BufferLimit, OutputBufferLimits};
use keyspace::{DbIndex, DirtyFlag, Tracker};
use parking_lot::{Mutex, RwLock};
use resp::Proto;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Where a client connected from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Peer {
    /// TCP: its address and ours, as `ip:port`.
    Tcp {
        /// The client's.
        remote: String,
        /// Ours.
        local: String,
        /// Whether the client is on this machine.
        loopback: bool,
    },
    /// The unix socket at this path.
    Unix(String),
    /// No connection: an embedded client, a test.
    Embedded,
}

impl Peer {
    /// What CLIENT LIST shows as `addr`.
    pub fn remote(&self) -> String {
        match self {
            Peer::Tcp { remote, .. } => remote.clone(),
            Peer::Unix(path) => format!("{path}:0"),
            Peer::Embedded => "embedded:0".into(),
        }
    }

    /// What CLIENT LIST shows as `laddr`.
    pub fn local(&self) -> String {
        match self {
            Peer::Tcp { local, .. } => local.clone(),
            Peer::Unix(path) => format!("{path}:0"),
            Peer::Embedded => "embedded:0".into(),
        }
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        !matches!(self, Peer::Tcp { loopback: false, .. })
    }
}

/// Texts that a client gives about itself.
#[derive(Clone, Default, Debug)]
pub struct Labels {
    /// CLIENT SETNAME.
    pub name: Vec<u8>,
    /// CLIENT SETINFO LIB-NAME.
    pub library_name: Vec<u8>,
    /// CLIENT SETINFO LIB-VER.
    pub library_version: Vec<u8>,
    /// The authenticated user.
    pub user: Vec<u8>,
}

impl Labels {
    /// Forgets what RESET forgets: the name and the login, not the library.
    pub fn reset(&mut self) {
        self.name = Vec::new();
        self.user = b"default".to_vec();
    }
}

/// The present wait of a blocked client, for CLIENT UNBLOCK.
pub enum Wait {
    /// For a key.
    Parked(WaiterRef),
    /// For an offset.
    Offset(Arc<Claim>),
    /// For another server: only that, or its silence, ends the wait.
    Elsewhere,
}

impl Wait {
    /// Takes the right to answer away from everybody else; false if somebody has answered already.
    pub fn cancel(&self) -> bool {
        match self {
            Wait::Parked(waiter) => waiter.claim.cancel(),
            Wait::Offset(claim) => claim.cancel(),
            Wait::Elsewhere => false,
        }
    }
}

/// Classes of clients, as CLIENT LIST TYPE and the limits of output buffers tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientClass {
    /// Sends commands.
    Normal,
    /// The server that this one is a replica of.
    Primary,
    /// A replica of this server.
    Replica,
    /// Subscribed to channels.
    PubSub,
}

impl ClientClass {
    /// What a client of this class may have unread.
    pub fn output_limit(self, limits: &OutputBufferLimits) -> BufferLimit {
        match self {
            ClientClass::PubSub => limits.pubsub,
            ClientClass::Normal | ClientClass::Primary | ClientClass::Replica => limits.normal,
        }
    }
}

/// Output that isn't held against the limits before it is sent: Redis' limits don't count the buffer of this size either.
/// It fits into a socket nearly always.
pub const SMALL_OUTPUT: usize = 16 << 10;

/// A client as others see it.
pub struct Client {
    /// CLIENT ID.
    pub id: u64,
    /// The worker that serves it.
    pub worker: usize,
    /// Where it comes from.
    pub peer: Peer,
    /// The socket's file descriptor, -1 without one.
    pub fd: i32,
    /// When it connected, microseconds since the epoch.
    pub connected_us: i64,
    /// When its last command came in, microseconds since the epoch.
    pub active_us: AtomicI64,
    /// The selected database.
    pub db: AtomicU32,
    /// The last command's number, `u16::MAX` before the first.
    pub command: AtomicU16,
    /// Commands run.
    pub commands: AtomicU64,
    /// Bytes received.
    pub received_bytes: AtomicU64,
    /// Bytes sent.
    pub sent_bytes: AtomicU64,
    /// Bytes of requests in the query buffer.
    pub query_bytes: AtomicU64,
    /// Capacity of the query buffer.
    pub query_capacity: AtomicU64,
    /// Bytes of replies not sent yet.
    pub output_bytes: AtomicU64,
    /// Capacity of the output buffer.
    pub output_capacity: AtomicU64,
    /// The largest capacity that the output buffer has had.
    pub output_peak: AtomicU64,
    /// Commands queued by MULTI, -1 outside a transaction.
    pub queued: AtomicI64,
    /// Bytes of their arguments.
    pub queued_bytes: AtomicU64,
    /// Watched keys.
    pub watched: AtomicU32,
    /// Subscriptions to channels.
    pub channels: AtomicU32,
    /// Subscriptions to patterns.
    pub patterns: AtomicU32,
    /// Subscriptions to shard channels.
    pub shard_channels: AtomicU32,
    /// Bytes that the server needs for them.
    pub subscribed_bytes: AtomicU64,
    /// Bytes that the server needs for watched keys.
    pub watched_bytes: AtomicU64,
    /// Memory of the fieldsets it has prepared with HIMPORT.
    pub fieldset_bytes: AtomicU64,
    /// What it counts for against `maxmemory-clients`, bytes.
    pub weight: AtomicU64,
    /// CLIENT TRACKING, once it has been on.
    pub tracker: OnceLock<Arc<Tracker>>,
    /// MONITOR.
    pub monitors: AtomicBool,
    /// Set when one of the watched keys changes: EXEC will fail.
    pub watch_broken: DirtyFlag,
    /// Blocked by a blocking command.
    pub blocked: AtomicBool,
    /// What a blocked client waits for.
    pub wait: Mutex<Option<Wait>>,
    /// Held back by CLIENT PAUSE.
    pub paused: AtomicBool,
    /// RESP3.
    pub resp3: AtomicBool,
    /// CLIENT NO-EVICT.
    pub no_evict: AtomicBool,
    /// CLIENT NO-TOUCH.
    pub no_touch: AtomicBool,
    /// CLIENT IMPORT-SOURCE.
    pub import_source: AtomicBool,
    /// Will be closed once its output is sent.
    pub closing: AtomicBool,
    /// CLIENT KILL: runs no command any more, and will be closed as soon as possible.
    pub killed: AtomicBool,
    /// What the client says of itself.
    pub labels: Mutex<Labels>,
}

impl Client {
    /// A client that has just connected.
    pub fn new(id: u64, worker: usize, peer: Peer, fd: i32, now_us: i64) -> Client {
        Client {
            id,
            worker,
            peer,
            fd,
            connected_us: now_us,
            active_us: AtomicI64::new(now_us),
            db: AtomicU32::new(0),
            command: AtomicU16::new(u16::MAX),
            commands: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
            query_bytes: AtomicU64::new(0),
            query_capacity: AtomicU64::new(0),
            output_bytes: AtomicU64::new(0),
            output_capacity: AtomicU64::new(0),
            output_peak: AtomicU64::new(0),
            queued: AtomicI64::new(-1),
            queued_bytes: AtomicU64::new(0),
            watched: AtomicU32::new(0),
            channels: AtomicU32::new(0),
            patterns: AtomicU32::new(0),
            shard_channels: AtomicU32::new(0),
            subscribed_bytes: AtomicU64::new(0),
            watched_bytes: AtomicU64::new(0),
            fieldset_bytes: AtomicU64::new(0),
            weight: AtomicU64::new(0),
            tracker: OnceLock::new(),
            monitors: AtomicBool::new(false),
            watch_broken: DirtyFlag::default(),
            blocked: AtomicBool::new(false),
            wait: Mutex::new(None),
            paused: AtomicBool::new(false),
            resp3: AtomicBool::new(false),
            no_evict: AtomicBool::new(false),
            no_touch: AtomicBool::new(false),
            import_source: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            labels: Mutex::new(Labels { user: b"default".to_vec(), ..Labels::default() }),
        }
    }

    /// Publishes the selected database.
    pub fn set_db(&self, db: DbIndex) {
        self.db.store(db, Relaxed);
    }

    /// What the tables of tracked keys know it as.
    pub(crate) fn tracker(&self) -> Arc<Tracker> {
        self.tracker.get_or_init(|| Arc::new(Tracker::new(self.id, self.worker))).clone()
    }

    /// Publishes an open transaction, or that there is none.
    pub fn publish_multi(&self, multi: Option<&Multi>) {
        self.queued.store(multi.map_or(-1, |multi| multi.queue.len() as i64), Relaxed);
        self.queued_bytes.store(multi.map_or(0, |multi| multi.bytes as u64), Relaxed);
    }

    /// Publishes the state of the buffers: bytes in them and their capacities.
    pub fn publish_buffers(&self, query: (usize, usize), output: (usize, usize)) {
        self.query_bytes.store(query.0 as u64, Relaxed);
        self.query_capacity.store(query.1 as u64, Relaxed);
        self.output_bytes.store(output.0 as u64, Relaxed);
        self.output_capacity.store(output.1 as u64, Relaxed);
        if output.1 as u64 > self.output_peak.load(Relaxed) {
            self.output_peak.store(output.1 as u64, Relaxed);
        }
    }

    /// Publishes how many keys are watched, and the bytes of their names.
    pub fn publish_watched(&self, keys: usize, name_bytes: usize) {
        /// Beside a key's name, which the client and the shard have: its places in their lists.
        const LISTED_BYTES: usize = size_of::<(DbIndex, Box<[u8]>)>() + size_of::<(Box<[u8]>, DirtyFlag)>();
        self.watched.store(keys as u32, Relaxed);
        self.watched_bytes.store((2 * name_bytes + keys * LISTED_BYTES) as u64, Relaxed);
    }

    /// Publishes what the client waits for, or that it doesn't wait.
    pub fn set_wait(&self, wait: Option<Wait>) {
        self.blocked.store(wait.is_some(), Relaxed);
        *self.wait.lock() = wait;
    }

    /// The class: there are no replicas yet.
    pub fn class(&self) -> ClientClass {
        let subscribed = [&self.channels, &self.patterns, &self.shard_channels];
        match subscribed.iter().any(|count| count.load(Relaxed) > 0) {
            true => ClientClass::PubSub,
            false => ClientClass::Normal,
        }
    }

    /// Memory that the client takes, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        let labels = self.labels.lock();
        let texts = [&labels.name, &labels.library_name, &labels.library_version, &labels.user];
        let buffers = [
            &self.query_capacity,
            &self.output_capacity,
            &self.queued_bytes,
            &self.subscribed_bytes,
            &self.watched_bytes,
            &self.fieldset_bytes,
        ];
        (size_of::<Client>() + size_of::<crate::session::Session>()) as u64
            + texts.map(|text| text.capacity() as u64).iter().sum::<u64>()
            + buffers.map(|bytes| bytes.load(Relaxed)).iter().sum::<u64>()
            + self.tracker.get().map_or(0, |tracker| tracker.prefix_bytes())
    }

    /// Publishes the protocol.
    pub fn set_proto(&self, proto: Proto) {
        self.resp3.store(proto == Proto::Resp3, Relaxed);
    }
}

/// All connected clients.
#[derive(Default)]
pub struct Clients {
    last_id: AtomicU64,
    by_id: RwLock<BTreeMap<u64, Arc<Client>>>,
}

impl Clients {
    /// The next client's id.
    pub fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Relaxed) + 1
    }

    /// Enters a client.
    pub fn add(&self, client: Arc<Client>) {
        self.by_id.write().insert(client.id, client);
    }

    /// Takes a client out.
    pub fn take(&self, id: u64) -> Option<Arc<Client>> {
        self.by_id.write().remove(&id)
    }

    /// Clients.
    pub fn len(&self) -> usize {
        self.by_id.read().len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A client by id.
    pub fn get(&self, id: u64) -> Option<Arc<Client>> {
        self.by_id.read().get(&id).cloned()
    }

    /// All clients, the oldest first.
    pub fn all(&self) -> Vec<Arc<Client>> {
        self.by_id.read().values().cloned().collect()
    }
}
