//! A Unit has changed what clients may have cached: tells them, while the Unit's shards are held.

use super::broadcast::Cause;
use crate::engine::Engine;
use crate::messages::{Content, Messages, Order, Parcel, Push};
use crate::worker::Worker;
use command::Invalidation;
use journal::Offset;
use keyspace::{Tracker, Tracking};
use resp::{Proto, Writer};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// The channel on which RESP2 is told.
const CHANNEL: &[u8] = b"__redis__:invalidate";

impl Worker {
    /// Tells clients what they must forget; `after` is the offset of the journal behind the changes.
    #[inline]
    pub(crate) fn tell_invalidations(&mut self, engine: &Engine, after: Offset) {
        if !self.effects.invalidations.is_empty() {
            self.tell_all_invalidations(engine, after);
        }
    }

    #[cold]
    fn tell_all_invalidations(&mut self, engine: &Engine, after: Offset) {
        let running = self.messages.running();
        let mut invalidations = std::mem::take(&mut self.effects.invalidations);
        for invalidation in invalidations.drain(..) {
            match invalidation {
                Invalidation::Key { key, trackers, unasked } => {
                    if let Some(trackers) = trackers {
                        engine.trackers.note_gone_keys(1);
                        self.messages.invalidate_key(engine, &key, &trackers, after);
                    }
                    if self.effects.interest.invalidations {
                        let cause = running.filter(|_| !unasked).map_or(Cause::Nobody, Cause::Client);
                        self.changed.add(key, cause, after);
                    }
                }
                Invalidation::All { keys } => {
                    engine.trackers.note_gone_keys(keys);
                    self.messages.invalidate_all(engine, after);
                }
            }
        }
        self.effects.invalidations = invalidations;
    }
}

impl Messages {
    /// Tells those who have read a key, and track still, to forget it.
    pub(super) fn invalidate_key(
        &mut self,
        engine: &Engine,
        key: &[u8],
        trackers: &[Arc<Tracker>],
        after: Offset,
    ) {
        let running = self.running();
        let keys = [key];
        let mut text = Invalid::new(&keys);
        for tracker in trackers.iter().filter(|tracker| tracker.tracking() == Tracking::Keys) {
            if !(tracker.no_loop() && running == Some(tracker.client_id)) {
                self.invalidate(engine, tracker, &mut text, after);
            }
        }
    }

    /// Tells all who track to forget everything.
    pub(crate) fn invalidate_all(&mut self, engine: &Engine, after: Offset) {
        let mut text = Invalid::everything();
        for tracker in engine.trackers.all() {
            self.invalidate(engine, &tracker, &mut text, after);
        }
    }

    /// Tells one client, or the one that is told in its place.
    pub(super) fn invalidate(
        &mut self,
        engine: &Engine,
        tracker: &Tracker,
        text: &mut Invalid<'_>,
        after: Offset,
    ) {
        let own = (tracker.client_id, tracker.worker);
        let ((client_id, worker), message) = match tracker.redirect() {
            None => (own, text.direct()),
            Some(id) => match engine.clients.get(id).filter(|target| !target.closing.load(Relaxed)) {
                Some(target) => ((id, target.worker), text.redirected()),
                None => {
                    tracker.note_broken_redirect();
                    (own, broken_redirect(id))
                }
            },
        };
        let parcel = Parcel { content: Content::ToClient { client_id, message }, after };
        self.send(engine, worker, parcel, Order::OfShards);
    }
}

/// What is to be forgotten, encoded when first needed.
pub(super) struct Invalid<'k> {
    /// None: everything.
    keys: Option<&'k [&'k [u8]]>,
    direct: Option<Arc<Push>>,
    redirected: Option<Arc<Push>>,
}

impl<'k> Invalid<'k> {
    pub(super) fn new(keys: &'k [&'k [u8]]) -> Invalid<'k> {
        Invalid { keys: Some(keys), direct: None, redirected: None }
    }

    fn everything() -> Invalid<'k> {
        Invalid { keys: None, direct: None, redirected: None }
    }

    /// For the client itself: RESP2 has no way to be told.
    fn direct(&mut self) -> Arc<Push> {
        let keys = self.keys;
        self.direct.get_or_insert_with(|| Arc::new(push(keys).with_resp2(Vec::new()))).clone()
    }

    /// For a client that is told in its place: in RESP2 as if it were published.
    fn redirected(&mut self) -> Arc<Push> {
        let keys = self.keys;
        let encode = || {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes, Proto::Resp2);
            writer.array(3);
            writer.bulk(b"message");
            writer.bulk(CHANNEL);
            write_keys(&mut writer, keys);
            Arc::new(push(keys).with_resp2_for_listeners(bytes))
        };
        self.redirected.get_or_insert_with(encode).clone()
    }
}

fn push(keys: Option<&[&[u8]]>) -> Push {
    Push::new(2, |writer| {
        writer.bulk(b"invalidate");
        write_keys(writer, keys);
    })
}

fn write_keys(writer: &mut Writer<'_>, keys: Option<&[&[u8]]>) {
    match keys {
        None => writer.null(),
        Some(keys) => {
            writer.array(keys.len());
            keys.iter().for_each(|key| writer.bulk(key));
        }
    }
}

/// The client `id`, which was to be told, is gone.
fn broken_redirect(id: u64) -> Arc<Push> {
    let push = Push::new(2, |writer| {
        writer.bulk(b"tracking-redir-broken");
        writer.int(id as i64);
    });
    Arc::new(push.with_resp2(Vec::new()))
}
