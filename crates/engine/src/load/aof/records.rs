//! Running the records of a file, by the same path as clients' commands.

use super::super::{Aim, LoadError};
use super::{Opened, shown};
use crate::client::{Client, Peer};
use crate::conditions::Condition;
use crate::engine::Engine;
use crate::host::{Level, reason};
use crate::registry::Registered;
use crate::session::Session;
use crate::worker::Worker;
use command::{Flag, FlagSet, KeyFlag};
use journal::aof::{Fault, Found, Walk};
use journal::disk::read_full;
use resp::reply::{Value, parse_reply};
use resp::{Batch, Proto};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Bytes read from the file at once.
const BLOCK_BYTES: usize = 1 << 20;
/// Records run at once: what hides the latency of memory.
const BATCH: usize = 64;
/// What records do, besides the words that the journal itself adds.
const CHANGES: FlagSet = FlagSet::of(&[Flag::Write, Flag::MayReplicate]);
/// The words that the journal adds.
const FRAMING: [&[u8]; 3] = [b"SELECT", b"MULTI", b"EXEC"];
/// Bytes shown of a word in the log.
const SHOWN_BYTES: usize = 128;

/// Whether a journal may hold a command: PFCOUNT, too, which reads, but keeps what it has found.
fn may_change(command: &Registered) -> bool {
    let writes_to_keys = || command.spec.keys.iter().any(|key| key.flags.contains(&KeyFlag::ReadWrite));
    command.flags.intersects(CHANGES) || writes_to_keys()
}

/// The records of a file.
pub(super) struct Records<'a> {
    engine: &'a Arc<Engine>,
    opened: &'a Opened,
    aim: Aim,
    worker: Worker,
    session: Session,
    walk: Walk,
    /// Where in the file the records begin.
    start: u64,
    /// What has been read and isn't behind the walk.
    input: Vec<u8>,
    batch: Batch,
    replies: Vec<u8>,
}

/// Why going through the input stopped.
enum Stop {
    BatchFull,
    InputEnded,
    Broken(Fault),
}

impl<'a> Records<'a> {
    /// The records from this offset on.
    pub(super) fn new(engine: &'a Arc<Engine>, opened: &'a Opened, start: u64, aim: Aim) -> Records<'a> {
        let client = Arc::new(Client::new(0, 0, Peer::Embedded, -1, engine.clock.wall_us()));
        let mut session = Session::new(client, true, Proto::Resp2);
        session.replays = true;
        Records {
            engine,
            opened,
            aim,
            worker: Worker::for_replay(engine.clone()),
            session,
            walk: Walk::new(),
            start,
            input: Vec::new(),
            batch: Batch::new(),
            replies: Vec::new(),
        }
    }

    /// Runs all records; answers up to where the file is whole. `last` says whether it may end too early.
    pub(super) fn load(&mut self, last: bool) -> Result<u64, LoadError> {
        let mut at = 0;
        loop {
            let (next, stop) = self.gather(at)?;
            self.run(at)?;
            at = next;
            match stop {
                Stop::BatchFull => {}
                Stop::InputEnded if self.read(&mut at)? => {}
                Stop::InputEnded => return self.ended(last),
                Stop::Broken(fault) => return self.broken(&fault, last),
            }
        }
    }

    /// Finds records from `at` in the input on; answers where it stopped, and why.
    fn gather(&mut self, mut at: usize) -> Result<(usize, Stop), LoadError> {
        let first = at;
        self.batch.clear();
        while self.batch.len() < BATCH {
            match self.walk.next(&self.input[at..]) {
                Ok(Found::Command(len)) => {
                    if self.may_run(at)? {
                        self.batch.push(at - first, self.walk.spans());
                    }
                    at += len;
                }
                Ok(Found::Annotation(len)) => at += len,
                Ok(Found::More) => return Ok((at, Stop::InputEnded)),
                Err(fault) => return Ok((at, Stop::Broken(fault))),
            }
        }
        Ok((at, Stop::BatchFull))
    }

    /// Whether the command found at this place of the input is one that a journal holds. Others would change nothing.
    fn may_run(&self, at: usize) -> Result<bool, LoadError> {
        let args = self.walk.args(&self.input[at..]);
        let name = args.at(0);
        let Some(command) = self.engine.registry.find(name) else {
            let (word, file) = (shown(&name[..name.len().min(SHOWN_BYTES)]), shown(&self.opened.info.name));
            if self.aim == Aim::Verify {
                self.engine.load_progress.pass_over(format!("records of {}", word.to_uppercase()));
                return Ok(false);
            }
            let text = format!("Unknown command '{word}' reading the append only file {file}");
            return Err(LoadError::Aof(text));
        };
        let sub = args.get(1).and_then(|name| self.engine.registry.find_sub(command, name));
        Ok(may_change(sub.unwrap_or(command)) || FRAMING.iter().any(|word| name.eq_ignore_ascii_case(word)))
    }

    /// Runs the gathered records, which stand in the input from `at` on.
    fn run(&mut self, at: usize) -> Result<(), LoadError> {
        self.replies.clear();
        if let Ok(delay_us @ 1..) = u64::try_from(self.engine.config().key_load_delay) {
            self.engine.host.sleep_us(delay_us * self.batch.len() as u64);
        }
        let errors = self.worker.stats().errors.get();
        self.worker.replay(&mut self.session, &self.input[at..], &self.batch, &mut self.replies);
        if self.worker.stats().errors.get() != errors {
            self.look_for_errors(at)?;
        }
        Ok(())
    }

    /// Says in the log which of the requests that ran were answered with errors: the data may not be what it was.
    fn look_for_errors(&self, at: usize) -> Result<(), LoadError> {
        let mut replies = &self.replies[..];
        for args in self.batch.iter(&self.input[at..]) {
            let Ok(Some((reply, len))) = parse_reply(replies) else { break };
            replies = &replies[len..];
            let Some(error) = error_in(&reply) else { continue };
            let name = shown(&args.at(0)[..args.at(0).len().min(SHOWN_BYTES)]);
            if name.eq_ignore_ascii_case("select") {
                let databases = self.engine.settings().limits.databases;
                return Err(LoadError::Database(databases));
            }
            let error = shown(error);
            if self.aim == Aim::Verify {
                self.engine
                    .load_progress
                    .pass_over(format!("records of {} with errors", name.to_uppercase()));
            }
            let text = format!(
                "== CRITICAL == This server is sending an error to its AOF-loading-client: '{error}' after processing the \
                 command '{name}'"
            );
            self.engine.host.log(Level::Warning, &text);
        }
        Ok(())
    }

    /// Reads more of the file, in place of what is behind `at`; answers whether there is more.
    fn read(&mut self, at: &mut usize) -> Result<bool, LoadError> {
        self.input.drain(..*at);
        *at = 0;
        let have = self.input.len();
        let from = self.start + self.walk.offset() + have as u64;
        let rest = self.opened.extent.end.saturating_sub(from);
        // A record that is longer than what there is of it takes ever larger steps.
        let wanted = rest.min(BLOCK_BYTES.max(have) as u64) as usize;
        self.input.resize(have + wanted, 0);
        let count = read_full(&*self.opened.file, from, &mut self.input[have..]).map_err(|error| {
            let name = shown(&self.opened.info.name);
            LoadError::Aof(format!(
                "Unrecoverable error reading the append only file {name}: {}",
                reason(&error)
            ))
        })?;
        self.input.truncate(have + count);
        self.engine.load_progress.done_bytes.fetch_add(count as u64, Relaxed);
        if self.engine.conditions.has(Condition::Abandoned) {
            return Err(LoadError::Stopped);
        }
        Ok(count > 0)
    }

    fn whole(&self) -> u64 {
        self.start + self.walk.whole().offset
    }

    /// The file has ended, in the middle of something perhaps.
    fn ended(&mut self, last: bool) -> Result<u64, LoadError> {
        let whole = self.whole();
        if whole == self.opened.extent.end {
            return Ok(whole);
        }
        let name = shown(&self.opened.info.name);
        if self.walk.in_transaction() {
            let text = format!("Revert incomplete MULTI/EXEC transaction in AOF file {name}");
            self.engine.host.log(Level::Warning, &text);
        }
        if last && !self.engine.config().aof_load_truncated {
            return Err(LoadError::Aof(format!(
                "Unexpected end of file reading the append only file {name}. You can: 1) Make a backup of your AOF file, then \
                 use redstart check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' \
                 configuration option to yes and restart the server."
            )));
        }
        Ok(whole)
    }

    /// There is damage. Little of it, at the very end, may be left out where the configuration says so.
    fn broken(&mut self, fault: &Fault, last: bool) -> Result<u64, LoadError> {
        let (whole, end) = (self.whole(), self.opened.extent.end);
        let name = shown(&self.opened.info.name);
        let at = self.start + fault.at;
        let found = format!("at offset {at}, line {}: {}", fault.line, fault.damage);
        let may_drop = self.engine.config().aof_load_corrupt_tail_max_size;
        if last && end - whole <= may_drop {
            let text = format!("The AOF {name} is damaged {found}. Dropping its last {} bytes", end - whole);
            self.engine.host.log(Level::Warning, &text);
            return Ok(whole);
        }
        Err(LoadError::Aof(format!(
            "Bad file format reading the append only file {name} {found}. It is whole up to offset {whole}. Make a backup of \
             your AOF file, then use redstart check-aof --fix <filename.manifest>"
        )))
    }
}

/// The first error in a reply, in that of a transaction too.
fn error_in(reply: &Value) -> Option<&[u8]> {
    match reply {
        Value::Error(text) => Some(text),
        Value::Array(items) => items.iter().find_map(error_in),
        _ => None,
    }
}
