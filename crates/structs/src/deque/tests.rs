//! `Deque` against a vector of values, under small limits so that nodes split, merge and vanish.

use proptest::prelude::*;

use super::{Chunk, Deque, Limits, NodeLimit, Side};
use crate::clones;
use crate::packed::{End, LISTPACK_OVERHEAD};

#[derive(Clone, Debug)]
enum Op {
    Push(End, Vec<Vec<u8>>),
    Pop(End, usize),
    Set(usize, Vec<u8>),
    InsertAt(usize, Side, Vec<u8>),
    InsertBy(Side, Vec<u8>, Vec<u8>),
    RemoveRange(usize, usize),
    KeepRange(usize, usize),
    RemoveMatching(Vec<u8>, i64),
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Front), Just(End::Back)]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[a-d]".prop_map(String::into_bytes),
        4 => (0i64..300).prop_map(|value| value.to_string().into_bytes()),
        2 => (10usize..50, b'a'..b'd').prop_map(|(len, byte)| vec![byte; len]),
        1 => (60usize..90, b'a'..b'd').prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let index = || 0usize..60;
    let side = || prop_oneof![Just(Side::Before), Just(Side::After)];
    prop_oneof![
        6 => (end(), prop::collection::vec(value(), 1..6)).prop_map(|(end, values)| Op::Push(end, values)),
        3 => (end(), 1usize..5).prop_map(|(end, count)| Op::Pop(end, count)),
        2 => (index(), value()).prop_map(|(index, value)| Op::Set(index, value)),
        2 => (index(), side(), value()).prop_map(|(index, side, value)| Op::InsertAt(index, side, value)),
        2 => (side(), value(), value()).prop_map(|(side, pivot, value)| Op::InsertBy(side, pivot, value)),
        1 => (index(), 0usize..10).prop_map(|(start, count)| Op::RemoveRange(start, count)),
        1 => (0usize..4, 10usize..60).prop_map(|(start, count)| Op::KeepRange(start, count)),
        1 => (value(), -3i64..4).prop_map(|(value, count)| Op::RemoveMatching(value, count)),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![
        Just(Limits { node: NodeLimit::Bytes(64), plain_from: None }),
        Just(Limits { node: NodeLimit::Bytes(200), plain_from: Some(40) }),
        Just(Limits::from_fill(3)),
        Just(Limits::from_fill(0)),
    ]
}

/// The model of LREM: removes from the front or the back until `count` are gone.
fn remove_matching(model: &mut Vec<Vec<u8>>, value: &[u8], count: i64) -> usize {
    let before = model.len();
    let mut left = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
    let mut keep = |other: &Vec<u8>| {
        let remove = other == value && left > 0;
        left -= usize::from(remove);
        !remove
    };
    if count < 0 {
        model.reverse();
        model.retain(&mut keep);
        model.reverse();
    } else {
        model.retain(&mut keep);
    }
    before - model.len()
}

fn apply(op: Op, deque: &mut Deque, model: &mut Vec<Vec<u8>>, limits: &Limits) {
    match op {
        Op::Push(end, values) => {
            deque.extend(end, values.iter().map(Vec::as_slice), limits);
            for value in values {
                model.insert(if end == End::Front { 0 } else { model.len() }, value);
            }
        }
        Op::Pop(end, count) => {
            for _ in 0..count {
                let expected = match end {
                    End::Front => (!model.is_empty()).then(|| model.remove(0)),
                    End::Back => model.pop(),
                };
                assert_eq!(deque.pop(end, limits, |item| item.to_vec()), expected);
            }
        }
        Op::Set(index, value) => {
            assert_eq!(deque.set(index, &value, limits), index < model.len());
            if let Some(slot) = model.get_mut(index) {
                *slot = value;
            }
        }
        Op::InsertAt(index, side, value) => {
            assert_eq!(deque.insert_at(index, side, &value, limits), index < model.len());
            if index < model.len() {
                model.insert(index + usize::from(side == Side::After), value);
            }
        }
        Op::InsertBy(side, pivot, value) => {
            let index = model.iter().position(|other| *other == pivot);
            assert_eq!(deque.insert(side, &pivot, &value, limits), index.is_some());
            if let Some(index) = index {
                model.insert(index + usize::from(side == Side::After), value);
            }
        }
        Op::RemoveRange(start, count) => {
            let start_in_range = start.min(model.len());
            let removed = count.min(model.len() - start_in_range);
            assert_eq!(deque.remove_range(start, count, limits), removed);
            model.drain(start_in_range..start_in_range + removed);
        }
        Op::KeepRange(start, count) => {
            deque.keep_range(start, count, limits);
            model.truncate(start + count);
            model.drain(..start.min(model.len()));
        }
        Op::RemoveMatching(value, count) => {
            let removed = remove_matching(model, &value, count);
            assert_eq!(deque.remove_matching(&value, count, limits), removed);
        }
    }
}

fn texts<'a>(items: impl Iterator<Item = crate::packed::Item<'a>>) -> Vec<Vec<u8>> {
    items.map(|item| item.to_vec()).collect()
}

fn check(deque: &Deque, model: &[Vec<u8>], limits: &Limits) {
    assert_eq!(deque.len(), model.len());
    assert_eq!(texts(deque.iter()), model);
    let mut backward = texts(deque.iter_back());
    backward.reverse();
    assert_eq!(backward, model);
    for index in 0..model.len() + 1 {
        assert_eq!(deque.get(index).map(|item| item.to_vec()).as_ref(), model.get(index));
    }
    let middle = model.len() / 2;
    assert_eq!(texts(deque.iter_from(middle)), &model[middle..]);
    if let Some(upto) = model.get(..=middle) {
        let mut backward = texts(deque.iter_back_from(middle));
        backward.reverse();
        assert_eq!(backward, upto);
    }
    check_nodes(deque, limits);
}

/// Nodes are never empty, within limits, and counted right.
fn check_nodes(deque: &Deque, limits: &Limits) {
    let counts: Vec<usize> = deque.chunks().map(|chunk| chunk.count()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<usize>()), (deque.chunks().count(), deque.len()));
    let mut start = 0;
    for (number, count) in counts.iter().enumerate() {
        let rest: Vec<usize> = deque.chunks_from(start + count / 2).map(|chunk| chunk.count()).collect();
        assert_eq!(rest, counts[number..]);
        start += count;
    }
    let mut memory = 0;
    for chunk in deque.chunks() {
        match chunk {
            Chunk::Plain(value) => {
                memory += value.len();
                assert!(limits.is_plain(value.len()));
            }
            Chunk::Packed(packed) => {
                memory += packed.memory_bytes();
                assert!(deque.is_single_packed() || !packed.is_empty());
                // Bytes may be exceeded, as in Redis: they are estimated, and not looked at when a value is replaced.
                assert!(deque.is_single_packed() || !limits.exceeded_by(0, packed.count()));
            }
        }
    }
    assert!(deque.memory_bytes() >= memory);
    if deque.is_single_packed() {
        assert_eq!(deque.memory_bytes(), memory);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn behaves_like_a_vector(steps in clones::steps(op(), 1..60), limits in limits()) {
        clones::walk(
            (Deque::new(), Vec::new()),
            steps,
            |(deque, model), op| apply(op, deque, model, &limits),
            |(deque, model)| check(deque, model, &limits),
        );
    }

    #[test]
    fn chunks_rebuild_the_list(values in prop::collection::vec(value(), 0..60), limits in limits()) {
        let mut deque = Deque::new();
        deque.extend(End::Back, values.iter().map(Vec::as_slice), &limits);
        let mut copy = Deque::new();
        for chunk in deque.chunks() {
            match chunk {
                Chunk::Packed(packed) => copy.append_packed(packed.clone()),
                Chunk::Plain(value) => copy.append_plain(value.into()),
            }
        }
        copy.settle(&limits);
        check(&copy, &values, &limits);
        prop_assert_eq!(copy.nodes(), deque.nodes());
    }
}

/// Where a Redis 8 server changes `OBJECT ENCODING` when values of 100 bytes come and go one by one at the
/// default limit of 8 KiB, and with at most 10 values per node.
#[test]
fn changes_shape_where_redis_does() {
    for (limits, grows_at, shrinks_at) in [(Limits::default(), 80, 39), (Limits::from_fill(10), 11, 5)] {
        let value = [b'x'; 100];
        let mut deque = Deque::new();
        while deque.is_single_packed() {
            deque.push(End::Back, &value, &limits);
        }
        assert_eq!(deque.len(), grows_at);
        while !deque.is_single_packed() {
            deque.pop(End::Back, &limits, |_| ());
        }
        assert_eq!(deque.len(), shrinks_at);
    }
}

#[test]
fn a_long_list_wastes_little() {
    let limits = Limits::default();
    for end in [End::Front, End::Back] {
        let mut deque = Deque::new();
        for number in 0..20_000 {
            deque.push(end, format!("a value that is not a number {number}").as_bytes(), &limits);
        }
        let held: usize = deque
            .chunks()
            .map(|chunk| match chunk {
                Chunk::Packed(packed) => packed.byte_len() + LISTPACK_OVERHEAD,
                Chunk::Plain(value) => value.len(),
            })
            .sum();
        assert!(deque.memory_bytes() < held * 107 / 100, "{} for {held}", deque.memory_bytes());
    }
}
