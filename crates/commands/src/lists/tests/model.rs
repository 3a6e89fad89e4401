//! Random list commands against a model: a `VecDeque` per key.

use crate::testing::{Testing, parse, short};
use proptest::prelude::*;
use resp::Proto;
use resp::reply::Value;
use std::collections::{HashMap, VecDeque};
use structs::deque::{Chunk, Deque, Limits, NodeLimit};

type Deck = VecDeque<Vec<u8>>;
type Model = HashMap<u8, Deck>;

/// Keys are few, so that commands meet.
const KEYS: u8 = 3;

#[derive(Clone, Debug)]
enum Op {
    Push {
        key: u8,
        left: bool,
        must_exist: bool,
        values: Vec<Vec<u8>>,
    },
    Pop {
        key: u8,
        left: bool,
        count: Option<usize>,
    },
    Set {
        key: u8,
        index: i64,
        value: Vec<u8>,
    },
    Insert {
        key: u8,
        before: bool,
        pivot: Vec<u8>,
        value: Vec<u8>,
    },
    Remove {
        key: u8,
        count: i64,
        value: Vec<u8>,
    },
    Trim {
        key: u8,
        start: i64,
        stop: i64,
    },
    Range {
        key: u8,
        start: i64,
        stop: i64,
    },
    Index {
        key: u8,
        index: i64,
    },
    Position {
        key: u8,
        value: Vec<u8>,
        rank: i64,
        count: usize,
        max_len: usize,
    },
    Move {
        from: u8,
        to: u8,
        pop_left: bool,
        push_left: bool,
    },
    MoveMany {
        from: u8,
        to: u8,
        pop_left: bool,
        push_left: bool,
        count: usize,
        exactly: bool,
        one_by_one: bool,
    },
    PopFirst {
        keys: Vec<u8>,
        left: bool,
        count: usize,
    },
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "", "1", "-7", "300", "70000", "12345678901"])
            .prop_map(|text| text.as_bytes().to_vec()),
        3 => any::<i64>().prop_map(|n| n.to_string().into_bytes()),
        3 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (0..400usize).prop_map(|len| vec![b'v'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let (key, index) = (|| 0..KEYS, || -12..12i64);
    prop_oneof![
        8 => (key(), any::<bool>(), any::<bool>(), prop::collection::vec(value(), 1..9))
            .prop_map(|(key, left, must_exist, values)| Op::Push { key, left, must_exist, values }),
        3 => (key(), any::<bool>(), prop::option::of(0..7usize))
            .prop_map(|(key, left, count)| Op::Pop { key, left, count }),
        2 => (key(), index(), value()).prop_map(|(key, index, value)| Op::Set { key, index, value }),
        2 => (key(), any::<bool>(), value(), value())
            .prop_map(|(key, before, pivot, value)| Op::Insert { key, before, pivot, value }),
        2 => (key(), -3..4i64, value()).prop_map(|(key, count, value)| Op::Remove { key, count, value }),
        1 => (key(), index(), index()).prop_map(|(key, start, stop)| Op::Trim { key, start, stop }),
        2 => (key(), index(), index()).prop_map(|(key, start, stop)| Op::Range { key, start, stop }),
        1 => (key(), index()).prop_map(|(key, index)| Op::Index { key, index }),
        2 => (key(), value(), prop::sample::select(vec![-2, -1, 1, 2]), 0..3usize, 0..9usize)
            .prop_map(|(key, value, rank, count, max_len)| Op::Position { key, value, rank, count, max_len }),
        2 => (key(), key(), any::<bool>(), any::<bool>())
            .prop_map(|(from, to, pop_left, push_left)| Op::Move { from, to, pop_left, push_left }),
        2 => ((key(), key(), 1..6usize), any::<[bool; 4]>()).prop_map(
            |((from, to, count), [pop_left, push_left, exactly, one_by_one])| {
                Op::MoveMany { from, to, pop_left, push_left, count, exactly, one_by_one }
            }
        ),
        1 => (prop::collection::vec(key(), 1..3), any::<bool>(), 1..5usize)
            .prop_map(|(keys, left, count)| Op::PopFirst { keys, left, count }),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![
        Just(Limits::default()),
        Just(Limits { node: NodeLimit::Bytes(200), plain_from: None }),
        Just(Limits { node: NodeLimit::Bytes(200), plain_from: Some(30) }),
        Just(Limits::from_fill(4)),
        Just(Limits::from_fill(0)),
    ]
}

fn side(left: bool) -> &'static str {
    if left { "LEFT" } else { "RIGHT" }
}

/// The words of a command line, then those that may hold any bytes.
fn words(line: &str, values: &[&[u8]]) -> Vec<Vec<u8>> {
    line.split(' ').map(str::as_bytes).chain(values.iter().copied()).map(<[u8]>::to_vec).collect()
}

impl Op {
    fn words(&self) -> Vec<Vec<u8>> {
        match self {
            Op::Push { key, left, must_exist, values } => {
                let (end, exists) = (if *left { "L" } else { "R" }, if *must_exist { "X" } else { "" });
                let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
                words(&format!("{end}PUSH{exists} {key}"), &values)
            }
            Op::Pop { key, left, count } => {
                let end = if *left { "L" } else { "R" };
                let count = count.map_or(String::new(), |count| format!(" {count}"));
                words(&format!("{end}POP {key}{count}"), &[])
            }
            Op::Set { key, index, value } => words(&format!("LSET {key} {index}"), &[value]),
            Op::Insert { key, before, pivot, value } => {
                let side = if *before { "BEFORE" } else { "AFTER" };
                words(&format!("LINSERT {key} {side}"), &[pivot, value])
            }
            Op::Remove { key, count, value } => words(&format!("LREM {key} {count}"), &[value]),
            Op::Trim { key, start, stop } => words(&format!("LTRIM {key} {start} {stop}"), &[]),
            Op::Range { key, start, stop } => words(&format!("LRANGE {key} {start} {stop}"), &[]),
            Op::Index { key, index } => words(&format!("LINDEX {key} {index}"), &[]),
            Op::Position { key, value, rank, count, max_len } => {
                let mut line = words(&format!("LPOS {key}"), &[value]);
                line.extend(words(&format!("RANK {rank} COUNT {count} MAXLEN {max_len}"), &[]));
                line
            }
            Op::Move { from, to, pop_left, push_left } => {
                words(&format!("LMOVE {from} {to} {} {}", side(*pop_left), side(*push_left)), &[])
            }
            Op::MoveMany { from, to, pop_left, push_left, count, exactly, one_by_one } => {
                let (from_side, to_side) = (side(*pop_left), side(*push_left));
                let amount = if *exactly { "EXACTLY" } else { "COUNT" };
                let order = if *one_by_one { "OBO" } else { "BULK" };
                words(&format!("LMOVEM {from} {to} {from_side} {to_side} {amount} {count} {order}"), &[])
            }
            Op::PopFirst { keys, left, count } => {
                let names: Vec<String> = keys.iter().map(u8::to_string).collect();
                let (numkeys, names, side) = (keys.len(), names.join(" "), side(*left));
                words(&format!("LMPOP {numkeys} {names} {side} COUNT {count}"), &[])
            }
        }
    }

    /// Applies the command to the model; answers the reply.
    fn apply(&self, model: &mut Model) -> Value {
        let reply = match self {
            Op::Push { key, left, must_exist, values } => pushed(model, *key, *left, *must_exist, values),
            Op::Pop { key, left, count } => popped(model.get_mut(key), *left, *count),
            Op::Set { key, index, value } => set(model.get_mut(key), *index, value),
            Op::Insert { key, before, pivot, value } => {
                inserted(model.get_mut(key), usize::from(!before), pivot, value)
            }
            Op::Remove { key, count, value } => {
                Value::Int(model.get_mut(key).map_or(0, |list| remove(list, *count, value)))
            }
            Op::Trim { key, start, stop } => {
                model.entry(*key).and_modify(|list| *list = part(list, *start, *stop).into());
                Value::Simple(b"OK".to_vec())
            }
            Op::Range { key, start, stop } => {
                bulks(model.get(key).map_or(Vec::new(), |list| part(list, *start, *stop)))
            }
            Op::Index { key, index } => {
                let element = model.get(key).and_then(|list| list.get(at(*index, list.len())?));
                element.cloned().map_or(Value::NullBulk, Value::Bulk)
            }
            Op::Position { key, value, rank, count, max_len } => {
                positions(model.get(key), value, *rank, *count, *max_len)
            }
            Op::Move { from, to, pop_left, push_left } => {
                moved(model, *from, *to, 1, *pop_left, *push_left, true)
                    .map_or(Value::NullBulk, |mut block| Value::Bulk(block.remove(0)))
            }
            Op::MoveMany { from, count, exactly: true, .. }
                if model.get(from).map_or(0, Deck::len) < *count =>
            {
                Value::NullArray
            }
            Op::MoveMany { from, to, pop_left, push_left, count, one_by_one, .. } => {
                let block = moved(model, *from, *to, *count, *pop_left, *push_left, *one_by_one);
                bulks(block.unwrap_or_default())
            }
            Op::PopFirst { keys, left, count } => match keys.iter().find(|key| model.contains_key(key)) {
                None => Value::NullArray,
                Some(key) => {
                    let taken = take(model.get_mut(key).expect("found above"), *left, *count);
                    Value::Array(vec![Value::Bulk(key.to_string().into_bytes()), bulks(taken)])
                }
            },
        };
        model.retain(|_, list| !list.is_empty());
        reply
    }
}

fn pushed(model: &mut Model, key: u8, left: bool, must_exist: bool, values: &[Vec<u8>]) -> Value {
    if must_exist && !model.contains_key(&key) {
        return Value::Int(0);
    }
    let list = model.entry(key).or_default();
    values.iter().cloned().for_each(|value| push(list, left, value));
    Value::Int(list.len() as i64)
}

fn popped(list: Option<&mut Deck>, left: bool, count: Option<usize>) -> Value {
    match (list, count) {
        (None, None) => Value::NullBulk,
        (None, Some(_)) => Value::NullArray,
        (Some(list), None) => pop(list, left).map_or(Value::NullBulk, Value::Bulk),
        (Some(list), Some(count)) => bulks(take(list, left, count)),
    }
}

fn set(list: Option<&mut Deck>, index: i64, value: &[u8]) -> Value {
    let Some(list) = list else { return error("ERR no such key") };
    let Some(at) = at(index, list.len()) else { return error("ERR index out of range") };
    list[at] = value.to_vec();
    Value::Simple(b"OK".to_vec())
}

fn inserted(list: Option<&mut Deck>, behind: usize, pivot: &[u8], value: &[u8]) -> Value {
    let Some(list) = list else { return Value::Int(0) };
    let Some(at) = list.iter().position(|other| other == pivot) else { return Value::Int(-1) };
    list.insert(at + behind, value.to_vec());
    Value::Int(list.len() as i64)
}

/// Moves up to `count` elements; answers them in the order in which they stand in the destination.
fn moved(
    model: &mut Model,
    from: u8,
    to: u8,
    count: usize,
    pop_left: bool,
    push_left: bool,
    one_by_one: bool,
) -> Option<Vec<Vec<u8>>> {
    let mut block = take(model.get_mut(&from)?, pop_left, count);
    if if one_by_one { push_left } else { !pop_left } {
        block.reverse();
    }
    let destination = model.entry(to).or_default();
    if push_left {
        block.iter().rev().for_each(|value| destination.push_front(value.clone()));
    } else {
        destination.extend(block.iter().cloned());
    }
    Some(block)
}

fn error(text: &str) -> Value {
    Value::Error(text.as_bytes().to_vec())
}

fn bulks(values: Vec<Vec<u8>>) -> Value {
    Value::Array(values.into_iter().map(Value::Bulk).collect())
}

fn push(list: &mut Deck, left: bool, value: Vec<u8>) {
    if left { list.push_front(value) } else { list.push_back(value) }
}

fn pop(list: &mut Deck, left: bool) -> Option<Vec<u8>> {
    if left { list.pop_front() } else { list.pop_back() }
}

fn take(list: &mut Deck, left: bool, count: usize) -> Vec<Vec<u8>> {
    (0..count).map_while(|_| pop(list, left)).collect()
}

fn at(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

fn part(list: &Deck, start: i64, stop: i64) -> Vec<Vec<u8>> {
    let len = list.len() as i64;
    let from_front = |index: i64| if index < 0 { index + len } else { index };
    let kept = |index: i64| from_front(start) <= index && index <= from_front(stop);
    (0..len).filter(|index| kept(*index)).map(|index| list[index as usize].clone()).collect()
}

fn remove(list: &mut Deck, count: i64, value: &[u8]) -> i64 {
    let before = list.len();
    let mut matching: Vec<usize> = (0..before).filter(|index| list[*index] == value).collect();
    let wanted = if count == 0 { before } else { count.unsigned_abs() as usize };
    if count < 0 {
        matching.reverse();
    }
    matching.truncate(wanted);
    matching.sort_unstable();
    for index in matching.into_iter().rev() {
        list.remove(index);
    }
    (before - list.len()) as i64
}

fn positions(list: Option<&Deck>, value: &[u8], rank: i64, count: usize, max_len: usize) -> Value {
    let all: Vec<usize> = list.map_or(Vec::new(), |list| (0..list.len()).collect());
    let order: Vec<usize> = if rank < 0 { all.into_iter().rev().collect() } else { all };
    let compared = if max_len == 0 { order.len() } else { max_len };
    let found =
        order.into_iter().take(compared).filter(|index| list.is_some_and(|list| list[*index] == value));
    let skipped = rank.unsigned_abs() as usize - 1;
    let wanted = if count == 0 { usize::MAX } else { count };
    Value::Array(found.skip(skipped).take(wanted).map(|index| Value::Int(index as i64)).collect())
}

/// Every key holds exactly what the model says, in a form that its size allows, and the books are right.
fn check(testing: &Testing, model: &Model) {
    let shards = &testing.shards;
    let (mut keys, mut counted, mut accounted) = (0, 0, 0);
    for id in shards.ids() {
        let shard = shards.lock(id);
        keys += shard.db(0).len();
        accounted += shard.db(0).value_bytes();
    }
    for (name, expected) in model {
        let name = name.to_string();
        let shard = shards.lock(shards.shard_of(name.as_bytes()));
        let db = shard.db(0);
        let item = db.item(db.find(&shards.key(name.as_bytes())).expect("the key exists"));
        let list = item.object::<Deque>().expect("a list");
        let values: Deck = list.iter().map(|item| item.to_vec()).collect();
        assert_eq!(values, *expected);
        check_encoding(item.encoding_name(), &list, &testing.limits.list);
        counted += item.memory_bytes();
    }
    assert_eq!(keys, model.len(), "no key holds an empty list");
    assert_eq!(accounted, counted, "every change of memory was accounted");
}

/// `listpack` means one node within the limits, `quicklist` more than half of what one node may hold.
fn check_encoding(encoding: &str, list: &Deque, limits: &Limits) {
    let nodes: Vec<Chunk<'_>> = list.chunks().collect();
    match (encoding, &nodes[..]) {
        ("listpack", [Chunk::Packed(node)]) => match limits.node {
            // Whether a value fits is decided before the cost of its element beyond its bytes is known.
            NodeLimit::Bytes(limit) => assert!(node.byte_len() - 2 * node.count() <= limit + 10),
            NodeLimit::Count(limit) => assert!(node.count() <= limit.max(1)),
        },
        ("quicklist", _) => {}
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lists_behave_like_the_model(ops in prop::collection::vec(op(), 1..80), limits in limits()) {
        let (mut testing, mut model) = (Testing::new(), Model::new());
        testing.limits.list = limits;
        for op in ops {
            let words = op.words();
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let reply = testing.run_words(Proto::Resp2, "", &words);
            let expected = op.apply(&mut model);
            prop_assert_eq!(short(&parse(&reply)), short(&expected), "{:?}", op);
            check(&testing, &model);
        }
    }
}
