//! Messages that answer no request, on their way to the outputs of connections.

use super::WorkerLoop;
use crate::connection::Connection;
use crate::shared::Shared;
use engine::{Gate, Outputs, Push, Seat};
use journal::Offset;
use slab::Slab;
use std::collections::HashMap;

/// The outputs of a worker's connections.
struct Sockets<'a> {
    connections: &'a mut Slab<Connection>,
    by_client: &'a HashMap<u64, usize>,
    to_write: &'a mut Vec<usize>,
    awaiting: &'a mut Vec<usize>,
    gate: &'a Gate,
    shared: &'a Shared,
}

impl Outputs for Sockets<'_> {
    fn push(&mut self, to: Seat, message: &Push, after: Offset) {
        let Some(connection) = self.connections.get_mut(to) else { return };
        // One that has too much already will be closed at the end of the turn: what comes until then isn't kept.
        if connection.session.closing || self.shared.is_too_much_to_send(connection) {
            return;
        }
        let start = connection.output.len();
        message.write(&connection.session, &mut connection.output);
        connection.session.depend_on(after);
        connection.hold_back_or_list(start, self.gate, to, self.awaiting);
        if !connection.queued && connection.unsent() > 0 {
            connection.queued = true;
            self.to_write.push(to);
        }
    }

    fn seat_of(&self, client_id: u64) -> Option<Seat> {
        self.by_client.get(&client_id).copied()
    }

    fn is_to_be_answered(&self, seat: Seat) -> bool {
        self.connections.get(seat).is_some_and(|connection| connection.session.is_to_be_answered())
    }
}

impl WorkerLoop {
    /// Appends the messages that have come for this worker's clients to their outputs.
    #[inline]
    pub(super) fn deliver_messages(&mut self) {
        if self.worker.has_messages() {
            self.deliver_all_messages();
        }
    }

    fn deliver_all_messages(&mut self) {
        let engine = self.worker.engine().clone();
        let mut sockets = Sockets {
            connections: &mut self.connections,
            by_client: &self.by_client,
            to_write: &mut self.to_write,
            awaiting: &mut self.awaiting,
            gate: &engine.aof.gate,
            shared: &self.shared,
        };
        self.worker.deliver_messages(&mut sockets);
    }
}
