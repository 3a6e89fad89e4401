//! A server with real sockets, in this process: what only sockets, buffers and threads can show.

mod append_only;
mod blocking;
mod client;
mod configuring;
mod limits;
mod messages;
mod migrating;
mod persistence;
mod program;
mod stopping;
mod traffic;
mod verify;

/// A server of the test's own, by the system calls that this program is about.
fn server() -> redstart::Builder {
    redstart::Server::builder().any_port().set("io-engine", crate::IO_ENGINE)
}
