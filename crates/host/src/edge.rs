//! The I/O edge of a worker: epoll alone, or io_uring beside it.
//!
//! With io_uring, connections' input and output go through the ring, and epoll (which the ring watches) is left with what
//! is rare: new connections, bells, signals, output that a socket had no room for, and input in bulk.

use crate::connection::{Connection, Intake};
use crate::poller::{Interest, Poller, Ready};
use crate::ring::{Completion, Owner, Ring};
use std::io;
use std::time::Duration;

/// A worker's I/O.
pub(crate) struct Edge {
    pub(crate) ring: Option<Ring>,
    pub(crate) poller: Poller,
}

/// What a wait has brought.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) completions: Vec<Completion>,
    pub(crate) ready: Vec<Ready>,
}

impl Edge {
    /// With a ring, which is used from now on by the calling thread.
    pub(crate) fn enable(&mut self) -> io::Result<()> {
        if let Some(ring) = &mut self.ring {
            ring.enable()?;
            ring.watch(&self.poller);
        }
        Ok(())
    }

    /// Starts what was asked for, and waits until something has happened or the time is up.
    pub(crate) fn wait(&mut self, timeout: Duration, events: &mut Events) -> io::Result<()> {
        events.ready.clear();
        let Some(ring) = &mut self.ring else { return self.poller.wait(timeout, &mut events.ready) };
        if ring.wait(timeout, &mut events.completions)? {
            self.poller.wait(Duration::ZERO, &mut events.ready)?;
            // Looks at once whether there is more.
            ring.watch(&self.poller);
        }
        Ok(())
    }

    /// Lets a new connection's input arrive.
    pub(crate) fn welcome(&mut self, connection: &mut Connection, token: usize) -> io::Result<()> {
        let intake = if self.ring.is_some() { Intake::Ring } else { Intake::Poller };
        self.set_intake(connection, token, intake)
    }

    /// Has a connection's input come by another way.
    pub(crate) fn set_intake(
        &mut self,
        connection: &mut Connection,
        token: usize,
        intake: Intake,
    ) -> io::Result<()> {
        let before = connection.interest();
        connection.intake = intake;
        let owner = connection.owner(token);
        match (&mut self.ring, intake) {
            (Some(ring), Intake::Ring) => ring.receive(&connection.socket, owner),
            (Some(ring), Intake::Changing) => ring.stop_receiving(owner),
            _ => {}
        }
        self.poller.change(&connection.socket, token as u64, before, connection.interest())
    }

    /// Has the poller tell when a connection takes more output, or no longer.
    pub(crate) fn set_wants_write(
        &mut self,
        connection: &mut Connection,
        token: usize,
        wants_write: bool,
    ) -> io::Result<()> {
        let before = connection.interest();
        connection.wants_write = wants_write;
        self.poller.change(&connection.socket, token as u64, before, connection.interest())
    }

    /// No longer watches a connection. It may be closed after [`Edge::submit`].
    pub(crate) fn forget(&mut self, connection: &Connection, token: usize) {
        if connection.interest() != Interest::NONE {
            self.poller.remove(&connection.socket);
        }
        // Until that is done the ring keeps the socket open.
        if let (Some(ring), Intake::Ring) = (&mut self.ring, connection.intake) {
            ring.stop_receiving(connection.owner(token));
        }
    }

    /// Starts what was asked for.
    pub(crate) fn submit(&mut self) {
        if let Some(ring) = &mut self.ring {
            ring.submit();
        }
    }
}

impl Connection {
    fn owner(&self, token: usize) -> Owner {
        Owner::new(token, self.session.id)
    }
}
