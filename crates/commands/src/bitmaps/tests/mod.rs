//! Transcripts of bitmaps, recorded from Redis 8.0.6; `newer.txt` follows the documentation of 8.2.

use crate::testing::{Show, Testing};

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn newer_combinations() {
    Testing::check(include_str!("newer.txt"), Show::Replies);
}

#[test]
fn the_longest_string_is_a_directive() {
    let mut testing = Testing::new();
    testing.limits.max_string_bytes = 1 << 20;
    let transcript = include_str!("small_limit.txt");
    assert_eq!(testing.replay(transcript, Show::Replies), transcript);
}
