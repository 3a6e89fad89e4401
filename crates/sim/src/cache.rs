//! What a virtual client has cached by client-side caching, as it would itself know it: from the replies and the messages
//! that it gets, in their order.

use resp::reply::Value;
use std::collections::BTreeMap;

/// A client's cache.
#[derive(Clone, Default, Debug)]
pub struct Cache {
    /// CLIENT TRACKING is on.
    tracks: bool,
    values: BTreeMap<Vec<u8>, Value>,
}

impl Cache {
    /// The keys that it believes to know, with what they hold.
    pub fn values(&self) -> &BTreeMap<Vec<u8>, Value> {
        &self.values
    }

    /// Takes in the reply to one of its requests. What it changes itself it forgets, since NOLOOP won't tell it.
    pub(crate) fn replied(&mut self, words: &[Vec<u8>], reply: &Value) {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        match (&words[..], reply) {
            ([b"CLIENT", b"TRACKING", on, ..], Value::Simple(_)) => {
                self.tracks = *on == b"ON";
                self.values.clear();
            }
            ([b"GET", key], Value::Bulk(_) | Value::Null) if self.tracks => {
                self.values.insert(key.to_vec(), reply.clone());
            }
            ([b"MGET", keys @ ..], Value::Array(values)) if self.tracks => {
                self.values.extend(keys.iter().map(|key| key.to_vec()).zip(values.iter().cloned()));
            }
            ([b"XREAD", b"BLOCK", ..], Value::Map(streams)) if self.tracks => {
                self.values.extend(streams.iter().filter_map(|(key, entries)| match key {
                    Value::Bulk(key) => Some((key.clone(), entries.clone())),
                    _ => None,
                }));
            }
            ([b"FLUSHALL" | b"FLUSHDB", ..], _) => self.values.clear(),
            ([b"SET" | b"APPEND" | b"DEL" | b"XADD", key, ..], _) => {
                self.values.remove(*key);
            }
            _ => {}
        }
    }

    /// Takes in a message. Answers what is wrong with it.
    pub(crate) fn told(&mut self, message: &[Value]) -> Result<(), String> {
        match message {
            [Value::Bulk(what), Value::Null] if what == b"invalidate" => self.values.clear(),
            [Value::Bulk(what), Value::Array(keys)] if what == b"invalidate" => {
                for key in keys {
                    let Value::Bulk(key) = key else { return Err(format!("no key: {key:?}")) };
                    self.values.remove(key);
                }
            }
            other => return Err(format!("a message that nobody asked for: {other:?}")),
        }
        Ok(())
    }
}
