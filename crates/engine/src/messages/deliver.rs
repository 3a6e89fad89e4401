//! Messages to the outputs of a worker's connections.

use super::outbox::Order;
use super::push::Content;
use super::{Parcel, Push, Seat};
use crate::client::Client;
use crate::worker::Worker;
use journal::Offset;
use std::sync::Arc;

/// The outputs of a worker's connections, as whoever runs the worker has them.
pub trait Outputs {
    /// Appends a message to the output of the connection on this seat (with [`Push::write`]), and has it
    /// sent; not before the journal is safe up to `after`: see [`crate::Session::depend_on`].
    fn push(&mut self, to: Seat, message: &Push, after: Offset);

    /// Where a client sits, if it is still there.
    fn seat_of(&self, client_id: u64) -> Option<Seat>;

    /// Whether the client on this seat has been waiting and its answer is on its way: [`crate::Session::is_to_be_answered`].
    fn is_to_be_answered(&self, seat: Seat) -> bool;
}

impl Worker {
    /// Whether there are messages for clients of this worker. To be asked before requests are run that have arrived, so
    /// that a client which has heard that its message was published finds that others have got it.
    #[inline]
    pub fn has_messages(&self) -> bool {
        self.messages.has_kept() || self.engine.workers[self.index].mailbox.has_parcels()
    }

    /// Gives the clients of this worker the messages that have come for them. To be called after requests have run, before
    /// others do.
    pub fn deliver_messages(&mut self, outputs: &mut dyn Outputs) {
        let engine = self.engine.clone();
        self.messages.deliver(&engine, outputs);
    }

    /// Sends a message to one client of any worker when the running Unit ends.
    pub fn push_to(&mut self, client: &Client, message: Arc<Push>, order: Order) {
        let parcel = Parcel { content: Content::ToClient { client_id: client.id, message }, after: 0 };
        self.messages.send_with_unit(client.worker, parcel, order);
    }
}
