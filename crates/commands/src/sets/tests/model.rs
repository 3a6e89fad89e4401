//! Sets against ordered sets of the standard library: algebra, and members chosen at random.

use crate::testing::{Testing, parse};
use proptest::prelude::*;
use resp::Proto;
use resp::reply::Value;
use std::collections::{BTreeMap, BTreeSet};

type Set = BTreeSet<Vec<u8>>;
type Model = BTreeMap<usize, Set>;

const KEYS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[derive(Clone, Copy, Debug)]
enum Operation {
    Intersection,
    Union,
    Difference,
}

#[derive(Clone, Debug)]
enum Step {
    Add(usize, Vec<Vec<u8>>),
    Remove(usize, Vec<Vec<u8>>),
    Move(usize, usize, Vec<u8>),
    Pop(usize, Option<usize>),
    Choose(usize, i64),
    Ask(Operation, Vec<usize>),
    Count(Operation, Vec<usize>, usize),
    Store(Operation, usize, Vec<usize>),
}

fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (0..40u32).prop_map(|n| n.to_string().into_bytes()),
        4 => "[a-h]{1,2}".prop_map(String::into_bytes),
        1 => (0..3u8).prop_map(|n| vec![n; 300]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS.len();
    let members = || prop::collection::vec(member(), 1..20);
    let keys = || prop::collection::vec(0..KEYS.len(), 1..9);
    let operation =
        || prop_oneof![Just(Operation::Intersection), Just(Operation::Union), Just(Operation::Difference)];
    prop_oneof![
        8 => (key(), members()).prop_map(|(key, members)| Step::Add(key, members)),
        3 => (key(), members()).prop_map(|(key, members)| Step::Remove(key, members)),
        2 => (key(), key(), member()).prop_map(|(from, to, member)| Step::Move(from, to, member)),
        2 => (key(), prop::option::of(0..15usize)).prop_map(|(key, count)| Step::Pop(key, count)),
        2 => (key(), -10..15i64).prop_map(|(key, count)| Step::Choose(key, count)),
        3 => (operation(), keys()).prop_map(|(operation, keys)| Step::Ask(operation, keys)),
        2 => (operation(), keys(), 0..5usize).prop_map(|(op, keys, limit)| Step::Count(op, keys, limit)),
        2 => (operation(), key(), keys()).prop_map(|(operation, to, keys)| Step::Store(operation, to, keys)),
    ]
}

fn result(model: &Model, operation: Operation, keys: &[usize]) -> Set {
    let mut sets = keys.iter().map(|key| model.get(key).cloned().unwrap_or_default());
    let first = sets.next().expect("at least one key");
    sets.fold(first, |so_far, set| match operation {
        Operation::Intersection => so_far.intersection(&set).cloned().collect(),
        Operation::Union => so_far.union(&set).cloned().collect(),
        Operation::Difference => so_far.difference(&set).cloned().collect(),
    })
}

fn names(operation: Operation) -> [&'static str; 3] {
    match operation {
        Operation::Intersection => ["SINTER", "SINTERCARD", "SINTERSTORE"],
        Operation::Union => ["SUNION", "SUNIONCARD", "SUNIONSTORE"],
        Operation::Difference => ["SDIFF", "SDIFFCARD", "SDIFFSTORE"],
    }
}

fn list(value: Value) -> Vec<Vec<u8>> {
    let Value::Array(items) = value else { panic!("an array, not {value:?}") };
    let bytes = |item| if let Value::Bulk(bytes) = item { bytes } else { panic!("a string, not {item:?}") };
    items.into_iter().map(bytes).collect()
}

struct Pair {
    server: Testing,
    model: Model,
}

impl Pair {
    fn ask(&mut self, name: &str, words: &[&[u8]]) -> Value {
        let words: Vec<&[u8]> = [name.as_bytes()].iter().chain(words).copied().collect();
        parse(&self.server.run_words(Proto::Resp2, "", &words))
    }

    fn over(&mut self, name: &str, front: &[&[u8]], keys: &[usize], back: &[&[u8]]) -> Value {
        let keys: Vec<&[u8]> = keys.iter().map(|key| KEYS[*key].as_bytes()).collect();
        self.ask(name, &[front, &keys, back].concat())
    }

    fn set(&mut self, key: usize) -> &mut Set {
        self.model.entry(key).or_default()
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Add(key, members) => {
                let before = self.set(key).len();
                self.set(key).extend(members.iter().cloned());
                let added = self.set(key).len() - before;
                self.change("SADD", key, &members, added);
            }
            Step::Remove(key, members) => {
                let removed = members.iter().filter(|member| self.set(key).remove(*member)).count();
                self.change("SREM", key, &members, removed);
            }
            Step::Move(from, to, member) => {
                let moved = self.set(from).remove(&member);
                if moved {
                    self.set(to).insert(member.clone());
                }
                let reply = self.over("SMOVE", &[], &[from, to], &[&member]);
                assert_eq!(reply, Value::Int(moved.into()));
            }
            Step::Pop(key, count) => self.pop(key, count),
            Step::Choose(key, count) => self.choose(key, count),
            Step::Ask(operation, keys) => {
                let found = list(self.over(names(operation)[0], &[], &keys, &[]));
                let expected = result(&self.model, operation, &keys);
                assert_eq!((found.len(), found.into_iter().collect::<Set>()), (expected.len(), expected));
            }
            Step::Count(operation, keys, limit) => {
                let (number, shown) = (keys.len().to_string(), limit.to_string());
                let back: [&[u8]; 2] = [b"LIMIT", shown.as_bytes()];
                let reply = self.over(names(operation)[1], &[number.as_bytes()], &keys, &back);
                let all = result(&self.model, operation, &keys).len();
                let expected = if limit == 0 { all } else { all.min(limit) };
                assert_eq!(reply, Value::Int(expected as i64));
            }
            Step::Store(operation, to, keys) => {
                let reply = self.over(names(operation)[2], &[KEYS[to].as_bytes()], &keys, &[]);
                let expected = result(&self.model, operation, &keys);
                assert_eq!(reply, Value::Int(expected.len() as i64));
                self.model.insert(to, expected);
            }
        }
    }

    fn change(&mut self, name: &str, key: usize, members: &[Vec<u8>], changed: usize) {
        let members: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
        let reply = self.over(name, &[], &[key], &members);
        assert_eq!(reply, Value::Int(changed as i64));
    }

    fn pop(&mut self, key: usize, count: Option<usize>) {
        let count_text = count.map(|count| count.to_string());
        let back: Vec<&[u8]> = count_text.iter().map(String::as_bytes).collect();
        let popped = match self.over("SPOP", &[], &[key], &back) {
            Value::NullBulk => Vec::new(),
            Value::Bulk(member) => vec![member],
            many => list(many),
        };
        assert_eq!(popped.len(), count.unwrap_or(1).min(self.set(key).len()));
        assert!(popped.iter().all(|member| self.set(key).remove(member)));
    }

    fn choose(&mut self, key: usize, count: i64) {
        let chosen = list(self.over("SRANDMEMBER", &[], &[key], &[count.to_string().as_bytes()]));
        let set = self.set(key);
        assert!(chosen.iter().all(|member| set.contains(member)));
        let different = chosen.iter().collect::<BTreeSet<_>>().len();
        let wanted = count.unsigned_abs() as usize;
        if count < 0 {
            assert_eq!(chosen.len(), if set.is_empty() { 0 } else { wanted });
        } else {
            assert_eq!((chosen.len(), different), (wanted.min(set.len()), wanted.min(set.len())));
        }
    }

    fn check(&mut self) {
        for (key, name) in KEYS.iter().enumerate() {
            let expected = self.set(key).clone();
            let members = list(self.ask("SMEMBERS", &[name.as_bytes()]));
            assert_eq!(members.into_iter().collect::<Set>(), expected);
            assert_eq!(self.ask("SCARD", &[name.as_bytes()]), Value::Int(expected.len() as i64));
            assert_eq!(self.ask("EXISTS", &[name.as_bytes()]), Value::Int((!expected.is_empty()).into()));
        }
    }
}

proptest! {
    #[test]
    fn sets_behave_like_ordered_sets(steps in prop::collection::vec(step(), 1..60)) {
        let mut server = Testing::new();
        (server.limits.set.ints, server.limits.set.rows) = (12, 8);
        let mut pair = Pair { server, model: Model::new() };
        steps.into_iter().for_each(|step| pair.run(step));
        pair.check();
    }
}
