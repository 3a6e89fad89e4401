//! (being written)

pub mod syntax;
