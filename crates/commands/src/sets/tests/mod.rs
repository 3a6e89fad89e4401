//! Transcripts of sets, recorded from Redis 8.0.6 and Valkey 9.1.2; and sets against a model.

mod model;

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
fn forms_under_small_limits() {
    let mut testing = Testing::new();
    (testing.limits.set.rows, testing.limits.set.ints) = (3, 4);
    let transcript = include_str!("small_limits.txt");
    assert_eq!(testing.replay(transcript, Show::Replies), transcript);
}

#[test]
fn forms_without_sets_of_integers() {
    let mut testing = Testing::new();
    testing.limits.set.ints = 0;
    let transcript = include_str!("no_integers.txt");
    assert_eq!(testing.replay(transcript, Show::Replies), transcript);
}

#[test]
fn members_that_expire() {
    Testing::check(include_str!("expiry.txt"), Show::Effects);
}
