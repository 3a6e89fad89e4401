//! One checker per invariant. Each looks at a run that has ended and says what is wrong with it.

mod accounting;
mod atomicity;
mod caching;
mod delivery;
mod events;
mod gate;
mod groups;
mod journal;
mod leaks;
mod linear;
mod messages;
mod monitors;
mod order;
mod snapshot;
mod wakeup;

use crate::run::Ended;

/// Looks at an ended run.
pub(crate) type Check = fn(&Ended) -> Result<(), String>;

/// Checked when all is quiet, while the connections that wait are still open. That no Unit waits for a shard while it
/// holds another (but for the gate's holder), that there is no deadlock, and that no code panics is checked during the run.
pub(crate) const AT_REST: &[(&str, Check)] = &[
    ("the journal rebuilds the state", journal::check),
    ("a snapshot is the state of its beginning", snapshot::check),
    ("no wakeup is lost", wakeup::check),
    ("replies wait for what they tell of", gate::check),
    ("each key's history is linearizable", linear::check),
    ("what is changed at once is seen at once", atomicity::check),
    ("each element is delivered once", delivery::check),
    ("a group delivers each entry once", groups::check),
    ("those who wait are served in their order", order::check),
    ("no client keeps a value that was overwritten", caching::check),
    ("messages reach who has subscribed, once and in order", messages::check),
    ("events come in the order of changes", events::check),
    ("all who monitor see the same", monitors::check),
    ("bytes are accounted for", accounting::check),
];

/// Checked once all connections are closed.
pub(crate) const AFTER_ALL_LEFT: &[(&str, Check)] = &[
    ("nothing is left of the clients", leaks::check),
    ("nothing is left of the keys", accounting::check_empty),
];
