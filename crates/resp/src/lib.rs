//! Layer 1: the Redis serialization protocol (RESP2, RESP3 and inline commands), both directions, without I/O.
//!
//! - [`request`]: bytes of a client to requests, without copying arguments
//! - [`Args`], [`OwnedArgs`]: the arguments of one request
//! - [`Writer`]: replies to bytes
//! - [`reply`]: bytes of a server to values, for clients of other servers and for tests
//! - [`push_command`]: a request to bytes
#![forbid(unsafe_code)]

mod args;
pub mod reply;
pub mod request;
mod write;

pub use args::{Args, OwnedArgs, Span};
pub use request::{Batch, Limits, Parser, ProtocolError, Sender};
pub use write::{Mark, Proto, Writer, push_command, push_command_head, push_word, push_word_head};
