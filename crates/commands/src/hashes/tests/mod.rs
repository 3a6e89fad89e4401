//! Transcripts of hashes, recorded from Redis 8.0.6; and hashes against a model.

mod model;

use crate::testing::{Show, Testing};

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

/// As recorded, but that conditions and absent fields aren't repeated in the journal.
#[test]
fn fields_that_expire() {
    Testing::check(include_str!("expiry.txt"), Show::Effects);
}

#[test]
fn mistakes() {
    Testing::check(include_str!("precedence.txt"), Show::Replies);
}

#[test]
fn times_are_rounded_up() {
    Testing::check(include_str!("rounding.txt"), Show::Replies);
}

#[test]
fn forms_under_small_limits() {
    let mut testing = Testing::new();
    testing.limits.hash.rows = 3;
    let transcript = include_str!("small_limits.txt");
    assert_eq!(testing.replay(transcript, Show::Replies), transcript);
}
