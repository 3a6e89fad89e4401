//! Tests of the list commands: what they answer and leave behind, as transcripts, and against a model.
//!
//! Transcripts (`*.txt`, recorded from Redis 8.0.6 where it has the commands) are lines of commands, each followed by what
//! comes of it:
//!
//! ```text
//! NAME> COMMAND ARGS    a client with that name (or none) sends a command; client 3 speaks RESP3
//! "a"                   the reply: 1 for :1, "a" for a bulk string, [..] for an array, null and null-array of RESP2, _ of RESP3
//!   event lpush key     a keyspace event    } in transcripts of effects
//!   record LPUSH key a  a journal record    }
//!   A gets 1            a waiting client is served
//! ```

mod model;
mod rig;

use command::{Change, EventClass};
use resp::Proto;
use resp::reply::{Value, parse_reply};
use rig::{Answer, NOW, Outcome, Rig};
use std::collections::HashMap;

#[test]
fn commands_answer_as_redis_does() {
    check(include_str!("replies.txt"), Show::Replies);
}

#[test]
fn commands_tell_and_record_what_redis_does() {
    check(include_str!("effects.txt"), Show::Effects);
}

#[test]
fn several_elements_move_at_once() {
    check(include_str!("lmovem.txt"), Show::Effects);
}

#[derive(Clone, Copy, PartialEq)]
enum Show {
    Replies,
    Effects,
}

/// Runs a transcript's commands and compares what comes of them with the transcript.
fn check(transcript: &str, show: Show) {
    let (mut rig, mut clients) = (Rig::new(), HashMap::new());
    let mut ran = String::new();
    for line in transcript.lines() {
        let Some((name, command)) = line.split_once("> ").filter(|(name, _)| name.len() <= 1) else {
            if line.is_empty() || line.starts_with('#') {
                ran.push_str(line);
                ran.push('\n');
            }
            continue;
        };
        let next_id = clients.len() as u64 + 1;
        let id = *clients.entry(name.to_owned()).or_insert(next_id);
        ran.push_str(line);
        ran.push('\n');
        if command == "(time is up)" {
            ran.push_str(&render(&rig.time_out(id)));
            ran.push('\n');
            continue;
        }
        let words = base::quote::split_args(command.as_bytes()).expect("balanced quotes");
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let proto = if name == "3" { Proto::Resp3 } else { Proto::Resp2 };
        let outcome = rig.run(id, proto, &words);
        show_outcome(&outcome, show, &clients, &mut ran);
    }
    for (number, (ran, expected)) in ran.lines().zip(transcript.lines()).enumerate() {
        assert_eq!(ran, expected, "line {}", number + 1);
    }
    assert_eq!(ran.lines().count(), transcript.lines().count());
}

fn show_outcome(outcome: &Outcome, show: Show, clients: &HashMap<String, u64>, out: &mut String) {
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(match &outcome.answer {
        Answer::Reply(reply) => render(reply),
        Answer::Waits => "(waits)".to_owned(),
    });
    if show == Show::Effects {
        // Redis tells of new keys and of misses only when asked for them.
        let asked_for =
            |change: &&Change| !matches!(change.event.class, EventClass::New | EventClass::KeyMiss);
        for change in outcome.changes.iter().filter(asked_for) {
            line(format!("  event {} {}", change.event.name, change.key.escape_ascii()));
        }
        for record in &outcome.records {
            let Value::Array(words) = parse(record) else { panic!("a record is a command") };
            let words: Vec<String> = words.iter().map(|word| show_value(word).replace('"', "")).collect();
            line(format!("  record {}", words.join(" ")));
        }
    }
    for (id, reply) in &outcome.served {
        let (name, _) = clients.iter().find(|(_, other)| *other == id).expect("a client of the transcript");
        line(format!("  {name} gets {}", render(reply)));
    }
}

fn parse(bytes: &[u8]) -> Value {
    let (value, len) = parse_reply(bytes).expect("well formed").expect("complete");
    assert_eq!(len, bytes.len(), "exactly one reply");
    value
}

fn render(reply: &[u8]) -> String {
    show_value(&parse(reply))
}

fn show_value(value: &Value) -> String {
    match value {
        Value::Simple(text) => format!("+{}", text.escape_ascii()),
        Value::Error(text) => format!("-{}", String::from_utf8_lossy(text)),
        Value::Int(n) => n.to_string(),
        Value::Bulk(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        Value::NullBulk => "null".to_owned(),
        Value::NullArray => "null-array".to_owned(),
        Value::Null => "_".to_owned(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(show_value).collect::<Vec<_>>().join(", "))
        }
        other => panic!("no list command answers {other:?}"),
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
    for (timeout, ms) in cases {
        let words = resp::OwnedArgs::from_slices(&[timeout]);
        let deadline_ms = command::Args::new(words.as_args(), 0).deadline_ms(NOW);
        assert_eq!(deadline_ms, Ok(ms.map(|ms| NOW.ms() + ms)), "{}", timeout.escape_ascii());
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
    let mut rig = Rig::new();
    for (command, expected) in cases {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        let outcome = rig.run_as(command::Caller::default(), Proto::Resp2, &words);
        let Answer::Reply(reply) = outcome.answer else { panic!("{command} waits") };
        assert_eq!(render(&reply), expected, "{command}");
    }
}
