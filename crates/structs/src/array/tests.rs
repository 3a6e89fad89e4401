//! `SparseArray` against a map, in runs of few cells so that they split and join.

use proptest::prelude::*;
use std::collections::BTreeMap;

use super::{Figures, SparseArray};
use crate::clones;

type Model = BTreeMap<u64, Vec<u8>>;
type Fixture = (SparseArray, Model);

#[derive(Clone, Debug)]
enum Op {
    Set(u64, Vec<u8>),
    /// Several in a row.
    Fill(u64, Vec<Vec<u8>>),
    Remove(u64),
    RemoveRange(u64, u64),
    /// The cell at this place among those that are filled.
    RemoveNth(usize),
    Cursor(Option<u64>),
}

fn index() -> impl Strategy<Value = u64> {
    prop_oneof![
        10 => 0u64..60,
        4 => (0u64..40).prop_map(|step| step * 1000),
        2 => (0u64..40).prop_map(|step| step << 40),
        1 => u64::MAX - 20..u64::MAX,
        1 => 0..u64::MAX,
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (-300i64..300).prop_map(|value| value.to_string().into_bytes()),
        2 => any::<f64>().prop_map(|value| value.to_string().into_bytes()),
        2 => "[a-c]{0,7}".prop_map(String::into_bytes),
        4 => "[a-c]{8,48}".prop_map(String::into_bytes),
        2 => "[a-c]{49,60}".prop_map(String::into_bytes),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (index(), text()).prop_map(|(index, text)| Op::Set(index, text)),
        3 => (0u64..100, prop::collection::vec(text(), 1..30)).prop_map(|(index, texts)| Op::Fill(index, texts)),
        2 => index().prop_map(Op::Remove),
        6 => any::<usize>().prop_map(Op::RemoveNth),
        2 => (index(), index()).prop_map(|(first, last)| Op::RemoveRange(first, last)),
        1 => prop::option::of(index()).prop_map(Op::Cursor),
    ]
}

fn apply((array, model): &mut Fixture, op: Op) {
    match op {
        Op::Set(index, text) => {
            assert_eq!(array.set(index, &text), model.insert(index, text).is_none());
        }
        Op::Fill(index, texts) => {
            for (index, text) in (index..).zip(texts) {
                assert_eq!(array.set(index, &text), model.insert(index, text).is_none());
            }
        }
        Op::Remove(index) => assert_eq!(array.remove(index), model.remove(&index).is_some()),
        Op::RemoveNth(nth) => {
            if let Some(&index) = model.keys().nth(nth % model.len().max(1)) {
                assert!(array.remove(index) && model.remove(&index).is_some());
            }
        }
        Op::RemoveRange(first, last) => {
            let before = model.len();
            model.retain(|&index, _| !(first..=last).contains(&index));
            assert_eq!(array.remove_range(first, last), (before - model.len()) as u64);
        }
        Op::Cursor(cursor) => {
            array.set_cursor(cursor);
            assert_eq!(array.cursor(), cursor);
        }
    }
}

fn check((array, model): &mut Fixture) {
    array.check();
    assert_eq!(array.count(), model.len() as u64);
    assert_eq!((array.is_empty(), array.slices() == 0), (model.is_empty(), model.is_empty()));
    assert_eq!(array.end(), model.last_key_value().map_or(0, |(last, _)| last + 1));
    let cells = array.iter(0, u64::MAX).map(|(index, cell)| (index, cell.to_vec()));
    assert!(cells.eq(model.iter().map(|(&index, text)| (index, text.clone()))));
    for index in model.keys().flat_map(|index| [*index, index + 1]).take(20) {
        assert_eq!(array.get(index).map(|cell| cell.to_vec()), model.get(&index).cloned());
    }
}

impl SparseArray {
    /// Panics unless what it is made of fits together.
    fn check(&self) {
        self.runs.check();
        let mut before = None;
        for run in self.runs.forward(crate::packed::End::Front) {
            run.check();
            assert!(before < Some(run.first()), "runs are in order");
            before = Some(run.at(run.len() - 1).0);
        }
    }
}

proptest! {
    #[test]
    fn it_is_what_a_map_is(steps in clones::steps(op(), 1..60)) {
        clones::walk((SparseArray::new(), Model::new()), steps, apply, check);
    }

    #[test]
    fn ranges_are_walked_from_both_ends(
        ops in prop::collection::vec(op(), 1..30),
        ranges in prop::collection::vec((index(), index(), prop::collection::vec(any::<bool>(), 0..80)), 1..6),
    ) {
        let mut fixture = (SparseArray::new(), Model::new());
        ops.into_iter().for_each(|op| apply(&mut fixture, op));
        let (array, model) = fixture;
        for (first, last, turns) in ranges {
            let mut cells = array.iter(first, last);
            let mut expected: Vec<_> = model.iter().filter(|(index, _)| (first..=last).contains(index)).collect();
            prop_assert_eq!(cells.size_hint(), (expected.len(), Some(expected.len())));
            prop_assert_eq!(array.count_between(first, last), expected.len() as u64);
            for from_front in turns {
                let cell = if from_front { cells.next() } else { cells.next_back() };
                let model = match from_front {
                    _ if expected.is_empty() => None,
                    true => Some(expected.remove(0)),
                    false => expected.pop(),
                };
                let cell = cell.map(|(index, cell)| (index, cell.to_vec()));
                prop_assert_eq!(cell, model.map(|(&index, text)| (index, text.clone())));
            }
        }
    }
}

#[test]
fn cells_are_numbers_where_their_texts_are() {
    let mut array = SparseArray::new();
    let cases: [(&str, Option<i64>, Option<f64>); 9] = [
        ("12", Some(12), Some(12.0)),
        ("9223372036854775807", Some(i64::MAX), Some(9_223_372_036_854_775_807.0)),
        ("-1.5", None, Some(-1.5)),
        ("3.141592653589793", None, Some(std::f64::consts::PI)),
        ("007", None, Some(7.0)),
        ("0x10", None, Some(16.0)),
        ("abc", None, None),
        ("", None, None),
        ("a longer text that is no number", None, None),
    ];
    for (index, (text, integer, double)) in (0..).zip(cases) {
        array.set(index, text.as_bytes());
        let cell = array.get(index).expect("it was set");
        assert_eq!((cell.to_integer(), cell.to_double()), (integer, double), "{text}");
        assert_eq!(cell.to_vec(), text.as_bytes());
    }
}

#[test]
fn slices_are_full_when_filled_in_order_and_join_when_emptied() {
    let slice = SparseArray::SLICE_CELLS as u64;
    let orders: [fn(u64) -> u64; 2] = [|number| number, |number| 10_000 - number];
    for order in orders {
        let mut array = SparseArray::new();
        (0..slice * 40).for_each(|number| assert!(array.set(order(number), b"7")));
        assert_eq!(array.slices(), 40);
        assert!(array.nodes() > 1);
        (0..slice * 40).filter(|number| number % slice != 3).for_each(|number| {
            assert!(array.remove(order(number)));
        });
        assert_eq!(array.count(), 40);
        assert!(array.slices() <= 25, "{} slices", array.slices());
        array.check();
    }
}

#[test]
fn figures_tell_small_slices_from_large_ones() {
    let mut array = SparseArray::new();
    [5, 6, 100].iter().for_each(|&index| assert!(array.set(index, b"x")));
    let figures = Figures { sparse_slices: 1, sparse_cells: 3, sparse_room: 4, ..Figures::default() };
    assert_eq!(array.figures(), figures);
    assert_eq!(SparseArray::new().figures(), Figures::default());
}
