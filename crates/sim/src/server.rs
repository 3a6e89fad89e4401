//! The engine under test, its surroundings replaced: no sockets, files or threads of its own.

use crate::scheduler::{Doorbell, START_US, Scheduler};
use base::prng::Prng;
use command::Shards;
use config::{Config, MaxmemoryPolicy, NoFiles, SavePoints};
use engine::{
    ApplyError, Clock, Engine, Facts, Freer, Host, Level, Mailbox, Parts, Wake, WorkerHandle, WorkerStats,
};
use journal::disk::{Disk, NoDisk};
use keyspace::{Garbage, Interleave};
use parking_lot::Mutex;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Strings aren't longer than this, so that no random offset takes much memory.
const MAX_STRING_BYTES: u64 = 1 << 20;

/// The shape of an engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Workers.
    pub workers: usize,
    /// Shards, a power of two.
    pub shards: usize,
    /// The seed of hashes and of random commands.
    pub seed: u64,
    /// `maxmemory`, if there is a limit.
    pub memory: Option<Memory>,
}

/// A limit of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Memory {
    /// Room beyond what an empty server takes, bytes.
    pub room_bytes: u64,
    /// What happens when there is none left.
    pub policy: MaxmemoryPolicy,
}

/// The policies that runs have.
pub(crate) const POLICIES: [MaxmemoryPolicy; 8] = [
    MaxmemoryPolicy::AllkeysLru,
    MaxmemoryPolicy::AllkeysLfu,
    MaxmemoryPolicy::AllkeysRandom,
    MaxmemoryPolicy::VolatileLru,
    MaxmemoryPolicy::VolatileLfu,
    MaxmemoryPolicy::VolatileRandom,
    MaxmemoryPolicy::VolatileTtl,
    MaxmemoryPolicy::Noeviction,
];

/// An engine whose workers are moved by `scheduler`.
pub(crate) fn simulated(shape: Shape, scheduler: &Arc<Scheduler>) -> Arc<Engine> {
    let hook: Arc<dyn Interleave> = scheduler.clone();
    let bell = |worker| -> Box<dyn Wake> { Box::new(Doorbell { scheduler: scheduler.clone(), worker }) };
    let engine = Arc::new(Engine::new(parts(shape, nowhere(), Some(hook), scheduler.clone(), bell)));
    scheduler.watch(&engine);
    if let Some(memory) = shape.memory {
        let maxmemory = engine.startup_bytes() + memory.room_bytes;
        let changed = engine.change_config::<(), ()>(
            |config| {
                (config.maxmemory, config.maxmemory_policy) = (maxmemory, memory.policy);
                Ok(())
            },
            |(), _| (),
        );
        debug_assert!(changed.is_ok(), "the host refuses nothing");
    }
    engine
}

/// An engine with one worker, a year later.
pub(crate) fn later(shards: usize, seed: u64) -> Arc<Engine> {
    let shape = Shape { workers: 1, shards, seed, memory: None };
    Arc::new(Engine::new(parts(shape, nowhere(), None, Arc::new(NextYear), |_| Box::new(Deaf))))
}

/// Hands `run` an engine with one worker whose data files are on this disk; it may load and verify them. Its clock stands
/// still. Afterwards the engine is gone, with all threads that it has started: who counts what is allocated finds nothing.
/// A journal that `run` opens it also closes, or this waits forever.
pub fn on_disk<T>(disk: Arc<dyn Disk>, run: impl FnOnce(&Arc<Engine>) -> T) -> T {
    let shape = Shape { workers: 1, shards: 16, seed: 1, memory: None };
    let host = Arc::new(Nowhere::new(disk));
    let mut parts = parts(shape, host.clone(), None, Arc::new(NextYear), |_| Box::new(Deaf));
    parts.config.appendonly = true;
    let engine = Arc::new(Engine::new(parts));
    let result = run(&engine);
    drop(engine);
    host.join();
    result
}

fn parts(
    shape: Shape,
    host: Arc<Nowhere>,
    hook: Option<Arc<dyn Interleave>>,
    clock: Arc<dyn Clock>,
    bell: impl Fn(usize) -> Box<dyn Wake>,
) -> Parts {
    let registry = engine::registry();
    let handle = |worker| WorkerHandle {
        mailbox: Mailbox::new(bell(worker)),
        stats: Arc::new(WorkerStats::new(registry.all().len())),
    };
    let workers = (0..shape.workers).map(handle).collect();
    let run_id = base::ids::run_id(&mut Prng::new(shape.seed));
    Parts {
        shards: Shards::new(shape.shards, shape.seed, hook),
        workers,
        registry,
        clock,
        freer: Box::new(FreeNow),
        host,
        config: Config { proto_max_bulk_len: MAX_STRING_BYTES, save: SavePoints(Vec::new()), ..publishing() },
        replication_id: String::new(),
        run_id: String::from_utf8_lossy(&run_id).into_owned(),
    }
}

/// A configuration that has the changes of keys published.
fn publishing() -> Config {
    let text = b"notify-keyspace-events KA\n";
    Config::load(text, &mut NoFiles).map(|loaded| loaded.config).unwrap_or_default()
}

struct NextYear;

impl Clock for NextYear {
    fn wall_us(&self) -> i64 {
        START_US + 365 * 24 * 3600 * 1_000_000
    }

    fn monotonic_ns(&self) -> u64 {
        0
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

/// A host without a machine.
struct Nowhere {
    disk: Arc<dyn Disk>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Nowhere {
    fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, threads: Mutex::default() }
    }

    /// Waits for the end of all threads.
    fn join(&self) {
        loop {
            let Some(thread) = self.threads.lock().pop() else { return };
            thread.join().expect("the engine's threads don't panic");
        }
    }
}

/// A host that hasn't even a disk.
fn nowhere() -> Arc<Nowhere> {
    Arc::new(Nowhere::new(Arc::new(NoDisk)))
}

/// Gives way to nobody.
struct Restless;

impl engine::Pace for Restless {
    fn give_way(&mut self) {}
}

impl Host for Nowhere {
    fn apply(&self, _: &Config, _: &mut Config) -> Result<(), ApplyError> {
        Ok(())
    }

    fn read_config_file(&self) -> std::io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn write_config_file(&self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    fn create_file(&self, _: &[u8], _: engine::Flush) -> std::io::Result<Box<dyn engine::NewFile>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn open_file(&self, _: &[u8]) -> std::io::Result<Option<engine::OldFile>> {
        Ok(None)
    }

    fn disk(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    fn spawn(&self, _: &str, _: engine::Urgency, work: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
        let thread = std::thread::Builder::new().spawn(work)?;
        self.threads.lock().push(thread);
        Ok(())
    }

    fn connect(&self, _: &str, _: u16, _: std::time::Duration) -> std::io::Result<Box<dyn engine::Link>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn pace(&self) -> Box<dyn engine::Pace> {
        Box::new(Restless)
    }

    fn facts(&self) -> Facts {
        Facts::default()
    }

    fn log(&self, _: Level, _: &str) {}

    fn sleep_us(&self, _: u64) {}

    fn purge_memory(&self) {}

    fn allocator_statistics(&self) -> String {
        String::new()
    }

    fn crash(&self) {}

    fn stop(&self) {}
}
