//! The contract between commands and the engine: how a command is declared, what its handler may read and change, and
//! how it answers.
//!
//! A handler is a function `fn(&mut Cx, &mut Args, Reply) -> Result<Done>`. It knows keys, values and replies; it knows
//! no connection, no lock, no clock and no file.

mod args;
mod category;
mod cx;
mod effects;
mod error;
mod help;
mod park;
mod reply;
mod slot;
mod spec;
pub mod syntax;
pub mod transcript;

pub use args::Args;
pub use category::{CATEGORIES, categories};
pub use cx::{Caller, Cx, Expired, Limits, Now, Scope};
pub use effects::{Change, Effects, Interest, Invalidation, Records, Tally};
pub use error::{Error, Result};
pub use help::help;
pub use park::{Claim, Park, Ripening, Shard, Shards, Step, Waiter, WaiterRef};
pub use reply::{Deferred, Done, Reply, Seq};
pub use slot::{Open, OpenText, Slot, removal_of_elements};
pub use spec::{
    Begin, Command, Deprecated, Event, EventClass, Find, Flag, FlagSet, Footprint, Group, Guard, KeyFlag,
    KeySpec, KeyUse, Reach, Replicate, RequestReach, Spec, kind_named,
};

/// A data command's handler.
pub type Handler = fn(&mut Cx<'_>, &mut Args<'_>, Reply<'_>) -> Result<Done>;
