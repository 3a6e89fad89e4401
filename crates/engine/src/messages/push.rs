//! A message, encoded once for all who receive it.

use crate::pubsub::Published;
use crate::session::Session;
use journal::Offset;
use resp::{Proto, Writer};
use std::sync::Arc;

/// A message that answers no request, ready to be sent in both protocols.
#[derive(Debug)]
pub struct Push {
    resp3: Box<[u8]>,
    resp2: Resp2,
}

/// A message in RESP2.
#[derive(Debug)]
enum Resp2 {
    /// An array of what the push holds.
    Array,
    /// As in RESP3; it is no message, but a reply that goes on: those who want no replies don't get it.
    Line,
    /// These bytes.
    Bytes(Box<[u8]>),
    /// These bytes, but only for those who have subscribed to something: others expect nothing but replies.
    ToListeners(Box<[u8]>),
}

impl Push {
    /// A message of `len` elements, written by `write`: a push in RESP3, an array of the same in RESP2.
    pub fn new(len: usize, write: impl FnOnce(&mut Writer<'_>)) -> Push {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, Proto::Resp3);
        writer.push(len);
        write(&mut writer);
        Push { resp3: bytes.into(), resp2: Resp2::Array }
    }

    /// A line of MONITOR: these bytes in both protocols, but nothing for those whom CLIENT REPLY leaves without replies.
    pub(crate) fn line(bytes: Vec<u8>) -> Push {
        Push { resp3: bytes.into(), resp2: Resp2::Line }
    }

    /// The same message, but for clients of RESP2 these bytes; none at all: they get nothing.
    #[must_use]
    pub fn with_resp2(self, bytes: Vec<u8>) -> Push {
        Push { resp2: Resp2::Bytes(bytes.into()), ..self }
    }

    /// The same message, but these bytes for clients of RESP2 that have subscribed to something, and nothing for others.
    #[must_use]
    pub fn with_resp2_for_listeners(self, bytes: Vec<u8>) -> Push {
        Push { resp2: Resp2::ToListeners(bytes.into()), ..self }
    }

    /// Appends it to a client's output.
    #[inline]
    pub fn write(&self, session: &Session, out: &mut Vec<u8>) {
        match (session.proto, &self.resp2) {
            (_, Resp2::Line) if !session.is_answered() => {}
            (Proto::Resp3, _) | (Proto::Resp2, Resp2::Line) => out.extend_from_slice(&self.resp3),
            (Proto::Resp2, Resp2::Bytes(bytes)) => out.extend_from_slice(bytes),
            (Proto::Resp2, Resp2::ToListeners(bytes)) => {
                if session.only_listens() {
                    out.extend_from_slice(bytes);
                }
            }
            (Proto::Resp2, Resp2::Array) => {
                out.reserve(self.resp3.len());
                out.push(b'*');
                out.extend_from_slice(&self.resp3[1..]);
            }
        }
    }
}

/// A message on its way to a worker.
#[derive(Clone)]
pub struct Parcel {
    pub(crate) content: Content,
    /// The offset of the journal that it depends on: it tells of a change that must be safe first.
    pub(crate) after: Offset,
}

/// What is on its way.
#[derive(Clone)]
pub(crate) enum Content {
    /// A message to those who have subscribed to its channel.
    Published(Arc<Published>),
    /// A line to those who monitor.
    Line(Arc<Push>),
    /// A message to one client.
    ToClient {
        /// CLIENT ID.
        client_id: u64,
        message: Arc<Push>,
    },
}
