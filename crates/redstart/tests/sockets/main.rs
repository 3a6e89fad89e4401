//! A server with real sockets, in this process: what only sockets, buffers and threads can show.

mod blocking;
mod client;
mod configuring;
mod limits;
mod persistence;
mod program;
mod stopping;
mod traffic;
