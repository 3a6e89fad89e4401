//! The part of MIGRATE that talks to the other server, on a thread of its own.

use super::links::Kept;
use super::{Luggage, Migration};
use crate::engine::Engine;
use command::Error;
use resp::push_command;
use std::io::{self, ErrorKind};
use std::time::Duration;

const CONNECTING: Error = Error::new("IOERR error or timeout connecting to the client");
const WRITING: Error = Error::new("IOERR error or timeout writing to target instance");
const READING: Error = Error::new("IOERR error or timeout reading to target instance");

/// Replies are one line; a longer one isn't a server's.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// Why a connection can't be used any further.
struct Broken {
    failure: Error,
    /// It may have been closed before it was used, so that nothing has been executed.
    may_be_stale: bool,
}

impl Migration {
    /// Sends all passengers, and notes which have been acknowledged and what went wrong.
    pub(super) fn transfer(&mut self, engine: &Engine) {
        let place = self.wish.place.clone();
        if let Some(mut kept) = engine.links.take(&place) {
            match self.transfer_by(&mut kept) {
                Ok(()) => return engine.links.keep(&place, kept, engine.clock.wall_us()),
                Err(broken) if !broken.may_be_stale => return self.fail(broken.failure),
                Err(_) => {}
            }
        }
        let timeout = Duration::from_millis(self.wish.timeout_ms);
        let mut kept = match engine.host.connect(&place.0, place.1, timeout) {
            Ok(link) => Kept::new(link),
            // A refusal is noticed by the first one who writes.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return self.fail(WRITING),
            Err(_) => return self.fail(CONNECTING),
        };
        match self.transfer_by(&mut kept) {
            Ok(()) => engine.links.keep(&place, kept, engine.clock.wall_us()),
            Err(broken) => self.fail(broken.failure),
        }
    }

    fn transfer_by(&mut self, kept: &mut Kept) -> Result<(), Broken> {
        let broken = |failure: Error, error: &io::Error| {
            use ErrorKind::{InvalidData, TimedOut, WouldBlock};
            Broken { failure, may_be_stale: !matches!(error.kind(), WouldBlock | TimedOut | InvalidData) }
        };
        let selects = kept.db.replace(self.wish.db) != Some(self.wish.db);
        let timeout = Duration::from_millis(self.wish.timeout_ms);
        let sent = kept.link.set_timeout(timeout).and_then(|()| kept.link.write_all(&self.requests(selects)));
        sent.map_err(|error| broken(WRITING, &error))?;
        let mut replies = Replies { link: &mut *kept.link, buffer: Vec::new(), at: 0 };
        let mut refused = None;
        for _ in 0..usize::from(!self.wish.auth.is_empty()) + usize::from(selects) {
            let reply = replies.next().map_err(|error| broken(READING, &error))?;
            refused = refused.or(reply.err());
        }
        for at in 0..self.passengers.len() {
            let reply = replies.next().map_err(|error| {
                let acknowledged = self.passengers.iter().any(|passenger| passenger.acknowledged);
                Broken { may_be_stale: !acknowledged, ..broken(READING, &error) }
            })?;
            match refused.clone().or(reply.err()) {
                None => self.passengers[at].acknowledged = true,
                Some(text) => {
                    let head = b"ERR Target instance replied with error: ".as_slice();
                    self.fail(Error::with([head, &text].concat()));
                    kept.db = None;
                }
            }
        }
        Ok(())
    }

    /// All that is sent, as bytes.
    fn requests(&self, selects: bool) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.wish.auth.is_empty() {
            let words: Vec<&[u8]> = self.wish.auth.iter().map(Vec::as_slice).collect();
            push_command(&mut out, &words);
        }
        if selects {
            push_command(&mut out, &[b"SELECT", self.wish.db.to_string().as_bytes()]);
        }
        // What is there after the first round is ours.
        let replace = self.wish.replace || self.rounds > 1;
        for passenger in &self.passengers {
            match &passenger.luggage {
                Luggage::Nothing => push_command(&mut out, &[b"DEL", &passenger.key]),
                Luggage::Value { payload, ttl_ms } => {
                    let ttl = ttl_ms.to_string();
                    let words: [&[u8]; 5] = [b"RESTORE", &passenger.key, ttl.as_bytes(), payload, b"REPLACE"];
                    push_command(&mut out, &words[..4 + usize::from(replace)]);
                }
            }
        }
        out
    }
}

/// The lines that the other server answers.
struct Replies<'l> {
    link: &'l mut dyn crate::host::Link,
    buffer: Vec<u8>,
    /// Where the next line begins.
    at: usize,
}

impl Replies<'_> {
    /// The next reply: whether it is none of an error, whose text is answered else.
    fn next(&mut self) -> io::Result<Result<(), Vec<u8>>> {
        loop {
            let rest = &self.buffer[self.at..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let reply = match rest[..end].trim_ascii_end() {
                    [b'+' | b':', ..] => Ok(()),
                    [b'-', text @ ..] => Err(text.to_vec()),
                    _ => return Err(ErrorKind::InvalidData.into()),
                };
                self.at += end + 1;
                return Ok(reply);
            }
            if rest.len() > MAX_LINE_BYTES {
                return Err(ErrorKind::InvalidData.into());
            }
            self.receive()?;
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        self.buffer.drain(..std::mem::take(&mut self.at));
        let mut bytes = [0; 4096];
        match self.link.read(&mut bytes)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            count => {
                self.buffer.extend_from_slice(&bytes[..count]);
                Ok(())
            }
        }
    }
}
