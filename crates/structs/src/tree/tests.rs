//! `Tree` and `Map` against ordered sets, with chunks of a few numbers, and clones that must stay as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proptest::prelude::*;
use triomphe::Arc;

use super::{ByKey, ByWeight, Chunk, Map, Node, Tree};
use crate::clones;
use crate::packed::End;

/// Numbers per chunk.
const CHUNK: usize = 3;

#[derive(Clone, Debug)]
struct Numbers(Vec<u64>);

impl Chunk for Arc<Numbers> {
    fn weight(&self) -> u64 {
        self.0.len() as u64
    }

    fn memory_bytes(&self) -> usize {
        self.0.len()
    }
}

type Set = Tree<u64, Arc<Numbers>>;

fn to(number: u64) -> ByKey<impl Fn(&u64) -> bool> {
    ByKey(move |first: &u64| *first <= number)
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u64),
    /// Removes all numbers of a span, one by one.
    Remove(u64, u64),
    /// Removes the chunks between two ranks.
    RemoveRange(u64, u64),
    /// Appends so many numbers behind all others.
    Append(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (0u64..400).prop_map(Op::Insert),
        4 => (0u64..400, 1u64..40).prop_map(|(from, count)| Op::Remove(from, count)),
        1 => (0u64..300, 0u64..80).prop_map(|(from, count)| Op::RemoveRange(from, count)),
        2 => (1u64..30).prop_map(Op::Append),
    ]
}

fn insert(tree: &mut Set, number: u64) {
    let inserted = tree.edit(to(number), |chunk| {
        let Err(index) = chunk.0.binary_search(&number) else { return ((), None) };
        if chunk.0.len() < CHUNK {
            Arc::make_mut(chunk).0.insert(index, number);
            return ((), None);
        }
        if index == CHUNK {
            return ((), Some((number, Arc::new(Numbers(vec![number])))));
        }
        let numbers = &mut Arc::make_mut(chunk).0;
        let rest = numbers.split_off(index);
        numbers.push(number);
        ((), Some((rest[0], Arc::new(Numbers(rest)))))
    });
    if inserted.is_none() {
        tree.insert_after(End::Back, number, Arc::new(Numbers(vec![number])));
    }
}

fn remove(tree: &mut Set, number: u64) -> bool {
    let removed = tree.edit(to(number), |chunk| match chunk.0.binary_search(&number) {
        Ok(index) => (Arc::make_mut(chunk).0.remove(index) == number, None),
        Err(_) => (false, None),
    });
    removed == Some(true)
}

/// Removes the chunks that lie in a range of ranks as the documentation has it.
fn remove_range(tree: &mut Set, model: &mut BTreeSet<u64>, from: u64, upto: u64) {
    let mut start = 0;
    for chunk in tree.clone().forward(End::Front) {
        let end = start + chunk.weight();
        if from <= start && end <= upto {
            chunk.0.iter().for_each(|number| assert!(model.remove(number)));
        }
        start = end;
    }
    tree.remove_range(from..upto);
}

fn apply(op: &Op, tree: &mut Set, model: &mut BTreeSet<u64>) {
    match *op {
        Op::Insert(number) => {
            insert(tree, number);
            model.insert(number);
        }
        Op::Remove(from, count) => {
            (from..from + count).for_each(|number| assert_eq!(remove(tree, number), model.remove(&number)));
        }
        Op::RemoveRange(from, count) => remove_range(tree, model, from, from + count),
        Op::Append(count) => {
            let last = model.last().copied().unwrap_or(0);
            for number in last + 1..=last + count {
                insert(tree, number);
                model.insert(number);
            }
        }
    }
}

/// Panics unless all keys lie between the separators around them.
fn check_keys(node: &Node<u64, Arc<Numbers>>, keys: &Range<u64>) {
    let firsts: Vec<u64> = match node {
        Node::Leaf(slots) => slots.iter().map(|slot| slot.first).collect(),
        Node::Inner(slots) => slots.iter().map(|slot| slot.first).collect(),
    };
    let part = |index: usize| {
        let start = if index == 0 { keys.start } else { firsts[index] };
        start..firsts.get(index + 1).copied().unwrap_or(keys.end)
    };
    match node {
        Node::Leaf(slots) => slots.iter().enumerate().for_each(|(index, slot)| {
            assert!(slot.item.0.is_sorted() && slot.item.0.iter().all(|number| part(index).contains(number)));
        }),
        Node::Inner(slots) => {
            slots.iter().enumerate().for_each(|(index, slot)| check_keys(&slot.item, &part(index)));
        }
    }
}

fn check_shape(tree: &Set) {
    tree.check();
    check_keys(&tree.root, &(0..u64::MAX));
}

fn check(tree: &Set, model: &BTreeSet<u64>) {
    check_shape(tree);
    assert!(tree.forward(End::Front).flat_map(|chunk| &chunk.0).eq(model));
    assert!(tree.backward(End::Back).flat_map(|chunk| chunk.0.iter().rev()).eq(model.iter().rev()));
    for probe in (0..420).step_by(13) {
        let (before, chunk) = tree.rank(to(probe));
        let here = chunk.map_or(0, |chunk| chunk.0.iter().filter(|&&number| number <= probe).count());
        assert_eq!(before as usize + here, model.range(..=probe).count());
        let from = tree.forward(to(probe)).flat_map(|chunk| &chunk.0).filter(|&&number| number >= probe);
        assert!(from.eq(model.range(probe..)));
        let back = tree.backward(to(probe)).flat_map(|chunk| chunk.0.iter().rev());
        assert!(back.filter(|&&number| number <= probe).eq(model.range(..=probe).rev()));
    }
    for (rank, number) in model.iter().enumerate() {
        let mut seek = ByWeight(rank as u64);
        let chunk = tree.get(&mut seek).expect("not empty");
        assert_eq!(chunk.0[seek.0 as usize], *number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn behaves_like_an_ordered_set(steps in clones::steps(op(), 1..200)) {
        let fixture = (Set::new(), BTreeSet::new());
        clones::walk(fixture, steps, |(tree, model), op| apply(&op, tree, model), |(tree, model)| {
            check(tree, model);
        });
    }

    #[test]
    fn a_map_behaves_like_an_ordered_map(steps in clones::steps((0u8..60, 0u8..6, any::<u16>()), 1..200)) {
        let fixture = (Map::new(), BTreeMap::new());
        clones::walk(fixture, steps, |(map, model), op| change_map(op, map, model), |(map, model)| {
            check_map(map, model);
        });
    }
}

fn change_map((key, what, new): (u8, u8, u16), map: &mut Map<u8, u16>, model: &mut BTreeMap<u8, u16>) {
    match what {
        0..=2 => assert_eq!(map.insert(key, new), model.insert(key, new)),
        3 => assert_eq!(map.remove(&key), model.remove(&key)),
        4 => {
            if let Some(value) = map.get_mut(&key) {
                *value = new;
                model.insert(key, new);
            }
        }
        _ if key < 5 => {
            map.retain(|key, _| key % 3 == 0);
            model.retain(|key, _| key % 3 == 0);
        }
        _ => {
            map.pop_first();
            model.pop_first();
        }
    }
}

fn check_map(map: &Map<u8, u16>, model: &BTreeMap<u8, u16>) {
    let copied = |pair: (&u8, &u16)| (*pair.0, *pair.1);
    assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
    assert!(map.iter().copied().eq(model.iter().map(copied)));
    assert_eq!(map.first().copied(), model.first_key_value().map(copied));
    for key in (0..62).step_by(7) {
        assert_eq!(map.get(&key), model.get(&key));
        assert_eq!(map.floor(&key).copied(), model.range(..=key).next_back().map(copied));
        assert_eq!(map.ceiling(&key).copied(), model.range(key..).next().map(copied));
        assert!(map.range(&key).copied().eq(model.range(key..).map(copied)));
        assert!(map.range_back(&key).copied().eq(model.range(..=key).rev().map(copied)));
    }
}
