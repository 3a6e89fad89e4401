//! Containers that never heard of Redis commands: they own bytes and order, and know no keys, clients or clocks.

pub mod array;
pub mod bits;
pub mod blob;
#[cfg(test)]
mod clones;
pub mod deque;
pub mod fields;
pub mod intset;
mod longs;
pub mod packed;
pub mod ranked;
pub mod room;
mod shelf;
pub mod sketch;
pub mod small;
pub mod stream;
pub mod table;
mod tree;
