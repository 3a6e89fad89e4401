//! The append-only file: who writes it, how that goes, and which replies wait for it.
//!
//! A thread of its own takes what enters the journal and writes it ([`thread`]); another one forces it to the disk each
//! second ([`sync`]); replies that tell of a change wait at the [`gate`] where that is asked for.

mod depend;
mod figures;
mod gate;
mod sync;
mod thread;

pub(crate) use depend::{latest, latest_of};
pub use figures::AofFigures;
pub use gate::Gate;

use crate::engine::Engine;
use crate::mailbox::Mail;
use crate::session::Session;
use config::{Appendfsync, Config};
use journal::aof::{Extras, Log, Orders, Policy, Writer};
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

/// What the writer's thread is told.
#[derive(Default)]
struct Control {
    /// There is a writer.
    running: bool,
    /// It is to write everything and to end.
    stop: bool,
    /// Something has happened that it must look at.
    woken: bool,
}

/// The append-only file, as everybody but its writer sees it.
pub struct Aof {
    /// Which replies may leave.
    pub gate: Gate,
    /// What INFO says.
    pub figures: AofFigures,
    control: Mutex<Control>,
    /// For the writer, when it is woken, and for those who wait for its end.
    changed: Condvar,
    /// The writer waits for something to be written.
    idle: AtomicBool,
}

impl Aof {
    /// Of a server with so many workers, turned off.
    pub(crate) fn new(workers: usize) -> Aof {
        Aof {
            gate: Gate::new(workers),
            figures: AofFigures::default(),
            control: Mutex::default(),
            changed: Condvar::new(),
            idle: AtomicBool::new(false),
        }
    }

    /// Whether changes are written.
    pub fn is_on(&self) -> bool {
        self.control.lock().running
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
        self.aof.control.lock().running = true;
        self.follow_aof_settings(&self.config());
        thread::start(self, writer).inspect_err(|_| {
            self.aof.control.lock().running = false;
            self.aof.gate.close(false);
        })
    }

    /// Has the gate and the writer follow a configuration.
    pub(crate) fn follow_aof_settings(&self, config: &Config) {
        let close = self.aof.is_on() && config.appendfsync == Appendfsync::Always;
        self.aof.gate.close(close);
        self.aof.wake();
        if !close {
            self.tell_of_progress();
        }
    }

    /// Whether this server's disk has what a session has written.
    pub(crate) fn has_on_disk(&self, session: &Session) -> bool {
        self.aof.is_on() && session.wrote <= self.aof.gate.durable()
    }

    /// Tells those who wait for the journal to be safe.
    pub(crate) fn tell_of_progress(&self) {
        for worker in self.aof.gate.take_waiting() {
            self.workers[worker].mailbox.post(Mail::JournalSafe);
        }
    }

    /// Writes all of the journal, forces it to the disk and ends the writer. Nobody changes anything any more, or the caller
    /// holds all shards.
    pub fn close_journal(&self) {
        let mut control = self.aof.control.lock();
        control.stop = true;
        self.aof.changed.notify_all();
        while control.running {
            self.aof.changed.wait(&mut control);
        }
        control.stop = false;
    }
}
