//! The letters that CLIENT LIST shows as `flags`.

use crate::client::{Client, ClientClass, Peer};
use keyspace::Tracking;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

/// All letters that Valkey knows. Most stand for things this server doesn't have (yet), and so select nobody.
const LETTERS: &[u8] = b"bcdeirtuxABEIMNOPRSTU";

/// The first of the letters that stands for nothing.
pub(super) fn unknown(letters: &[u8]) -> Option<u8> {
    letters.iter().copied().find(|letter| !LETTERS.contains(letter))
}

/// A client's letters; `N` if there is none other.
pub(super) fn of(client: &Client) -> String {
    let class = client.class();
    let tracker = client.tracker.get();
    let tracking = tracker.map_or(Tracking::Off, |tracker| tracker.tracking());
    let letters = [
        (class == ClientClass::Replica, 'S'),
        (class == ClientClass::Primary, 'M'),
        (client.monitors.load(Relaxed), 'O'),
        (class == ClientClass::PubSub, 'P'),
        (client.queued.load(Relaxed) >= 0, 'x'),
        (client.blocked.load(Relaxed) || client.paused.load(Relaxed), 'b'),
        (tracking != Tracking::Off, 't'),
        (tracker.is_some_and(|tracker| tracker.has_broken_redirect()), 'R'),
        (tracking == Tracking::Prefixes, 'B'),
        (client.watch_broken.is_set(), 'd'),
        (client.closing.load(Relaxed), 'c'),
        (client.killed.load(Acquire), 'A'),
        (matches!(client.peer, Peer::Unix(_)), 'U'),
        (client.no_evict.load(Relaxed), 'e'),
        (client.no_touch.load(Relaxed), 'T'),
        (client.import_source.load(Relaxed), 'I'),
    ];
    let present: String = letters.iter().filter(|(is, _)| *is).map(|(_, letter)| letter).collect();
    if present.is_empty() { "N".into() } else { present }
}
