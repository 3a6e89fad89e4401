//! Transcripts of streams, and streams against a model.
//!
//! All transcripts but `newer.txt` were recorded from Redis 8.0.6 and differ from it only where that is meant: the lag is
//! always a number; new consumers are recorded though they got nothing; entries that are pending no more because they
//! don't exist any more are recorded by XACK; approximate trims are recorded without their limits, by the first entry that
//! is left; delivery counts end at 2^63 - 1; XINFO shows what newer versions show. `newer.txt` follows the documentation
//! and the tests of Redis 8.2 to 8.8.

mod model;

use crate::testing::{Show, Testing, parse, short};

#[test]
fn entries() {
    Testing::check(include_str!("entries.txt"), Show::Effects);
}

#[test]
fn groups() {
    Testing::check(include_str!("groups.txt"), Show::Effects);
}

#[test]
fn reading() {
    Testing::check(include_str!("reading.txt"), Show::Effects);
}

#[test]
fn waiting() {
    Testing::check(include_str!("waiting.txt"), Show::Effects);
}

#[test]
fn newer_commands() {
    Testing::check(include_str!("newer.txt"), Show::Effects);
}

/// The lag in the situations in which Redis tells a wrong one, or none.
#[test]
fn the_lag_is_exact() {
    Testing::check(include_str!("lag.txt"), Show::Replies);
}

/// In a transaction or a script nothing waits.
#[test]
fn who_may_not_wait_gets_null() {
    let mut testing = Testing::new();
    testing.run("XGROUP CREATE s g $ MKSTREAM");
    testing.may_block = false;
    for command in ["XREAD BLOCK 0 STREAMS s $", "XREADGROUP GROUP g c BLOCK 0 STREAMS s >"] {
        assert_eq!(short(&parse(&testing.run(command))), "null-array", "{command}");
    }
}

/// Waiting ends with null when the time is up.
#[test]
fn whose_time_is_up_gets_null() {
    let mut testing = Testing::new();
    testing.run("XGROUP CREATE s g $ MKSTREAM");
    for command in ["XREAD BLOCK 5 STREAMS s $", "XREADGROUP GROUP g c BLOCK 5 STREAMS s >"] {
        assert_eq!(testing.run(command), b"", "{command} waits");
        assert_eq!(short(&parse(&testing.time_out(""))), "null-array", "{command}");
    }
}

/// A journal of Redis keeps the limit of a trim that it has made exact; clients may not say that.
#[test]
fn a_journal_may_limit_an_exact_trim() {
    let mut testing = Testing::new();
    testing.run("XADD s 1-1 f v");
    let refused = short(&parse(&testing.run("XTRIM s MAXLEN = 0 LIMIT 1")));
    assert_eq!(refused, "-ERR syntax error, LIMIT cannot be used without the special ~ option");
    testing.client_id = 0;
    assert_eq!(short(&parse(&testing.run("XTRIM s MAXLEN = 0 LIMIT 1"))), "1");
}
