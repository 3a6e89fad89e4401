//! Each element pushed to a queue is delivered exactly once, or is still there.

use crate::dump::bytes_of;
use crate::history::Operation;
use crate::plan::structured::{LINES, QUEUES};
use crate::run::Ended;
use resp::reply::Value;
use std::collections::HashMap;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    // Every pushed element is unique: it was pushed once, and must be found once.
    let mut found: HashMap<&[u8], usize> = HashMap::new();
    let ours = |operation: &&Operation| operation.words.iter().any(|word| is_queue(word));
    for operation in ended.operations.iter().filter(ours) {
        pushed(operation).iter().for_each(|element| _ = found.entry(element).or_default());
    }
    for operation in ended.operations.iter().filter(ours) {
        for element in taken(operation) {
            let Some(times) = found.get_mut(element) else {
                return Err(format!("nobody pushed {}: {}", element.escape_ascii(), operation.describe()));
            };
            *times += 1;
        }
    }
    if let Some(end) = ended.cuts.last() {
        for element in QUEUES.iter().chain(&LINES).flat_map(|key| end.dump.list(0, key.as_bytes())) {
            *found.entry(element).or_default() += 1;
        }
    }
    let mut wrong: Vec<_> = found.iter().filter(|(_, times)| **times != 1).collect();
    wrong.sort();
    match wrong.first() {
        Some((element, times)) => {
            let named =
                |operation: &&Operation| operation.describe().contains(&*element.escape_ascii().to_string());
            let about: Vec<_> = ended.operations.iter().filter(named).map(Operation::describe).collect();
            Err(format!("{} was found {times} times:\n{}", element.escape_ascii(), about.join("\n")))
        }
        None => Ok(()),
    }
}

fn is_queue(word: &[u8]) -> bool {
    QUEUES.iter().chain(&LINES).any(|key| key.as_bytes() == word)
}

/// The elements that an operation has added.
fn pushed(operation: &Operation) -> &[Vec<u8>] {
    let pushes = operation.name().contains("PUSH")
        && operation.name() != "RPOPLPUSH"
        && operation.name() != "BRPOPLPUSH";
    match operation.reply {
        Value::Int(len) if pushes && len > 0 => &operation.words[2..],
        _ => &[],
    }
}

/// The elements that an operation has taken out of all lists.
fn taken(operation: &Operation) -> Vec<&[u8]> {
    let items = match &operation.reply {
        Value::Array(items) => &items[..],
        one => std::slice::from_ref(one),
    };
    match (&operation.name()[..], items) {
        ("LPOP" | "RPOP", items) => items.iter().filter_map(bytes_of).collect(),
        ("BLPOP" | "BRPOP", [_, element]) => bytes_of(element).into_iter().collect(),
        ("LMPOP" | "BLMPOP", [_, Value::Array(elements)]) => elements.iter().filter_map(bytes_of).collect(),
        _ => Vec::new(),
    }
}
