//! Transcripts of places.
//!
//! `effects.txt` and `edges.txt` were recorded from Redis 8.0.6, `polygon.txt` from Valkey 9.1.2, whose coordinates have more digits.

use crate::testing::{Show, Testing};

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn edges() {
    Testing::check(include_str!("edges.txt"), Show::Replies);
}

#[test]
fn polygons() {
    Testing::check(include_str!("polygon.txt"), Show::Replies);
}
