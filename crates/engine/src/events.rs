//! Keyspace events: `notify-keyspace-events` has changes of keys published as messages.
//!
//! ```text
//!   handler     notes changes in `Effects::changes`, in their order
//!   command     its changes become messages, in line with what it publishes itself
//!   Unit        its messages are sent when its records have entered the journal, while its shards are held
//! ```
//!
//! So the events of a key are sent in the order of its changes, whichever workers make them, and under `appendfsync
//! always` nobody hears of a change that a crash can still undo.

use crate::engine::Engine;
use crate::messages::Order;
use crate::pubsub::Kind;
use crate::worker::Worker;
use command::{Change, EventClass};

impl Worker {
    /// Whether changes are to be noted.
    #[inline]
    pub(crate) fn tells_changes(&self, engine: &Engine) -> bool {
        self.settings.events.are_published() && engine.routes.has_any() && !self.replays
    }

    /// Makes messages of the changes that have been noted.
    #[inline]
    pub(crate) fn tell_changes(&mut self, engine: &Engine) {
        if !self.effects.changes.is_empty() {
            self.tell_all_changes(engine);
        }
    }

    #[cold]
    fn tell_all_changes(&mut self, engine: &Engine) {
        let events = self.settings.events;
        for change in self.effects.changes.drain(..) {
            if !events.contains(class_of(change.event.class)) {
                continue;
            }
            let mut publish = |kind: &str, subject: &[u8], text: &[u8]| {
                let channel = [format!("__{kind}@{}__:", change.db).as_bytes(), subject].concat();
                self.messages.publish(engine, (Kind::Channel, &channel), text, 0, Order::OfShards);
            };
            let (name, key) = (change.event.name.as_bytes(), &*change.key);
            if events.contains(config::EventClass::Keyspace) {
                publish("keyspace", key, name);
            }
            if events.contains(config::EventClass::Keyevent) {
                publish("keyevent", name, key);
            }
            if change.event.class == EventClass::Hash && !change.elements.is_empty() {
                publish_elements(&change, events, &mut publish);
            }
        }
    }
}

/// Publishes an event with the fields that it was about. Each name has its length in front.
fn publish_elements(
    change: &Change,
    events: config::KeyspaceEvents,
    publish: &mut impl FnMut(&str, &[u8], &[u8]),
) {
    let (name, key) = (change.event.name.as_bytes(), &*change.key);
    let with_length = |name: &[u8]| [name.len().to_string().as_bytes(), b":", name].concat();
    let elements: Vec<_> = change.elements.iter().map(|element| with_length(element)).collect();
    let elements = elements.join(&b',');
    if events.contains(config::EventClass::Subkeyspace) {
        publish("subkeyspace", key, &[name, b"|", &elements].concat());
    }
    if events.contains(config::EventClass::Subkeyevent) {
        publish("subkeyevent", name, &[&with_length(key), &b"|"[..], &elements].concat());
    }
    // A line break tells key and field apart.
    if events.contains(config::EventClass::SubkeyspaceItem) && !key.contains(&b'\n') {
        for element in &change.elements {
            publish("subkeyspaceitem", &[key, b"\n", element].concat(), name);
        }
    }
    if events.contains(config::EventClass::SubkeyspaceEvent) {
        publish("subkeyspaceevent", &[name, b"|", key].concat(), &elements);
    }
}

/// The configuration's word for a class.
fn class_of(class: EventClass) -> config::EventClass {
    match class {
        EventClass::Generic => config::EventClass::Generic,
        EventClass::String => config::EventClass::String,
        EventClass::List => config::EventClass::List,
        EventClass::Set => config::EventClass::Set,
        EventClass::Hash => config::EventClass::Hash,
        EventClass::SortedSet => config::EventClass::SortedSet,
        EventClass::Expired => config::EventClass::Expired,
        EventClass::Evicted => config::EventClass::Evicted,
        EventClass::Stream => config::EventClass::Stream,
        EventClass::Array => config::EventClass::Array,
        EventClass::New => config::EventClass::New,
        EventClass::KeyMiss => config::EventClass::KeyMiss,
        EventClass::Overwritten => config::EventClass::Overwritten,
        EventClass::TypeChanged => config::EventClass::TypeChanged,
    }
}
