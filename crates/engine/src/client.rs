//! What the server knows of its clients: the registry behind CLIENT LIST, and each client's figures.
//!
//! A client's figures are written by its worker alone and read by anybody, hence relaxed atomics.

use keyspace::DbIndex;
use parking_lot::{Mutex, RwLock};
use resp::Proto;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};

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
    /// Bytes of unfinished requests.
    pub query_bytes: AtomicU64,
    /// Capacity of the query buffer.
    pub query_capacity: AtomicU64,
    /// Bytes of replies not sent yet.
    pub output_bytes: AtomicU64,
    /// Commands queued by MULTI, -1 outside a transaction.
    pub queued: AtomicI64,
    /// Watched keys.
    pub watched: AtomicU32,
    /// Blocked by a blocking command.
    pub blocked: AtomicBool,
    /// Held back by CLIENT PAUSE.
    pub paused: AtomicBool,
    /// RESP3.
    pub resp3: AtomicBool,
    /// CLIENT NO-EVICT.
    pub no_evict: AtomicBool,
    /// CLIENT NO-TOUCH.
    pub no_touch: AtomicBool,
    /// A watched key has changed: EXEC will fail.
    pub closing: AtomicBool,
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
            queued: AtomicI64::new(-1),
            watched: AtomicU32::new(0),
            blocked: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            resp3: AtomicBool::new(false),
            no_evict: AtomicBool::new(false),
            no_touch: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            labels: Mutex::new(Labels { user: b"default".to_vec(), ..Labels::default() }),
        }
    }

    /// Publishes the selected database.
    pub fn set_db(&self, db: DbIndex) {
        self.db.store(db, Relaxed);
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
    pub fn remove(&self, id: u64) {
        self.by_id.write().remove(&id);
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
