//! Transcripts of lists, and lists against a model.
//!
//! `replies.txt` and `effects.txt` were recorded from Redis 8.0.6; `lmovem.txt` follows the documentation of Redis 8.10.

mod model;

use crate::testing::{Show, Testing, parse, short};
use command::Now;
use resp::OwnedArgs;

#[test]
fn replies() {
    Testing::check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn effects() {
    Testing::check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn several_elements_move_at_once() {
    Testing::check(include_str!("lmovem.txt"), Show::Effects);
}

/// As in Redis 8.0.6: what is left while the long element is on its way would fit a smaller form.
#[test]
fn moving_within_a_list_looks_at_its_size_afterwards() {
    let mut testing = Testing::new();
    testing.run(&format!("RPUSH k {} {}", "y".repeat(4200), "x".repeat(4954)));
    for (command, encoding) in [
        ("LTRIM k 1 1", "quicklist"),
        ("RPUSH k a", "quicklist"),
        ("LMOVE k k LEFT RIGHT", "quicklist"),
        ("LMOVE k k RIGHT RIGHT", "quicklist"),
        ("RPOP k", "listpack"),
        ("LMOVE k k LEFT RIGHT", "listpack"),
    ] {
        testing.run(command);
        let told = testing.run("OBJECT ENCODING k");
        assert_eq!(short(&parse(&told)), format!("{encoding:?}"), "{command}");
    }
}

#[test]
fn timeouts_are_seconds_rounded_up_to_milliseconds() {
    let cases: [(&[u8], Option<i64>); 6] = [
        (b"0", None),
        (b"-0.0001", None),
        (b"0.0001", Some(1)),
        (b"0.1", Some(100)),
        (b"1.5", Some(1500)),
        (b"9000000000000000", Some(9_000_000_000_000_000_000)),
    ];
    let now = Now { us: 1_700_000_000_000_000 };
    for (timeout, ms) in cases {
        let words = OwnedArgs::from_slices(&[timeout]);
        let deadline_ms = command::Args::new(words.as_args(), 0).deadline_ms(now);
        assert_eq!(deadline_ms, Ok(ms.map(|ms| now.ms() + ms)), "{}", timeout.escape_ascii());
    }
}

/// In a transaction or a script nothing waits.
#[test]
fn who_may_not_wait_gets_null() {
    let cases = [
        ("BLPOP none 0", "null-array"),
        ("BRPOP none 0", "null-array"),
        ("BLMPOP 0 1 none LEFT", "null-array"),
        ("BLMOVE none to LEFT RIGHT 0", "null"),
        ("BRPOPLPUSH none to 0", "null"),
        ("BLMOVEM none to LEFT RIGHT 0", "null-array"),
    ];
    let mut testing = Testing::new();
    testing.may_block = false;
    for (command, expected) in cases {
        assert_eq!(short(&parse(&testing.run(command))), expected, "{command}");
    }
}
