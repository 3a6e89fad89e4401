//! One connection: its socket, its buffers, its session.

use crate::poller::Interest;
use engine::{Gate, Session};
use journal::Offset;
use rustix::io::Errno;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// Output buffers that have grown beyond this are given back once they are sent.
const KEPT_OUTPUT: usize = 64 << 10;

/// How a connection's input arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Intake {
    /// The poller tells when to read.
    Poller,
    /// Through the ring, in small buffers.
    Ring,
    /// Neither for now: the connection is new, or so much came through the ring that it is better read in large pieces,
    /// bounded per turn, into the buffer that it stays in; that begins when all is seen that the ring has received.
    Changing,
}

/// One connection.
pub(crate) struct Connection {
    pub(crate) socket: OwnedFd,
    pub(crate) session: Session,
    /// Input that doesn't make a complete request yet, or that a blocked session hasn't looked at.
    pub(crate) input: Vec<u8>,
    /// Replies not sent yet, from `sent` on.
    pub(crate) output: Vec<u8>,
    sent: usize,
    /// Bytes of replies that the ring is sending: those in front of `output`.
    sending: usize,
    pub(crate) intake: Intake,
    /// How much its input comes in bulk: inputs in a row that filled the ring's buffers, or, as it is read past the ring,
    /// how many small ones in a row end that.
    pub(crate) bulk: u32,
    /// Replies behind these that mustn't leave before the journal is safe up to an offset, the oldest first.
    held: VecDeque<(Vec<u8>, Offset)>,
    /// Whether the connection is on the list of those that wait for that.
    pub(crate) awaits_journal: bool,
    /// Since when the output has been beyond its class' soft limit, microseconds since the epoch.
    pub(crate) soft_limit_since_us: Option<i64>,
    /// Whether the poller tells when the socket takes more output.
    pub(crate) wants_write: bool,
    /// Whether the connection is on the list of those to be written at the end of the turn.
    pub(crate) queued: bool,
}

/// How far a write got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Written {
    All,
    Partly,
    Broken,
}

impl Connection {
    pub(crate) fn new(socket: OwnedFd, session: Session) -> Connection {
        let (input, output) = (Vec::new(), Vec::new());
        Connection {
            socket,
            session,
            input,
            output,
            sent: 0,
            sending: 0,
            intake: Intake::Changing,
            bulk: 0,
            held: VecDeque::new(),
            awaits_journal: false,
            soft_limit_since_us: None,
            wants_write: false,
            queued: false,
        }
    }

    /// Bytes of replies not sent yet.
    pub(crate) fn unsent(&self) -> usize {
        self.sending + self.output.len() - self.sent
    }

    /// What the poller watches of it.
    pub(crate) fn interest(&self) -> Interest {
        Interest { input: self.intake == Intake::Poller, output: self.wants_write }
    }

    /// Bytes of replies that mustn't be sent yet.
    pub(crate) fn held_bytes(&self) -> usize {
        self.held.iter().map(|(bytes, _)| bytes.len()).sum()
    }

    /// Whether there are replies that mustn't be sent yet.
    #[inline]
    pub(crate) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Holds back what was answered from this length of the output on, if it mustn't leave yet, or stands behind something
    /// that mustn't.
    pub(crate) fn hold_back(&mut self, start: usize, gate: &Gate) {
        if self.output.len() == start || (!self.holds() && self.session.may_answer(gate)) {
            return;
        }
        let after = self.session.depends_on();
        match self.held.back_mut() {
            Some((bytes, offset)) if *offset == after => bytes.extend_from_slice(&self.output[start..]),
            _ => self.held.push_back((self.output[start..].to_vec(), after)),
        }
        self.output.truncate(start);
    }

    /// As [`Connection::hold_back`], and enters the connection, which has this `token`, into the list of those that wait
    /// for the journal to be safe, if it has come to that.
    #[inline]
    pub(crate) fn hold_back_or_list(
        &mut self,
        start: usize,
        gate: &Gate,
        token: usize,
        awaiting: &mut Vec<usize>,
    ) {
        if gate.is_closed() || self.holds() {
            self.hold_back(start, gate);
            if self.holds() && !self.awaits_journal {
                self.awaits_journal = true;
                awaiting.push(token);
            }
        }
    }

    /// Lets go of what may leave by now.
    pub(crate) fn release(&mut self, gate: &Gate) {
        while let Some((bytes, _)) = self.held.pop_front_if(|(_, after)| gate.lets_pass(*after)) {
            self.output.extend_from_slice(&bytes);
        }
    }

    /// Lets CLIENT LIST know the buffers' sizes.
    pub(crate) fn publish_buffers(&self) {
        // As in Redis, an argument that has come is no part of the query buffer any more.
        let unread = self.input.len().saturating_sub(self.session.understood_bytes());
        let query = (unread, self.input.capacity());
        // What the ring sends counts as sent.
        let output = (self.output.len() - self.sent + self.held_bytes(), self.output.capacity());
        self.session.client.publish_buffers(query, output);
    }

    /// Whether the ring is sending: nothing else may be sent meanwhile.
    pub(crate) fn is_sending(&self) -> bool {
        self.sending > 0
    }

    /// Gives the output to the ring.
    pub(crate) fn hand_over(&mut self) -> Vec<u8> {
        debug_assert!(self.sending == 0 && self.sent == 0, "what is in front has been sent");
        self.sending = self.output.len();
        std::mem::take(&mut self.output)
    }

    /// The output that was given to the ring is back, so much of it `sent`.
    pub(crate) fn take_back(&mut self, mut output: Vec<u8>, sent: Result<usize, Errno>) -> (Written, usize) {
        self.sending = 0;
        let (count, written) = match sent {
            Ok(count) if count == output.len() => (count, Written::All),
            Ok(count) => (count, Written::Partly),
            Err(Errno::AGAIN | Errno::INTR) => (0, Written::Partly),
            Err(_) => return (Written::Broken, 0),
        };
        output.drain(..count);
        if self.output.is_empty() {
            self.output = output;
            self.give_up_large_output();
        } else if written == Written::Partly {
            output.append(&mut self.output);
            self.output = output;
        }
        (written, count)
    }

    fn give_up_large_output(&mut self) {
        if self.output.is_empty() && self.output.capacity() > KEPT_OUTPUT {
            self.output = Vec::new();
        }
    }

    /// Sends as much as the socket takes; answers how far it got and how many bytes went out.
    pub(crate) fn flush(&mut self) -> (Written, usize) {
        let mut bytes = 0;
        while self.sent < self.output.len() {
            match rustix::net::send(&self.socket, &self.output[self.sent..], rustix::net::SendFlags::NOSIGNAL)
            {
                Ok(count) => {
                    self.sent += count;
                    bytes += count;
                }
                Err(Errno::AGAIN) => return (Written::Partly, bytes),
                Err(Errno::INTR) => {}
                Err(_) => return (Written::Broken, bytes),
            }
        }
        self.sent = 0;
        self.output.clear();
        self.give_up_large_output();
        (Written::All, bytes)
    }
}
