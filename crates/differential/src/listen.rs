//! What a server publishes of its changes: the events of `notify-keyspace-events`.

use crate::link::Link;
use crate::server::Pair;
use resp::reply::Value;
use std::io::{Error, Result};

/// A message on this channel says that all events before it have arrived.
const MARK: &str = "differential:mark";

/// Events of the passing of time, which no two servers notice at the same moment.
const OF_TIME: [&[u8]; 2] = [b"expired", b"hexpired"];

/// The event of a key that isn't there.
const MISS: &[u8] = b"keymiss";

/// Listens to the events of both servers.
#[derive(Debug)]
pub struct Listeners {
    links: [Link; 2],
}

impl Listeners {
    /// Has both servers, asked through `control`, publish all events, and listens.
    ///
    /// # Errors
    /// Those of the connections.
    pub fn new(pair: &Pair, control: &mut [Link; 2]) -> Result<Self> {
        let mut links = pair.connect()?;
        for (link, control) in links.iter_mut().zip(control) {
            control.call(&["CONFIG", "SET", "notify-keyspace-events", "KEAmn"])?;
            link.call(&["PSUBSCRIBE", "__key*@*__:*"])?;
            link.call(&["SUBSCRIBE", MARK])?;
        }
        Ok(Self { links })
    }

    /// What the server on this side has published since it was asked last, each event a text; those of keys that were
    /// looked for and not found only with `misses`.
    ///
    /// # Errors
    /// Those of the connections.
    pub fn heard(&mut self, side: usize, control: &mut Link, misses: bool) -> Result<Value> {
        control.call(&["PUBLISH", MARK, ""])?;
        let mut events = Vec::new();
        loop {
            let Value::Array(words) = self.links[side].read()? else {
                return Err(Error::other("something else than a message"));
            };
            match words.as_slice() {
                [Value::Bulk(kind), ..] if kind == b"message" => return Ok(Value::Array(events)),
                [_, _, Value::Bulk(channel), Value::Bulk(text)]
                    if !is_of(&OF_TIME, channel, text) && (misses || !is_of(&[MISS], channel, text)) =>
                {
                    let event = [channel.as_slice(), b" ", text.as_slice()].concat();
                    events.push(Value::Bulk(event));
                }
                _ => {}
            }
        }
    }
}

/// Whether this is the message of one of these events, in one of its two forms.
fn is_of(events: &[&[u8]], channel: &[u8], text: &[u8]) -> bool {
    let of_key = channel.starts_with(b"__keyspace") && events.contains(&text);
    let is_channel = |event: &[u8]| channel.strip_suffix(event).is_some_and(|rest| rest.ends_with(b":"));
    of_key || channel.starts_with(b"__keyevent") && events.iter().any(|event| is_channel(event))
}
