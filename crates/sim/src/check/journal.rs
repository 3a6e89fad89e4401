//! The journal rebuilds the state: fed to a second engine it gives the same keys, at the end and at every cut.

use crate::dump::Dump;
use crate::run::Ended;
use crate::server::later;
use engine::{Client, Engine, Peer, Session, Worker};
use resp::reply::{Value, parse_reply};
use resp::{Batch, Limits, Parser, Proto};
use std::sync::Arc;

/// Shards of the second engine: another number than the first one has.
const SHARDS: usize = 64;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let engine = later(SHARDS, ended.plan.shape.seed ^ 1);
    let mut worker = Worker::new(engine.clone(), 0, 0);
    let client = Arc::new(Client::new(1, 0, Peer::Embedded, -1, 0));
    let mut session = Session::new(client, true, Proto::Resp2);
    session.replays = true;
    let mut done = 0;
    for (nth, cut) in ended.cuts.iter().enumerate() {
        let fresh = &ended.journal[done..cut.journal_bytes];
        feed(&mut worker, &mut session, fresh)?;
        done = cut.journal_bytes;
        if let Some(difference) = cut.dump.difference(&dump_of(&engine)) {
            let of = ended.cuts.len();
            let tail = tail(&ended.journal[..done]);
            return Err(format!("cut {} of {of}, at offset {done}: {difference}\njournal: {tail}", nth + 1));
        }
    }
    Ok(())
}

fn feed(worker: &mut Worker, session: &mut Session, bytes: &[u8]) -> Result<(), String> {
    let mut replies = Vec::new();
    let (consumed, _) = worker.process(session, bytes, &mut replies);
    if consumed != bytes.len() {
        return Err(format!("the journal ends within a record: {}", bytes[consumed..].escape_ascii()));
    }
    let mut at = 0;
    while let Ok(Some((reply, len))) = parse_reply(&replies[at..]) {
        at += len;
        if let Some(error) = error_in(&reply) {
            return Err(format!("a record is refused: {}\njournal: {}", error.escape_ascii(), tail(bytes)));
        }
    }
    Ok(())
}

fn error_in(reply: &Value) -> Option<&[u8]> {
    match reply {
        Value::Error(text) => Some(text),
        Value::Array(items) => items.iter().find_map(error_in),
        _ => None,
    }
}

pub(super) fn dump_of(engine: &Engine) -> Dump {
    let ids: Vec<_> = engine.shards.ids().collect();
    Dump::of(engine, &mut engine.shards.acquire(&ids))
}

/// The journal's commands, SELECT, MULTI and EXEC included, each with the offset behind it.
pub(super) fn commands_with_ends(journal: &[u8]) -> Vec<(Vec<Vec<u8>>, u64)> {
    let mut end = 0;
    let with_end = |words: Vec<Vec<u8>>| {
        let mut bytes = Vec::new();
        resp::push_command(&mut bytes, &words.iter().map(Vec::as_slice).collect::<Vec<_>>());
        end += bytes.len() as u64;
        (words, end)
    };
    commands(journal).into_iter().map(with_end).collect()
}

/// The journal's commands, SELECT, MULTI and EXEC included.
pub(super) fn commands(journal: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let (mut parser, mut batch) = (Parser::new(), Batch::new());
    while let Ok(true) = parser.parse_one(journal, &Limits::default(), &mut batch) {}
    batch.iter(journal).map(|args| args.iter().map(<[u8]>::to_vec).collect()).collect()
}

/// The last commands, in words.
fn tail(journal: &[u8]) -> String {
    let commands = commands(journal);
    let shown = commands[commands.len().saturating_sub(60)..].iter();
    let words = |command: &Vec<Vec<u8>>| {
        command.iter().map(|word| word.escape_ascii().to_string()).collect::<Vec<_>>().join(" ")
    };
    shown.map(words).collect::<Vec<_>>().join("; ")
}
