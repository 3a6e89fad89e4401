//! Publish and subscribe: SUBSCRIBE and its relatives, PUBLISH, SPUBLISH, PUBSUB.

mod introspect;
mod publish;
mod subscribe;

use crate::registry::Run;
use command::{Command, Footprint, Group, Spec};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[
    subscribe::PSUBSCRIBE,
    publish::PUBLISH,
    introspect::PUBSUB,
    subscribe::PUNSUBSCRIBE,
    publish::SPUBLISH,
    subscribe::SSUBSCRIBE,
    subscribe::SUBSCRIBE,
    subscribe::SUNSUBSCRIBE,
    subscribe::UNSUBSCRIBE,
];

/// What the declarations share.
const PUBSUB: Spec = Spec { group: Group::PubSub, footprint: Footprint::Nothing, ..Spec::DEFAULT };
