//! Sets whose members expire, and what is seen of them at a moment.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Limits, Probe, Ranked, Shape, View};
use super::{LIMITS, Model, Op, apply, member, op, plain, score};

#[derive(Clone, Debug)]
enum Step {
    Change(Op),
    /// Lets a member expire, or stay.
    Expire(Vec<u8>, Option<i64>),
    /// Lets so many per mille of the ranks from a per mille on expire at a moment.
    ExpireRange(usize, usize, i64),
    /// Removes what expires before a moment, as many as that.
    RemoveDue(i64, usize),
}

fn moment() -> impl Strategy<Value = i64> {
    0i64..20
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => op().prop_map(Step::Change),
        6 => (member(), prop::option::weighted(0.8, moment())).prop_map(|(m, at)| Step::Expire(m, at)),
        1 => (0usize..1000, 0usize..700, moment()).prop_map(|(from, n, at)| Step::ExpireRange(from, n, at)),
        1 => (moment(), 0usize..40).prop_map(|(now, count)| Step::RemoveDue(now, count)),
    ]
}

/// A model with the moments of those members that expire.
#[derive(Clone, Default)]
struct Expiring {
    model: Model,
    moments: BTreeMap<Vec<u8>, i64>,
}

impl Expiring {
    fn take(&mut self, ranked: &mut Ranked, step: &Step) {
        match step {
            Step::Change(op) => {
                apply(ranked, &mut self.model, op);
                self.moments.retain(|member, _| self.model.scores.contains_key(member));
            }
            Step::Expire(member, at_ms) => self.expire(ranked, member, *at_ms),
            Step::ExpireRange(from, count, at_ms) => {
                let sorted = self.model.sorted();
                let start = sorted.len() * from / 1000;
                let count = sorted.len() * count / 1000;
                for (_, member) in sorted.iter().skip(start).take(count) {
                    self.expire(ranked, member, Some(*at_ms));
                }
            }
            Step::RemoveDue(now_ms, count) => {
                for _ in 0..*count {
                    self.remove_due(ranked, *now_ms);
                }
            }
        }
    }

    fn expire(&mut self, ranked: &mut Ranked, member: &[u8], at_ms: Option<i64>) {
        let is_there = self.model.scores.contains_key(member);
        assert_eq!(ranked.set_expiry(member, at_ms), is_there);
        match at_ms.filter(|_| is_there) {
            Some(at_ms) => self.moments.insert(member.to_vec(), at_ms),
            None => self.moments.remove(member),
        };
    }

    fn first(&self) -> Option<i64> {
        self.moments.values().min().copied()
    }

    fn remove_due(&mut self, ranked: &mut Ranked, now_ms: i64) {
        let first = self.first();
        let mut shown = None;
        let removed = ranked.remove_due(now_ms, &mut |member| shown = Some(member.to_vec()));
        assert_eq!(removed, first.is_some_and(|at_ms| at_ms < now_ms));
        assert_eq!(shown.is_some(), removed);
        if let Some(member) = shown {
            assert_eq!(self.moments.remove(&member), first);
            assert!(self.model.scores.remove(&member).is_some());
        }
    }

    /// The elements that don't expire before a moment.
    fn alive_at(&self, from_ms: i64) -> Vec<(f64, Vec<u8>)> {
        let alive = |member: &[u8]| self.moments.get(member).is_none_or(|at_ms| *at_ms >= from_ms);
        self.model.sorted().into_iter().filter(|(_, member)| alive(member)).collect()
    }

    fn check(&self, ranked: &Ranked) {
        super::check(ranked, &self.model);
        assert_eq!(ranked.first_expiry_ms(), self.first());
        let expiries: BTreeMap<_, _> = ranked.expiries().map(|(member, at)| (member.to_vec(), at)).collect();
        assert_eq!(expiries, self.moments);
        for member in self.model.scores.keys() {
            assert_eq!(ranked.expiry_ms(member), Some(self.moments.get(member).copied()));
        }
        assert_eq!(ranked.expiry_ms(b"nobody"), None);
        for from_ms in [i64::MIN, 0, 5, 10, 19, 20, i64::MAX] {
            check_view(ranked.alive_at(from_ms), &self.model, &self.alive_at(from_ms));
        }
    }
}

fn check_view(view: View<'_>, model: &Model, alive: &[(f64, Vec<u8>)]) {
    assert_eq!((view.len(), view.is_empty()), (alive.len(), alive.is_empty()));
    assert!(view.iter().map(plain).eq(alive.iter().cloned()));
    let ranks: BTreeMap<_, _> = alive.iter().enumerate().map(|(rank, (_, member))| (member, rank)).collect();
    for (member, score) in &model.scores {
        let rank = ranks.get(member).map(|rank| (*rank, *score));
        assert_eq!(view.rank(member), rank);
        assert_eq!(view.score(member), rank.map(|_| *score));
    }
    let mut seen = Vec::new();
    view.scan(0, usize::MAX, |element| seen.push(element.member.to_vec()));
    seen.sort_unstable();
    assert!(seen.iter().eq(ranks.keys().copied()));
    for rank in [0, 1, alive.len() / 2, alive.len(), alive.len() + 3] {
        assert_eq!(view.get(rank).map(plain), alive.get(rank).cloned());
        assert!(view.iter_from(rank).map(plain).eq(alive.iter().skip(rank).cloned()));
        assert!(view.iter_back_from(rank).map(plain).eq(alive.iter().take(rank + 1).rev().cloned()));
        let here = alive.get(rank).cloned().unwrap_or((f64::INFINITY, vec![255; 50]));
        let upto = |probe: Probe<'_>| (probe.score, probe.member) <= (here.0, here.1.as_slice());
        let count = alive.iter().filter(|element| **element <= here).count();
        assert_eq!(view.partition_point(upto), count);
        assert_eq!(view.partition_point_from(count / 2, upto), count);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn views_hide_what_is_due(steps in prop::collection::vec(step(), 1..250)) {
        let (mut ranked, mut model) = (Ranked::new(), Expiring::default());
        let mut frozen = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            model.take(&mut ranked, step);
            if matches!(step, Step::Change(Op::Freeze)) {
                frozen.push((ranked.clone(), model.clone()));
            }
            if number % 16 == 0 {
                model.check(&ranked);
            }
        }
        model.check(&ranked);
        for (ranked, model) in frozen {
            model.check(&ranked);
        }
    }

    /// What a new score does to a member's place, it does to its moment.
    #[test]
    fn a_new_score_keeps_the_moment(scores in prop::collection::vec((member(), score()), 1..100)) {
        let (mut ranked, mut model) = (Ranked::new(), Expiring::default());
        for (number, (member, score)) in scores.iter().enumerate() {
            model.take(&mut ranked, &Step::Change(Op::Insert(member.clone(), *score)));
            model.take(&mut ranked, &Step::Expire(member.clone(), Some(number as i64 % 20)));
            let again = &scores[number / 2];
            model.take(&mut ranked, &Step::Change(Op::Insert(again.0.clone(), score / 2.0)));
        }
        model.check(&ranked);
    }
}

/// A set that nothing expires in takes what it took before anything did.
#[test]
fn moments_take_memory_only_while_members_expire() {
    for packed_members in [8, 1000] {
        let limits = Limits { packed_members, ..LIMITS };
        let mut set = Ranked::new();
        for number in 0..100_i32 {
            set.insert(number.to_string().as_bytes(), f64::from(number), &limits);
        }
        let before = set.memory_bytes();
        for number in 0..100_i64 {
            set.set_expiry(number.to_string().as_bytes(), Some(number));
        }
        assert!(set.memory_bytes() >= before + 100 * size_of::<i64>());
        assert_eq!(matches!(set.shape, Shape::Large(_)), packed_members == 8);
        for number in 0..100 {
            set.set_expiry(number.to_string().as_bytes(), None);
        }
        assert_eq!(set.memory_bytes(), before);
    }
}
