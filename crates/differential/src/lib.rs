//! The differential tester: the same random commands for two servers, everything they answer and store compared.
//!
//! - [`grammar`], [`forms`]: which commands there are and how they are written, as a compact table
//! - [`values`]: random arguments, the awkward ones among them
//! - [`generate`]: sequences of commands on two connections
//! - [`server`], [`link`]: the servers and the connections to them
//! - [`case`](mod@case): one sequence, run against both
//! - [`compare`], [`known`], [`dataset`]: what counts as the same
//! - [`shrink`]: a failing sequence made short
//! - [`transcript`]: a sequence as a person would type it into redis-cli
//!
//! It is a tool of the tests and depends on the protocol crate only: the servers are programs, ours as well.
#![forbid(unsafe_code)]

mod bits;
pub mod case;
pub mod compare;
pub mod dataset;
pub mod forms;
pub mod generate;
pub mod grammar;
pub mod kinds;
pub mod known;
mod limits;
pub mod link;
pub mod listen;
mod messages;
mod payload;
mod places;
mod scored;
pub mod server;
pub mod shrink;
mod sorting;
mod tables;
pub mod transcript;
pub mod values;
