//! Starting and stopping a server inside this process.

use crate::clock::Time;
use crate::crash::CrashSettings;
use crate::crash_signals::guard_thread;
use crate::daemon::PidFile;
use crate::disk::Access;
use crate::files::path_of;
use crate::freer::{self, channel_to_freer};
use crate::listen::Listener;
use crate::log::Log;
use crate::new_file::remove_stale;
use crate::process::{Allocator, ProcessHost};
use crate::ring::Ring;
use crate::shared::Shared;
use crate::signals::StopSignals;
use crate::supervisor::Supervisor;
use crate::syslog::Syslog;
use crate::title::Title;
use crate::wake::Bell;
use crate::worker_loop::WorkerLoop;
use base::prng::Prng;
use config::{BindAddress, Config, IoEngine, LogLevel};
use engine::{Condition, Engine, Level, LoadError, Mailbox, Parts, Worker, WorkerHandle, WorkerStats};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Shards of the keyspace: each rehashes, expires and locks a thousandth of the keys.
const SHARDS: usize = 1024;

/// A running server. Stops when dropped.
pub struct Server {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    port: Option<u16>,
    pid_file: Option<PidFile>,
}

/// Beyond the configuration.
pub struct Options {
    /// Where the configuration was read from.
    pub config_file: Option<PathBuf>,
    /// Time.
    pub time: Time,
    /// Load the data files before clients are served.
    pub load_data: bool,
    /// What may be done with data files.
    pub access: Access,
    /// Listen on a free port of the loopback interface, whatever the configuration says.
    pub any_port: bool,
    /// The signals that stop the server.
    pub signals: Option<StopSignals>,
    /// The process' pid file, removed at the end.
    pub pid_file: Option<PidFile>,
    /// The log; none: the one that the configuration names.
    pub log: Option<Arc<Log>>,
    /// Who is told that the server is ready, and that it stops.
    pub supervisor: Supervisor,
    /// What happens when a thread panics, for the program's panic hook; kept up to date.
    pub crash: Arc<CrashSettings>,
    /// The program's allocator.
    pub allocator: Allocator,
    /// Where the process shows its title.
    pub title: Option<Title>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            config_file: None,
            time: Time::System,
            load_data: false,
            access: Access::Full,
            any_port: false,
            signals: None,
            pid_file: None,
            log: None,
            supervisor: Supervisor::None,
            crash: Arc::default(),
            allocator: Allocator::UNKNOWN,
            title: None,
        }
    }
}

impl Server {
    /// Starts a server: listens, starts its threads, and returns while they serve.
    ///
    /// # Errors
    /// When an address can't be listened on or a thread can't be started.
    pub fn start(mut config: Config, mut options: Options) -> io::Result<Server> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        config.io_threads.resolve(cores as u32);
        let workers = config.io_threads.count().max(1) as usize;
        let bells = (0..workers).map(|_| Bell::new()).collect::<io::Result<Vec<_>>>()?;
        let log = options.log.take().unwrap_or_else(|| Arc::new(new_log(&config)));
        let listeners = listen_first(&mut config, options.any_port, &log)?;
        let port = listeners.iter().find_map(Listener::port);
        let (supervisor, crash) = (options.supervisor, options.crash.clone());
        let shared = Arc::new(Shared::new(config.clone(), log.clone(), bells.clone(), supervisor, crash));
        *shared.listeners.lock() = listeners.into_iter().map(Arc::new).collect();
        let pid_file = options.pid_file.take();
        let load_data = options.load_data;
        let threads = start_threads(config, options, &shared, bells)?;
        let server = Server { shared, threads, port, pid_file };
        if load_data {
            server.load_data()?;
        } else {
            server.shared.log_listening();
        }
        Ok(server)
    }

    /// Loads what is on disk, and says in the log when clients are served.
    fn load_data(&self) -> io::Result<()> {
        let engine = self.shared.engine().expect("set when the threads were started");
        self.remove_stale_files();
        match engine.load_data() {
            Ok(()) => self.shared.log_listening(),
            // The workers have been told, too: whoever waits for the server won't wait long.
            Err(LoadError::Stopped) => {}
            Err(LoadError::Aof(text)) => return Err(io::Error::other(text)),
            Err(error) => {
                if let LoadError::File(_) | LoadError::Value { .. } = error {
                    let text = "Terminating server after rdb file reading failure.";
                    self.shared.log.write(Level::Warning, text);
                }
                let text = format!("Fatal error loading the DB, check server logs. Exiting. ({error})");
                return Err(io::Error::other(text));
            }
        }
        Ok(())
    }

    /// Removes what servers before this one have left behind half-written.
    fn remove_stale_files(&self) {
        let config = self.shared.config();
        let directory = path_of(config.dir.as_bytes());
        for folder in [directory.to_owned(), directory.join(path_of(config.appenddirname.as_bytes()))] {
            for name in remove_stale(&folder) {
                self.shared.log.write(Level::Notice, &format!("Removed {name}, which was never completed"));
            }
        }
    }

    /// Tells the supervisor that clients are served, unless the server has been told to stop already.
    pub(crate) fn announce(&self) {
        self.shared.announce();
    }

    /// The TCP port in use.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Waits until the server has been told to stop, by a signal or by SHUTDOWN, and has stopped.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        let log = &self.shared.log;
        // The first thread frees values: it ends when the engine is gone, which it needn't be waited for.
        for thread in self.threads.drain(1..) {
            if thread.join().is_err() {
                log.write(Level::Warning, "A worker has panicked.");
            }
        }
        if let Some(engine) = self.shared.engine() {
            engine.close_journal();
        }
        let listeners = std::mem::take(&mut *self.shared.listeners.lock());
        if listeners.iter().any(|listener| listener.port().is_none()) {
            log.write(Level::Notice, "Removing the unix socket file.");
        }
        drop(listeners);
        self.pid_file = None;
        log.write(Level::Warning, "Redstart is now ready to exit, bye bye...");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
        if self.threads.len() > 1 {
            self.join();
        }
    }
}

/// Makes the engine and starts the threads: the one that frees values first, then the workers.
fn start_threads(
    config: Config,
    mut options: Options,
    shared: &Arc<Shared>,
    bells: Vec<Bell>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let load_data = options.load_data;
    let seed = new_seed()?;
    let mut rings = rings(config.io_engine, bells.len(), &shared.log)?.into_iter();
    if rings.len() > 0 {
        shared.set_uses_io_uring();
    }
    let mut signals = options.signals.take();
    let (parts, values) = parts(config, options, shared, &bells, seed)?;
    let engine = Arc::new(Engine::new(parts));
    // From the first connection on.
    engine.conditions.set(Condition::Loading, load_data);
    shared.set_engine(engine.clone());
    shared.log.write(Level::Notice, "Server initialized");
    let mut threads = vec![freer::run(values, &engine)?];
    for (index, bell) in bells.into_iter().enumerate() {
        let worker = Worker::new(engine.clone(), index, seed ^ (index as u64 + 1));
        // The first worker takes the first worker's duties: signals are one of them.
        let worker_loop = WorkerLoop::new(worker, shared.clone(), rings.next(), bell, signals.take())?;
        let thread = std::thread::Builder::new().name(format!("worker-{index}"));
        let work = move || {
            let _signals = guard_thread();
            worker_loop.run();
        };
        threads.push(thread.spawn(work)?);
    }
    Ok(threads)
}

/// A ring for each worker, or none.
fn rings(engine: IoEngine, workers: usize, log: &Log) -> io::Result<Vec<Ring>> {
    if engine == IoEngine::Epoll {
        return Ok(Vec::new());
    }
    let rings = (0..workers).map(|_| Ring::new()).collect::<io::Result<Vec<_>>>();
    rings.or_else(|error| {
        let text = format!("io_uring isn't available: {}", crate::reason(&error));
        if engine == IoEngine::IoUring {
            return Err(io::Error::new(error.kind(), text));
        }
        log.write(Level::Notice, &format!("{text}. Using epoll."));
        Ok(Vec::new())
    })
}

/// The listening sockets of a server that starts.
fn listen_first(config: &mut Config, any_port: bool, log: &Log) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    if any_port {
        let loopback = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::tcp(loopback, config.tcp_backlog as i32)?;
        config.port = listener.port().unwrap_or(0);
        config.bind.0 = vec![BindAddress { host: "127.0.0.1".into(), optional: false }];
        listeners.push(listener);
        listeners.extend(listen_unix(config)?);
    } else {
        listeners = listen(config, log)?;
    }
    if listeners.is_empty() {
        return Err(io::Error::other("Configured to not listen anywhere, exiting."));
    }
    Ok(listeners)
}

fn new_log(config: &Config) -> Log {
    let path = (!config.logfile.is_empty()).then(|| PathBuf::from(config.logfile.to_string()));
    Log::new(path, least_level(config.loglevel)).with_syslog(Syslog::of(config))
}

/// The least serious level that a `loglevel` lets through.
pub(crate) fn least_level(level: LogLevel) -> Option<Level> {
    match level {
        LogLevel::Debug => Some(Level::Debug),
        LogLevel::Verbose => Some(Level::Verbose),
        LogLevel::Notice => Some(Level::Notice),
        LogLevel::Warning => Some(Level::Warning),
        LogLevel::Nothing => None,
    }
}

pub(crate) fn parts(
    config: Config,
    options: Options,
    shared: &Arc<Shared>,
    bells: &[Bell],
    seed: u64,
) -> io::Result<(Parts, std::sync::mpsc::Receiver<Vec<keyspace::Garbage>>)> {
    let (freer, values) = channel_to_freer();
    let registry = engine::registry_of(&config).map_err(io::Error::other)?;
    let handle = |bell: &Bell| WorkerHandle {
        mailbox: Mailbox::new(Box::new(bell.clone())),
        stats: Arc::new(WorkerStats::new(registry.all().len())),
    };
    let workers = bells.iter().map(handle).collect();
    let mut ids = Prng::new(seed);
    let mut new_id = || String::from_utf8_lossy(&base::ids::run_id(&mut ids)).into_owned();
    let parts = Parts {
        shards: keyspace::Shards::new(SHARDS, seed, None),
        workers,
        registry,
        clock: options.time.clock(bells),
        freer: Box::new(freer),
        host: Arc::new(ProcessHost::new(
            shared,
            options.access,
            options.config_file,
            options.allocator,
            options.title,
        )),
        config,
        run_id: new_id(),
        replication_id: new_id(),
    };
    Ok((parts, values))
}

/// The listening sockets that a configuration asks for.
pub(crate) fn listen(config: &Config, log: &Log) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    if config.port > 0 {
        listeners.extend(crate::address::listen_tcp(config, log)?);
    }
    listeners.extend(listen_unix(config)?);
    Ok(listeners)
}

fn listen_unix(config: &Config) -> io::Result<Option<Listener>> {
    if config.unixsocket.is_empty() {
        return Ok(None);
    }
    let path = path_of(config.unixsocket.as_bytes());
    let listener = Listener::unix(path, config.unixsocketperm, config.tcp_backlog as i32).map_err(|error| {
        io::Error::new(error.kind(), format!("Failed opening Unix socket: bind: {}", crate::reason(&error)))
    });
    listener.map(Some)
}

/// A seed that nobody can guess.
pub(crate) fn new_seed() -> io::Result<u64> {
    let mut seed = [0u8; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut seed)?;
    Ok(u64::from_ne_bytes(seed))
}
