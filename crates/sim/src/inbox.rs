//! What a virtual client hears of what it has subscribed to, in the order in which it hears it.

use resp::reply::Value;
use std::collections::BTreeSet;

/// What can be subscribed to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A channel.
    Channel,
    /// All channels that match a pattern.
    Pattern,
    /// A channel of SPUBLISH.
    ShardChannel,
}

/// What a client has subscribed to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Topic {
    /// What it is.
    pub kind: Kind,
    /// The channel's name, or the pattern.
    pub name: Vec<u8>,
}

/// What a client was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// That it has subscribed.
    Began(Topic),
    /// That it hasn't subscribed, or no more.
    Ended(Topic),
    /// That it has subscribed to nothing of a kind.
    NothingToEnd,
    /// A message.
    Message {
        /// Because of which subscription.
        topic: Topic,
        /// Where it was published.
        channel: Vec<u8>,
        /// What.
        text: Vec<u8>,
    },
    /// Nothing more: its connection is closed.
    Closed,
}

impl Notice {
    /// The notice that a worker has written, if it is one.
    fn of(words: &[Value]) -> Option<Notice> {
        let [Value::Bulk(what), rest @ ..] = words else { return None };
        let topic = |kind, name: &[u8]| Topic { kind, name: name.to_vec() };
        let (kind, what) = match what.split_first() {
            Some((b'p', rest)) => (Kind::Pattern, rest),
            Some((b's', rest)) if rest != b"ubscribe" => (Kind::ShardChannel, rest),
            _ => (Kind::Channel, &what[..]),
        };
        Some(match (what, rest) {
            (b"subscribe", [Value::Bulk(name), Value::Int(_)]) => Notice::Began(topic(kind, name)),
            (b"unsubscribe", [Value::Bulk(name), Value::Int(_)]) => Notice::Ended(topic(kind, name)),
            (b"unsubscribe", [_, Value::Int(_)]) => Notice::NothingToEnd,
            (b"message", [Value::Bulk(pattern), Value::Bulk(channel), Value::Bulk(text)]) => {
                Notice::Message { topic: topic(kind, pattern), channel: channel.clone(), text: text.clone() }
            }
            (b"message", [Value::Bulk(channel), Value::Bulk(text)]) => {
                Notice::Message { topic: topic(kind, channel), channel: channel.clone(), text: text.clone() }
            }
            _ => return None,
        })
    }
}

/// A notice and when it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// CLIENT ID.
    pub connection: u64,
    /// When the request was sent that it answers; when the connection began to be closed. Nothing of messages.
    pub asked: u64,
    /// When it came.
    pub stamp: u64,
    /// What it says.
    pub notice: Notice,
}

/// A client's notices, those of all its connections.
#[derive(Clone, Default, Debug)]
pub struct Inbox {
    heard: Vec<Heard>,
    /// What the present connection has subscribed to, as far as the client knows.
    topics: BTreeSet<Topic>,
    /// Confirmations that are yet to come for the request under way.
    awaited: usize,
}

/// What came of a value that was offered to an [`Inbox`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// Nothing: it is something else.
    No,
    /// It is a message, or one of several confirmations.
    Yes,
    /// It is the last confirmation of a request.
    Answers,
}

impl Inbox {
    /// All that came, in its order.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// Takes a value in that came on `connection` while `request` (its words and when it was sent) was the oldest that is
    /// yet to be answered.
    pub(crate) fn take(
        &mut self,
        (connection, stamp): (u64, u64),
        request: Option<(&[Vec<u8>], u64)>,
        value: &Value,
    ) -> Taken {
        let about = request.filter(|(words, _)| words[0].ends_with(b"SUBSCRIBE"));
        let words = match value {
            Value::Push(words) => words,
            Value::Array(words) if about.is_some() || !self.topics.is_empty() => words,
            _ => return Taken::No,
        };
        let Some(notice) = Notice::of(words) else { return Taken::No };
        let is_message = matches!(notice, Notice::Message { .. });
        if let (false, 0, Some((words, _))) = (is_message, self.awaited, about) {
            self.awaited = self.confirmations(words);
        }
        match &notice {
            Notice::Began(topic) => _ = self.topics.insert(topic.clone()),
            Notice::Ended(topic) => _ = self.topics.remove(topic),
            _ => {}
        }
        let asked = about.map_or(0, |(_, sent)| sent);
        self.heard.push(Heard { connection, asked, stamp, notice });
        if is_message || about.is_none() {
            return Taken::Yes;
        }
        self.awaited -= 1;
        if self.awaited == 0 { Taken::Answers } else { Taken::Yes }
    }

    /// How many confirmations a request gets.
    fn confirmations(&self, words: &[Vec<u8>]) -> usize {
        let kind = match words[0][0] {
            b'P' => Kind::Pattern,
            b'S' if words[0] != b"SUBSCRIBE" => Kind::ShardChannel,
            _ => Kind::Channel,
        };
        match words.len() - 1 {
            0 => self.topics.iter().filter(|topic| topic.kind == kind).count().max(1),
            named => named,
        }
    }

    /// The connection was closed, between these moments.
    pub(crate) fn close(&mut self, connection: u64, asked: u64, stamp: u64) {
        self.topics.clear();
        self.awaited = 0;
        self.heard.push(Heard { connection, asked, stamp, notice: Notice::Closed });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    #[test]
    fn tells_the_kinds_apart() {
        let topic = |kind, name: &str| Topic { kind, name: name.into() };
        for (word, kind) in [("", Kind::Channel), ("p", Kind::Pattern), ("s", Kind::ShardChannel)] {
            let subscribe = [bulk(&format!("{word}subscribe")), bulk("x"), Value::Int(1)];
            assert_eq!(Notice::of(&subscribe), Some(Notice::Began(topic(kind, "x"))));
            let unsubscribe = [bulk(&format!("{word}unsubscribe")), bulk("x"), Value::Int(1)];
            assert_eq!(Notice::of(&unsubscribe), Some(Notice::Ended(topic(kind, "x"))));
        }
        assert_eq!(Notice::of(&[bulk("invalidate"), Value::Array(Vec::new())]), None);
    }

    #[test]
    fn a_request_is_answered_by_as_many_confirmations_as_it_has_names() {
        let mut inbox = Inbox::default();
        let words = |text: &str| text.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        let (subscribe, unsubscribe) = (words("SUBSCRIBE a b"), words("UNSUBSCRIBE"));
        let mut take = |request: &[Vec<u8>], what: &str, name: &str| {
            let value = Value::Array(vec![bulk(what), bulk(name), Value::Int(1)]);
            inbox.take((1, 1), Some((request, 1)), &value)
        };
        assert_eq!(take(&subscribe, "subscribe", "a"), Taken::Yes);
        assert_eq!(take(&subscribe, "subscribe", "b"), Taken::Answers);
        assert_eq!(take(&unsubscribe, "unsubscribe", "a"), Taken::Yes);
        assert_eq!(take(&unsubscribe, "message", "b"), Taken::No);
        assert_eq!(take(&unsubscribe, "unsubscribe", "b"), Taken::Answers);
    }
}
