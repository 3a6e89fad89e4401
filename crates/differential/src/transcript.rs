//! A failure as a person would see it in redis-cli.

use crate::case::{Course, Divergence, Event};
use crate::generate::LINKS;
use base::quote::quote;
use resp::reply::Value;
use std::fmt::Write;

/// Longer strings are cut in the middle of the output, for reading only.
const LONGEST: usize = 400;

/// The whole transcript; `names` are those of the servers.
pub fn of(course: &Course, names: [&str; 2]) -> String {
    let mut out = String::new();
    let (shown, last) = match course.divergence {
        Some(Divergence::Answers(_)) => course.events.split_at(course.events.len().saturating_sub(1)),
        _ => (course.events.as_slice(), &course.events[..0]),
    };
    for event in shown {
        push_line(&mut out, event);
        push_answer(&mut out, event.answers[0].as_ref());
    }
    for event in last {
        push_line(&mut out, event);
        push_both(&mut out, names, &event.answers);
    }
    match &course.divergence {
        None | Some(Divergence::Answers(_) | Divergence::Accepted) => {}
        Some(Divergence::Stored(facts)) => {
            let command: Vec<_> = facts.0.command.iter().map(|word| word_of(word)).collect();
            let _ = writeln!(out, "database {}> {}", facts.0.db, command.join(" "));
            push_both(&mut out, names, &[Some(facts.0.answer.clone()), Some(facts.1.answer.clone())]);
            if facts.0.command != facts.1.command {
                let other: Vec<_> = facts.1.command.iter().map(|word| word_of(word)).collect();
                let _ = writeln!(out, "(the second: {})", other.join(" "));
            }
        }
        Some(Divergence::Broken(side, why)) => {
            let _ = writeln!(out, "--- {}: {why}", names[*side]);
        }
    }
    out
}

fn push_line(out: &mut String, event: &Event) {
    if event.command.is_empty() {
        let _ = writeln!(out, "(what connection {} waited for)", event.link + 1);
        return;
    }
    let who = if event.link == LINKS { "control".into() } else { (event.link + 1).to_string() };
    let words: Vec<_> = event.command.iter().map(|word| word_of(word)).collect();
    let _ = writeln!(out, "{who}> {}", words.join(" "));
}

fn push_both(out: &mut String, names: [&str; 2], answers: &[Option<Value>; 2]) {
    for (name, answer) in names.into_iter().zip(answers) {
        let _ = writeln!(out, "--- {name}");
        push_answer(out, answer.as_ref());
    }
}

fn push_answer(out: &mut String, answer: Option<&Value>) {
    match answer {
        Some(answer) => push_value(out, answer, 0),
        None => out.push_str("(no answer: it waits)\n"),
    }
}

/// A word of a command line: quoted only where that is needed.
fn word_of(word: &[u8]) -> String {
    let plain =
        !word.is_empty() && word.iter().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(byte));
    let text = if plain { word.to_vec() } else { quote(word) };
    cut(&String::from_utf8_lossy(&text))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

fn push_value(out: &mut String, value: &Value, depth: usize) {
    let text = |bytes: &[u8]| cut(&String::from_utf8_lossy(&quote(bytes)));
    let plain = |bytes: &[u8]| cut(&String::from_utf8_lossy(bytes));
    let line = match value {
        Value::Simple(status) => plain(status),
        Value::Error(error) => format!("(error) {}", plain(error)),
        Value::Int(number) => format!("(integer) {number}"),
        Value::Bulk(bytes) | Value::Verbatim(_, bytes) => text(bytes),
        Value::NullBulk | Value::Null => "(nil)".into(),
        Value::NullArray => "(nil array)".into(),
        Value::Bool(truth) => format!("({truth})"),
        Value::Double(number) => format!("(double) {number}"),
        Value::BigNumber(digits) => format!("(big number) {}", plain(digits)),
        Value::Attributed(_, inner) => return push_value(out, inner, depth),
        Value::Array(items) | Value::Set(items) | Value::Push(items) => {
            return push_items(out, items.iter().map(|item| (None, item)), depth);
        }
        Value::Map(pairs) => {
            return push_items(out, pairs.iter().map(|(key, value)| (Some(key), value)), depth);
        }
    };
    out.push_str(&line);
    out.push('\n');
}

fn push_items<'v>(
    out: &mut String,
    items: impl Iterator<Item = (Option<&'v Value>, &'v Value)>,
    depth: usize,
) {
    let mut number = 0;
    for (key, value) in items {
        if number > 0 {
            out.push_str(&" ".repeat(depth));
        }
        number += 1;
        let mut head = format!("{number}) ");
        if let Some(key) = key {
            let mut name = String::new();
            push_value(&mut name, key, 0);
            head = format!("{number}# {} => ", name.trim_end());
        }
        out.push_str(&head);
        push_value(out, value, depth + head.len());
    }
    if number == 0 {
        out.push_str("(empty)\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_redis_cli() {
        let bulk = |text: &str| Value::Bulk(text.into());
        let reply = Value::Array(vec![
            Value::Array(vec![bulk("1-0"), Value::Array(vec![bulk("f"), bulk("a\r\n")])]),
            Value::NullBulk,
            Value::Array(vec![]),
            Value::Error(b"ERR no".to_vec()),
        ]);
        let mut out = String::new();
        push_value(&mut out, &reply, 0);
        let wanted =
            "1) 1) \"1-0\"\n   2) 1) \"f\"\n      2) \"a\\r\\n\"\n2) (nil)\n3) (empty)\n4) (error) ERR no\n";
        assert_eq!(out, wanted);
    }

    #[test]
    fn shows_both_answers_of_the_last_command() {
        let event = |word: &str, answers| Event { link: 0, command: vec![word.into()], answers };
        let ok = Some(Value::Simple(b"OK".to_vec()));
        let course = Course {
            steps: 2,
            events: vec![event("A", [ok.clone(), ok.clone()]), event("b c", [ok, None])],
            divergence: Some(Divergence::Answers(String::new())),
            accepted: Vec::new(),
        };
        let wanted = "1> A\nOK\n1> \"b c\"\n--- left\nOK\n--- right\n(no answer: it waits)\n";
        assert_eq!(of(&course, ["left", "right"]), wanted);
    }
}
