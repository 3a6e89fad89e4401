//! SETRANGE, GETRANGE and APPEND against a vector of bytes.

use crate::testing::{Testing, parse};
use proptest::prelude::*;
use resp::Proto;
use resp::reply::Value;

#[derive(Clone, Debug)]
enum Step {
    Set(Vec<u8>),
    Append(Vec<u8>),
    SetRange(usize, Vec<u8>),
    GetRange(i64, i64),
    Increment(i64),
    Delete,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..40),
        2 => any::<i32>().prop_map(|n| n.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 4000..4200),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let offset = prop_oneof![0..60usize, 4000..9000usize];
    let end = prop_oneof![-80..80i64, any::<i64>()];
    prop_oneof![
        2 => bytes().prop_map(Step::Set),
        4 => bytes().prop_map(Step::Append),
        4 => (offset, bytes()).prop_map(|(offset, value)| Step::SetRange(offset, value)),
        4 => (end.clone(), end).prop_map(|(start, end)| Step::GetRange(start, end)),
        1 => any::<i32>().prop_map(|n| Step::Increment(n.into())),
        1 => Just(Step::Delete),
    ]
}

/// The part of `text` that GETRANGE answers, by looking at each byte.
fn part(text: &[u8], start: i64, end: i64) -> Vec<u8> {
    let len = text.len() as i128;
    let (start, end) = (i128::from(start), i128::from(end));
    if start < 0 && end < 0 && start > end {
        return Vec::new();
    }
    let absolute = |offset: i128| if offset < 0 { (offset + len).max(0) } else { offset };
    let inside = |at: &i128| absolute(start) <= *at && *at <= absolute(end);
    (0..len).filter(inside).map(|at| text[at as usize]).collect()
}

struct Pair {
    server: Testing,
    model: Option<Vec<u8>>,
}

impl Pair {
    fn ask(&mut self, words: &[&[u8]]) -> Value {
        parse(&self.server.run_words(Proto::Resp2, "", words))
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Set(value) => {
                self.ask(&[b"SET", b"k", &value]);
                self.model = Some(value);
            }
            Step::Append(value) => {
                let model = self.model.get_or_insert_default();
                model.extend(&value);
                let len = model.len();
                assert_eq!(self.ask(&[b"APPEND", b"k", &value]), Value::Int(len as i64));
            }
            Step::SetRange(offset, value) => self.set_range(offset, &value),
            Step::GetRange(start, end) => {
                let expected = part(self.model.as_deref().unwrap_or_default(), start, end);
                let (start, end) = (start.to_string(), end.to_string());
                let reply = self.ask(&[b"GETRANGE", b"k", start.as_bytes(), end.as_bytes()]);
                assert_eq!(reply, Value::Bulk(expected));
            }
            Step::Increment(by) => self.increment(by),
            Step::Delete => {
                let was = self.model.take().is_some();
                assert_eq!(self.ask(&[b"DEL", b"k"]), Value::Int(was.into()));
            }
        }
    }

    fn set_range(&mut self, offset: usize, value: &[u8]) {
        if !value.is_empty() {
            let model = self.model.get_or_insert_default();
            model.resize(model.len().max(offset + value.len()), 0);
            model[offset..offset + value.len()].copy_from_slice(value);
        }
        let len = self.model.as_ref().map_or(0, Vec::len);
        let reply = self.ask(&[b"SETRANGE", b"k", offset.to_string().as_bytes(), value]);
        assert_eq!(reply, Value::Int(len as i64));
    }

    fn increment(&mut self, by: i64) {
        let text = self.model.as_deref().unwrap_or(b"0");
        let canonical = |n: &i64| n.to_string().as_bytes() == text;
        let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).filter(canonical);
        let sum = number.and_then(|n: i64| n.checked_add(by));
        let reply = self.ask(&[b"INCRBY", b"k", by.to_string().as_bytes()]);
        match sum {
            Some(sum) => {
                assert_eq!(reply, Value::Int(sum));
                self.model = Some(sum.to_string().into_bytes());
            }
            None => assert!(matches!(reply, Value::Error(_))),
        }
    }

    fn check(&mut self) {
        let expected = self.model.clone().map_or(Value::NullBulk, Value::Bulk);
        let len = self.model.as_ref().map_or(0, Vec::len);
        assert_eq!(self.ask(&[b"GET", b"k"]), expected);
        assert_eq!(self.ask(&[b"STRLEN", b"k"]), Value::Int(len as i64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_string_behaves_like_a_vector(steps in proptest::collection::vec(step(), 0..40)) {
        let mut pair = Pair { server: Testing::new(), model: None };
        for step in steps {
            pair.run(step);
            pair.check();
        }
    }
}
