//! Transcripts of strings, and strings against plain bytes.
//!
//! `replies.txt` was compared with Redis 8.0.6 and `comparisons.txt` with Valkey 9.1.2, line by line; `effects.txt` with both,
//! from which it differs as the comments there say. `newer.txt` follows the documentation of later versions.

mod model;

use crate::testing::{Show, Testing};

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn comparisons() {
    Testing::check(include_str!("comparisons.txt"), Show::Replies);
}

#[test]
fn newer_commands() {
    Testing::check(include_str!("newer.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}
