//! Containers that never heard of Redis commands: they own bytes and order, and know no keys, clients or clocks.

pub mod blob;
pub mod deque;
pub mod fields;
pub mod intset;
pub mod packed;
pub mod ranked;
pub mod stream;
pub mod table;
