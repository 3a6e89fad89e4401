//! The engine: sessions, Units, commands of the server. It makes no system call: bytes come in, bytes go out, and time,
//! threads, sockets and files belong to the host.

mod account;
mod admin;
mod admit;
mod aof;
mod batch;
mod client;
mod client_eviction;
mod clock;
mod commandlog;
mod commands;
mod conditions;
mod digest;
mod engine;
mod events;
mod evict;
mod exec;
mod expire;
mod fieldsets;
mod figures;
mod footprint;
mod host;
mod hotkeys;
mod latency;
mod load;
mod mailbox;
mod messages;
mod migrate;
mod monitor;
mod pause;
mod pubsub;
mod registry;
mod remarks;
mod resume;
mod sampler;
mod serve;
mod session;
mod settings;
mod shutdown;
mod snapshot;
mod stats;
mod tracking;
mod unasked;
mod unit;
mod version;
mod worker;

pub use aof::{Aof, AofFigures, Gate};
pub use batch::Progress;
pub use client::{Client, ClientClass, Clients, Labels, Peer, SMALL_OUTPUT, Wait};
pub use clock::Clock;
pub use conditions::{Condition, Conditions};
pub use engine::{Engine, Freer, Parts, WorkerHandle};
pub use host::{ApplyError, Facts, Flush, Host, Level, Link, NewFile, OldFile, Pace, Urgency};
pub use load::{Aim, Choice, KeyCount, LoadError, LoadOptions, LoadProgress, Loaded, Present, Verified};
pub use mailbox::{Mail, Mailbox, Wake};
pub use messages::{Order, Outputs, Parcel, Push, Seat};
pub use migrate::Migration;
pub use pause::{Pause, PauseMode, Paused};
pub use registry::{CommandId, Registered, Registry, RenameError, Run};
pub use session::{Acknowledged, Blocked, Multi, Session};
pub use settings::{Overrides, Settings};
pub use shutdown::NotReady;
pub use snapshot::{History, Kind, Progress as SnapshotProgress, Purpose, Running, Snapshots, write_cut};
pub use stats::{Counter, SharedStats, WorkerStats, new_histogram};
pub use version::{REDIS_VERSION, VERSION};
pub use worker::Worker;

/// The registry of all commands.
pub fn registry() -> Registry {
    Registry::new(::commands::ALL, commands::ALL)
}

/// The registry of all commands, renamed as the configuration says, line by line.
///
/// # Errors
/// The first line that can't be obeyed.
pub fn registry_of(config: &config::Config) -> Result<Registry, RenameError> {
    let mut registry = registry();
    for line in &config.rename_command.0 {
        if let [from, to] = &line[..] {
            registry.rename(from.as_bytes(), to.as_bytes())?;
        }
    }
    Ok(registry)
}
