//! What a worker sends, and what it has for its own clients.

use super::push::{Content, Parcel, Push};
use super::{Outputs, Seat};
use crate::engine::Engine;
use crate::pubsub::{LocalSubscribers, Published};
use crate::session::Session;
use journal::Offset;
use std::sync::Arc;

/// What the order of a message follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// That of the worker's own messages: it leaves at the end of the turn, with others.
    OfWorker,
    /// Besides, that of the Units on the shards that are held: it leaves at once.
    OfShards,
}

/// A worker's messages, and who of its clients has subscribed to what.
pub(crate) struct Messages {
    /// The worker's number.
    pub(crate) worker: usize,
    pub(crate) local: LocalSubscribers,
    /// Those of the worker's clients that monitor.
    pub(crate) monitors: Vec<Seat>,
    /// What the running Unit sends, to be sent when its records have entered the journal.
    of_unit: Vec<Unsent>,
    /// For other workers, until the end of the turn.
    outgoing: Vec<Vec<Parcel>>,
    /// Whether there is something in `outgoing`.
    has_outgoing: bool,
    /// For clients of this worker, each with the client that has been given it already.
    here: Vec<(Parcel, Option<Running>)>,
    /// The client whose requests are running.
    running: Option<Running>,
    /// What this client gets behind the reply to the running request, and up to where the journal must be safe for it.
    own: Vec<(Own, Offset)>,
}

/// A message that is sent when the running Unit ends.
struct Unsent {
    to: usize,
    parcel: Parcel,
    order: Order,
    /// The client that has been given it already.
    given: Option<Running>,
}

/// The client whose requests are running.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) seat: Seat,
    pub(crate) client_id: u64,
}

/// A message to this client.
enum Own {
    /// One of a published message's forms.
    Published(Arc<Published>, usize),
    /// To nobody else.
    Direct(Arc<Push>),
}

impl Messages {
    /// Those of a worker that has sent nothing yet.
    pub(crate) fn new(worker: usize, workers: usize) -> Messages {
        Messages {
            worker,
            local: LocalSubscribers::default(),
            monitors: Vec::new(),
            of_unit: Vec::new(),
            outgoing: (0..workers).map(|_| Vec::new()).collect(),
            has_outgoing: false,
            here: Vec::new(),
            running: None,
            own: Vec::new(),
        }
    }

    /// From now on the requests of this client run; none: nobody's.
    #[inline]
    pub(crate) fn set_running(&mut self, client: Option<Running>) {
        self.running = client;
    }

    /// CLIENT ID of the client whose requests are running.
    pub(crate) fn running(&self) -> Option<u64> {
        self.running.map(|running| running.client_id)
    }

    /// Sends a message to a worker.
    pub(crate) fn send(&mut self, engine: &Engine, to: usize, parcel: Parcel, order: Order) {
        let given = if to == self.worker { self.give_own(&parcel) } else { None };
        self.send_now(engine, Unsent { to, parcel, order, given });
    }

    /// Sends a message to a worker when the running Unit ends.
    #[inline]
    pub(crate) fn send_with_unit(&mut self, to: usize, parcel: Parcel, order: Order) {
        let given = if to == self.worker { self.give_own(&parcel) } else { None };
        self.of_unit.push(Unsent { to, parcel, order, given });
    }

    /// The running Unit has entered the journal; its records, if there are some, end at `end`, and its messages may depend
    /// on them. Its shards are still held.
    #[inline]
    pub(crate) fn end_unit(&mut self, engine: &Engine, end: Option<Offset>) {
        if !self.of_unit.is_empty() {
            self.send_all(engine, end.unwrap_or(0));
        }
    }

    fn send_all(&mut self, engine: &Engine, end: Offset) {
        let mut of_unit = std::mem::take(&mut self.of_unit);
        for unsent in of_unit.drain(..) {
            let after = unsent.parcel.after.max(end);
            self.send_now(engine, Unsent { parcel: Parcel { after, ..unsent.parcel }, ..unsent });
        }
        self.of_unit = of_unit;
    }

    fn send_now(&mut self, engine: &Engine, Unsent { to, parcel, order, given }: Unsent) {
        match (to == self.worker, order) {
            (true, Order::OfWorker) => self.here.push((parcel, given)),
            (true, Order::OfShards) => {
                // What other workers have sent about these shards comes first.
                self.take_arrived(engine);
                self.here.push((parcel, given));
            }
            (false, Order::OfWorker) => {
                self.outgoing[to].push(parcel);
                self.has_outgoing = true;
            }
            (false, Order::OfShards) => {
                if self.send_ordered(engine, to, parcel) {
                    engine.workers[to].mailbox.wake();
                }
            }
        }
    }

    /// Sends a message at once, behind all that has been sent to this worker by others. Answers whether the worker must be
    /// woken.
    pub(crate) fn send_ordered(&mut self, engine: &Engine, to: usize, parcel: Parcel) -> bool {
        if to == self.worker {
            // What other workers have sent comes first.
            self.take_arrived(engine);
            self.keep(parcel);
            return false;
        }
        self.outgoing[to].push(parcel);
        engine.workers[to].mailbox.put_parcels(&mut self.outgoing[to])
    }

    /// Takes what other workers have sent to clients of this one.
    pub(crate) fn take_arrived(&mut self, engine: &Engine) {
        let mailbox = &engine.workers[self.worker].mailbox;
        if mailbox.has_parcels() {
            mailbox.take_parcels().into_iter().for_each(|parcel| self.keep(parcel));
        }
    }

    /// Keeps a message until nobody's request runs; only the client whose request does gets it earlier.
    fn keep(&mut self, parcel: Parcel) {
        let given = self.give_own(&parcel);
        self.here.push((parcel, given));
    }

    /// Lets the client whose request runs have a message behind the reply, if it is one for it. Answers this client.
    fn give_own(&mut self, parcel: &Parcel) -> Option<Running> {
        let running = self.running?;
        match &parcel.content {
            Content::Published(published) => published.for_each_recipient(&self.local, &mut |to, index| {
                if to == running.seat {
                    self.own.push((Own::Published(published.clone(), index), parcel.after));
                }
            }),
            Content::Line(line) => {
                if self.monitors.contains(&running.seat) {
                    self.own.push((Own::Direct(line.clone()), parcel.after));
                }
            }
            Content::ToClient { client_id, message } => {
                if *client_id == running.client_id {
                    self.own.push((Own::Direct(message.clone()), parcel.after));
                }
            }
        }
        Some(running)
    }

    /// Whether the client whose requests run gets something behind the present reply.
    #[inline]
    pub(crate) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Writes that; answers the offset of the journal that it depends on.
    pub(crate) fn write_own(&mut self, session: &Session, out: &mut Vec<u8>) -> Offset {
        let mut depends_on = 0;
        for (own, after) in self.own.drain(..) {
            match own {
                Own::Published(published, index) => published.push(index).write(session, out),
                Own::Direct(message) => message.write(session, out),
            }
            depends_on = depends_on.max(after);
        }
        depends_on
    }

    /// Posts what waits for the end of the turn.
    #[inline]
    pub(crate) fn flush(&mut self, engine: &Engine) {
        if std::mem::take(&mut self.has_outgoing) {
            for (to, parcels) in self.outgoing.iter_mut().enumerate() {
                if !parcels.is_empty() {
                    let mailbox = &engine.workers[to].mailbox;
                    if mailbox.put_parcels(parcels) {
                        mailbox.wake();
                    }
                }
            }
        }
    }

    /// Whether clients of this worker are to be given something, as far as the worker itself knows.
    #[inline]
    pub(crate) fn has_kept(&self) -> bool {
        !self.here.is_empty()
    }

    /// Gives this worker's clients what is there for them. What is for a client that has been waiting, and whose answer is
    /// on its way, stands behind this answer: it stays here until then.
    pub(crate) fn deliver(&mut self, engine: &Engine, outputs: &mut dyn Outputs) {
        debug_assert!(self.running.is_none(), "a running request's messages stand behind its reply");
        self.take_arrived(engine);
        let mut here = std::mem::take(&mut self.here);
        here.retain(|(parcel, given)| {
            let given = given.as_ref();
            match &parcel.content {
                Content::Published(published) => {
                    published.for_each_recipient(&self.local, &mut |to, index| {
                        if given.is_none_or(|given| given.seat != to) {
                            outputs.push(to, published.push(index), parcel.after);
                        }
                    });
                    false
                }
                Content::Line(line) => {
                    for to in self.monitors.iter().filter(|to| given.is_none_or(|given| given.seat != **to)) {
                        outputs.push(*to, line, parcel.after);
                    }
                    false
                }
                Content::ToClient { client_id, message } => {
                    let seat = outputs.seat_of(*client_id);
                    match seat.filter(|_| given.is_none_or(|given| given.client_id != *client_id)) {
                        Some(to) if outputs.is_to_be_answered(to) => return true,
                        Some(to) => outputs.push(to, message, parcel.after),
                        None => {}
                    }
                    false
                }
            }
        });
        self.here = here;
    }
}
