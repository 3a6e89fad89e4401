//! Messages that answer no request, and their way to clients of any worker.
//!
//! ```text
//!   worker 0 runs PUBLISH                         worker 1
//!   encodes the message once                      |
//!     own clients: `here`                         |
//!     others: `outgoing[1]` --end of the turn-->  mailbox  -->  looks up who of its clients is meant,
//!                                                               appends to their output
//! ```
//!
//! A message goes once to each worker that has somebody to receive it; which of its clients these are the worker itself
//! knows, so nobody gets anything after having unsubscribed. What one worker sends to another arrives in its order: what
//! waits for the end of the turn leaves earlier if something is sent that may not wait ([`Order::OfShards`]).
//!
//! A Unit's messages are collected while it runs and sent when its records have entered the journal: they may tell of its
//! changes, and so must not arrive before these are safe.
//!
//! Messages to the client whose own request causes them stand behind the reply to this request, as with Redis: they are
//! kept in `own` until it has been written.

mod deliver;
mod outbox;
mod push;

pub use deliver::Outputs;
pub use outbox::Order;
pub(crate) use outbox::{Messages, Running};
pub(crate) use push::Content;
pub use push::{Parcel, Push};

/// The place of a connection among those of its worker, given by whoever runs the worker.
pub type Seat = usize;
