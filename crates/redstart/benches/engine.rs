//! The engine without sockets: parse, execute and reply, in batches as a connection would send them.
//!
//! `cargo bench -p redstart --bench engine [-- FILTER [KEYS [DEPTH]]]` prints nanoseconds per command, the best and the median of
//! several rounds: the best is what the code can do, the distance to the median is the machine's noise.

use base::prng::Prng;
use config::Config;
use engine::{
    ApplyError, Client, Engine, Facts, Freer, Host, Level, Mailbox, Parts, Peer, Session, Wake, Worker,
    WorkerHandle, WorkerStats,
};
use resp::Proto;
use std::sync::Arc;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Nobody;

impl Wake for Nobody {
    fn wake(&self) {}
}

impl Freer for Nobody {
    fn free(&self, _: Vec<keyspace::Garbage>) {}
}

/// Gives way to nobody.
struct Restless;

impl engine::Pace for Restless {
    fn give_way(&mut self) {}
}

impl Host for Nobody {
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

    fn disk(&self) -> Arc<dyn journal::disk::Disk> {
        Arc::new(journal::disk::NoDisk)
    }

    fn spawn(&self, _: &str, _: engine::Urgency, work: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
        std::thread::Builder::new().spawn(work).map(drop)
    }

    fn connect(&self, _: &str, _: u16, _: std::time::Duration) -> std::io::Result<Box<dyn engine::Link>> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn pace(&self) -> Box<dyn engine::Pace> {
        Box::new(Restless)
    }

    fn crash(&self) {}

    fn facts(&self) -> Facts {
        Facts::default()
    }
    fn log(&self, _: Level, _: &str) {}
    fn sleep_us(&self, _: u64) {}
    fn purge_memory(&self) {}

    fn allocator_statistics(&self) -> String {
        String::new()
    }
    fn stop(&self) {}
}

fn new_engine(workers: usize) -> Arc<Engine> {
    let registry = engine::registry();
    let handle = |_| WorkerHandle {
        mailbox: Mailbox::new(Box::new(Nobody)),
        stats: Arc::new(WorkerStats::new(registry.all().len())),
    };
    Arc::new(Engine::new(Parts {
        shards: keyspace::Shards::new(1024, 7, None),
        workers: (0..workers).map(handle).collect(),
        registry,
        clock: Arc::new(host::SystemClock::default()),
        freer: Box::new(Nobody),
        host: Arc::new(Nobody),
        config: Config::default(),
        replication_id: String::new(),
        run_id: "0".repeat(40),
    }))
}

/// One client of one worker.
struct Connection {
    worker: Worker,
    session: Session,
    output: Vec<u8>,
}

impl Connection {
    fn new(engine: &Arc<Engine>, index: usize) -> Connection {
        let client = Arc::new(Client::new(index as u64 + 1, index, Peer::Embedded, -1, 0));
        let session = Session::new(client, true, Proto::Resp2);
        Connection { worker: Worker::new(engine.clone(), index, 3), session, output: Vec::new() }
    }

    fn send(&mut self, input: &[u8]) {
        self.output.clear();
        let (consumed, _) = self.worker.process(&mut self.session, input, &mut self.output);
        assert_eq!(consumed, input.len());
    }
}

const VALUE: &[u8] = &[b'v'; 64];

fn key(n: u64) -> Vec<u8> {
    format!("key:{n:012}").into_bytes()
}

fn fill(connection: &mut Connection, keys: u64) {
    let mut input = Vec::new();
    for n in 0..keys {
        resp::push_command(&mut input, &[b"SET", &key(n), VALUE]);
        if input.len() > 60_000 || n + 1 == keys {
            connection.send(&input);
            input.clear();
        }
    }
}

type Make = fn(&mut Vec<u8>, u64);

const CASES: &[(&str, Make)] = &[
    ("GET", |out, n| resp::push_command(out, &[b"GET", &key(n)])),
    ("SET", |out, n| resp::push_command(out, &[b"SET", &key(n), VALUE])),
    ("INCR", |out, n| resp::push_command(out, &[b"INCR", format!("counter:{:08}", n).as_bytes()])),
    ("LPUSH", |out, _| resp::push_command(out, &[b"LPUSH", b"mylist", VALUE])),
    ("RPOP", |out, _| resp::push_command(out, &[b"RPOP", b"mylist"])),
    ("LRANGE_100", |out, _| resp::push_command(out, &[b"LRANGE", b"mylist", b"0", b"99"])),
    ("XADD", |out, _| resp::push_command(out, &[b"XADD", b"mystream", b"*", b"field", VALUE])),
    ("MSET", |out, n| {
        let keys: Vec<_> = (0..10).map(|k| key((n + k * 7919) % 1_000_000)).collect();
        let mut words: Vec<&[u8]> = vec![b"MSET"];
        keys.iter().for_each(|key| words.extend([&key[..], VALUE]));
        resp::push_command(out, &words);
    }),
];

/// Batches of random commands, made once and sent again and again.
fn batches(make: Make, depth: usize, commands: usize, keys: u64, seed: u64) -> Vec<Vec<u8>> {
    let mut random = Prng::new(seed);
    let batch = |_| {
        let mut input = Vec::new();
        (0..depth).for_each(|_| make(&mut input, random.below(keys)));
        input
    };
    (0..commands / depth).map(batch).collect()
}

fn measure(name: &str, depth: usize, make: Make, connection: &mut Connection, keys: u64) {
    let commands = if name == "LRANGE_100" { 20_000 } else { 200_000 };
    let batches = batches(make, depth, commands, keys, 11);
    let mut rounds: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            batches.iter().for_each(|batch| connection.send(batch));
            start.elapsed().as_nanos() as f64 / (batches.len() * depth) as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("{name:12} P{depth:<4} best {:7.1} ns   median {:7.1} ns", rounds[0], rounds[rounds.len() / 2]);
}

/// Commands per second of one worker and of two, each with its own keys' order, on one engine.
fn scaling(engine: &Arc<Engine>, name: &str, make: Make, keys: u64) {
    let run = |workers: usize| -> f64 {
        let start = std::sync::Barrier::new(workers);
        let times: Vec<f64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|index| {
                    let (start, engine) = (&start, engine.clone());
                    scope.spawn(move || {
                        let mut connection = Connection::new(&engine, index);
                        let batches = batches(make, 16, 400_000, keys, 17 + index as u64);
                        batches.iter().for_each(|batch| connection.send(batch));
                        start.wait();
                        let begin = Instant::now();
                        batches.iter().for_each(|batch| connection.send(batch));
                        begin.elapsed().as_secs_f64()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        400_000.0 * workers as f64 / times.iter().copied().fold(0.0, f64::max)
    };
    let mut ratios: Vec<(f64, f64)> = (0..7).map(|_| (run(1), run(2))).collect();
    ratios.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    let (one, two) = ratios[ratios.len() / 2];
    println!(
        "{name:12} 1 worker {:6.2} M/s   2 workers {:6.2} M/s   ratio {:.2}",
        one / 1e6,
        two / 1e6,
        two / one
    );
}

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let filter = arguments.first().map_or("", String::as_str).to_uppercase();
    let keys = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let only_depth: Option<usize> = arguments.get(2).and_then(|n| n.parse().ok());
    let engine = new_engine(2);
    let mut connection = Connection::new(&engine, 0);
    fill(&mut connection, keys);
    for (name, make) in CASES.iter().filter(|(name, _)| {
        name.contains(&filter) && engine.registry.find(name.split('_').next().unwrap().as_bytes()).is_some()
    }) {
        for depth in [1, 16, 64].into_iter().filter(|depth| only_depth.is_none_or(|only| only == *depth)) {
            measure(name, depth, *make, &mut connection, keys);
        }
    }
    for (name, make) in CASES.iter().take(2).filter(|_| filter.is_empty() || filter == "SCALING") {
        scaling(&engine, name, *make, keys);
    }
}
