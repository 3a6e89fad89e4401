//! Sets and maps against ordered maps of the standard library, under small limits so that all forms are passed
//! through, and with clones that must not change any more.

use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Element, FieldMap, Form, Limits, MemberSet, Ttl, View};

const SEED: u64 = 99;

/// Value and expiry.
type Content = (Vec<u8>, Option<i64>);
type Model = BTreeMap<Vec<u8>, Content>;

#[derive(Clone, Debug)]
enum Op {
    Set(Vec<u8>, Vec<u8>, Ttl),
    SetMany(u16),
    Remove(Vec<u8>),
    RemoveMany(u16),
    Expire(Vec<u8>, Option<i64>),
    RemoveDue(i64),
    Freeze,
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[a-f]{1,2}".prop_map(String::into_bytes),
        4 => (-50..300i64).prop_map(|value| value.to_string().into_bytes()),
        1 => (250..270usize, b'a'..b'd').prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => "[a-z]{0,9}".prop_map(String::into_bytes), 1 => name()]
}

fn ttl() -> impl Strategy<Value = Ttl> {
    prop_oneof![2 => Just(Ttl::Keep), 3 => Just(Ttl::Clear), 2 => (1..50i64).prop_map(Ttl::At)]
}

fn op(expiries: bool) -> impl Strategy<Value = Op> {
    let weight = u32::from(expiries);
    prop_oneof![
        12 => (name(), value(), ttl()).prop_map(move |(name, value, ttl)| {
            Op::Set(name, value, if expiries { ttl } else { Ttl::Clear })
        }),
        1 => (0..400u16).prop_map(Op::SetMany),
        6 => name().prop_map(Op::Remove),
        1 => (0..400u16).prop_map(Op::RemoveMany),
        4 * weight => (name(), prop::option::of(1..50i64)).prop_map(|(name, at)| Op::Expire(name, at)),
        2 * weight => (0..50i64).prop_map(Op::RemoveDue),
        1 => Just(Op::Freeze),
    ]
}

fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![
        Just(Limits { ints: 6, rows: 4, text_bytes: 10, seed: SEED }),
        Just(Limits { ints: 60, rows: 40, text_bytes: 300, seed: SEED }),
        Just(Limits { ints: 0, rows: 0, text_bytes: 0, seed: SEED }),
    ]
}

fn contents<'a>(elements: impl IntoIterator<Item = Element<'a>>) -> Vec<(Vec<u8>, Content)> {
    let pair = |element: Element<'_>| (element.name.to_vec(), (element.value.to_vec(), element.expiry_ms));
    let mut all: Vec<_> = elements.into_iter().map(pair).collect();
    all.sort_unstable();
    all
}

fn same(view: View<'_>, model: &Model) -> bool {
    view.len() == model.len() && contents(view) == model.clone().into_iter().collect::<Vec<_>>()
}

fn new_expiry(ttl: Ttl, old: Option<i64>) -> Option<i64> {
    match ttl {
        Ttl::Keep => old,
        Ttl::Clear => None,
        Ttl::At(at) => Some(at),
    }
}

/// Removes what is due; the earliest goes first.
fn remove_due(model: &mut Model, now_ms: i64, mut take: impl FnMut(&mut dyn FnMut(Element<'_>)) -> bool) {
    let mut last = i64::MIN;
    while take(&mut |element| {
        let at = element.expiry_ms.expect("it expires");
        assert!(last <= at && at < now_ms);
        last = at;
        assert_eq!(model.remove(&element.name.to_vec()), Some((element.value.to_vec(), Some(at))));
    }) {}
    assert!(model.values().all(|(_, at)| at.is_none_or(|at| at >= now_ms)));
}

fn apply_to_map(op: Op, map: &mut FieldMap, model: &mut Model, limits: &Limits) {
    match op {
        Op::Set(field, value, ttl) => {
            let old = model.get(&field).cloned();
            assert_eq!(map.set(&field, &value, ttl, limits), old.is_none());
            model.insert(field, (value, new_expiry(ttl, old.and_then(|(_, at)| at))));
        }
        Op::SetMany(from) => {
            for n in from..from + 60 {
                let (field, value) = (format!("field {n}").into_bytes(), n.to_string().into_bytes());
                map.set(&field, &value, Ttl::Clear, limits);
                model.insert(field, (value, None));
            }
        }
        Op::Remove(field) => assert_eq!(map.remove(&field), model.remove(&field).is_some()),
        Op::RemoveMany(from) => {
            for n in from..from + 90 {
                let field = format!("field {n}").into_bytes();
                assert_eq!(map.remove(&field), model.remove(&field).is_some());
            }
        }
        Op::Expire(field, at) => {
            assert_eq!(map.set_expiry(&field, at), model.contains_key(&field));
            model.entry(field).and_modify(|(_, old)| *old = at);
        }
        Op::RemoveDue(now_ms) => remove_due(model, now_ms, |show| map.remove_due(now_ms, show)),
        Op::Freeze => {}
    }
}

fn apply_to_set(op: Op, set: &mut MemberSet, model: &mut Model, limits: &Limits) {
    match op {
        Op::Set(member, ..) => {
            assert_eq!(set.insert(&member, limits), !model.contains_key(&member));
            model.entry(member).or_default();
        }
        Op::SetMany(from) => {
            for n in from..from + 60 {
                let member = n.to_string().into_bytes();
                assert_eq!(set.insert(&member, limits), !model.contains_key(&member));
                model.entry(member).or_default();
            }
        }
        Op::Remove(member) => assert_eq!(set.remove(&member), model.remove(&member).is_some()),
        Op::RemoveMany(from) => {
            for n in from..from + 90 {
                let member = n.to_string().into_bytes();
                assert_eq!(set.remove(&member), model.remove(&member).is_some());
            }
        }
        Op::Expire(member, at) => {
            assert_eq!(set.set_expiry(&member, at, limits), model.contains_key(&member));
            model.entry(member).and_modify(|(_, old)| *old = at);
        }
        Op::RemoveDue(now_ms) => remove_due(model, now_ms, |show| set.remove_due(now_ms, show)),
        Op::Freeze => {}
    }
}

/// What a view answers besides its elements.
fn check_view(view: View<'_>, model: &Model) {
    assert!(same(view, model), "{:?} is not {model:?}", contents(view));
    assert_eq!(view.first_expiry_ms(), model.values().filter_map(|(_, at)| *at).min());
    for (name, (value, at)) in model {
        let found = view.find(name).expect("it is there");
        assert_eq!((found.value.to_vec(), found.expiry_ms), (value.clone(), *at));
    }
    assert!(!view.contains(b"nobody") && !view.contains(b"-9999"));
    let alive: Model = model.iter().filter(|(_, (_, at))| at.is_none_or(|at| at >= 25)).map(owned).collect();
    assert!(same(view.alive_at(25), &alive));
    let parts = (0..view.parts()).flat_map(|index| view.part(index));
    assert_eq!(contents(parts).len(), model.len());
}

fn owned((name, content): (&Vec<u8>, &Content)) -> (Vec<u8>, Content) {
    (name.clone(), content.clone())
}

proptest! {
    #[test]
    fn a_map_behaves_like_an_ordered_map(
        ops in prop::bool::ANY.prop_flat_map(|expiries| prop::collection::vec(op(expiries), 0..120)),
        limits in limits(),
    ) {
        let (mut map, mut model) = (FieldMap::new(), Model::new());
        let mut frozen: Vec<(FieldMap, Model)> = Vec::new();
        for op in ops {
            if matches!(op, Op::Freeze) {
                frozen.push((map.clone(), model.clone()));
            }
            apply_to_map(op, &mut map, &mut model, &limits);
            prop_assert_eq!(map.len(), model.len());
            prop_assert_eq!(map.expiring(), model.values().filter(|(_, at)| at.is_some()).count());
        }
        check_view(map.view(), &model);
        frozen.iter().for_each(|(map, model)| check_view(map.view(), model));
    }

    #[test]
    fn a_set_behaves_like_an_ordered_set(
        ops in prop::bool::ANY.prop_flat_map(|expiries| prop::collection::vec(op(expiries), 0..120)),
        limits in limits(),
    ) {
        let (mut set, mut model) = (MemberSet::new(), Model::new());
        let mut frozen: Vec<(MemberSet, Model)> = Vec::new();
        for op in ops {
            if matches!(op, Op::Freeze) {
                frozen.push((set.clone(), model.clone()));
            }
            apply_to_set(op, &mut set, &mut model, &limits);
            prop_assert_eq!(set.len(), model.len());
        }
        check_view(set.view(), &model);
        frozen.iter().for_each(|(set, model)| check_view(set.view(), model));
    }

    #[test]
    fn a_scan_returns_what_stays(
        stays in prop::collection::hash_set(0..100_000u32, 1..600),
        churn in prop::collection::vec((100_000..101_000u32, any::<bool>()), 0..6000),
        each in 1..400usize,
    ) {
        let limits = Limits { ints: 0, rows: 0, text_bytes: 0, seed: SEED };
        let mut set = MemberSet::new();
        let name = |n: u32| format!("m{n}").into_bytes();
        stays.iter().for_each(|n| { set.insert(&name(*n), &limits); });
        let (mut seen, mut cursor, mut churn) = (HashSet::new(), 0, churn.into_iter());
        loop {
            cursor = set.view().scan(cursor, |element| { seen.insert(element.name.to_vec()); });
            if cursor == 0 { break; }
            for (n, add) in churn.by_ref().take(each) {
                if add { set.insert(&name(n), &limits); } else { set.remove(&name(n)); }
            }
        }
        prop_assert!(stays.iter().all(|n| seen.contains(&name(*n))));
    }

    #[test]
    fn chosen_elements_are_different(len in 0..400usize, count in 0..500usize, seed in any::<u64>()) {
        let limits = Limits { ints: 30, rows: 100, text_bytes: 10, seed: SEED };
        let mut set = MemberSet::new();
        (0..len).for_each(|n| { set.insert(n.to_string().as_bytes(), &limits); });
        let mut rng = base::prng::Prng::new(seed);
        let chosen = set.view().choose(count, &mut rng);
        let different: HashSet<Vec<u8>> = chosen.iter().map(|element| element.name.to_vec()).collect();
        prop_assert_eq!((chosen.len(), different.len()), (count.min(len), count.min(len)));
    }
}

#[test]
fn forms_follow_the_limits() {
    let limits = Limits { ints: 4, rows: 3, text_bytes: 5, seed: SEED };
    let form = |members: &[&str]| {
        let mut set = MemberSet::new();
        members.iter().for_each(|member| {
            set.insert(member.as_bytes(), &limits);
        });
        set.form()
    };
    let cases: [(&[&str], Form); 8] = [
        (&["1", "2", "3", "4"], Form::Ints),
        (&["1", "2", "3", "4", "5"], Form::Table),
        (&["1", "2", "a"], Form::Rows),
        (&["1", "2", "3", "a"], Form::Table),
        (&["a", "b", "c"], Form::Rows),
        (&["a", "b", "c", "d"], Form::Table),
        (&["a", "123456"], Form::Table),
        (&["123456", "a"], Form::Table),
    ];
    for (members, expected) in cases {
        assert_eq!(form(members), expected, "{members:?}");
    }
    let mut map = FieldMap::new();
    map.set(b"a", b"12345", Ttl::Clear, &limits);
    assert_eq!(map.form(), Form::Rows);
    map.set_expiry(b"a", Some(5));
    assert_eq!(map.form(), Form::Timed);
    map.set(b"a", b"123456", Ttl::Keep, &limits);
    assert_eq!((map.form(), map.first_expiry_ms()), (Form::Table, Some(5)));
}

#[test]
fn the_first_members_decide_the_form() {
    let form = |ints: usize, rows: usize, members: &[&str]| {
        let limits = Limits { ints, rows, text_bytes: 64, seed: SEED };
        let mut set = MemberSet::new();
        set.make_room(members.len(), members[0].as_bytes(), &limits);
        members.iter().for_each(|member| {
            set.insert(member.as_bytes(), &limits);
        });
        set.form()
    };
    assert_eq!(form(3, 3, &["1", "2", "3"]), Form::Ints);
    assert_eq!(form(0, 3, &["1", "2", "3"]), Form::Rows, "no room for integers as such");
    assert_eq!(form(2, 3, &["1", "2", "3"]), Form::Rows);
    assert_eq!(form(2, 2, &["1", "2", "3"]), Form::Table);
    assert_eq!(form(2, 3, &["a", "2", "3"]), Form::Rows);
}

/// Each of 100 elements comes up about as often as the others, whatever the form.
#[test]
fn samples_are_fair() {
    let large = Limits { ints: 0, rows: 0, text_bytes: 0, seed: SEED };
    let rows = Limits { ints: 0, rows: 1000, text_bytes: 100, seed: SEED };
    let ints = Limits { ints: 1000, rows: 1000, text_bytes: 100, seed: SEED };
    let mut rng = base::prng::Prng::new(5);
    for limits in [large, rows, ints] {
        let mut set = MemberSet::new();
        (0..100).for_each(|n| {
            set.insert(n.to_string().as_bytes(), &limits);
        });
        let mut counts: HashMap<Vec<u8>, u32> = HashMap::new();
        for _ in 0..40_000 {
            let element = set.view().sample(&mut rng).expect("not empty");
            *counts.entry(element.name.to_vec()).or_default() += 1;
        }
        // Chi-squared with 99 degrees of freedom is below 149 in 999 of 1000 cases.
        let unevenness: f64 = counts.values().map(|n| (f64::from(*n) - 400.0).powi(2) / 400.0).sum();
        assert!(counts.len() == 100 && unevenness < 149.0, "{unevenness}");
    }
}

#[test]
fn memory_is_accounted_for() {
    let limits = Limits { ints: 0, rows: 0, text_bytes: 0, seed: SEED };
    let mut map = FieldMap::new();
    for n in 0..10_000 {
        map.set(format!("field {n}").as_bytes(), &vec![b'v'; n % 300], Ttl::Clear, &limits);
    }
    let payload: usize = map.view().into_iter().map(|e| e.name.text_len() + e.value.text_len()).sum();
    let bytes = map.memory_bytes();
    assert!(bytes > payload && bytes < payload * 13 / 10, "{bytes} for {payload}");
    for n in 0..10_000 {
        map.remove(format!("field {n}").as_bytes());
    }
    assert!(map.is_empty() && map.memory_bytes() < 1000, "{}", map.memory_bytes());
}

#[test]
fn hidden_elements_of_many_leaves_are_not_counted() {
    let limits = Limits { ints: 0, rows: 0, text_bytes: 10, seed: SEED };
    let mut set = MemberSet::new();
    for n in 0..20_000i64 {
        let name = format!("m{n}");
        set.insert(name.as_bytes(), &limits);
        if n % 7 == 0 {
            set.set_expiry(name.as_bytes(), Some(n), &limits);
        }
    }
    for from_ms in [0, 1, 8, 7_000, 19_999, 30_000] {
        let view = set.view().alive_at(from_ms);
        assert_eq!(view.len(), view.into_iter().count(), "{from_ms}");
    }
    assert_eq!(set.view().alive_at(30_000).len(), 20_000 - 2_858);
}
