//! Commands of sessions and of the server: those that see more than data.

mod client;
mod cluster;
mod command;
mod commandlog;
mod config;
mod connection;
mod debug;
mod himport;
mod hotkeys;
mod info;
mod latency;
mod memory;
mod migrate;
mod module;
mod monitor;
mod pubsub;
pub(crate) mod server;
mod slowlog;
mod transactions;

use crate::registry::Run;
use ::command::Command;

/// All of them.
pub const ALL: &[&[Command<Run>]] = &[
    client::COMMANDS,
    cluster::COMMANDS,
    command::COMMANDS,
    commandlog::COMMANDS,
    config::COMMANDS,
    connection::COMMANDS,
    debug::COMMANDS,
    himport::COMMANDS,
    hotkeys::COMMANDS,
    info::COMMANDS,
    latency::COMMANDS,
    memory::COMMANDS,
    migrate::COMMANDS,
    module::COMMANDS,
    monitor::COMMANDS,
    pubsub::COMMANDS,
    server::COMMANDS,
    slowlog::COMMANDS,
    transactions::COMMANDS,
];
