//! What goes out: once per connection and turn, more when there is room for it.

use super::WorkerLoop;
use crate::connection::{Connection, Written};
use crate::ring::Owner;
use engine::SMALL_OUTPUT;
use rustix::io::Errno;
use std::sync::atomic::Ordering::Relaxed;

impl WorkerLoop {
    /// Has a connection's output written at the end of the turn (and the connection closed then, if it is to be).
    pub(super) fn queue_write(&mut self, token: usize) {
        let connection = &mut self.connections[token];
        if !connection.queued && (connection.unsent() > 0 || connection.session.closing) {
            connection.queued = true;
            self.to_write.push(token);
        }
    }

    pub(super) fn write_all(&mut self) {
        let mut to_write = std::mem::take(&mut self.to_write);
        for token in to_write.drain(..) {
            if let Some(connection) = self.connections.get_mut(token) {
                connection.queued = false;
                self.write(token);
            }
        }
        if self.to_write.is_empty() {
            self.to_write = to_write;
        }
    }

    /// Sends a connection's output, or has the ring send it with its next call.
    fn write(&mut self, token: usize) {
        let connection = &mut self.connections[token];
        if self.shared.is_too_much_to_send(connection) {
            return self.close_at_output_limit(token);
        }
        let suits_ring = !self.stopping
            && !connection.is_sending()
            && !connection.wants_write
            && !connection.session.closing
            && (1..=SMALL_OUTPUT).contains(&connection.unsent());
        match &mut self.edge.ring {
            // What would have to be looked after at once (as it may not fit, or is the last) is sent at once.
            Some(ring) if suits_ring => {
                let owner = Owner::new(token, connection.session.id);
                let output = connection.hand_over();
                connection.publish_buffers();
                self.worker.weigh_client(&connection.session.client);
                ring.send(&connection.socket, owner, output);
            }
            _ => self.flush(token),
        }
    }

    /// Sends as much of a connection's output as the socket takes.
    pub(super) fn flush(&mut self, token: usize) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        if !connection.is_sending() {
            let (written, bytes) = connection.flush();
            self.wrote(token, written, bytes);
        }
    }

    /// The output that the ring has sent, or not all of it.
    pub(super) fn sent(&mut self, token: usize, output: Vec<u8>, sent: Result<usize, Errno>) {
        let (written, bytes) = self.connections[token].take_back(output, sent);
        self.wrote(token, written, bytes);
        if written == Written::All {
            self.queue_write(token);
        }
    }

    fn wrote(&mut self, token: usize, written: Written, bytes: usize) {
        let connection = &mut self.connections[token];
        let stats = self.worker.stats();
        stats.writes.add(1);
        stats.sent_bytes.add(bytes as u64);
        let client = &connection.session.client;
        client.sent_bytes.store(client.sent_bytes.load(Relaxed) + bytes as u64, Relaxed);
        connection.publish_buffers();
        self.worker.weigh_client(&connection.session.client);
        let partly = written == Written::Partly;
        if partly != connection.wants_write && self.edge.set_wants_write(connection, token, partly).is_err() {
            self.to_close.push(token);
        }
        let done = connection.unsent() == 0 && !connection.holds() && connection.session.closing;
        if done || written == Written::Broken {
            self.to_close.push(token);
        } else if partly && self.shared.exceeds_output_limit(connection, self.worker.now()) {
            self.close_at_output_limit(token);
        }
    }

    /// Those who read nothing at all: nothing else happens to them whose soft limit's time is up.
    pub(super) fn close_slow_readers(&mut self) {
        let now = self.worker.now();
        let slow = |connection: &mut Connection| {
            connection.wants_write && self.shared.exceeds_output_limit(connection, now)
        };
        let slow =
            self.connections.iter_mut().filter_map(|(token, connection)| slow(connection).then_some(token));
        for token in slow.collect::<Vec<_>>() {
            self.close_at_output_limit(token);
        }
    }

    fn close_at_output_limit(&mut self, token: usize) {
        // A message and the time that is up may both find the same one in a turn.
        if self.to_close.contains(&token) {
            return;
        }
        self.worker.stats().output_limit_closed.add(1);
        self.shared.log_output_limit(&self.connections[token].session);
        self.to_close.push(token);
    }
}
