//! What one session has subscribed to.

use super::{Kind, Name, PerKind};
use std::collections::BTreeSet;

/// A session's channels and patterns.
#[derive(Default, Debug)]
pub(crate) struct Subscriptions {
    names: PerKind<BTreeSet<Name>>,
}

impl Subscriptions {
    /// Adds a subscription; answers whether it is new.
    pub(crate) fn add(&mut self, kind: Kind, name: &Name) -> bool {
        self.names[kind].insert(name.clone())
    }

    /// Takes one out; answers whether it was there.
    pub(crate) fn remove(&mut self, kind: Kind, name: &[u8]) -> bool {
        self.names[kind].remove(name)
    }

    /// The subscriptions of a kind, in the order of their names.
    pub(crate) fn of(&self, kind: Kind) -> Vec<Name> {
        self.names[kind].iter().cloned().collect()
    }

    /// How many there are of a kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.names[kind].len()
    }

    /// The number that replies to SUBSCRIBE and the like end with: channels and patterns are counted together, shard
    /// channels by themselves.
    pub(crate) fn shown(&self, kind: Kind) -> usize {
        match kind {
            Kind::ShardChannel => self.count(kind),
            Kind::Channel | Kind::Pattern => self.count(Kind::Channel) + self.count(Kind::Pattern),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        Kind::ALL.iter().all(|kind| self.names[*kind].is_empty())
    }
}
