//! Subscribing and unsubscribing: the session, its worker and the routes agree about every subscription.

use super::{Kind, Name};
use crate::engine::Engine;
use crate::messages::{Content, Messages, Order, Parcel};
use crate::pubsub::{Published, Subscriptions};
use crate::session::Session;
use journal::Offset;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What a subscription takes in the tables besides its name, bytes, about.
const SUBSCRIPTION_BYTES: u64 = 64;

impl Messages {
    /// Subscribes a session, if it isn't subscribed yet. Answers the number to reply.
    pub(crate) fn subscribe(
        &mut self,
        engine: &Engine,
        session: &mut Session,
        kind: Kind,
        name: &[u8],
    ) -> usize {
        let name = Name::from(name);
        let held = session.subscriptions.get_or_insert_default();
        if held.add(kind, &name) {
            self.local.add(kind, &name, session.seat);
            engine.routes.add(kind, &name, self.worker);
            publish_counts(session, SUBSCRIPTION_BYTES.wrapping_add(name.len() as u64));
        }
        shown(session, kind)
    }

    /// Ends a subscription, if there is such a one. Answers the number to reply.
    pub(crate) fn unsubscribe(
        &mut self,
        engine: &Engine,
        session: &mut Session,
        kind: Kind,
        name: &[u8],
    ) -> usize {
        if session.subscriptions.as_mut().is_some_and(|held| held.remove(kind, name)) {
            self.local.remove(kind, name, session.seat);
            engine.routes.remove(kind, name, self.worker);
            publish_counts(session, (SUBSCRIPTION_BYTES + name.len() as u64).wrapping_neg());
        }
        shown(session, kind)
    }

    /// Ends all subscriptions of a session.
    pub(crate) fn unsubscribe_all(&mut self, engine: &Engine, session: &mut Session) {
        for kind in Kind::ALL {
            for name in subscriptions(session, kind) {
                self.unsubscribe(engine, session, kind, &name);
            }
        }
        session.subscriptions = None;
    }

    /// Publishes a message when the running Unit ends; answers how many get it.
    pub(crate) fn publish(
        &mut self,
        engine: &Engine,
        (kind, channel): (Kind, &[u8]),
        text: &[u8],
        after: Offset,
        order: Order,
    ) -> u64 {
        let Some(reach) = engine.routes.find(kind, channel) else { return 0 };
        let published = Arc::new(Published::new(kind, channel, text, reach.direct, &reach.patterns));
        let mut receivers = 0;
        for (worker, count) in reach.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            receivers += u64::from(*count);
            let parcel = Parcel { content: Content::Published(published.clone()), after };
            self.send_with_unit(worker, parcel, order);
        }
        receivers
    }
}

/// What a session has subscribed to.
pub(crate) fn subscriptions(session: &Session, kind: Kind) -> Vec<Name> {
    session.subscriptions.as_ref().map_or_else(Vec::new, |held| held.of(kind))
}

/// The number that the reply ends with.
pub(crate) fn shown(session: &Session, kind: Kind) -> usize {
    session.subscriptions.as_ref().map_or(0, |held| held.shown(kind))
}

/// Lets others see how many subscriptions there are, and that they take so many bytes more.
fn publish_counts(session: &Session, more_bytes: u64) {
    let client = &session.client;
    let count =
        |kind| session.subscriptions.as_deref().map_or(0, |held: &Subscriptions| held.count(kind)) as u32;
    client.channels.store(count(Kind::Channel), Relaxed);
    client.patterns.store(count(Kind::Pattern), Relaxed);
    client.shard_channels.store(count(Kind::ShardChannel), Relaxed);
    client.subscribed_bytes.fetch_add(more_bytes, Relaxed);
}
