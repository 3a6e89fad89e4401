//! Transcripts of arrays, and arrays against a model.
//!
//! The transcripts follow the documentation of Redis 8.8 and what its own tests check.

mod model;

use crate::testing::{Show, Testing, parse, short};
use resp::Proto;

#[test]
fn cells() {
    Testing::check(include_str!("cells.txt"), Show::Replies);
}

#[test]
fn cursor() {
    Testing::check(include_str!("cursor.txt"), Show::Replies);
}

#[test]
fn ring() {
    Testing::check(include_str!("ring.txt"), Show::Replies);
}

#[test]
fn search() {
    Testing::check(include_str!("search.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn a_range_may_have_a_million_positions() {
    let mut testing = Testing::new();
    testing.run("ARMSET k 0 first 999999 last");
    let reply = testing.run("ARGETRANGE k 0 999999");
    assert!(reply.starts_with(b"*1000000\r\n$5\r\nfirst\r\n$-1\r\n"));
    assert!(reply.ends_with(b"$-1\r\n$4\r\nlast\r\n"));
}

#[test]
fn a_search_may_have_250_predicates() {
    let mut testing = Testing::new();
    testing.run("ARSET k 0 foo");
    let mut search = |predicates: usize| {
        let line = format!("ARGREP k - +{}", " MATCH foo".repeat(predicates));
        short(&parse(&testing.run(&line)))
    };
    assert_eq!(search(250), "[0]");
    assert_eq!(search(251), "-ERR too many predicates, maximum is 250");
}

/// Each of them may take its part of what all may.
#[test]
fn a_search_may_have_250_long_expressions() {
    let mut testing = Testing::new();
    let expression = [b"x".repeat(2000), b"[a-z]?$".to_vec()].concat();
    testing.run_words(Proto::Resp2, "", &[b"ARSET", b"k", b"0", &b"x".repeat(2001)]);
    let mut words: Vec<&[u8]> = vec![b"ARGREP", b"k", b"-", b"+", b"AND", b"NOCASE"];
    (0..250).for_each(|_| words.extend([&b"RE"[..], &expression]));
    assert_eq!(short(&parse(&testing.run_words(Proto::Resp2, "", &words))), "[0]");
    let longest = b"a".repeat(2049);
    let refused = testing.run_words(Proto::Resp2, "", &[b"ARGREP", b"k", b"-", b"+", b"RE", &longest]);
    assert_eq!(short(&parse(&refused)), "-ERR regular expression is too long, maximum is 2048 bytes");
}
