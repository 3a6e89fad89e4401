//! What the ring has done: input that has arrived, output that is sent.

use super::{WorkerLoop, drop_front};
use crate::connection::{Connection, Intake};
use crate::ring::{BUFFER_BYTES, Completion, Input, Owner};
use rustix::io::Errno;

/// Full buffers in a row after which a connection's input is read past the ring, and small inputs in a row that end this.
const BULK_INPUTS: u32 = 4;
/// Bytes that a request still needs, from which on its connection's input is read past the ring.
const BULK_BYTES: usize = 16 << 10;

impl WorkerLoop {
    /// Runs what has arrived through the ring.
    pub(super) fn take_completions(&mut self, completions: &mut Vec<Completion>) {
        for completion in completions.drain(..) {
            match completion {
                Completion::Received { owner, input, armed } => self.take_received(owner, input, armed),
                Completion::Ended { owner, result } => self.end_receiving(owner, result),
                Completion::Sent { owner, output, sent } => {
                    if let Some(token) = self.find(owner) {
                        self.sent(token, output, sent);
                    }
                }
            }
        }
        if let Some(ring) = &self.edge.ring {
            ring.publish();
        }
    }

    /// The connection that is meant, if it still exists.
    fn find(&self, owner: Owner) -> Option<usize> {
        let token = owner.token();
        let connection = self.connections.get(token)?;
        (Owner::new(token, connection.session.id) == owner).then_some(token)
    }

    fn take_received(&mut self, owner: Owner, input: Input, armed: bool) {
        if let Some(token) = self.find(owner) {
            // One that will be closed isn't listened to any more.
            if !self.to_close.contains(&token) {
                self.run_input(token, &input);
            }
            if !armed {
                self.receive_again(token);
            }
        }
        if let Some(ring) = &mut self.edge.ring {
            ring.give_back(input);
        }
    }

    fn run_input(&mut self, token: usize, arrived: &Input) {
        self.deliver_messages();
        self.count_received(token, arrived.len());
        let Some(ring) = &self.edge.ring else { return };
        let bytes = ring.read(arrived);
        let connection = &mut self.connections[token];
        connection.bulk = if arrived.is_full() { connection.bulk + 1 } else { 0 };
        let start = connection.output.len();
        let Connection { session, input, output, .. } = connection;
        if session.blocked.is_some() {
            input.extend_from_slice(bytes);
            return self.check_query_limit(token);
        }
        if input.is_empty() {
            let (consumed, _) = self.worker.process(session, bytes, output);
            input.extend_from_slice(&bytes[consumed..]);
        } else {
            input.extend_from_slice(bytes);
            let (consumed, _) = self.worker.process(session, input, output);
            drop_front(input, consumed);
        }
        self.after_run(token, start);
        self.begin_bulk(token);
    }

    /// Input that comes in bulk is read past the ring.
    fn begin_bulk(&mut self, token: usize) {
        let connection = &mut self.connections[token];
        if connection.intake != Intake::Ring {
            return;
        }
        let input = &connection.input;
        let wants_much = !input.is_empty() && connection.session.wanted_bytes(input.len()) >= BULK_BYTES;
        if wants_much || connection.bulk >= BULK_INPUTS {
            connection.bulk = BULK_INPUTS;
            self.set_intake(token, Intake::Changing);
        }
    }

    /// So much was read past the ring. Input that no longer comes in bulk comes through the ring again.
    pub(super) fn end_bulk(&mut self, token: usize, count: usize) {
        let connection = &mut self.connections[token];
        if self.edge.ring.is_none() {
            return;
        }
        let small = count < BUFFER_BYTES && connection.input.is_empty();
        connection.bulk = if small { connection.bulk.saturating_sub(1) } else { BULK_INPUTS };
        if connection.bulk == 0 {
            self.set_intake(token, Intake::Ring);
        }
    }

    fn set_intake(&mut self, token: usize, intake: Intake) {
        if self.edge.set_intake(&mut self.connections[token], token, intake).is_err() {
            self.to_close.push(token);
        }
    }

    fn end_receiving(&mut self, owner: Owner, result: Result<(), Errno>) {
        let Some(token) = self.find(owner) else { return };
        match result {
            Err(Errno::NOBUFS | Errno::CANCELED | Errno::AGAIN | Errno::INTR) => self.receive_again(token),
            Ok(()) | Err(_) => self.to_close.push(token),
        }
    }

    /// Receiving has ended though more may arrive: all buffers were in use, or another way is wanted.
    fn receive_again(&mut self, token: usize) {
        match self.connections[token].intake {
            Intake::Changing => self.set_intake(token, Intake::Poller),
            Intake::Ring => self.set_intake(token, Intake::Ring),
            Intake::Poller => {}
        }
    }
}
