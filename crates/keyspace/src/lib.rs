//! The state: entries, databases, shards and their locks, expiry index, waiters, watched and tracked keys.
//!
//! It knows values and keys but no commands, connections, clocks or files.

mod access;
mod cut;
mod db;
mod entry;
mod frozen;
mod item;
mod meter;
mod object;
mod recent;
mod shard;
mod shards;
mod slab;
mod tracked;
mod tracker;
mod value;
mod view;
mod waiters;
mod watch;

pub use access::Remember;
pub use cut::{Handover, Hold, PreImage, Sink, Walk};
pub use db::{Account, Db, Expiry, Key, Opened, Place};
pub use frozen::Frozen;
pub use item::{Garbage, Item, Removed, Str, Value};
pub use meter::Meter;
pub use object::ObjectBox;
pub use recent::Recent;
pub use shard::{DbIndex, Shard, Taken};
pub use shards::{GateHeld, Held, Interleave, Locked, ShardGuard, ShardId, Shards, Wanted};
pub use slab::PagePool;
pub use tracked::{Tracked, Trackers};
pub use tracker::{Tracker, Tracking};
pub use value::{Encoding, Kind, Object, Typed};
pub use view::{AnyRef, Ref};
pub use waiters::Waiters;
pub use watch::{DirtyFlag, Presence, Watched};
