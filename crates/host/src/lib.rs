//! The host: the only crate that makes system calls. Event loops, sockets, threads, clocks, the log.

mod address;
mod clock;
mod connection;
mod freer;
mod listen;
mod log;
mod poller;
mod process;
mod server;
mod shared;
pub mod signals;
mod wake;
mod worker_loop;

pub use clock::SystemClock;
pub use server::{Options, Server};
