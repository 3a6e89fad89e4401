//! `Ranked` against a map from members to scores.

mod expiry;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Element, Limits, Probe, Ranked, Shape};
use crate::packed::{End, Packed};

/// Small sets stay small for a while; leaves and nodes hold a handful in tests, so larger ones are deep.
const LIMITS: Limits = Limits { packed_members: 8, packed_member_bytes: 20, seed: 7 };

#[derive(Clone, Debug)]
enum Op {
    Insert(Vec<u8>, f64),
    /// Inserts so many members with growing scores behind all others, or with falling ones in front.
    Append(bool, u8),
    Remove(Vec<u8>),
    /// Removes so many per mille of the ranks from a per mille on.
    RemoveRange(usize, usize),
    /// Keeps a clone, which must stay as it is.
    Freeze,
}

fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => (0u32..300).prop_map(|number| number.to_string().into_bytes()),
        4 => (0u32..300).prop_map(|number| format!("member:{number}").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-5i32..5).prop_map(f64::from),
        2 => (-50i32..50).prop_map(|tenths| f64::from(tenths) / 10.0),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<f64>().prop_filter("a number", |score| !score.is_nan()),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (member(), score()).prop_map(|(member, score)| Op::Insert(member, score)),
        1 => (any::<bool>(), 1u8..40).prop_map(|(back, count)| Op::Append(back, count)),
        5 => member().prop_map(Op::Remove),
        1 => (0usize..1000, 0usize..700).prop_map(|(from, count)| Op::RemoveRange(from, count)),
        1 => Just(Op::Freeze),
    ]
}

/// The sorted elements of a set and a map from members to scores.
#[derive(Clone, Default, PartialEq, Debug)]
struct Model {
    scores: BTreeMap<Vec<u8>, f64>,
}

impl Model {
    fn sorted(&self) -> Vec<(f64, Vec<u8>)> {
        let mut sorted: Vec<_> = self.scores.iter().map(|(member, score)| (*score, member.clone())).collect();
        sorted.sort_by(|left, right| left.partial_cmp(right).expect("no NaN"));
        sorted
    }

    fn insert(&mut self, member: &[u8], score: f64) -> Option<f64> {
        match self.scores.get_mut(member) {
            Some(old) => Some(std::mem::replace(old, if *old == score { *old } else { score })),
            None => self.scores.insert(member.to_vec(), score),
        }
    }

    /// A score in front of all others, or behind.
    fn beyond(&self, back: bool) -> f64 {
        let finite = self.scores.values().filter(|score| score.abs() < 1e9);
        let edge = if back { finite.fold(0.0, |a, b| b.max(a)) } else { finite.fold(0.0, |a, b| b.min(a)) };
        if back { edge + 1.0 } else { edge - 1.0 }
    }
}

fn plain(element: Element<'_>) -> (f64, Vec<u8>) {
    (element.score, element.member.to_vec())
}

fn check(ranked: &Ranked, model: &Model) {
    let sorted = model.sorted();
    if let Shape::Large(large) = &ranked.shape {
        large.check();
    }
    assert_eq!((ranked.len(), ranked.is_empty()), (sorted.len(), sorted.is_empty()));
    assert!(ranked.iter().map(plain).eq(sorted.iter().cloned()));
    assert!(ranked.iter_back().map(plain).eq(sorted.iter().rev().cloned()));
    for (rank, (score, member)) in sorted.iter().enumerate() {
        assert_eq!(ranked.rank(member), Some((rank, *score)));
        assert_eq!(ranked.score(member), Some(*score));
        assert_eq!(ranked.get(rank).map(plain), Some((*score, member.clone())));
    }
    for rank in [0, 1, sorted.len() / 2, sorted.len(), sorted.len() + 3] {
        assert!(ranked.iter_from(rank).map(plain).eq(sorted.iter().skip(rank).cloned()));
        assert!(ranked.iter_back_from(rank).map(plain).eq(sorted.iter().take(rank + 1).rev().cloned()));
        let here = sorted.get(rank).cloned().unwrap_or((f64::INFINITY, vec![255; 50]));
        let score_below = |probe: Probe<'_>| probe.score < here.0;
        assert_eq!(ranked.partition_point(score_below), sorted.iter().filter(|(s, _)| *s < here.0).count());
        let upto = |probe: Probe<'_>| (probe.score, probe.member) <= (here.0, here.1.as_slice());
        assert_eq!(ranked.partition_point(upto), sorted.iter().filter(|element| **element <= here).count());
    }
    assert_eq!(ranked.score(b"nobody"), None);
    assert_eq!(ranked.rank(b"nobody"), None);
}

fn apply(ranked: &mut Ranked, model: &mut Model, op: &Op) {
    match op {
        Op::Insert(member, score) => {
            assert_eq!(ranked.insert(member, *score, &LIMITS), model.insert(member, *score));
        }
        Op::Append(back, count) => {
            for number in 0..*count {
                let score = model.beyond(*back);
                let member = format!("{back}{number}:{score}").into_bytes();
                assert_eq!(ranked.insert(&member, score, &LIMITS), model.insert(&member, score));
            }
        }
        Op::Remove(member) => assert_eq!(ranked.remove(member), model.scores.remove(member)),
        Op::RemoveRange(from, count) => {
            let sorted = model.sorted();
            let start = sorted.len() * from / 1000;
            let end = (start + sorted.len() * count / 1000).min(sorted.len());
            assert_eq!(ranked.remove_range(start..end + usize::from(end == sorted.len())), end - start);
            sorted[start..end].iter().for_each(|(_, member)| assert!(model.scores.remove(member).is_some()));
        }
        Op::Freeze => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn behaves_like_a_sorted_map(ops in prop::collection::vec(op(), 1..250)) {
        let (mut ranked, mut model) = (Ranked::new(), Model::default());
        let mut frozen = Vec::new();
        for (number, op) in ops.iter().enumerate() {
            apply(&mut ranked, &mut model, op);
            if matches!(op, Op::Freeze) {
                frozen.push((ranked.clone(), model.clone()));
            }
            if number % 16 == 0 {
                check(&ranked, &model);
            }
        }
        check(&ranked, &model);
        frozen.iter().for_each(|(ranked, model)| check(ranked, model));
    }

    #[test]
    fn a_scan_sees_all_that_stay(
        stay in prop::collection::btree_set(member(), 0..60),
        ops in prop::collection::vec(op(), 0..300),
        count in 1usize..12,
    ) {
        let (mut ranked, mut model) = (Ranked::expecting(1000, 1, &LIMITS), Model::default());
        for (number, member) in stay.iter().enumerate() {
            ranked.insert(member, number as f64, &LIMITS);
            model.insert(member, number as f64);
        }
        let mut seen = BTreeSet::new();
        let mut cursor = 0;
        let mut ops = ops.iter();
        loop {
            cursor = ranked.scan(cursor, count, |element| { seen.insert(element.member.to_vec()); });
            if cursor == 0 {
                break;
            }
            for op in ops.by_ref().take(5) {
                match op {
                    Op::Remove(member) if stay.contains(member) => {}
                    Op::RemoveRange(..) => {}
                    op => apply(&mut ranked, &mut model, op),
                }
            }
        }
        assert!(seen.is_superset(&stay));
    }
}

#[test]
fn members_in_order_fill_their_leaves() {
    for back in [true, false] {
        let mut ranked = Ranked::expecting(1000, 1, &LIMITS);
        for number in 0..1000i32 {
            let score = f64::from(if back { number } else { -number });
            ranked.insert(number.to_string().as_bytes(), score, &LIMITS);
        }
        let Shape::Large(large) = &ranked.shape else { panic!("a large set") };
        assert!(
            large.leaves() * (super::leaf::CAPACITY - 1) <= 1000 + super::leaf::CAPACITY,
            "{}",
            large.leaves()
        );
    }
}

#[test]
fn long_members_lie_alone() {
    let mut ranked = Ranked::new();
    let mut model = Model::default();
    for number in 0..60u32 {
        let member = vec![(number * 7 % 60) as u8; (number % 13 * 20) as usize + 1];
        assert_eq!(ranked.insert(&member, 1.0, &LIMITS), model.insert(&member, 1.0));
        check(&ranked, &model);
    }
    for member in model.clone().scores.keys() {
        assert_eq!(ranked.remove(member), model.scores.remove(member));
        check(&ranked, &model);
    }
}

#[test]
fn a_set_that_has_become_empty_can_be_filled_again() {
    let mut ranked = Ranked::expecting(1000, 1, &LIMITS);
    for _ in 0..3 {
        for number in 0..100 {
            ranked.insert(format!("{number}").as_bytes(), 0.5, &LIMITS);
        }
        assert_eq!(ranked.remove_range(0..usize::MAX), 100);
        check(&ranked, &Model::default());
    }
}

#[test]
fn scores_are_packed_as_redis_packs_them() {
    let mut ranked = Ranked::new();
    let scores = [-0.0, 3.0, -5e15, 0.5, 1e17, 1e20, f64::INFINITY, f64::NEG_INFINITY];
    for (number, score) in scores.into_iter().enumerate() {
        ranked.insert(&[b'a' + number as u8], score, &Limits::default());
    }
    let packed = ranked.packed().expect("a small set");
    let items: Vec<String> = packed.iter().map(|item| format!("{item:?}")).collect();
    let shown = |text: &str| format!("{:?}", crate::packed::Item::Bytes(text.as_bytes()));
    let expected = [
        (shown("h"), shown("-inf")),
        (shown("c"), "Int(-5000000000000000)".to_owned()),
        (shown("a"), "Int(0)".to_owned()),
        (shown("d"), shown("0.5")),
        (shown("b"), "Int(3)".to_owned()),
        (shown("e"), "Int(100000000000000000)".to_owned()),
        (shown("f"), shown("1e+20")),
        (shown("g"), shown("inf")),
    ];
    assert_eq!(items, expected.into_iter().flat_map(|(member, score)| [member, score]).collect::<Vec<_>>());
}

#[test]
fn packed_sequences_from_outside_are_checked() {
    let packed = |values: &[&str]| {
        let mut packed = Packed::new();
        values.iter().for_each(|value| packed.push(End::Back, value.as_bytes()));
        packed
    };
    for good in [vec![], vec!["a", "1", "b", "1.5", "12", "inf"], vec!["b", "-1", "a", "0"]] {
        assert!(Ranked::from_packed(packed(&good)).is_ok(), "{good:?}");
    }
    for bad in [
        vec!["a"],
        vec!["a", "x"],
        vec!["a", "nan"],
        vec!["a", "2", "b", "1"],
        vec!["b", "1", "a", "1"],
        vec!["a", "1", "a", "1"],
        vec!["a", "1", "b", "2", "a", "3"],
    ] {
        assert!(Ranked::from_packed(packed(&bad)).is_err(), "{bad:?}");
    }
}
