//! One connection: its socket, its buffers, its session.

use engine::Session;
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Output buffers that have grown beyond this are given back once they are sent.
const KEPT_OUTPUT: usize = 64 << 10;

/// One connection.
pub(crate) struct Connection {
    pub(crate) socket: OwnedFd,
    pub(crate) session: Session,
    /// Input that doesn't make a complete request yet, or that a blocked session hasn't looked at.
    pub(crate) input: Vec<u8>,
    /// Replies not sent yet, from `sent` on.
    pub(crate) output: Vec<u8>,
    sent: usize,
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
            soft_limit_since_us: None,
            wants_write: false,
            queued: false,
        }
    }

    /// Bytes of replies not sent yet.
    pub(crate) fn unsent(&self) -> usize {
        self.output.len() - self.sent
    }

    /// Lets CLIENT LIST know the buffers' sizes.
    pub(crate) fn publish_buffers(&self) {
        let query = (self.input.len(), self.input.capacity());
        let output = (self.unsent(), self.output.capacity());
        self.session.client.publish_buffers(query, output);
    }

    /// Sends as much as the socket takes; answers how far it got and how many bytes went out.
    pub(crate) fn flush(&mut self) -> (Written, usize) {
        let mut bytes = 0;
        while self.unsent() > 0 {
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
        if self.output.capacity() > KEPT_OUTPUT {
            self.output = Vec::new();
        }
        (Written::All, bytes)
    }
}
