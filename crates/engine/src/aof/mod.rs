//! The append-only file: who writes it, how that goes, and which replies wait for it.
//!
//! A thread of its own takes what enters the journal and writes it ([`thread`]); another one forces it to the disk each
//! second ([`sync`]); replies that tell of a change wait at the [`gate`] where that is asked for.

mod depend;
mod figures;
mod gate;
mod rewrite;
mod rewrites;
mod switch;
mod sync;
mod thread;

pub(crate) use depend::{latest, latest_of};
pub use figures::AofFigures;
pub use gate::Gate;
pub(crate) use rewrite::Refused;
pub use rewrites::Rewrites;

use crate::conditions::Condition;
use crate::engine::Engine;
use crate::mailbox::Mail;
use crate::session::Session;
use config::{Appendfsync, Config};
use journal::Offset;
use journal::aof::{Extras, Log, Orders, Policy, Writer};
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;
use thread::Request;

/// What becomes of changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// They are kept in memory only.
    Off,
    /// They are to be written; a first rewrite has to give them something to begin with.
    Waiting,
    /// They are written.
    On,
}

/// What the writer's thread is told.
#[derive(Default)]
struct Control {
    /// There is a writer.
    running: bool,
    /// It is to end.
    stop: bool,
    /// It is to end at once, and to give up what it has written.
    discard: bool,
    /// Something has happened that it must look at.
    woken: bool,
    requests: Vec<Request>,
}

/// The append-only file, as everybody but its writer sees it.
pub struct Aof {
    /// Which replies may leave.
    pub gate: Gate,
    /// What INFO says.
    pub figures: AofFigures,
    /// How rewriting goes.
    pub rewrites: Rewrites,
    state: Mutex<State>,
    control: Mutex<Control>,
    /// For the writer, when it is woken, and for those who wait for its end.
    changed: Condvar,
    /// The writer waits for something to be written.
    idle: AtomicBool,
    /// `aof-buffer-limit`: bytes that may wait for the disk.
    most_waiting: AtomicU64,
}

impl Aof {
    /// Of a server with so many workers, turned off.
    pub(crate) fn new(workers: usize) -> Aof {
        Aof {
            gate: Gate::new(workers),
            figures: AofFigures::default(),
            rewrites: Rewrites::default(),
            state: Mutex::new(State::Off),
            control: Mutex::default(),
            changed: Condvar::new(),
            idle: AtomicBool::new(false),
            most_waiting: AtomicU64::new(u64::MAX),
        }
    }

    /// What becomes of changes.
    pub(crate) fn state(&self) -> State {
        *self.state.lock()
    }

    pub(crate) fn set_state(&self, state: State) {
        *self.state.lock() = state;
    }

    /// Whether changes are to be written.
    pub fn is_on(&self) -> bool {
        self.state() != State::Off
    }

    /// Whether there is a writer.
    fn is_written(&self) -> bool {
        self.control.lock().running
    }

    /// Bytes that may wait for the disk.
    fn most_waiting(&self) -> u64 {
        self.most_waiting.load(Relaxed)
    }

    /// Asks the writer for something; it gets there when it is woken.
    fn request(&self, request: Request) {
        self.control.lock().requests.push(request);
    }

    /// Something has entered the journal. Costs next to nothing unless the writer sleeps.
    #[inline]
    pub(crate) fn journal_grew(&self) {
        if self.idle.load(SeqCst) && self.idle.swap(false, SeqCst) {
            self.wake();
        }
    }

    /// Has the writer look at what has happened.
    pub(crate) fn wake(&self) {
        self.control.lock().woken = true;
        self.changed.notify_all();
    }

    /// Waits until the writer is woken, at most so long if a time is given; answers whether it is to go on.
    fn sleep(&self, timeout: Option<Duration>) -> bool {
        let mut control = self.control.lock();
        if !control.woken && !control.stop {
            match timeout {
                Some(timeout) => drop(self.changed.wait_for(&mut control, timeout)),
                None => self.changed.wait(&mut control),
            }
        }
        control.woken = false;
        !control.stop
    }
}

/// How the configuration wants the file to be written.
pub(crate) fn orders(config: &Config, rewriting: bool) -> Orders {
    let policy = match config.appendfsync {
        Appendfsync::Always => Policy::Always,
        Appendfsync::Everysec => Policy::EverySecond,
        Appendfsync::No => Policy::Never,
    };
    let extras = Extras {
        seconds: config.aof_timestamp_enabled,
        checksums: config.aof_checksum,
        aside: policy == Policy::Always,
    };
    Orders { policy, extras, no_sync: config.no_appendfsync_on_rewrite && rewriting }
}

impl Engine {
    /// Begins to write the journal, from now on, to these files. The caller holds all shards, or nobody changes anything yet.
    ///
    /// # Errors
    /// When there can't be another thread.
    pub(crate) fn write_journal(self: &Arc<Self>, log: Log) -> io::Result<()> {
        let writer = Writer::new(log, self.journal.read());
        self.aof.gate.advance(writer.durable(), writer.durable());
        self.aof.gate.note_written(writer.durable());
        self.aof.control.lock().running = true;
        let started = thread::start(self, writer);
        self.aof.control.lock().running = started.is_ok();
        self.follow_aof_settings(&self.config());
        started
    }

    /// Bytes of the journal that aren't in the append-only file yet.
    pub(crate) fn unwritten_bytes(&self) -> u64 {
        self.journal.end().saturating_sub(self.aof.gate.written())
    }

    /// The journal goes up to here now. If the disk is so slow that too much of it waits in memory, no more is taken until
    /// half of that has been written.
    #[inline]
    pub(crate) fn note_journal_end(&self, end: Offset) {
        if end.saturating_sub(self.aof.gate.written()) > self.aof.most_waiting() {
            self.conditions.set(Condition::JournalFull, self.aof.is_written());
        }
    }

    /// Has the gate and the writer follow a configuration.
    pub(crate) fn follow_aof_settings(&self, config: &Config) {
        let limit = if config.aof_buffer_limit == 0 { u64::MAX } else { config.aof_buffer_limit };
        self.aof.most_waiting.store(limit, Relaxed);
        let written = self.aof.state() == State::On && self.aof.is_written();
        let close = written && config.appendfsync == Appendfsync::Always;
        self.aof.gate.close(close);
        if written && !config.aof_disable_auto_gc {
            self.aof.request(Request::RemoveHistory);
        }
        self.aof.wake();
        if !close {
            self.tell_of_progress();
        }
    }

    /// Whether this server's disk has what a session has written.
    pub(crate) fn has_on_disk(&self, session: &Session) -> bool {
        self.aof.state() == State::On && session.wrote <= self.aof.gate.durable()
    }

    /// Tells those who wait for the journal to be safe.
    pub(crate) fn tell_of_progress(&self) {
        for worker in self.aof.gate.take_waiting() {
            self.workers[worker].mailbox.post(Mail::JournalSafe);
        }
    }

    /// Writes all of the journal, forces it to the disk and ends the writer. What is changed from here on isn't written.
    pub fn close_journal(&self) {
        self.end_writer(|control| control.stop = true);
    }

    /// Ends the writer, and gives up what it has written.
    fn discard_journal(&self) {
        self.end_writer(|control| (control.stop, control.discard) = (true, true));
    }

    fn end_writer(&self, tell: impl FnOnce(&mut Control)) {
        let mut control = self.aof.control.lock();
        tell(&mut control);
        self.aof.changed.notify_all();
        while control.running {
            self.aof.changed.wait(&mut control);
        }
        *control = Control::default();
    }
}
