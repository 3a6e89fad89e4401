//! Any command that there is, with arguments made from its syntax line: a new family takes part without being named here.

use super::patterns::from_pattern;
use super::{Draw, Request, Step, Word, arguments, request};
use engine::{Registered, Run};

/// Commands of sessions and of the server that take part; of the data commands, all do.
const ADMIN: &[&str] = &[
    "multi",
    "exec",
    "discard",
    "watch",
    "unwatch",
    "select",
    "ping",
    "echo",
    "quit",
    "reset",
    "hello",
    "wait",
    "client|id",
    "client|info",
    "client|kill",
    "client|list",
    "client|no-touch",
    "client|unblock",
    "command|getkeys",
    "memory|usage",
];
/// These change more than the client's database.
const FAR_REACHING: &[&str] = &["flushall", "reset"];
/// After these there is little left to go wrong: they come less often.
const SWEEPING: &[&str] = &["flushall", "flushdb", "swapdb", "quit", "kill"];

/// Some random requests.
pub(super) fn step(draw: &mut Draw<'_>) -> Step {
    let mut requests = Vec::new();
    match draw.below(10) {
        0 => {
            requests.push(request(&[b"MULTI"]));
            requests.extend((0..1 + draw.below(5)).map(|_| any(draw)));
            requests.push(request(&[b"EXEC"]));
        }
        1 | 2 => requests.extend((0..1 + draw.below(8)).map(|_| any(draw))),
        _ => requests.push(any(draw)),
    }
    Step::Send { requests, ahead: draw.one_in(3) }
}

/// A random request: mostly what its syntax allows.
fn any(draw: &mut Draw<'_>) -> Request {
    if draw.one_in(4)
        && let Some(request) = from_pattern(draw)
    {
        return request;
    }
    let registry = draw.registry;
    let command = loop {
        let command = draw.pick(registry.all());
        if takes_part(draw, command) && (!SWEEPING.contains(&command.spec.name) || draw.one_in(4)) {
            break command;
        }
    };
    let spec = command.spec;
    let name = command.full_name.split('|').map(|part| Word::Text(part.to_ascii_uppercase().into_bytes()));
    let mut words: Request = name.collect();
    if let Ok(tree) = command::syntax::parse(&command.full_name, spec.syntax, spec.keys.len()) {
        arguments::append(draw, &tree, spec.group, &mut words);
    }
    if draw.one_in(16) {
        spoil(draw, &mut words);
    }
    words
}

fn takes_part(draw: &Draw<'_>, command: &Registered) -> bool {
    let name = command.spec.name;
    let known = matches!(command.run, Run::Data(_)) || ADMIN.contains(&&*command.full_name);
    known && command.subcommands.is_empty() && (draw.wild || !FAR_REACHING.contains(&name))
}

/// Makes a request wrong in some way.
fn spoil(draw: &mut Draw<'_>, words: &mut Request) {
    let at = draw.below(words.len());
    match draw.below(4) {
        0 if words.len() > 1 => drop(words.remove(at.max(1))),
        1 => words.insert(at + 1, Word::Text(b"x".to_vec())),
        2 => {
            let word = words[at].clone();
            words.insert(at, word);
        }
        _ => {
            let odd = ["", "-1", "9223372036854775807", "-9223372036854775808", "1e400", "nan", "0x10"];
            let at = at.max(1).min(words.len() - 1);
            words[at] = Word::Text(draw.pick(&odd).as_bytes().to_vec());
        }
    }
}
