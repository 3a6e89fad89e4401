//! Publish and subscribe.
//!
//! Who receives what is known in three places, each with an owner of its own:
//!
//! - [`Subscriptions`]: what a session has subscribed to,
//! - [`LocalSubscribers`]: a worker's clients by what they have subscribed to; no lock, its thread alone uses it,
//! - [`Routes`]: which workers have how many of them. PUBLISH reads it to know where a message must go, and how many will
//!   get it.

mod local;
mod published;
mod routes;
mod subscribing;
mod subscriptions;

pub(crate) use local::LocalSubscribers;
pub(crate) use published::Published;
pub(crate) use routes::Routes;
pub(crate) use subscribing::{shown, subscriptions};
pub(crate) use subscriptions::Subscriptions;

use std::sync::Arc;

/// The name of a channel, or a pattern.
pub(crate) type Name = Arc<[u8]>;

/// What can be subscribed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A channel.
    Channel,
    /// All channels whose names match a pattern.
    Pattern,
    /// A channel of SPUBLISH: in a cluster it belongs to a slot.
    ShardChannel,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Kind; 3] = [Kind::Channel, Kind::Pattern, Kind::ShardChannel];
}

/// One of something for each kind.
#[derive(Default, Debug)]
pub(crate) struct PerKind<T>([T; 3]);

impl<T> std::ops::Index<Kind> for PerKind<T> {
    type Output = T;

    fn index(&self, kind: Kind) -> &T {
        &self.0[kind as usize]
    }
}

impl<T> std::ops::IndexMut<Kind> for PerKind<T> {
    fn index_mut(&mut self, kind: Kind) -> &mut T {
        &mut self.0[kind as usize]
    }
}
