//! Transcripts of sorted sets, and sorted sets against a model.
//!
//! `replies.txt` and `effects.txt` were recorded from Redis 8.0.6; `newer.txt` follows the documentation of Valkey 9 and
//! Redis 8.8.

mod expiring;
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
fn members_that_expire() {
    Testing::check(include_str!("expiry.txt"), Show::Effects);
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

/// However often a key is named, its scores become one for each member, in the order of the keys.
#[test]
fn a_key_may_be_named_many_times() {
    let mut testing = Testing::new();
    testing.run("ZADD z 1 a 0.5 b");
    testing.run("ZADD y 1e300 a 2 c");
    for times in [1, 3, 4, 5, 9, 1000] {
        let line = format!("ZUNION {} y{} WITHSCORES", times + 1, " z".repeat(times));
        let reply = short(&parse(&testing.run(&line)));
        assert!(reply.contains(&format!("\"b\", \"{}\"", times as f64 / 2.0)), "{reply}");
        assert!(reply.contains("\"a\", \"1e+300\"") && reply.matches(',').count() == 5, "{reply}");
    }
}
