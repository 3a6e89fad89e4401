//! Client-side caching: clients that keep what they have read are told when it changes.
//!
//! Who is to be told of a key lies with the key's shard ([`keyspace::Tracked`]): a read enters its client there, and a
//! change takes everybody out, both under the shard's lock. Clients that asked for whole prefixes stand in [`Trackers`],
//! and each worker collects what its Units have changed until its turn ends. See `docs/tracking.md`.

mod broadcast;
mod invalidate;
mod limit;
mod options;
mod remember;
mod session;
mod sweep;
mod trackers;

pub(crate) use broadcast::Changed;
pub(crate) use options::{Selection, TrackingOptions};
pub(crate) use remember::{remember, remember_one, remember_served, tracker_of};
pub(crate) use session::{SessionTracking, end_tracking};
pub(crate) use sweep::Sweep;
pub(crate) use trackers::Trackers;
