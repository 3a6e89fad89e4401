//! The engine without sockets: sessions, a clock that the test moves, a host that only remembers.

mod client_eviction;
mod conditions;
mod config_file;
mod counted;
mod declarations;
mod duties;
mod eviction;
mod examples;
mod facts;
mod field;
mod guards;
mod output_limit;
mod page;
mod remarks;
mod rig;
mod sessions;
mod tracking;
