//! The thread that writes the append-only file.

use super::rewrite::Begun;
use super::sync::SyncThread;
use super::{State, orders};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::host::{Level, Urgency, reason};
use crate::latency::LatencyEvent;
use config::Appendfsync;
use journal::aof::{Failure, FileInfo, Orders, Turn, Writer};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// Where nobody waits for the disk, what comes in within this time is written at once.
const GATHER: Duration = Duration::from_millis(2);
/// Failures are logged at most once in so many nanoseconds.
const LOG_EVERY_NS: u64 = 30_000_000_000;

/// A wait that is asked for can be ended after each such step.
const DELAY_STEP_US: u64 = 1000;

/// Starts the thread.
pub(super) fn start(engine: &Arc<Engine>, writer: Writer) -> io::Result<()> {
    let background = SyncThread::start(engine)?;
    let mut thread = Thread {
        engine: engine.clone(),
        writer,
        background,
        other_files: 0,
        failing: None,
        logged_ns: None,
        tell_begun: None,
    };
    thread.measure_other_files();
    engine.host.spawn("aof", Urgency::Work, Box::new(move || thread.run()))
}

/// What the thread is asked for between its turns.
pub(super) enum Request {
    /// To tell when the next file of changes has begun.
    TellBegun(Sender<Result<Begun, String>>),
    /// To put a base into the list, in place of all that was before the file of changes with this number.
    Install { base: FileInfo, first_kept: u64, reply: Sender<Result<Vec<FileInfo>, String>> },
    /// To take files off the list that are of no use any more, and to tell when that is done.
    ForgetHistory(Sender<Result<(), String>>),
    /// To remove these files, and to take them off the list.
    RemoveHistory,
}

/// What kind of failure there is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Write,
    Sync,
}

struct Thread {
    engine: Arc<Engine>,
    writer: Writer,
    background: SyncThread,
    /// Bytes of the files besides the one that is written.
    other_files: u64,
    failing: Option<Failing>,
    /// When a failure was logged last.
    logged_ns: Option<u64>,
    /// Who waits for a file to begin.
    tell_begun: Option<Sender<Result<Begun, String>>>,
}

impl Thread {
    fn run(mut self) {
        loop {
            let orders = self.orders();
            self.delay();
            let mut turn = self.turn(orders);
            if let Some(begun) = turn.begun.take() {
                self.note_begun(begun);
            }
            self.publish(orders, &turn);
            self.fulfil_requests();
            if !self.wait(&turn) {
                break;
            }
        }
        self.end();
    }

    fn orders(&self) -> Orders {
        let rewriting = self.engine.snapshots.running().is_some();
        orders(&self.engine.config(), rewriting)
    }

    /// Adds up the files besides the one that is written.
    fn measure_other_files(&mut self) {
        let (disk, log) = (self.engine.host.disk(), self.writer.log());
        let present = log.manifest().incremental.last().map(|file| file.name.clone());
        let others = log.manifest().to_load().filter(|file| Some(&file.name) != present.as_ref());
        let len = |name: &[u8]| disk.open(&log.names().path(name)).and_then(|file| file.len());
        self.other_files = others.map(|file| len(&file.name).unwrap_or(0)).sum();
    }

    /// A new file of changes has begun, or couldn't begin.
    fn note_begun(&mut self, begun: Result<FileInfo, Failure>) {
        // Who waits for it has said so before it was to begin.
        self.fulfil_requests();
        let answer = match begun {
            Ok(file) => {
                let name = String::from_utf8_lossy(&file.name).into_owned();
                let text = format!("Creating AOF incr file {name} on background rewrite");
                self.engine.host.log(Level::Notice, &text);
                let log = self.writer.log();
                let base = log.manifest().next_base(log.names(), self.engine.base_format());
                self.measure_other_files();
                Ok(Begun { first_kept: file.seq, base })
            }
            Err(failure) => {
                let error = reason(failure.error());
                Err(format!("Can't open the append-only file for the rewrite: {error}"))
            }
        };
        if let Some(waiting) = self.tell_begun.take() {
            // Who doesn't wait any more has given up.
            let _ = waiting.send(answer);
        }
    }

    fn fulfil_requests(&mut self) {
        let requests = std::mem::take(&mut self.engine.aof.control.lock().requests);
        for request in requests {
            match request {
                Request::TellBegun(sender) => self.tell_begun = Some(sender),
                Request::Install { base, first_kept, reply } => {
                    let installed = self.install(base, first_kept);
                    let _ = reply.send(installed.map_err(|failure| reason(failure.error())));
                }
                Request::ForgetHistory(reply) => {
                    self.forget_history();
                    let _ = reply.send(Ok(()));
                }
                Request::RemoveHistory if !self.writer.log().manifest().history.is_empty() => {
                    self.engine.remove_files(&self.writer.log().manifest().history);
                    self.forget_history();
                }
                Request::RemoveHistory => {}
            }
        }
    }

    fn forget_history(&mut self) {
        if let Err(failure) = self.writer.log_mut().forget_history() {
            let text = lines(&failure).join(" ");
            self.engine.host.log(Level::Warning, &text);
        }
    }

    fn install(&mut self, base: FileInfo, first_kept: u64) -> Result<Vec<FileInfo>, Failure> {
        let history = self.writer.log_mut().install(base, first_kept)?;
        self.measure_other_files();
        let figures = &self.engine.aof.figures;
        figures.current_bytes.store(self.other_files + self.writer.log().size(), Relaxed);
        let mut state = self.engine.aof.state.lock();
        if *state == State::Waiting {
            *state = State::On;
            drop(state);
            self.engine.follow_aof_settings(&self.engine.config());
        }
        Ok(history)
    }

    /// DEBUG AOF-FLUSH-SLEEP.
    fn delay(&self) {
        let delay_us = || self.engine.aof.figures.write_delay_us.load(Relaxed);
        let mut waited_us = 0;
        while waited_us < delay_us() && self.writer.waiting_bytes() > 0 {
            self.engine.host.sleep_us(DELAY_STEP_US);
            waited_us += DELAY_STEP_US;
        }
    }

    fn turn(&mut self, orders: Orders) -> Turn {
        let clock = self.engine.clock.clone();
        self.writer.turn(orders, &move || clock.monotonic_ns(), &mut self.background)
    }

    /// Tells everybody what has become of the journal.
    fn publish(&mut self, orders: Orders, turn: &Turn) {
        self.note_failure(turn.failure.as_ref());
        let (written, durable) = (self.writer.written(), self.writer.durable());
        let released = if orders.no_sync { written } else { durable };
        let aof = &self.engine.aof;
        aof.gate.note_written(written);
        aof.gate.advance(released, durable);
        self.engine.tell_of_progress();
        self.note_room();
        let figures = &aof.figures;
        figures.current_bytes.store(self.other_files + self.writer.log().size(), Relaxed);
        figures.syncing.store(self.writer.is_syncing(), Relaxed);
        if turn.late {
            figures.delayed_syncs.fetch_add(1, Relaxed);
            let text = "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting \
                        for fsync to complete, clients aren't slowed down.";
            self.engine.host.log(Level::Notice, text);
        }
        self.note_latency(turn);
    }

    /// Takes changes again when enough of those that wait have been written.
    fn note_room(&self) {
        let full = self.engine.conditions.has(Condition::JournalFull);
        if full && self.writer.waiting_bytes() as u64 <= self.engine.aof.most_waiting() / 2 {
            self.engine.conditions.set(Condition::JournalFull, false);
            self.engine.host.log(Level::Notice, "The disk has caught up: changes are taken again.");
        }
    }

    fn note_latency(&self, turn: &Turn) {
        let Some(limit_ns) = self.engine.settings().latency_ns else { return };
        let now_us = self.engine.clock.wall_us();
        let note = |event, time_ns: u64| {
            if time_ns >= limit_ns {
                self.engine.latency.lock().add(event, now_us, time_ns);
            }
        };
        if turn.written_bytes > 0 {
            let kind = match self.engine.snapshots.running() {
                _ if turn.beside_sync => LatencyEvent::AofWritePendingSync,
                Some(_) => LatencyEvent::AofWriteActiveChild,
                None => LatencyEvent::AofWriteAlone,
            };
            note(kind, turn.write_ns);
            note(LatencyEvent::AofWrite, turn.write_ns);
        }
        if let Some(sync_ns) = turn.sync_ns {
            note(LatencyEvent::AofSyncAlways, sync_ns);
        }
    }

    fn note_failure(&mut self, failure: Option<&Failure>) {
        let Some(failure) = failure else { return self.note_success() };
        self.failing = Some(match failure {
            Failure::Sync(_) => Failing::Sync,
            _ => Failing::Write,
        });
        *self.engine.journal_failure.lock() = reason(failure.error());
        self.engine.aof.figures.failing.store(true, Relaxed);
        self.engine.conditions.set(Condition::JournalFailed, true);
        let now_ns = self.engine.clock.monotonic_ns();
        if self.logged_ns.is_some_and(|at| now_ns.saturating_sub(at) < LOG_EVERY_NS) {
            return;
        }
        self.logged_ns = Some(now_ns);
        for line in lines(failure) {
            self.engine.host.log(Level::Warning, &line);
        }
    }

    fn note_success(&mut self) {
        let Some(failing) = self.failing.take() else { return };
        self.engine.aof.figures.failing.store(false, Relaxed);
        self.engine.conditions.set(Condition::JournalFailed, false);
        self.logged_ns = None;
        let text = match failing {
            Failing::Write => "AOF write error looks solved, Redis can write again.",
            Failing::Sync => "AOF fsync error looks solved, Redis can write again.",
        };
        self.engine.host.log(Level::Warning, text);
    }

    /// Waits until there is something to do; answers whether to go on.
    fn wait(&self, turn: &Turn) -> bool {
        let aof = &self.engine.aof;
        let always = self.engine.config().appendfsync == Appendfsync::Always;
        if turn.written_bytes > 0 && turn.failure.is_none() && !always {
            return aof.sleep(Some(GATHER));
        }
        let timeout =
            turn.next_ns.map(|at| Duration::from_nanos(at.saturating_sub(self.engine.clock.monotonic_ns())));
        if turn.failure.is_some() {
            return aof.sleep(timeout);
        }
        // Whoever appends from here on wakes this thread; what was appended before is seen here.
        aof.idle.store(true, SeqCst);
        if self.writer.waiting_bytes() > 0 {
            aof.idle.store(false, SeqCst);
            return !aof.control.lock().stop;
        }
        let go_on = aof.sleep(timeout);
        aof.idle.store(false, SeqCst);
        go_on
    }

    /// Writes what there is and forces it to the disk, unless it is of no use.
    fn end(mut self) {
        if self.engine.aof.control.lock().discard {
            let name = self.writer.log().names().temporary_incremental();
            let name = String::from_utf8_lossy(&name).into_owned();
            let text = format!("Removing the temp incr aof file {name} in the background");
            self.engine.host.log(Level::Notice, &text);
            self.writer.discard();
            return tell_end(&self.engine);
        }
        let orders = self.orders();
        let clock = self.engine.clock.clone();
        let finished = self.writer.finish(orders, &move || clock.monotonic_ns(), &mut self.background);
        if let Err(failure) = finished {
            lines(&failure).iter().for_each(|line| self.engine.host.log(Level::Warning, line));
        }
        let (released, durable) = (self.writer.durable(), self.writer.durable());
        let aof = &self.engine.aof;
        aof.gate.advance(released, durable);
        self.engine.tell_of_progress();
        let Thread { engine, writer, .. } = self;
        // The journal's reader leaves before anybody is told that there is none.
        drop(writer);
        tell_end(&engine);
    }
}

fn tell_end(engine: &Engine) {
    engine.aof.figures.failing.store(false, Relaxed);
    engine.conditions.set(Condition::JournalFailed, false);
    engine.conditions.set(Condition::JournalFull, false);
    let mut control = engine.aof.control.lock();
    // Who waits for an answer learns that there is none.
    control.requests.clear();
    control.running = false;
    engine.aof.changed.notify_all();
}

/// What the log says of a failure.
fn lines(failure: &Failure) -> Vec<String> {
    let why = reason(failure.error());
    match failure {
        Failure::Write(_) => vec![format!("Error writing to the AOF file: {why}")],
        Failure::Short { written, expected, left_behind, .. } => {
            let short = format!(
                "Short write while writing to the AOF file: (nwritten={written}, expected={expected})"
            );
            let left = left_behind.as_ref().map(|error| {
                format!(
                    "Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next \
                     time it starts.  ftruncate: {}",
                    reason(error)
                )
            });
            std::iter::once(short).chain(left).collect()
        }
        Failure::Sync(_) => vec![format!("Fail to fsync the AOF file: {why}")],
        Failure::Manifest(_) => {
            vec![format!("Error trying to write the temporary AOF manifest file: {why}")]
        }
    }
}
