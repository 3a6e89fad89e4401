//! SORT, SORT_RO: the elements of a list, a set or a sorted set in an order that other keys may decide about.
//!
//! Which other keys those are (BY, GET) follows from the elements: a request that may read some holds all shards.

mod elements;
mod options;
mod order;
mod pattern;

use command::Flag::{DenyOom, MovableKeys, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{
    Args, Begin, Command, Cx, Done, Event, Find, Handler, KeyFlag, KeySpec, Reach, Replicate, Reply, Result,
    Spec,
};
use keyspace::{Expiry, ObjectBox, Value};
use options::{Options, Purpose};
use pattern::Pattern;
use structs::deque::Deque;
use structs::packed::End;

const SORTED: Event = Event::list("sortstore");

/// Keys that are found by another way than by looking at the words alone.
const fn elsewhere(flags: &'static [KeyFlag], notes: &'static str) -> KeySpec {
    KeySpec { begin: Begin::Unknown, find: Find::Unknown, flags, notes: Some(notes) }
}

/// The keys that BY and GET name.
const BY_PATTERNS: KeySpec = elsewhere(
    &[ReadOnly, Access],
    "BY and GET name keys by what the sorted elements are: unknown in advance",
);
/// The key that STORE names.
const DESTINATION: KeySpec = elsewhere(
    &[Overwrite, Update],
    "STORE and its key may stand anywhere among the options: unknown in advance",
);

/// What both declarations share.
const SORTING: Spec = Spec {
    complexity: "O(N+M*log(M)), N being the elements and M those in the answer; O(N) if they aren't sorted",
    arity: -2,
    acl: &["-keyspace", "set", "sortedset", "list", "dangerous"],
    ..Spec::DEFAULT
};

/// SORT
pub(super) const SORT: Command<Handler> = Command::new(
    Spec {
        name: "sort",
        summary: "Sorts the elements of a list, a set or a sorted set, by themselves or by other keys, and answers or stores them.",
        syntax: "SORT key [BY pattern:by-pattern/1] [LIMIT {offset count}] [GET pattern:get-pattern/1 [GET pattern ...]] \
                 [ASC | DESC] [ALPHA:sorting] [STORE destination:2]",
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[ReadOnly, Access]), BY_PATTERNS, DESTINATION],
        reach: Some(|words| reach(words, Purpose::AnswerOrStore)),
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH numbers 10 9 100
(integer) 3
> SORT numbers
1) \"9\"
2) \"10\"
3) \"100\"
> MSET weight_9 3 weight_10 2 weight_100 1
OK
> SORT numbers BY weight_* GET # GET weight_* LIMIT 0 2
1) \"100\"
2) \"1\"
3) \"10\"
4) \"2\"",
        ..SORTING
    },
    |cx, args, reply| sort(cx, args, reply, Purpose::AnswerOrStore),
);

/// SORT_RO
pub(super) const SORT_RO: Command<Handler> = Command::new(
    Spec {
        name: "sort_ro",
        since: "7.0.0",
        summary: "Answers the elements of a list, a set or a sorted set, sorted by themselves or by other keys.",
        syntax: "SORT_RO key [BY pattern:by-pattern/1] [LIMIT {offset count}] [GET pattern:get-pattern/1 [GET pattern ...]] \
                 [ASC | DESC] [ALPHA:sorting]",
        flags: &[Readonly, MovableKeys],
        keys: &[KeySpec::one(1, &[ReadOnly, Access]), BY_PATTERNS],
        reach: Some(|words| reach(words, Purpose::Answer)),
        examples: "\
> RPUSH numbers 10 9 100
(integer) 3
> SORT_RO numbers DESC
1) \"100\"
2) \"10\"
3) \"9\"",
        ..SORTING
    },
    |cx, args, reply| sort(cx, args, reply, Purpose::Answer),
);

/// What a request needs besides its first key. Of one that has errors only the destination is told.
fn reach(words: resp::Args<'_>, purpose: Purpose) -> Reach {
    const WORDS_BEFORE: usize = 2;
    let mut args = Args::new(words, WORDS_BEFORE.min(words.len()));
    let Ok(options) = Options::read(&mut args, purpose) else {
        let key = if purpose == Purpose::AnswerOrStore { destination(words) } else { None };
        return Reach { key, unknown: false };
    };
    Reach { key: options.store, unknown: options.patterns().any(Pattern::names_keys) }
}

/// Where the last destination stands in words that may make no sense: COMMAND GETKEYS is asked about such too.
fn destination(words: resp::Args<'_>) -> Option<usize> {
    let (mut at, mut found) = (2, None);
    while at + 1 < words.len() {
        let word = words.at(at).to_ascii_uppercase();
        if word == b"STORE" {
            found = Some(at + 1);
        }
        at += match word.as_slice() {
            b"LIMIT" => 3,
            b"BY" | b"GET" => 2,
            _ => 1,
        };
    }
    found
}

fn sort(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, purpose: Purpose) -> Result<Done> {
    let key = args.key()?;
    let options = Options::read(args, purpose)?;
    if options.store.is_some() {
        cx.slot(key).expire_all_elements();
    }
    let elements = order::arranged(cx, key, &options)?;
    match options.store {
        Some(at) => Ok(reply.len(store(cx, args.all().at(at), &elements, &options.get))),
        None => Ok(answer(cx, reply, &elements, &options.get)),
    }
}

/// Answers elements, or what their patterns give.
fn answer(cx: &mut Cx<'_>, reply: Reply<'_>, elements: &[Vec<u8>], get: &[Pattern<'_>]) -> Done {
    let mut list = reply.array(elements.len() * get.len().max(1));
    for element in elements {
        if get.is_empty() {
            list.bulk(element);
        }
        for pattern in get {
            pattern.look_up(cx, element, |value| match value {
                Some(value) => list.bulk(value),
                None => list.null(),
            });
        }
    }
    list.done()
}

/// Stores elements, or what their patterns give, as a list. Answers its length. It is recorded as what it is: what it was
/// made of may have come to the end of its time when the record is read.
fn store(cx: &mut Cx<'_>, destination: &[u8], elements: &[Vec<u8>], get: &[Pattern<'_>]) -> usize {
    let values = values(cx, elements, get);
    if values.is_empty() {
        let lazily = cx.limits.lazy_server_del;
        if cx.slot(destination).delete(Event::DEL, lazily) {
            cx.outcome(&[b"DEL", destination]);
        }
        return 0;
    }
    let limits = cx.limits;
    let mut list = Deque::new();
    values.iter().for_each(|value| list.push(End::Back, value, &limits.list));
    cx.slot(destination).put_value(Value::Object(ObjectBox::new(list)), Expiry::Never, SORTED);
    cx.outcome(&[b"DEL", destination]);
    let words: Vec<&[u8]> =
        [b"RPUSH", destination].into_iter().chain(values.iter().map(Vec::as_slice)).collect();
    cx.outcome(&words);
    values.len()
}

/// What the patterns give for the elements, or the elements themselves.
fn values(cx: &mut Cx<'_>, elements: &[Vec<u8>], get: &[Pattern<'_>]) -> Vec<Vec<u8>> {
    if get.is_empty() {
        return elements.to_vec();
    }
    let mut values = Vec::with_capacity(elements.len() * get.len());
    for element in elements {
        for pattern in get {
            pattern.look_up(cx, element, |value| values.push(value.unwrap_or_default().to_vec()));
        }
    }
    values
}
