//! `Packed` against a vector of values, and listpacks from outside against anything.

use proptest::prelude::*;

use super::{End, Packed};

#[derive(Clone, Debug)]
enum Op {
    Push(End, Vec<u8>),
    Drop(End),
    Insert(usize, Vec<u8>),
    Replace(usize, Vec<u8>),
    Remove(usize, usize),
    Split(usize),
    Reload,
    Trim,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Front), Just(End::Back)]
}

/// Values that meet every encoding: numbers of all widths, short, long and huge strings.
pub(crate) fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c]{0,3}".prop_map(String::into_bytes),
        2 => (-200i64..5000).prop_map(|value| value.to_string().into_bytes()),
        1 => any::<i64>().prop_map(|value| value.to_string().into_bytes()),
        1 => any::<i32>().prop_map(|value| value.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 60..70),
        1 => (4090usize..4100, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
        1 => (16370usize..16390).prop_map(|len| vec![b'9'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0usize..100;
    prop_oneof![
        8 => (end(), value()).prop_map(|(end, value)| Op::Push(end, value)),
        4 => end().prop_map(Op::Drop),
        2 => (at.clone(), value()).prop_map(|(at, value)| Op::Insert(at, value)),
        2 => (at.clone(), value()).prop_map(|(at, value)| Op::Replace(at, value)),
        1 => (at.clone(), 0usize..4).prop_map(|(at, count)| Op::Remove(at, count)),
        1 => at.prop_map(Op::Split),
        1 => Just(Op::Reload),
        1 => Just(Op::Trim),
    ]
}

fn apply(op: Op, packed: &mut Packed, model: &mut Vec<Vec<u8>>) {
    let index = |at: usize, len: usize| at % len.max(1);
    match op {
        Op::Push(end, value) => {
            packed.push(end, &value);
            model.insert(if end == End::Front { 0 } else { model.len() }, value);
        }
        Op::Drop(end) => {
            assert_eq!(packed.drop_end(end), !model.is_empty());
            if !model.is_empty() {
                model.remove(if end == End::Front { 0 } else { model.len() - 1 });
            }
        }
        Op::Insert(at, value) => {
            let at = index(at, model.len() + 1);
            let position = packed.position(at as i64).unwrap_or(packed.end());
            packed.insert(position, &value);
            model.insert(at, value);
        }
        Op::Replace(at, value) if !model.is_empty() => {
            let at = index(at, model.len());
            let position = packed.position(at as i64 - model.len() as i64).expect("in range");
            packed.replace(position, &value);
            model[at] = value;
        }
        Op::Remove(at, count) if !model.is_empty() => {
            let at = index(at, model.len());
            let most = count.min(model.len() - at);
            let position = packed.position(at as i64).expect("in range");
            assert_eq!(packed.remove(position, count), most);
            model.drain(at..at + most);
        }
        Op::Split(at) if !model.is_empty() => {
            let at = index(at, model.len());
            let position = packed.position(at as i64).expect("in range");
            let tail = packed.split_off(position, at);
            check(&tail, &model[at..]);
            check(packed, &model[..at]);
            packed.append(&tail);
        }
        Op::Reload => {
            let bytes = packed.to_listpack_bytes();
            assert_eq!(bytes.len(), packed.listpack_len());
            *packed = Packed::from_listpack_bytes(&bytes).expect("our own bytes");
        }
        Op::Trim => packed.shrink_to_fit(),
        _ => {}
    }
}

fn check(packed: &Packed, model: &[Vec<u8>]) {
    assert_eq!(packed.count(), model.len());
    let forward: Vec<_> = packed.iter().map(|item| item.to_vec()).collect();
    assert_eq!(forward, model);
    let mut backward: Vec<_> = packed.iter_back().map(|item| item.to_vec()).collect();
    backward.reverse();
    assert_eq!(backward, model);
    for (item, value) in packed.iter().zip(model) {
        assert!(item.eq_bytes(value) && item.text_len() == value.len());
    }
    assert_eq!(packed.peek(End::Front).map(|item| item.to_vec()).as_ref(), model.first());
    assert_eq!(packed.peek(End::Back).map(|item| item.to_vec()).as_ref(), model.last());
    for value in model.iter().take(5) {
        let found = packed.find(value, packed.start(), 1).expect("a value that is there");
        let first = model.iter().position(|other| other == value).expect("itself at least");
        assert_eq!(packed.position(first as i64), Some(found));
    }
    assert!(packed.find(b"never pushed", packed.start(), 1).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn behaves_like_a_vector(ops in proptest::collection::vec(op(), 1..80)) {
        let mut packed = Packed::new();
        let mut model = Vec::new();
        for op in ops {
            apply(op, &mut packed, &mut model);
            check(&packed, &model);
        }
    }

    #[test]
    fn any_bytes_give_a_listpack_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Packed::from_listpack_bytes(&bytes);
        let mut framed = ((bytes.len() + 7) as u32).to_le_bytes().to_vec();
        framed.extend_from_slice(&[0xFF, 0xFF]);
        framed.extend_from_slice(&bytes);
        framed.push(0xFF);
        if let Ok(packed) = Packed::from_listpack_bytes(&framed) {
            prop_assert_eq!(&packed.to_listpack_bytes()[6..], &framed[6..]);
            prop_assert_eq!(packed.iter().count(), packed.iter_back().count());
        }
    }

    #[test]
    fn damaged_listpacks_never_panic(
        values in proptest::collection::vec(value(), 0..12),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut packed = Packed::new();
        values.iter().for_each(|value| packed.push_back(value));
        let mut bytes = packed.to_listpack_bytes();
        prop_assert!(Packed::from_listpack_bytes(&bytes[..cut.index(bytes.len())]).is_err());
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(packed) = Packed::from_listpack_bytes(&bytes) {
            let forward: Vec<_> = packed.iter().map(|item| item.to_vec()).collect();
            let mut backward: Vec<_> = packed.iter_back().map(|item| item.to_vec()).collect();
            backward.reverse();
            prop_assert_eq!(forward.len(), packed.count());
            prop_assert_eq!(forward, backward);
        }
    }
}

#[test]
fn a_pair_search_looks_at_fields_only() {
    let mut packed = Packed::new();
    for item in [&b"b"[..], b"a", b"a", b"1", b"7", b"7"] {
        packed.push_back(item);
    }
    let at = |value: &[u8]| packed.find(value, packed.start(), 2);
    assert_eq!(at(b"a"), packed.position(2));
    assert_eq!(at(b"7"), packed.position(4));
    assert_eq!(at(b"1"), None);
}

/// Grows and drains a buffer from every combination of ends; what is spare stays a fraction of what is held.
#[test]
fn spare_memory_stays_small() {
    for (push, pop) in [(End::Front, End::Back), (End::Back, End::Front), (End::Back, End::Back)] {
        let mut packed = Packed::new();
        for round in 0..200 {
            packed.push(push, &[b'x'; 30]);
            assert!(packed.memory_bytes() <= packed.byte_len() * 13 / 10 + 32, "round {round}");
        }
        for round in 0..150 {
            packed.drop_end(pop);
            assert!(packed.memory_bytes() <= packed.byte_len() * 3 / 2 + 48, "round {round}");
        }
    }
}

#[test]
fn a_queue_in_one_buffer_keeps_its_allocation() {
    let mut packed = Packed::new();
    for _ in 0..50 {
        packed.push_back(b"some job to be done");
    }
    let before = packed.memory_bytes();
    for _ in 0..10_000 {
        packed.push_back(b"some job to be done");
        packed.drop_end(End::Front);
    }
    assert_eq!(packed.count(), 50);
    assert!(packed.memory_bytes() <= before * 13 / 10, "{} after {before}", packed.memory_bytes());
}

#[test]
fn a_packed_sequence_is_four_words() {
    assert_eq!(size_of::<Packed>(), 32);
    assert_eq!(size_of::<crate::deque::Deque>(), 32);
}
