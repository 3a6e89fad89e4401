//! What the workers' loops share: listeners, new connections on their way, limits.

use crate::connection::Connection;
use crate::crash::CrashSettings;
use crate::listen::Listener;
use crate::log::Log;
use crate::signals::StopSignal;
use crate::supervisor::Supervisor;
use crate::wake::Bell;
use command::Now;
use config::{BufferLimit, Config};
use engine::{Engine, Level, Peer, SMALL_OUTPUT, Session, Wake};
use parking_lot::{Mutex, RwLock};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// What the workers' loops share.
pub(crate) struct Shared {
    pub(crate) listeners: Mutex<Vec<Arc<Listener>>>,
    pub(crate) log: Arc<Log>,
    supervisor: Supervisor,
    crash: Arc<CrashSettings>,
    /// Whether the server has been told to stop. Held while the supervisor is told anything.
    stopping: Mutex<bool>,
    config: RwLock<Arc<Config>>,
    bells: Vec<Bell>,
    /// Connections per worker.
    loads: Vec<AtomicUsize>,
    handed_over: Vec<Mutex<Vec<(OwnedFd, Peer)>>>,
    engine: OnceLock<Arc<Engine>>,
    uses_io_uring: AtomicBool,
}

/// Connections accepted by one worker in one turn.
const ACCEPTS_PER_TURN: usize = 64;

const PROTECTED: &str = "-DENIED Redstart is running in protected mode because protected mode is enabled and no \
password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want \
to connect from external computers, set a password with the directive 'requirepass', or turn protected mode off with \
'CONFIG SET protected-mode no' from the same host, or with the option '--protected-mode no'.\r\n";

impl Shared {
    pub(crate) fn new(
        config: Config,
        log: Arc<Log>,
        bells: Vec<Bell>,
        supervisor: Supervisor,
        crash: Arc<CrashSettings>,
    ) -> Shared {
        crash.follow(&config);
        Shared {
            listeners: Mutex::default(),
            log,
            supervisor,
            crash,
            stopping: Mutex::new(false),
            config: RwLock::new(Arc::new(config)),
            loads: bells.iter().map(|_| AtomicUsize::new(0)).collect(),
            handed_over: bells.iter().map(|_| Mutex::default()).collect(),
            bells,
            engine: OnceLock::new(),
            uses_io_uring: AtomicBool::new(false),
        }
    }

    /// The engine exists once the workers run.
    pub(crate) fn set_engine(&self, engine: Arc<Engine>) {
        let set = self.engine.set(engine).is_ok();
        debug_assert!(set, "a server has one engine");
    }

    pub(crate) fn engine(&self) -> Option<&Arc<Engine>> {
        self.engine.get()
    }

    /// The workers have rings.
    pub(crate) fn set_uses_io_uring(&self) {
        self.uses_io_uring.store(true, Relaxed);
    }

    /// How connections are served.
    pub(crate) fn sockets(&self) -> &'static str {
        if self.uses_io_uring.load(Relaxed) { "io_uring" } else { "epoll" }
    }

    pub(crate) fn config(&self) -> Arc<Config> {
        self.config.read().clone()
    }

    pub(crate) fn set_config(&self, config: Config) {
        self.crash.follow(&config);
        *self.config.write() = Arc::new(config);
    }

    /// Has all workers look at the listeners and the configuration.
    pub(crate) fn tell_workers(&self) {
        if let Some(engine) = self.engine() {
            engine.post_all(|| engine::Mail::ConfigChanged);
        }
    }

    pub(crate) fn accepts_per_turn(&self) -> usize {
        ACCEPTS_PER_TURN
    }

    pub(crate) fn keepalive_s(&self) -> u64 {
        u64::from(self.config.read().tcp_keepalive)
    }

    pub(crate) fn query_buffer_limit(&self) -> u64 {
        self.config.read().client_query_buffer_limit
    }

    /// `timeout` in microseconds; none: idle clients stay.
    pub(crate) fn idle_timeout_us(&self) -> Option<i64> {
        let seconds = self.config.read().timeout;
        (seconds > 0).then(|| i64::from(seconds) * 1_000_000)
    }

    /// Whether a new connection is served; if not, the error it gets.
    pub(crate) fn may_connect(&self, peer: &Peer) -> Result<(), &'static str> {
        let config = self.config.read();
        let Some(engine) = self.engine() else { return Err("-ERR server is starting\r\n") };
        let connected: usize = self.loads.iter().map(|load| load.load(Relaxed)).sum();
        if connected >= config.maxclients as usize {
            engine.stats.rejected_connections.fetch_add(1, Relaxed);
            return Err("-ERR max number of clients reached\r\n");
        }
        if config.protected_mode && config.requirepass.is_empty() && !peer.is_local() {
            engine.stats.rejected_connections.fetch_add(1, Relaxed);
            return Err(PROTECTED);
        }
        Ok(())
    }

    /// The worker with the fewest connections, `own` if it is one of them; the new connection is counted as its.
    pub(crate) fn least_loaded(&self, own: usize) -> usize {
        let load = |at: usize| self.loads[at].load(Relaxed);
        let least = (0..self.loads.len()).min_by_key(|at| (load(*at), *at != own)).unwrap_or(own);
        self.loads[least].fetch_add(1, Relaxed);
        least
    }

    pub(crate) fn left(&self, worker: usize) {
        self.loads[worker].fetch_sub(1, Relaxed);
    }

    pub(crate) fn hand_over(&self, worker: usize, socket: OwnedFd, peer: Peer) {
        self.handed_over[worker].lock().push((socket, peer));
        self.bells[worker].wake();
    }

    pub(crate) fn take_handed_over(&self, worker: usize) -> Vec<(OwnedFd, Peer)> {
        std::mem::take(&mut *self.handed_over[worker].lock())
    }

    /// The limits of a connection's output.
    fn output_limit(&self, connection: &Connection) -> BufferLimit {
        connection.session.client.class().output_limit(&self.config.read().client_output_buffer_limit)
    }

    /// Whether a connection will be closed with its output unsent: half a reply is worth less than none.
    pub(crate) fn is_too_much_to_send(&self, connection: &Connection) -> bool {
        connection.unsent() > SMALL_OUTPUT && self.exceeds_hard_output_limit(connection)
    }

    /// Whether a connection's unsent output is more than its class may ever have.
    fn exceeds_hard_output_limit(&self, connection: &Connection) -> bool {
        let hard_bytes = self.output_limit(connection).hard_bytes;
        hard_bytes > 0 && connection.unsent() as u64 > hard_bytes
    }

    /// Whether a connection's unsent output is more than its class may have.
    pub(crate) fn exceeds_output_limit(&self, connection: &mut Connection, now: Now) -> bool {
        let limit = self.output_limit(connection);
        let unsent = (connection.unsent() + connection.held_bytes()) as u64;
        if limit.soft_bytes == 0 || unsent <= limit.soft_bytes {
            connection.soft_limit_since_us = None;
        } else {
            let since_us = *connection.soft_limit_since_us.get_or_insert(now.us);
            if now.us - since_us > i64::from(limit.soft_seconds) * 1_000_000 {
                return true;
            }
        }
        self.exceeds_hard_output_limit(connection)
    }

    /// A signal has asked for the end.
    pub(crate) fn signalled(&self, signal: StopSignal) {
        let text = format!("Received {} scheduling shutdown...", signal.name());
        self.log.write(Level::Warning, &text);
        let config = self.config();
        let options = match signal {
            StopSignal::Interrupt => &config.shutdown_on_sigint,
            StopSignal::Terminate => &config.shutdown_on_sigterm,
        };
        let Some(engine) = self.engine() else { return self.stop() };
        if engine.shut_down(options).is_err() {
            let text = format!(
                "{} received but errors trying to shut down the server, check the logs for more information",
                signal.name()
            );
            self.log.write(Level::Warning, &text);
        }
    }

    /// Tells the supervisor that clients are served, unless it has been told of the end before.
    pub(crate) fn announce(&self) {
        let stopping = self.stopping.lock();
        if !*stopping {
            self.supervisor.ready(&self.log);
        }
    }

    /// Tells all workers to stop.
    pub(crate) fn stop(&self) {
        let mut stopping = self.stopping.lock();
        if std::mem::replace(&mut *stopping, true) {
            return;
        }
        self.supervisor.stopping(&self.log);
        drop(stopping);
        if let Some(engine) = self.engine() {
            engine.post_all(|| engine::Mail::Stop);
        }
    }

    /// Says that clients can connect, once per kind of socket.
    pub(crate) fn log_listening(&self) {
        let (unix, tcp): (Vec<_>, Vec<_>) =
            self.listeners.lock().iter().cloned().partition(|listener| listener.port().is_none());
        for (kind, listeners) in [("tcp", tcp), ("unix", unix)] {
            if !listeners.is_empty() {
                self.log.write(Level::Notice, &format!("Ready to accept connections {kind}"));
            }
        }
    }

    pub(crate) fn log_accept_error(&self, error: &std::io::Error) {
        self.log.write(Level::Warning, &format!("Accepting client connection: {error}"));
    }

    pub(crate) fn log_query_limit(&self, session: &Session) {
        let text = format!(
            "Closing client that reached max query buffer length: id={} addr={}",
            session.id,
            session.client.peer.remote()
        );
        self.log.write(Level::Warning, &text);
    }

    pub(crate) fn log_output_limit(&self, session: &Session) {
        let text = format!(
            "Client id={} addr={} closed for overcoming of output buffer limits.",
            session.id,
            session.client.peer.remote()
        );
        self.log.write(Level::Warning, &text);
    }
}
