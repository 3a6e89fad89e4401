//! The simulator: real engines, moved by a seed.
//!
//! It is the other host. Virtual workers run the engine's own code, one at a time; a seeded scheduler decides at every
//! point where real threads could overtake each other who goes on, and moves the clock. Clients drawn from the same seed
//! send commands; at the end one checker per invariant looks at what they were answered, at the journal and at the state.
//! A run is a function of its seed, so whatever it finds can be looked at again, and shrunk. See `docs/simulator.md`.

mod cache;
mod check;
mod client;
pub mod disk;
mod dump;
mod history;
mod inbox;
mod panics;
mod plan;
mod run;
mod scheduler;
mod server;
mod shrink;
mod virtual_worker;
mod watch;

pub use cache::Cache;
pub use dump::Dump;
pub use history::{Call, Operation};
pub use inbox::{Heard, Inbox, Kind, Notice, Topic};
pub use plan::{ClientPlan, Plan, Request, Step, Word};
pub use run::{Count, Cut, Ended, Finding, Summary, run};
pub use scheduler::{Pace, START_US, Scheduler};
pub use server::{Memory, Shape, on_disk};
pub use shrink::shrink;
pub use watch::{Span, Watch};

/// The plan of a seed over all commands that there are.
pub fn plan_of(seed: u64) -> Plan {
    Plan::draw(seed, &engine::registry())
}
