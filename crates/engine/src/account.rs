//! What is noted of a run when it is over: counters, latencies, and what was remarkable about it.

use crate::commandlog::{Log, LogEntry, shorten};
use crate::footprint::key_positions;
use crate::hotkeys::KeyRun;
use crate::latency::LatencyEvent;
use crate::registry::Registered;
use crate::session::{ReplyMode, Session, Unfinished};
use crate::settings::LogSettings;
use crate::worker::Worker;
use command::Flag;
use parking_lot::Mutex;
use smallvec::SmallVec;

/// How the run of a command has ended.
#[derive(Clone, Copy)]
pub(crate) struct Ran {
    /// It answered an error.
    pub(crate) failed: bool,
    /// Bytes of its reply.
    pub(crate) reply_bytes: usize,
}

/// A run that is over, for those who look at it closely.
struct Run<'a> {
    session: &'a Session,
    command: &'a Registered,
    args: resp::Args<'a>,
    time_ns: u64,
    reply_bytes: usize,
}

impl Run<'_> {
    /// Bytes of the reply, as far as the client gets it.
    fn sent_bytes(&self) -> u64 {
        if self.session.reply_mode == ReplyMode::On { self.reply_bytes as u64 } else { 0 }
    }
}

impl Worker {
    /// Counts a run and its time; a command that has become blocked is counted when its waiting ends.
    #[inline]
    pub(crate) fn account(
        &mut self,
        session: &mut Session,
        command: &Registered,
        args: resp::Args<'_>,
        ran: Ran,
    ) {
        let end_ns = self.engine.clock.monotonic_ns();
        let time_ns = end_ns.saturating_sub(self.last_ns);
        self.last_ns = end_ns;
        session.last_command = command.id;
        session.commands += 1;
        if session.blocked.is_some() {
            let (args, secrets) = (args.to_owned(), std::mem::take(&mut self.secrets));
            session.unfinished = Some(Box::new(Unfinished { command: command.id, args, secrets, time_ns }));
            return;
        }
        self.count_run(session, command, args, time_ns, ran);
        self.secrets.clear();
    }

    /// The waiting of a blocked command is over: counts it. The time of waiting isn't the command's.
    pub(crate) fn account_unfinished(&mut self, session: &mut Session, ran: Ran) {
        let Some(unfinished) = session.unfinished.take() else { return };
        let engine = self.engine.clone();
        let command = engine.registry.command(unfinished.command);
        self.secrets = unfinished.secrets;
        self.count_run(session, command, unfinished.args.as_args(), unfinished.time_ns, ran);
        self.secrets.clear();
    }

    #[inline]
    fn count_run(
        &mut self,
        session: &Session,
        command: &Registered,
        args: resp::Args<'_>,
        time_ns: u64,
        ran: Ran,
    ) {
        self.stats.ran(command.id, time_ns);
        if ran.failed {
            self.stats.commands[usize::from(command.id)].failed.add(1);
        }
        if self.settings.latency_tracking {
            self.stats.record_latency(command.id, time_ns);
        }
        let log = &self.settings.command_log;
        if time_ns >= self.settings.notable_ns
            || ran.reply_bytes as u64 >= log.large_reply.from
            || args.request_len_at_most() as u64 >= log.large_request.from
        {
            self.note_remarkable(&Run { session, command, args, time_ns, reply_bytes: ran.reply_bytes });
        }
    }

    /// Enters a run into the command log and into the latency monitor, as far as it was too slow or too large for them,
    /// and into a tracking of hot keys.
    #[cold]
    fn note_remarkable(&mut self, run: &Run<'_>) {
        let is_fast = run.command.flags.has(Flag::Fast);
        let event = if is_fast { LatencyEvent::FastCommand } else { LatencyEvent::Command };
        self.note_latency(event, run.time_ns);
        if self.settings.overrides.hot_keys {
            self.note_hot_keys(run);
        }
        if run.command.flags.has(Flag::SkipSlowlog) {
            return;
        }
        let (logs, log) = (&self.engine.command_log, &self.settings.command_log);
        let request_bytes = run.args.request_len() as u64;
        let reply_bytes = run.sent_bytes();
        self.note_in(&logs.slow, log.slow, run, run.time_ns, run.time_ns / 1000);
        self.note_in(&logs.large_request, log.large_request, run, request_bytes, request_bytes);
        self.note_in(&logs.large_reply, log.large_reply, run, reply_bytes, reply_bytes);
    }

    /// Enters a run into the tracking of hot keys, if it has keys.
    fn note_hot_keys(&mut self, run: &Run<'_>) {
        if self.replays {
            return;
        }
        let positions = key_positions(run.command, run.args);
        let keys: SmallVec<[&[u8]; 8]> = positions.into_iter().map(|at| run.args.at(at)).collect();
        if keys.is_empty() {
            return;
        }
        let bytes = run.args.request_len() as u64 + run.sent_bytes();
        let key_run = KeyRun { keys: &keys, time_ns: run.time_ns, bytes };
        if let Some(tracking) = self.engine.hot_keys.lock().as_mut() {
            tracking.note(&key_run, self.now.us, &mut self.rng);
        }
    }

    /// Enters a run into one of the logs if what counts there is too much; `measure` is what the entry shows.
    fn note_in(&self, log: &Mutex<Log>, settings: LogSettings, run: &Run<'_>, counts: u64, measure: u64) {
        if counts < settings.from || settings.max_len == 0 {
            return;
        }
        let entry = LogEntry {
            id: 0,
            at_s: self.now.us / 1_000_000,
            measure,
            words: shorten(run.args, &self.secrets, &self.settings.command_log),
            address: run.session.client.peer.remote(),
            name: run.session.client.labels.lock().name.clone(),
        };
        log.lock().push(entry, settings.max_len);
    }

    /// Enters what has taken so long into the latency monitor, if that is long enough for it.
    pub(crate) fn note_latency(&self, event: LatencyEvent, time_ns: u64) {
        if self.settings.latency_ns.is_some_and(|limit| time_ns >= limit) {
            self.engine.latency.lock().add(event, self.now.us, time_ns);
        }
    }
}
