//! Writing a large value bit by bit, so that no buffer has to hold all of it.

use crate::encode::Encoder;
use crate::object::Progress;
use keyspace::{ObjectBox, Str, Value};

/// A key with a value of its own, and how far it is written.
pub struct FrozenEncoder {
    key: Vec<u8>,
    expiry_ms: Option<i64>,
    access: u32,
    state: State,
}

enum State {
    Text(Value),
    Object(ObjectBox),
    /// An object whose key and type are written.
    Within(ObjectBox, Progress),
    End,
}

impl FrozenEncoder {
    /// Begins with a key: its name, when it expires, its access bits, its value.
    pub fn new(key: Vec<u8>, expiry_ms: Option<i64>, access: u32, value: Value) -> Self {
        let state = match value {
            Value::Object(object) => State::Object(object),
            text => State::Text(text),
        };
        FrozenEncoder { key, expiry_ms, access, state }
    }

    /// Appends about `budget` bytes, or what is left if that is less: parts that can't be divided (a string, a node of
    /// a list, a block of a stream) are begun below the budget and written whole. Returns whether something is left.
    ///
    /// All calls must be given encoders with the same version.
    pub fn step(&mut self, encoder: &mut Encoder, out: &mut Vec<u8>, budget: usize) -> bool {
        let enough = out.len().saturating_add(budget);
        self.state = match std::mem::replace(&mut self.state, State::End) {
            State::Text(value) => {
                let text = match &value {
                    Value::Int(number) => Str::Int(*number),
                    Value::Bytes(bytes, _) => Str::Bytes(bytes),
                    Value::Object(_) => unreachable!("objects have states of their own"),
                };
                encoder.text_entry(out, &self.key, self.expiry_ms, self.access, &text);
                State::End
            }
            State::Object(object) => {
                encoder.object_head(out, &self.key, self.expiry_ms, self.access, object.get());
                let progress = Progress::new(object.get());
                State::Within(object, progress)
            }
            other => other,
        };
        if let State::Within(object, progress) = &mut self.state
            && !progress.step(object.get(), &mut encoder.output(out, enough))
        {
            self.state = State::End;
        }
        !matches!(self.state, State::End)
    }
}
