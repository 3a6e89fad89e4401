//! The history of each register is linearizable: the replies are those of some order of the operations that respects which
//! ended before which began.
//!
//! The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993), with a memo of the pairs of
//! operations done and state reached (G. Lowe, "Testing for linearizability", 2017). Keys are independent: each is checked
//! by itself.

use crate::history::Operation;
use crate::plan::structured::REGISTERS;
use crate::run::Ended;
use resp::reply::Value;
use std::collections::HashSet;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    for key in REGISTERS {
        let about =
            |operation: &&Operation| operation.words.get(1).is_some_and(|word| word == key.as_bytes());
        let mut history: Vec<&Operation> = ended.operations.iter().filter(about).collect();
        history.sort_by_key(|operation| operation.sent);
        if !is_linearizable(&history) {
            let lines: Vec<_> = history.iter().map(|operation| operation.describe()).collect();
            return Err(format!("no order explains the replies of {key}:\n{}", lines.join("\n")));
        }
    }
    Ok(())
}

/// What a register holds.
type State = Option<Vec<u8>>;

/// Which operations are done, a bit each.
type Done = Vec<u64>;

fn is_linearizable(history: &[&Operation]) -> bool {
    let mut seen = HashSet::new();
    let mut done = vec![0; history.len().div_ceil(64)];
    extend(history, &mut done, history.len(), &None, &mut seen)
}

/// Whether the operations that aren't done can follow in some order, beginning with `state`.
fn extend(
    history: &[&Operation],
    done: &mut Done,
    left: usize,
    state: &State,
    seen: &mut HashSet<(Done, State)>,
) -> bool {
    if left == 0 {
        return true;
    }
    if !seen.insert((done.clone(), state.clone())) {
        return false;
    }
    let open = |done: &Done, at: usize| done[at / 64] >> (at % 64) & 1 == 0;
    // Whatever is sent after another has been answered can't come before it.
    let end = (0..history.len()).filter(|at| open(done, *at)).map(|at| history[at].replied).min();
    for at in 0..history.len() {
        if !open(done, at) || Some(history[at].sent) > end {
            continue;
        }
        let Some(next) = follows(history[at], state) else { continue };
        done[at / 64] |= 1 << (at % 64);
        if extend(history, done, left - 1, &next, seen) {
            return true;
        }
        done[at / 64] &= !(1 << (at % 64));
    }
    false
}

/// The state after an operation, if its reply is the one that `state` calls for.
fn follows(operation: &Operation, state: &State) -> Option<State> {
    let (next, reply) = apply(&operation.name(), operation.words.get(2), state);
    let fits = match reply {
        Value::Error(_) => matches!(operation.reply, Value::Error(_)),
        reply => reply == operation.reply,
    };
    fits.then_some(next)
}

/// The sequential register: its next state and its reply.
fn apply(name: &str, argument: Option<&Vec<u8>>, state: &State) -> (State, Value) {
    let argument = argument.cloned().unwrap_or_default();
    let bulk = |state: &State| state.clone().map_or(Value::NullBulk, Value::Bulk);
    let ok = Value::Simple(b"OK".to_vec());
    let flag = |yes: bool| Value::Int(i64::from(yes));
    match name {
        "GET" => (state.clone(), bulk(state)),
        "SET" => (Some(argument), ok),
        "SETNX" => (state.clone().or(Some(argument)), flag(state.is_none())),
        "GETSET" => (Some(argument), bulk(state)),
        "GETDEL" => (None, bulk(state)),
        "DEL" => (None, flag(state.is_some())),
        "EXISTS" => (state.clone(), flag(state.is_some())),
        "STRLEN" => (state.clone(), Value::Int(state.as_ref().map_or(0, Vec::len) as i64)),
        "APPEND" => {
            let text = [state.clone().unwrap_or_default(), argument].concat();
            let len = text.len() as i64;
            (Some(text), Value::Int(len))
        }
        "INCR" => add(state, 1),
        "DECRBY" => add(state, -base::num::parse_i64(&argument).unwrap_or_default()),
        _ => (state.clone(), Value::Error(Vec::new())),
    }
}

fn add(state: &State, by: i64) -> (State, Value) {
    let number = state.as_ref().map_or(Some(0), |text| base::num::parse_i64(text));
    match number.and_then(|n| n.checked_add(by)) {
        Some(sum) => (Some(sum.to_string().into_bytes()), Value::Int(sum)),
        None => (state.clone(), Value::Error(Vec::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(client: usize, words: &str, sent: u64, replied: u64, reply: Value) -> Operation {
        let words = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        Operation { client, words, sent, parked: None, replied, reply, connection: 0, depends_on: 0 }
    }

    fn ok() -> Value {
        Value::Simple(b"OK".to_vec())
    }

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    #[test]
    fn overlapping_operations_may_take_effect_in_either_order() {
        for read in [Value::NullBulk, bulk("1")] {
            let history = [operation(0, "SET r 1", 1, 4, ok()), operation(1, "GET r", 2, 3, read)];
            assert!(is_linearizable(&history.each_ref()));
        }
    }

    #[test]
    fn what_has_been_answered_has_taken_effect() {
        let history = [operation(0, "SET r 1", 1, 2, ok()), operation(1, "GET r", 3, 4, Value::NullBulk)];
        assert!(!is_linearizable(&history.each_ref()));
    }

    #[test]
    fn nobody_reads_the_new_value_and_then_the_old_one() {
        let history = [
            operation(0, "SET r 1", 1, 9, ok()),
            operation(1, "GET r", 2, 3, bulk("1")),
            operation(2, "GET r", 4, 5, Value::NullBulk),
        ];
        assert!(!is_linearizable(&history.each_ref()));
    }

    #[test]
    fn no_increment_is_lost() {
        let history =
            [operation(0, "INCR r", 1, 9, Value::Int(1)), operation(1, "INCR r", 2, 8, Value::Int(1))];
        assert!(!is_linearizable(&history.each_ref()));
    }
}
