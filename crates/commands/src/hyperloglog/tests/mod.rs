//! Transcripts of HyperLogLogs, recorded from Redis 8.0.6.

use crate::testing::{Show, Testing};

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}
