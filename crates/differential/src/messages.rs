//! A connection of a case: what it is told without having asked is kept apart from its answers.

use crate::link::Link;
use resp::reply::Value;
use std::collections::VecDeque;
use std::io::Result;

/// What a connection sends to itself to know that all confirmations before it have arrived.
const MARK: &[u8] = b"differential:mark";

/// A connection that may have subscribed to channels.
#[derive(Debug)]
pub(crate) struct Client {
    link: Link,
    /// Messages that have arrived.
    messages: Vec<Value>,
    /// Answers that arrived while messages were awaited.
    answers: VecDeque<Value>,
}

impl Client {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, messages: Vec::new(), answers: VecDeque::new() }
    }

    /// The server's number for this connection.
    pub(crate) fn id(&self) -> i64 {
        self.link.id
    }

    pub(crate) fn send<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<()> {
        self.link.send(args)
    }

    /// Waits for an answer: errors as [`Link::read`].
    pub(crate) fn read(&mut self) -> Result<Value> {
        loop {
            if let Some(answer) = self.answers.pop_front() {
                return Ok(answer);
            }
            let arrived = self.link.read()?;
            self.keep(arrived);
        }
    }

    /// Takes an answer if one has arrived.
    pub(crate) fn try_read(&mut self) -> Result<Option<Value>> {
        self.listen()?;
        Ok(self.answers.pop_front())
    }

    /// All that a command is answered about subscriptions: as many replies as it names channels, or as there were.
    pub(crate) fn confirmations(&mut self) -> Result<Value> {
        self.send(&[b"PING", MARK])?;
        let mut confirmed = Vec::new();
        loop {
            let answer = self.read()?;
            if is_mark(&answer) {
                return Ok(Value::Array(confirmed));
            }
            confirmed.push(answer);
        }
    }

    /// Takes everything that has arrived.
    pub(crate) fn listen(&mut self) -> Result<()> {
        while let Some(arrived) = self.link.try_read()? {
            self.keep(arrived);
        }
        Ok(())
    }

    /// How many messages have arrived.
    pub(crate) fn heard(&self) -> usize {
        self.messages.len()
    }

    /// The messages that have arrived since they were taken last. Those that came by several patterns are sorted: in
    /// which order a server looks patterns through is its own affair.
    pub(crate) fn take_messages(&mut self) -> Value {
        let mut messages = std::mem::take(&mut self.messages);
        for same in messages.chunk_by_mut(|one, next| {
            sent_by_pattern(one).is_some_and(|sent| sent_by_pattern(next) == Some(sent))
        }) {
            same.sort_by_cached_key(|message| format!("{message:?}"));
        }
        Value::Array(messages)
    }

    fn keep(&mut self, arrived: Value) {
        match first_word(&arrived) {
            // Events are compared by those who listen to them alone.
            Some(b"message" | b"pmessage") if is_event(&arrived) => {}
            Some(b"message" | b"pmessage" | b"smessage") => self.messages.push(arrived),
            // What a client should forget is told at moments of the server's choice.
            Some(b"invalidate") if matches!(arrived, Value::Push(_)) => {}
            _ => self.answers.push_back(arrived),
        }
    }
}

/// Whether a message tells of an event, or is the mark behind some.
fn is_event(message: &Value) -> bool {
    let (Value::Array(items) | Value::Push(items)) = message else { return false };
    let channel = items.len().checked_sub(2).and_then(|at| items.get(at));
    matches!(channel, Some(Value::Bulk(name)) if name.starts_with(b"__key") || name == MARK)
}

/// Channel and text of a message that came by a pattern.
fn sent_by_pattern(message: &Value) -> Option<&[Value]> {
    match message {
        Value::Array(items) | Value::Push(items) if first_word(message) == Some(b"pmessage") => {
            items.get(2..)
        }
        _ => None,
    }
}

fn first_word(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Array(items) | Value::Push(items) => match items.first() {
            Some(Value::Bulk(word)) => Some(word),
            _ => None,
        },
        _ => None,
    }
}

/// The answer to PING, in the form for those who have subscribed or in the usual one.
fn is_mark(value: &Value) -> bool {
    match value {
        Value::Bulk(text) => text == MARK,
        Value::Array(items) => items.get(1).is_some_and(is_mark),
        // Inside a transaction, which ends the case: nobody can tell what its EXEC will answer.
        Value::Simple(text) => text == b"QUEUED",
        _ => false,
    }
}

/// Whether a command is answered by any number of replies about subscriptions.
pub(crate) fn is_about_subscriptions(command: &[Vec<u8>]) -> bool {
    command.first().is_some_and(|name| name.to_ascii_uppercase().ends_with(b"SUBSCRIBE"))
}

/// To how many subscribers a command, or the transaction that consists of those `queued`, says it has sent a message.
pub(crate) fn receivers(command: &[Vec<u8>], queued: &[Vec<Vec<u8>>], answer: &Value) -> usize {
    let name = command.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    match (name.as_slice(), answer) {
        (b"PUBLISH" | b"SPUBLISH", Value::Int(count)) => usize::try_from(*count).unwrap_or(0),
        (b"EXEC", Value::Array(answers)) => {
            queued.iter().zip(answers).map(|(part, answer)| receivers(part, &[], answer)).sum()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_sends_what_its_commands_send() {
        let command = |line: &str| line.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        let queued = [command("PUBLISH c m"), command("GET k"), command("spublish c m")];
        let answer = Value::Array([2, 5, 1].map(Value::Int).to_vec());
        assert_eq!(receivers(&command("EXEC"), &queued, &answer), 3);
        assert_eq!(receivers(&command("PUBLISH c m"), &[], &Value::Int(4)), 4);
        assert_eq!(receivers(&command("INCR k"), &[], &Value::Int(4)), 0);
    }

    #[test]
    fn events_are_no_messages_of_the_case() {
        let message =
            |words: &[&str]| Value::Push(words.iter().map(|word| Value::Bulk((*word).into())).collect());
        assert!(is_event(&message(&["pmessage", "*", "__keyspace@0__:x", "del"])));
        assert!(is_event(&message(&["message", "differential:mark", ""])));
        assert!(!is_event(&message(&["message", "c1", "__keyspace@0__:x"])));
    }

    #[test]
    fn a_mark_is_known_in_all_its_forms() {
        let mark = || Value::Bulk(MARK.to_vec());
        assert!(is_mark(&mark()) && is_mark(&Value::Array(vec![Value::Bulk(b"pong".to_vec()), mark()])));
        assert!(!is_mark(&Value::Bulk(b"m".to_vec())) && !is_mark(&Value::Int(1)));
    }
}
