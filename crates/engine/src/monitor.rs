//! MONITOR: a line about every command that runs, for clients that have asked for that.
//!
//! While nobody has, the direct path runs and costs nothing more: monitors are a [`Condition`], for which it looks anyway.
//! While somebody has, every request takes the general path, and its line is sent while its shards are held. One lock
//! gives the lines an order that is the same for all monitors and in which time doesn't go back. A line is a reply, as with
//! Redis: CLIENT REPLY keeps it away like others.
//!
//! [`Condition`]: crate::Condition

use crate::client::Peer;
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::messages::{Content, Messages, Parcel, Push};
use crate::registry::Registered;
use crate::session::Session;
use crate::worker::Worker;
use command::{Flag, FlagSet};
use parking_lot::Mutex;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Commands of which no line tells.
const UNTOLD: FlagSet = FlagSet::of(&[Flag::Admin, Flag::SkipMonitor]);

/// How many clients of each worker monitor.
pub(crate) struct Monitors {
    /// Clients of each worker. Held while a line is sent: behind shards, before mailboxes in the order of locks.
    counts: Mutex<Vec<usize>>,
}

impl Monitors {
    /// Nobody, of so many workers' clients.
    pub(crate) fn new(workers: usize) -> Monitors {
        Monitors { counts: Mutex::new(vec![0; workers]) }
    }
}

impl Messages {
    /// A client begins to monitor.
    pub(crate) fn begin_monitoring(&mut self, engine: &Engine, session: &mut Session) {
        if session.client.monitors.swap(true, Relaxed) {
            return;
        }
        self.monitors.push(session.seat);
        engine.monitors.counts.lock()[self.worker] += 1;
        engine.conditions.set(Condition::Monitored, true);
    }

    /// A client monitors no more, if it did.
    pub(crate) fn end_monitoring(&mut self, engine: &Engine, session: &Session) {
        if !session.client.monitors.swap(false, Relaxed) {
            return;
        }
        self.monitors.retain(|seat| *seat != session.seat);
        let mut counts = engine.monitors.counts.lock();
        counts[self.worker] -= 1;
        if counts.iter().all(|count| *count == 0) {
            engine.conditions.set(Condition::Monitored, false);
        }
    }
}

impl Worker {
    /// Tells monitors of a command that has run. Its shards are held.
    #[inline]
    pub(crate) fn tell_monitors(&mut self, session: &Session, command: &Registered, args: resp::Args<'_>) {
        if self.engine.conditions.has(Condition::Monitored) && !command.flags.intersects(UNTOLD) {
            self.send_line(session, args);
        }
    }

    #[cold]
    fn send_line(&mut self, session: &Session, args: resp::Args<'_>) {
        if session.replays {
            return;
        }
        let engine = self.engine.clone();
        let mut to_wake = Vec::new();
        let counts = engine.monitors.counts.lock();
        let line = Arc::new(Push::line(line(engine.clock.wall_us(), session, args, &self.secrets)));
        for worker in (0..counts.len()).filter(|worker| counts[*worker] > 0) {
            let parcel = Parcel { content: Content::Line(line.clone()), after: 0 };
            if self.messages.send_ordered(&engine, worker, parcel) {
                to_wake.push(worker);
            }
        }
        drop(counts);
        to_wake.iter().for_each(|worker| engine.workers[*worker].mailbox.wake());
    }
}

/// `+1700000000.000000 [0 127.0.0.1:5000] "GET" "key"`, words that must not be seen replaced.
fn line(now_us: i64, session: &Session, args: resp::Args<'_>, secrets: &[usize]) -> Vec<u8> {
    let address = match &session.client.peer {
        Peer::Unix(path) => format!("unix:{path}"),
        peer => peer.remote(),
    };
    let mut line = Vec::new();
    let (seconds, us) = (now_us / 1_000_000, now_us % 1_000_000);
    let written = write!(line, "+{seconds}.{us:06} [{} {address}]", session.db);
    debug_assert!(written.is_ok(), "writing to a vector can't fail");
    for (at, word) in args.iter().enumerate() {
        line.push(b' ');
        let shown: &[u8] = if secrets.contains(&at) { b"(redacted)" } else { word };
        base::quote::push_quoted(&mut line, shown);
    }
    line.extend_from_slice(b"\r\n");
    line
}
