//! Transcripts of sorted sets, and sorted sets against a model.
//!
//! `replies.txt` and `effects.txt` were recorded from Redis 8.0.6; `newer.txt` follows the documentation of Valkey 9 and
//! Redis 8.8.

mod model;

use crate::testing::{Show, Testing, parse, short};

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn newer_options() {
    Testing::check(include_str!("newer.txt"), Show::Replies);
}

/// In a transaction or a script nothing waits.
#[test]
fn who_may_not_wait_gets_null() {
    let mut testing = Testing::new();
    testing.may_block = false;
    for command in ["BZPOPMIN none 0", "BZPOPMAX none 0", "BZMPOP 0 1 none MIN"] {
        assert_eq!(short(&parse(&testing.run(command))), "null-array", "{command}");
    }
}
