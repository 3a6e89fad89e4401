//! Hashes against an ordered map, with fields that expire while time passes.

use crate::testing::{Testing, parse};
use proptest::prelude::*;
use resp::Proto;
use resp::reply::Value;
use std::collections::BTreeMap;

const KEY: &str = "h";

/// Value, and when the field expires.
type Field = (Vec<u8>, Option<i64>);

#[derive(Clone, Copy, Debug)]
enum Condition {
    Always,
    Absent,
    Present,
    Later,
    Earlier,
}

impl Condition {
    fn word(self) -> Option<&'static str> {
        match self {
            Condition::Always => None,
            Condition::Absent => Some("NX"),
            Condition::Present => Some("XX"),
            Condition::Later => Some("GT"),
            Condition::Earlier => Some("LT"),
        }
    }

    fn allows(self, present: Option<i64>, at: i64) -> bool {
        match (self, present) {
            (Condition::Always, _) | (Condition::Earlier | Condition::Absent, None) => true,
            (Condition::Present | Condition::Later, None) | (Condition::Absent, Some(_)) => false,
            (Condition::Present, Some(_)) => true,
            (Condition::Later, Some(present)) => at > present,
            (Condition::Earlier, Some(present)) => at < present,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(Vec<(String, String)>),
    SetIfAbsent(String, String),
    SetEx(String, String, i64),
    Delete(Vec<String>),
    GetDelete(String),
    Increment(String, i64),
    Expire(Condition, i64, String),
    Persist(String),
    GetEx(String, i64),
    Pass(i64),
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-h]", 2 => (0..30u8).prop_map(|n| format!("field {n}")), 1 => Just("f".repeat(300))]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![2 => (-5..5i64).prop_map(|n| n.to_string()), 2 => "[a-z]{0,8}", 1 => Just("v".repeat(70))]
}

fn step() -> impl Strategy<Value = Step> {
    let conditions =
        [Condition::Always, Condition::Absent, Condition::Present, Condition::Later, Condition::Earlier];
    let condition = prop::sample::select(conditions.to_vec());
    prop_oneof![
        6 => prop::collection::vec((field(), value()), 1..5).prop_map(Step::Set),
        2 => (field(), value()).prop_map(|(field, value)| Step::SetIfAbsent(field, value)),
        2 => (field(), value(), -3..20i64).prop_map(|(field, value, ms)| Step::SetEx(field, value, ms)),
        2 => prop::collection::vec(field(), 1..4).prop_map(Step::Delete),
        1 => field().prop_map(Step::GetDelete),
        2 => (field(), -5..5i64).prop_map(|(field, by)| Step::Increment(field, by)),
        4 => (condition, -3..20i64, field()).prop_map(|(when, ms, field)| Step::Expire(when, ms, field)),
        1 => field().prop_map(Step::Persist),
        2 => (field(), -3..20i64).prop_map(|(field, ms)| Step::GetEx(field, ms)),
        3 => (1..12i64).prop_map(Step::Pass),
    ]
}

struct Pair {
    server: Testing,
    model: BTreeMap<String, Field>,
}

impl Pair {
    fn ask(&mut self, name: &str, words: &[&str]) -> Value {
        let words: Vec<&[u8]> = [name, KEY].iter().chain(words).map(|word| word.as_bytes()).collect();
        parse(&self.server.run_words(Proto::Resp2, "", &words))
    }

    /// The only element of the reply about one field.
    fn ask_one(&mut self, name: &str, words: &[&str], field: &str) -> Value {
        let reply = self.ask(name, &[words, &["FIELDS", "1", field]].concat());
        let Value::Array(mut items) = reply else { panic!("{reply:?}") };
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    fn now_ms(&self) -> i64 {
        self.server.now.ms()
    }

    /// Sets or, if the time is over, removes; answers what is to be replied.
    fn expire(&mut self, field: &str, at: i64) -> i64 {
        if at <= self.now_ms() {
            self.model.remove(field);
            return 2;
        }
        if let Some((_, expiry)) = self.model.get_mut(field) {
            *expiry = Some(at);
        }
        1
    }

    fn run(&mut self, step: Step) {
        let at = |ms: i64, pair: &Pair| (pair.now_ms() + ms).to_string();
        match step {
            Step::Set(pairs) => {
                let before = self.model.len();
                self.model.extend(pairs.iter().map(|(f, v)| (f.clone(), (v.clone().into_bytes(), None))));
                let words: Vec<&str> = pairs.iter().flat_map(|(f, v)| [f.as_str(), v.as_str()]).collect();
                let new = self.model.len() - before;
                assert_eq!(self.ask("HSET", &words), Value::Int(new as i64));
            }
            Step::SetIfAbsent(field, value) => {
                let new = !self.model.contains_key(&field);
                assert_eq!(self.ask("HSETNX", &[&field, &value]), Value::Int(new.into()));
                self.model.entry(field).or_insert((value.into_bytes(), None));
            }
            Step::SetEx(field, value, ms) => {
                let moment = at(ms, self);
                let reply = self.ask("HSETEX", &["PXAT", &moment, "FIELDS", "1", &field, &value]);
                assert_eq!(reply, Value::Int(1));
                self.model.insert(field.clone(), (value.into_bytes(), None));
                self.expire(&field, self.now_ms() + ms);
            }
            Step::Delete(fields) => {
                let removed = fields.iter().filter(|field| self.model.remove(*field).is_some()).count();
                let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                assert_eq!(self.ask("HDEL", &fields), Value::Int(removed as i64));
            }
            Step::GetDelete(field) => {
                let removed = self.model.remove(&field);
                let expected = removed.map_or(Value::NullBulk, |(value, _)| Value::Bulk(value));
                assert_eq!(self.ask_one("HGETDEL", &[], &field), expected);
            }
            Step::Increment(field, by) => self.increment(&field, by),
            Step::Expire(condition, ms, field) => {
                let moment = at(ms, self);
                let words: Vec<&str> = [moment.as_str()].into_iter().chain(condition.word()).collect();
                let expected = match self.model.get(&field) {
                    None => -2,
                    Some((_, present)) if !condition.allows(*present, self.now_ms() + ms) => 0,
                    Some(_) => self.expire(&field, self.now_ms() + ms),
                };
                assert_eq!(self.ask_one("HPEXPIREAT", &words, &field), Value::Int(expected));
            }
            Step::Persist(field) => {
                let expected = match self.model.get_mut(&field) {
                    None => -2,
                    Some((_, expiry)) => expiry.take().map_or(-1, |_| 1),
                };
                assert_eq!(self.ask_one("HPERSIST", &[], &field), Value::Int(expected));
            }
            Step::GetEx(field, ms) => {
                let value = self.model.get(&field).map(|(value, _)| value.clone());
                let moment = at(ms, self);
                let reply = self.ask_one("HGETEX", &["PXAT", &moment], &field);
                assert_eq!(reply, value.map_or(Value::NullBulk, Value::Bulk));
                self.expire(&field, self.now_ms() + ms);
            }
            Step::Pass(ms) => {
                self.server.advance_ms(ms);
                let now_ms = self.now_ms();
                self.model.retain(|_, (_, expiry)| expiry.is_none_or(|at| at >= now_ms));
            }
        }
    }

    fn increment(&mut self, field: &str, by: i64) {
        let reply = self.ask("HINCRBY", &[field, &by.to_string()]);
        let entry = self.model.get(field);
        let old = entry.map_or(Some(0), |(value, _)| base::num::parse_i64(value));
        let Some(sum) = old.map(|old| old + by) else {
            return assert!(matches!(reply, Value::Error(_)), "{reply:?}");
        };
        assert_eq!(reply, Value::Int(sum));
        let expiry = entry.and_then(|(_, expiry)| *expiry);
        self.model.insert(field.to_owned(), (sum.to_string().into_bytes(), expiry));
    }

    fn check(&mut self) {
        assert_eq!(self.ask("HLEN", &[]), Value::Int(self.model.len() as i64));
        let Value::Array(items) = self.ask("HGETALL", &[]) else { panic!("an array") };
        let mut found: Vec<_> = items.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        found.sort_by_key(|pair| format!("{pair:?}"));
        let bulk = |bytes: &[u8]| Value::Bulk(bytes.to_vec());
        let expected = self.model.iter().map(|(field, (value, _))| (bulk(field.as_bytes()), bulk(value)));
        let mut expected: Vec<_> = expected.collect();
        expected.sort_by_key(|pair| format!("{pair:?}"));
        assert_eq!(found, expected);
        for (field, (_, expiry)) in self.model.clone() {
            let reply = self.ask_one("HPEXPIRETIME", &[], &field);
            assert_eq!(reply, Value::Int(expiry.unwrap_or(-1)), "{field}");
        }
        assert_eq!(self.ask("EXISTS", &[]), Value::Int((!self.model.is_empty()).into()));
    }
}

proptest! {
    #[test]
    fn hashes_behave_like_ordered_maps(
        steps in prop::collection::vec(step(), 1..60),
        rows in prop::sample::select(vec![0usize, 5, 512]),
    ) {
        let mut server = Testing::new();
        server.limits.hash.rows = rows;
        let mut pair = Pair { server, model: BTreeMap::new() };
        for step in steps {
            pair.run(step);
            pair.check();
        }
    }
}
