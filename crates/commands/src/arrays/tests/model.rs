//! Random array commands against a model: a `BTreeMap` per key, rings rebuilt naively.

use crate::testing::{Testing, parse, short};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Cells, and where ARINSERT has written last.
#[derive(Default)]
struct Model {
    cells: BTreeMap<u64, String>,
    cursor: Option<u64>,
}

#[derive(Clone, Debug)]
enum Op {
    Set(u64, Vec<String>),
    Delete(Vec<u64>),
    DeleteRange(u64, u64),
    Insert(Vec<String>),
    Seek(u64),
    Ring(u64, Vec<String>),
    Range(u64, u64),
    Scan(u64, u64, usize),
    Last(usize, bool),
    Match(u64, u64, String),
    Used(u64, u64),
}

impl Model {
    fn end(&self) -> u64 {
        self.cells.last_key_value().map_or(0, |(index, _)| index + 1)
    }

    fn set(&mut self, index: u64, value: &str) -> bool {
        self.cells.insert(index, value.to_owned()).is_none()
    }

    /// As a ring of `size` cells goes on.
    fn ring(&mut self, size: u64, values: &[String]) -> u64 {
        let (end, next) = (self.end(), self.cursor.map_or(0, |cursor| cursor + 1));
        if size < end || size > end && self.cursor.is_some() && next < end {
            let mut kept = Vec::new();
            let mut at = self.cursor.map_or(end - 1, |cursor| cursor % end);
            while (kept.len() as u64) < size.min(end)
                && let Some(value) = self.cells.get(&at)
            {
                kept.insert(0, value.clone());
                at = if at == 0 { end - 1 } else { at - 1 };
            }
            self.cursor = (kept.len() as u64).checked_sub(1);
            self.cells = (0..).zip(kept).collect();
        }
        for value in values {
            let at = self.cursor.map_or(0, |cursor| cursor + 1) % size;
            self.set(at, value);
            self.cursor = Some(at);
        }
        self.cursor.expect("a value has been written")
    }

    /// Positions from the cursor backwards, around the end.
    fn last(&self, count: usize, newest_first: bool) -> Vec<Option<&String>> {
        let end = self.end();
        let mut at = self.cursor.filter(|cursor| *cursor < end).unwrap_or(end.saturating_sub(1));
        let mut values = Vec::new();
        for _ in 0..end.min(count as u64) {
            values.push(self.cells.get(&at));
            at = if at == 0 { end - 1 } else { at - 1 };
        }
        if !newest_first {
            values.reverse();
        }
        values
    }

    /// Filled cells from one index to another, in that order.
    fn between(&self, start: u64, end: u64) -> Vec<(u64, &String)> {
        let cells = self.cells.range(start.min(end)..=start.max(end)).map(|(index, value)| (*index, value));
        let mut cells: Vec<_> = cells.collect();
        if start > end {
            cells.reverse();
        }
        cells
    }

    fn forget_if_empty(&mut self) {
        if self.cells.is_empty() {
            *self = Model::default();
        }
    }

    /// Does the same; answers the reply.
    fn run(&mut self, op: &Op) -> String {
        match op {
            Op::Set(first, values) => {
                let cells = (*first..).zip(values);
                cells.filter(|(index, value)| self.set(*index, value)).count().to_string()
            }
            Op::Delete(indexes) => {
                let count = indexes.iter().filter(|index| self.cells.remove(index).is_some()).count();
                self.forget_if_empty();
                count.to_string()
            }
            Op::DeleteRange(start, end) => {
                let indexes: Vec<u64> = self.between(*start, *end).iter().map(|(index, _)| *index).collect();
                indexes.iter().for_each(|index| drop(self.cells.remove(index)));
                self.forget_if_empty();
                indexes.len().to_string()
            }
            Op::Insert(values) => {
                let first = self.cursor.map_or(0, |cursor| cursor + 1);
                for (index, value) in (first..).zip(values) {
                    self.set(index, value);
                }
                self.cursor = Some(first + values.len() as u64 - 1);
                (first + values.len() as u64 - 1).to_string()
            }
            Op::Seek(index) => {
                if !self.cells.is_empty() {
                    self.cursor = index.checked_sub(1);
                }
                usize::from(!self.cells.is_empty()).to_string()
            }
            Op::Ring(size, values) => self.ring(*size, values).to_string(),
            Op::Range(start, end) => {
                let position = |index: u64| shown(self.cells.get(&index));
                let positions = *start.min(end)..=*start.max(end);
                if start > end { list(positions.rev().map(position)) } else { list(positions.map(position)) }
            }
            Op::Scan(start, end, limit) => {
                let cells = self.between(*start, *end).into_iter().take(*limit);
                list(cells.map(|(index, value)| format!("[{index}, {value:?}]")))
            }
            Op::Last(count, newest_first) => list(self.last(*count, *newest_first).into_iter().map(shown)),
            Op::Match(start, end, part) => {
                let cells = self.between(*start, *end).into_iter();
                let matching = cells.filter(|(_, value)| value.contains(part));
                list(matching.map(|(index, _)| index.to_string()))
            }
            Op::Used(start, end) => self.between(*start, *end).len().to_string(),
        }
    }
}

fn shown(value: Option<&String>) -> String {
    value.map_or("null".to_owned(), |value| format!("{value:?}"))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}

impl Op {
    fn line(&self) -> String {
        match self {
            Op::Set(first, values) => format!("ARSET k {first} {}", values.join(" ")),
            Op::Delete(indexes) => {
                format!("ARDEL k {}", indexes.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
            }
            Op::DeleteRange(start, end) => format!("ARDELRANGE k {start} {end}"),
            Op::Insert(values) => format!("ARINSERT k {}", values.join(" ")),
            Op::Seek(index) => format!("ARSEEK k {index}"),
            Op::Ring(size, values) => format!("ARRING k {size} {}", values.join(" ")),
            Op::Range(start, end) => format!("ARGETRANGE k {start} {end}"),
            Op::Scan(start, end, limit) => format!("ARSCAN k {start} {end} LIMIT {limit}"),
            Op::Last(count, newest_first) => {
                format!("ARLASTITEMS k {count}{}", if *newest_first { " REV" } else { "" })
            }
            Op::Match(start, end, part) => format!("ARGREP k {start} {end} MATCH {part}"),
            Op::Used(start, end) => format!("AROP k {start} {end} USED"),
        }
    }
}

/// Mostly near each other, some of them far away.
fn index() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..16u64, 1 => 0..1000u64]
}

fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-c]{1,3}|[0-9]{1,2}", 1..5)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => (index(), values()).prop_map(|(first, values)| Op::Set(first, values)),
        1 => prop::collection::vec(index(), 1..4).prop_map(Op::Delete),
        1 => (index(), index()).prop_map(|(start, end)| Op::DeleteRange(start, end)),
        2 => values().prop_map(Op::Insert),
        1 => index().prop_map(Op::Seek),
        3 => (1..12u64, values()).prop_map(|(size, values)| Op::Ring(size, values)),
        1 => (index(), index()).prop_map(|(start, end)| Op::Range(start, end)),
        1 => (index(), index(), 1..5usize).prop_map(|(start, end, limit)| Op::Scan(start, end, limit)),
        2 => (0..20usize, any::<bool>()).prop_map(|(count, newest_first)| Op::Last(count, newest_first)),
        1 => (index(), index(), "[a-c]{1,2}").prop_map(|(start, end, part)| Op::Match(start, end, part)),
        1 => (index(), index()).prop_map(|(start, end)| Op::Used(start, end)),
    ]
}

proptest! {
    #[test]
    fn commands_do_what_the_model_does(ops in prop::collection::vec(op(), 1..60)) {
        let mut testing = Testing::new();
        let mut model = Model::default();
        for op in &ops {
            let reply = testing.run(&op.line());
            prop_assert_eq!(short(&parse(&reply)), model.run(op), "{:?}", op);
            let next = short(&parse(&testing.run("ARNEXT k")));
            prop_assert_eq!(next, model.cursor.map_or(0, |cursor| cursor + 1).to_string(), "after {:?}", op);
        }
    }
}
