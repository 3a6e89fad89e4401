//! Starting and stopping a server inside this process.

use crate::clock::SystemClock;
use crate::freer::{self, channel_to_freer};
use crate::listen::Listener;
use crate::log::Log;
use crate::process::ProcessHost;
use crate::shared::Shared;
use crate::wake::Bell;
use crate::worker_loop::WorkerLoop;
use base::prng::Prng;
use config::{Config, LogLevel};
use engine::{Clock, Engine, Level, Mailbox, Parts, Worker, WorkerHandle, WorkerStats};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Shards of the keyspace: each rehashes, expires and locks a thousandth of the keys.
const SHARDS: usize = 1024;

/// A running server. Stops when dropped.
pub struct Server {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    port: Option<u16>,
}

/// Beyond the configuration.
#[derive(Default)]
pub struct Options {
    /// Where the configuration was read from.
    pub config_file: Option<PathBuf>,
    /// Time; none: the machine's clocks.
    pub clock: Option<Arc<dyn Clock>>,
}

impl Server {
    /// Starts a server: listens, starts its threads, and returns while they serve.
    ///
    /// # Errors
    /// When an address can't be listened on or a thread can't be started.
    pub fn start(mut config: Config, options: Options) -> io::Result<Server> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        config.io_threads.resolve(cores as u32);
        let workers = config.io_threads.count().max(1) as usize;
        let bells = (0..workers).map(|_| Bell::new()).collect::<io::Result<Vec<_>>>()?;
        let shared = Arc::new(Shared::new(config.clone(), new_log(&config), bells.clone()));
        let listeners = listen(&config, &shared.log)?;
        let port = listeners.iter().find_map(Listener::port);
        *shared.listeners.lock() = listeners.into_iter().map(Arc::new).collect();
        let seed = random_seed()?;
        let (parts, values) = parts(config, options, &shared, &bells, seed);
        let engine = Arc::new(Engine::new(parts));
        shared.set_engine(engine.clone());
        let mut threads = vec![freer::run(values, &engine)?];
        for (index, bell) in bells.into_iter().enumerate() {
            let worker = Worker::new(engine.clone(), index, seed ^ (index as u64 + 1));
            let worker_loop = WorkerLoop::new(worker, shared.clone(), bell)?;
            let thread = std::thread::Builder::new().name(format!("worker-{index}"));
            threads.push(thread.spawn(move || worker_loop.run())?);
        }
        Ok(Server { shared, threads, port })
    }

    /// The TCP port in use.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Writes a line to the server's log.
    pub fn log(&self, level: Level, text: &str) {
        self.shared.log.write(level, text);
    }

    /// Waits until the server has been told to stop, by a signal or by SHUTDOWN.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        // The first thread frees values: it ends when the engine is gone, which it needn't be waited for.
        for thread in self.threads.drain(1..) {
            if thread.join().is_err() {
                self.shared.log.write(Level::Warning, "A worker has panicked.");
            }
        }
        self.shared.listeners.lock().clear();
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

fn new_log(config: &Config) -> Log {
    let path = (!config.logfile.is_empty()).then(|| PathBuf::from(config.logfile.to_string()));
    Log::new(path, least_level(config.loglevel))
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

fn parts(
    config: Config,
    options: Options,
    shared: &Arc<Shared>,
    bells: &[Bell],
    seed: u64,
) -> (Parts, std::sync::mpsc::Receiver<Vec<keyspace::Garbage>>) {
    let (freer, values) = channel_to_freer();
    let registry = engine::registry(&renamed(&config));
    let handle = |bell: &Bell| WorkerHandle {
        mailbox: Mailbox::new(Box::new(bell.clone())),
        stats: Arc::new(WorkerStats::new(registry.all().len())),
    };
    let workers = bells.iter().map(handle).collect();
    let run_id = base::ids::run_id(&mut Prng::new(seed));
    let parts = Parts {
        shards: keyspace::Shards::new(SHARDS, seed, None),
        workers,
        registry,
        clock: options.clock.unwrap_or_else(|| Arc::new(SystemClock::default())),
        freer: Box::new(freer),
        host: Arc::new(ProcessHost::new(shared, options.config_file)),
        config,
        run_id: String::from_utf8_lossy(&run_id).into_owned(),
    };
    (parts, values)
}

fn renamed(config: &Config) -> HashMap<Vec<u8>, Vec<u8>> {
    let lines = config.rename_command.0.iter();
    let pair = |line: &Vec<config::Text>| match &line[..] {
        [from, to] => Some((from.as_bytes().to_ascii_lowercase(), to.as_bytes().to_vec())),
        _ => None,
    };
    lines.filter_map(pair).collect()
}

/// The listening sockets that a configuration asks for.
pub(crate) fn listen(config: &Config, log: &Log) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    if config.port > 0 {
        listeners.extend(crate::address::listen_tcp(config, log)?);
    }
    if !config.unixsocket.is_empty() {
        let path = config.unixsocket.to_string();
        let backlog = config.tcp_backlog as i32;
        listeners.push(Listener::unix(Path::new(&path), config.unixsocketperm, backlog)?);
    }
    Ok(listeners)
}

fn random_seed() -> io::Result<u64> {
    let mut seed = [0u8; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut seed)?;
    Ok(u64::from_ne_bytes(seed))
}
