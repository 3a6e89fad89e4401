//! The engine: sessions, Units, commands of the server. It makes no system call: bytes come in, bytes go out, and time,
//! threads, sockets and files belong to the host.

mod admin;
mod admit;
mod batch;
mod client;
mod clock;
mod commands;
mod engine;
mod exec;
mod expire;
mod figures;
mod footprint;
mod host;
mod latency;
mod mailbox;
mod pause;
mod registry;
mod resume;
mod sampler;
mod serve;
mod session;
mod settings;
mod slowlog;
mod stats;
mod unit;
mod version;
mod worker;

pub use batch::Progress;
pub use client::{Client, ClientClass, Clients, Labels, Peer, Wait};
pub use clock::Clock;
pub use engine::{Engine, Freer, Parts, WorkerHandle};
pub use host::{ApplyError, Facts, Host, Level};
pub use mailbox::{Mail, Mailbox, Wake};
pub use pause::{Pause, PauseMode, Paused};
pub use registry::{CommandId, Registered, Registry, Run};
pub use session::{Acknowledged, Blocked, Multi, Session};
pub use settings::{Overrides, Settings};
pub use stats::{Counter, SharedStats, WorkerStats, new_histogram};
pub use version::{REDIS_VERSION, VERSION};
pub use worker::Worker;

use std::collections::HashMap;

/// The registry of all commands, some of them renamed.
pub fn registry(rename: &HashMap<Vec<u8>, Vec<u8>>) -> Registry {
    Registry::new(::commands::ALL, commands::ALL, rename)
}
