//! Arguments from a command's syntax tree: types and names say what a sensible value is.

use super::structured::{LINES, QUEUES, REGISTERS};
use super::{Draw, Request, Word};
use crate::scheduler::START_US;
use command::Group;
use command::syntax::{Argument, Kind};

/// Groups whose commands hold values, each with a command that makes one: there are keys for those that are registered.
const WRITERS: &[(Group, &str)] = &[
    (Group::String, "set"),
    (Group::List, "rpush"),
    (Group::Set, "sadd"),
    (Group::SortedSet, "zadd"),
    (Group::Hash, "hset"),
    (Group::Stream, "xadd"),
    (Group::Array, "arset"),
    (Group::Bitmap, "setbit"),
    (Group::HyperLogLog, "pfadd"),
];

/// Appends words for `arguments`; `group` lends keys that mostly hold the right type.
pub(super) fn append(draw: &mut Draw<'_>, arguments: &[Argument<'_>], group: Group, words: &mut Request) {
    let mut count_at = None;
    append_all(draw, arguments, group, words, &mut count_at);
}

/// `count_at` is the place of a number of keys, fields or the like that are yet to come.
fn append_all(
    draw: &mut Draw<'_>,
    arguments: &[Argument<'_>],
    group: Group,
    words: &mut Request,
    count_at: &mut Option<usize>,
) {
    for argument in arguments {
        if argument.optional && !draw.one_in(3) {
            continue;
        }
        let times = if argument.multiple { 1 + draw.below(3) } else { 1 };
        for nth in 0..times {
            if let Some(token) = argument.token
                && (nth == 0 || argument.multiple_token)
            {
                words.push(Word::Text(token.as_bytes().to_vec()));
            }
            append_one(draw, argument, group, words, count_at);
        }
        if argument.multiple
            && let Some(at) = count_at.take()
        {
            words[at] = Word::Text(times.to_string().into_bytes());
        }
    }
}

fn append_one(
    draw: &mut Draw<'_>,
    argument: &Argument<'_>,
    group: Group,
    words: &mut Request,
    count_at: &mut Option<usize>,
) {
    match &argument.kind {
        Kind::PureToken => {}
        Kind::OneOf(choices) => {
            let choice = draw.pick(choices).clone();
            append_all(draw, &[Argument { optional: false, ..choice }], group, words, count_at);
        }
        Kind::Block(parts) => append_all(draw, parts, group, words, count_at),
        kind => {
            if argument.name.starts_with("num") {
                *count_at = Some(words.len());
            }
            words.push(value(draw, kind, argument, group));
        }
    }
}

fn value(draw: &mut Draw<'_>, kind: &Kind<'_>, argument: &Argument<'_>, group: Group) -> Word {
    let name: &str = &argument.name;
    Word::Text(match kind {
        Kind::Key { .. } => key(draw, group),
        Kind::Integer if group == Group::Array => array_index(draw, name).to_string().into_bytes(),
        Kind::Integer => integer(draw, name).to_string().into_bytes(),
        Kind::Double if name == "timeout" => draw.pick(&["0.004", "0.03", "0.2", "0"]).as_bytes().to_vec(),
        Kind::Double => draw.pick(&["0", "1", "-2.5", "3.25", "10", "+inf"]).as_bytes().to_vec(),
        Kind::Pattern { .. } => draw.pick(&["*", "l*", "?1", "[a-k]*"]).as_bytes().to_vec(),
        Kind::UnixTime => moment(draw, argument).to_string().into_bytes(),
        _ => return string(draw, name),
    })
}

/// A key that mostly holds what the group's commands expect.
pub(super) fn key(draw: &mut Draw<'_>, group: Group) -> Vec<u8> {
    if draw.wild && draw.one_in(4) {
        let key = match draw.below(3) {
            0 => draw.pick(&REGISTERS),
            1 => draw.pick(&QUEUES),
            _ => draw.pick(&LINES),
        };
        return key.as_bytes().to_vec();
    }
    let groups: Vec<&str> =
        WRITERS.iter().filter(|(_, writer)| draw.knows(writer)).map(|(group, _)| group.name()).collect();
    let own = groups.contains(&group.name()) && !draw.one_in(6);
    let group = if own { group.name() } else { *draw.pick(&groups) };
    let number = 1 + draw.below(2);
    let tag = if draw.one_in(3) { "{t}" } else { "" };
    format!("{group}{number}{tag}").into_bytes()
}

fn integer(draw: &mut Draw<'_>, name: &str) -> i64 {
    match name {
        "index1" | "index2" | "db" | "destination-db" => i64::from(draw.db()),
        // SELECT's too: see `Draw::db`.
        "index" if draw.one_in(2) => i64::from(draw.db()),
        "index" => -1 - draw.rng.below(3) as i64,
        "numkeys" => 1,
        "seconds" => draw.rng.below(3) as i64,
        "milliseconds" => draw.rng.below(40) as i64,
        "cursor" => 0,
        "count" => 1 + draw.rng.below(4) as i64,
        "timeout" => draw.rng.below(2) as i64,
        "bit" => draw.rng.below(2) as i64,
        _ => draw.rng.below(14) as i64 - 3,
    }
}

/// An index of an array, mostly a small one, so that commands meet; or a count.
fn array_index(draw: &mut Draw<'_>, name: &str) -> u64 {
    match name {
        "count" | "limit" | "size" => 1 + draw.rng.below(6),
        _ if draw.one_in(12) => u64::MAX - draw.rng.below(4),
        _ if draw.one_in(6) => draw.rng.below(1 << 12),
        _ => draw.rng.below(14),
    }
}

/// A moment within the run's time, or before it.
fn moment(draw: &mut Draw<'_>, argument: &Argument<'_>) -> i64 {
    let milliseconds =
        argument.name.contains("milli") || argument.token.is_some_and(|token| token.starts_with('P'));
    if milliseconds {
        START_US / 1000 + draw.rng.below(300) as i64 - 20
    } else {
        START_US / 1_000_000 + draw.rng.below(4) as i64 - 1
    }
}

fn string(draw: &mut Draw<'_>, name: &str) -> Word {
    if name == "client-id" {
        return Word::ClientId(draw.below(draw.clients));
    }
    let unique = draw.unique("u");
    let words: &[&str] = match name {
        "id" | "start" | "end" | "lastid" | "last-id" => {
            &["*", "$", "0", "-", "+", ">", "1-1", "2-1", "5-5", "(1-1"]
        }
        "group" => &["g1", "g2"],
        "consumer" => &["c1", "c2"],
        "min" | "max" => &["-", "+", "[a", "(b", "-inf", "+inf", "1", "(2"],
        "index" | "index1" | "index2" => &["1", "2"],
        "subcommand" => &["getreg", "decode", "encoding", "todense"],
        "encoding" => &["u1", "i5", "u8", "i16", "i64"],
        _ => &["a", "b", "c", "1", "2", "17", "3.5", "hello"],
    };
    if draw.one_in(4) { Word::Text(unique) } else { Word::Text(draw.pick(words).as_bytes().to_vec()) }
}
