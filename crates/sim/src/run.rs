//! One run: a plan, its workers on their threads, and what is found afterwards.

use crate::cache::Cache;
use crate::check;
use crate::client::VirtualClient;
use crate::dump::Dump;
use crate::history::{Call, Operation, operations};
use crate::inbox::Inbox;
use crate::panics;
use crate::plan::Plan;
use crate::scheduler::Scheduler;
use crate::server::simulated;
use crate::virtual_worker::VirtualWorker;
use crate::watch::Watch;
use engine::{Engine, NewFile, Purpose, write_cut};
use journal::Reader;
use keyspace::Walk;
use parking_lot::Mutex;
use resp::reply::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What the virtual workers share.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) scheduler: Arc<Scheduler>,
    /// The id of each client's present connection.
    pub(crate) ids: Vec<AtomicU64>,
    tap: Mutex<Tap>,
    /// A snapshot is being taken: only one at a time is.
    snapshotting: AtomicBool,
    /// A pause that its client knows of.
    pause: Mutex<Option<KnownPause>>,
}

/// Nothing may change before its end.
struct KnownPause {
    until_ms: i64,
    journal_end: u64,
}

/// What comes out of the journal.
struct Tap {
    reader: Reader,
    bytes: Vec<u8>,
    cuts: Vec<Cut>,
}

/// The state at a moment at which nobody was changing it.
pub struct Cut {
    /// Bytes of the journal up to here.
    pub journal_bytes: usize,
    /// The state.
    pub dump: Dump,
    /// The file that was made of it while the workers went on, unless another one was being made just then.
    pub snapshot: Option<Vec<u8>>,
}

impl Shared {
    /// CLIENT PAUSE has been answered.
    pub(crate) fn paused(&self) {
        let present = self.engine.pause.present(self.scheduler.now_us() / 1000);
        let journal_end = self.engine.journal.end();
        *self.pause.lock() = present.map(|paused| KnownPause { until_ms: paused.until_ms, journal_end });
    }

    /// CLIENT UNPAUSE is about to be sent.
    pub(crate) fn unpauses(&self) {
        *self.pause.lock() = None;
    }

    /// Nothing changes during a pause.
    pub(crate) fn check_pause(&self) -> Result<(), String> {
        let (end, now_ms) = (self.engine.journal.end(), self.scheduler.now_us() / 1000);
        match &*self.pause.lock() {
            Some(pause) if now_ms < pause.until_ms && pause.journal_end != end => {
                Err(format!("the journal grew from {} to {end} during a pause", pause.journal_end))
            }
            _ => Ok(()),
        }
    }

    /// Locks all shards and notes what they hold and how far the journal is; then takes a snapshot of that while others
    /// go on.
    pub(crate) fn cut(&self) {
        let ids: Vec<_> = self.engine.shards.ids().collect();
        let mut held = self.engine.shards.acquire(&ids);
        let mut tap = self.tap.lock();
        let fresh = tap.reader.take();
        tap.bytes.extend(fresh);
        let journal_bytes = tap.bytes.len();
        let nth = tap.cuts.len();
        tap.cuts.push(Cut { journal_bytes, dump: Dump::of(&self.engine, &mut held), snapshot: None });
        drop(tap);
        let walk = (!self.snapshotting.swap(true, Ordering::AcqRel)).then(|| Walk::of(&mut held));
        drop(held);
        if let Some(walk) = walk {
            let mut file = Snapshot::default();
            let written = write_cut(&self.engine, walk, Purpose::Snapshot, None, &mut file);
            assert!(written.is_ok(), "nobody cancels it, and memory takes everything");
            self.snapshotting.store(false, Ordering::Release);
            self.tap.lock().cuts[nth].snapshot = Some(file.0);
        }
    }
}

/// A file in memory.
#[derive(Default)]
struct Snapshot(Vec<u8>);

impl NewFile for Snapshot {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn commit(self: Box<Self>) -> std::io::Result<()> {
        Ok(())
    }
}

/// A run that has come to its end, for the checkers.
pub struct Ended {
    /// What was done.
    pub plan: Plan,
    /// The engine, at rest; connections that wait are still open.
    pub engine: Arc<Engine>,
    /// What the clients saw, each client's calls in order.
    pub calls: Vec<Call>,
    /// The commands that ran.
    pub operations: Vec<Operation>,
    /// What the clients have cached, by their numbers.
    pub caches: Vec<(usize, Cache)>,
    /// What the clients have heard of what they have subscribed to, by their numbers.
    pub inboxes: Vec<(usize, Inbox)>,
    /// What the clients have seen with MONITOR.
    pub watches: Vec<Watch>,
    /// All bytes of the journal.
    pub journal: Vec<u8>,
    /// The state at some moments, the last of them the end.
    pub cuts: Vec<Cut>,
}

/// Something that must not be.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The checker that found it.
    pub check: &'static str,
    /// What it found.
    pub text: String,
    /// What happened, if the run was traced.
    pub trace: Vec<String>,
}

/// How often a command ran, failed and waited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Runs.
    pub ran: usize,
    /// Runs that were answered with an error.
    pub failed: usize,
    /// Runs that waited for a key.
    pub waited: usize,
}

/// What a run came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Commands that ran, by name.
    pub census: BTreeMap<String, Count>,
    /// The journal.
    pub journal: Vec<u8>,
    /// The final state.
    pub dump: Dump,
}

/// Runs a plan and checks what came of it. `traced` keeps a line for each event.
///
/// # Errors
/// The first thing that must not be.
pub fn run(plan: &Plan, traced: bool) -> Result<Summary, Finding> {
    let scheduler = Scheduler::new(plan.shape.workers, plan.shape.shards, plan.pace, traced);
    let finding = |check: &'static str, text: String| Finding { check, text, trace: scheduler.take_trace() };
    let workers = work(plan, &scheduler).map_err(|text| finding("run", text))?;
    let checked = panics::catch(|| check_all(plan, workers));
    match checked {
        Ok(result) => result.map_err(|(check, text)| finding(check, text)),
        Err(text) => Err(finding("panic at rest", text.unwrap_or_default())),
    }
}

fn check_all(plan: &Plan, (mut workers, shared): Running) -> Result<Summary, (&'static str, String)> {
    shared.cut();
    let calls: Vec<Call> = workers
        .iter()
        .flat_map(|worker| worker.clients.iter().flat_map(|client| client.calls.iter().cloned()))
        .collect();
    let clients = || workers.iter().flat_map(|worker| &worker.clients);
    let caches = clients().map(|client| (client.index, client.cache.clone())).collect();
    let inboxes = clients().map(|client| (client.index, client.inbox.clone())).collect();
    let watches = clients().map(|client| client.watch.clone()).collect();
    let ended = Ended { caches, inboxes, watches, ..ended(plan, &shared, calls) };
    for (name, check) in check::AT_REST {
        check(&ended).map_err(|text| (*name, text))?;
    }
    workers.iter_mut().try_for_each(VirtualWorker::close_all).map_err(|text| ("run", text))?;
    for (name, check) in check::AFTER_ALL_LEFT {
        check(&ended).map_err(|text| (*name, text))?;
    }
    let dump = ended.cuts.last().map(|cut| cut.dump.clone()).unwrap_or_default();
    Ok(Summary { census: census(&ended.operations), journal: ended.journal, dump })
}

fn census(operations: &[Operation]) -> BTreeMap<String, Count> {
    let mut census = BTreeMap::<String, Count>::new();
    for operation in operations {
        let count = census.entry(operation.name()).or_default();
        count.ran += 1;
        count.failed += usize::from(matches!(operation.reply, Value::Error(_)));
        count.waited += usize::from(operation.parked.is_some());
    }
    census
}

fn ended(plan: &Plan, shared: &Shared, calls: Vec<Call>) -> Ended {
    let mut tap = shared.tap.lock();
    let (journal, cuts) = (std::mem::take(&mut tap.bytes), std::mem::take(&mut tap.cuts));
    let operations = operations(&calls);
    let (engine, caches, inboxes, watches) = (shared.engine.clone(), Vec::new(), Vec::new(), Vec::new());
    Ended { plan: plan.clone(), engine, calls, operations, caches, inboxes, watches, journal, cuts }
}

type Running = (Vec<VirtualWorker>, Arc<Shared>);

/// Runs the workers until all is quiet. Answers them, or what went wrong.
fn work(plan: &Plan, scheduler: &Arc<Scheduler>) -> Result<Running, String> {
    let engine = simulated(plan.shape, scheduler);
    engine.aof.gate.close(true);
    let tap = Tap { reader: engine.journal.read(), bytes: Vec::new(), cuts: Vec::new() };
    let ids = plan.clients.iter().map(|_| AtomicU64::new(0)).collect();
    let shared = Arc::new(Shared {
        engine,
        scheduler: scheduler.clone(),
        ids,
        tap: Mutex::new(tap),
        snapshotting: AtomicBool::new(false),
        pause: Mutex::default(),
    });
    let mut threads = Vec::new();
    for index in 0..plan.shape.workers {
        let clients = plan.clients.iter().enumerate().filter(|(_, client)| client.worker == index);
        let clients = clients.map(|(at, client)| VirtualClient::new(at, client.clone())).collect();
        let mut worker = VirtualWorker::new(shared.clone(), index, plan.shape.seed ^ index as u64, clients);
        let scheduler = scheduler.clone();
        threads.push(std::thread::spawn(move || {
            let result = panics::catch(|| {
                scheduler.join(index);
                worker.run();
            });
            if let Err(Some(text)) = result {
                scheduler.fail(text);
            }
            scheduler.done(index);
            worker
        }));
    }
    scheduler.start();
    let workers: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().ok()).collect();
    scheduler.finish();
    match scheduler.failure() {
        Some(text) => Err(text),
        None => Ok((workers, shared)),
    }
}
