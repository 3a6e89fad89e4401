//! The journal: the one order of all changes, in memory (`stream`) and in the append-only files ([`aof`]).
//!
//! Nothing here does I/O: files are reached through [`disk::Disk`], which the host implements and tests break.

pub mod aof;
pub mod disk;
mod stream;

pub use stream::{Journal, Offset, Reader, Segment};
