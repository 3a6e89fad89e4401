//! The thread that writes the append-only file.

use super::sync::SyncThread;
use super::{Control, orders};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::host::{Level, Urgency};
use crate::latency::LatencyEvent;
use config::Appendfsync;
use journal::aof::{Failure, Orders, Turn, Writer};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
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
    let mut thread =
        Thread { engine: engine.clone(), writer, background, other_files: 0, failing: None, logged_ns: None };
    let total = engine.aof.figures.current_bytes.load(Relaxed);
    thread.other_files = total.saturating_sub(thread.writer.log().size());
    engine.host.spawn("aof", Urgency::Work, Box::new(move || thread.run()))
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
}

impl Thread {
    fn run(mut self) {
        loop {
            let orders = self.orders();
            self.delay();
            let turn = self.turn(orders);
            self.publish(orders, &turn);
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
        aof.gate.advance(released, durable);
        self.engine.tell_of_progress();
        let figures = &aof.figures;
        figures.current_bytes.store(self.other_files + self.writer.log().size(), Relaxed);
        figures.buffer_bytes.store(self.writer.waiting_bytes() as u64, Relaxed);
        figures.syncing.store(self.writer.is_syncing(), Relaxed);
        if turn.late {
            figures.delayed_syncs.fetch_add(1, Relaxed);
            let text = "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting \
                        for fsync to complete, clients aren't slowed down.";
            self.engine.host.log(Level::Notice, text);
        }
        self.note_latency(turn);
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
        let reason = crate::host::reason(failure.error());
        *self.engine.journal_failure.lock() = reason.clone();
        self.engine.aof.figures.failing.store(true, Relaxed);
        self.engine.conditions.set(Condition::JournalFailed, true);
        let now_ns = self.engine.clock.monotonic_ns();
        if self.logged_ns.is_some_and(|at| now_ns.saturating_sub(at) < LOG_EVERY_NS) {
            return;
        }
        self.logged_ns = Some(now_ns);
        for line in lines(failure, &reason) {
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

    /// Writes what there is and forces it to the disk.
    fn end(mut self) {
        let orders = self.orders();
        let clock = self.engine.clock.clone();
        let finished = self.writer.finish(orders, &move || clock.monotonic_ns(), &mut self.background);
        if let Err(failure) = finished {
            let reason = crate::host::reason(failure.error());
            lines(&failure, &reason).iter().for_each(|line| self.engine.host.log(Level::Warning, line));
        }
        let (released, durable) = (self.writer.durable(), self.writer.durable());
        let aof = &self.engine.aof;
        aof.gate.advance(released, durable);
        self.engine.tell_of_progress();
        let Thread { engine, writer, .. } = self;
        // The journal's reader leaves before anybody is told that there is none.
        drop(writer);
        let mut control = engine.aof.control.lock();
        *control = Control::default();
        engine.aof.changed.notify_all();
    }
}

/// What the log says of a failure.
fn lines(failure: &Failure, reason: &str) -> Vec<String> {
    match failure {
        Failure::Write(_) => vec![format!("Error writing to the AOF file: {reason}")],
        Failure::Short { written, expected, left_behind, .. } => {
            let short = format!(
                "Short write while writing to the AOF file: (nwritten={written}, expected={expected})"
            );
            let left = left_behind.as_ref().map(|error| {
                format!(
                    "Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next \
                     time it starts.  ftruncate: {}",
                    crate::host::reason(error)
                )
            });
            std::iter::once(short).chain(left).collect()
        }
        Failure::Sync(_) => vec![format!("Fail to fsync the AOF file: {reason}")],
        Failure::Manifest(_) => {
            vec![format!("Error trying to write the temporary AOF manifest file: {reason}")]
        }
    }
}
