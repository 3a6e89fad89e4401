//! What is changed at once is seen at once: pairs are equal, what one account loses another gains, and no addition made
//! under WATCH is lost.

use crate::dump::bytes_of;
use crate::history::{Call, Operation};
use crate::plan::structured::{ACCOUNTS, COUNTERS, PAIRS};
use crate::run::Ended;
use resp::reply::Value;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    pairs_are_equal(ended)?;
    accounts_balance(ended)?;
    COUNTERS.iter().try_for_each(|key| additions_are_kept(ended, key.as_bytes()))
}

fn reads<'a>(operation: &'a Operation, key: &str) -> Option<&'a Value> {
    (operation.words == [b"GET", key.as_bytes()]).then_some(&operation.reply)
}

fn pairs_are_equal(ended: &Ended) -> Result<(), String> {
    for operation in ended.operations.iter().filter(|operation| operation.name() == "MGET") {
        if let Value::Array(items) = &operation.reply
            && PAIRS.iter().any(|[a, _]| operation.words.get(1).is_some_and(|word| word == a.as_bytes()))
            && items.array_windows().any(|[a, b]| a != b)
        {
            return Err(format!("half a pair: {}", operation.describe()));
        }
    }
    for [first, second] in ended.operations.array_windows() {
        let at_once = (first.client, first.sent) == (second.client, second.sent);
        let differ = PAIRS.iter().any(|[a, b]| match (reads(first, a), reads(second, b)) {
            (Some(a), Some(b)) => a != b,
            _ => false,
        });
        if at_once && differ {
            return Err(format!("half a pair:\n{}\n{}", first.describe(), second.describe()));
        }
    }
    Ok(())
}

fn accounts_balance(ended: &Ended) -> Result<(), String> {
    for window in ended.operations.array_windows::<{ ACCOUNTS.len() }>() {
        let amounts = window.iter().zip(ACCOUNTS).map(|(operation, key)| reads(operation, key));
        let Some(amounts) = amounts.collect::<Option<Vec<_>>>() else { continue };
        let sum: i64 = amounts.iter().filter_map(|amount| number(amount)).sum();
        if sum != 0 {
            let seen: Vec<_> = window.iter().map(Operation::describe).collect();
            return Err(format!("the accounts' sum is {sum}:\n{}", seen.join("\n")));
        }
    }
    Ok(())
}

fn number(value: &Value) -> Option<i64> {
    bytes_of(value).and_then(base::num::parse_i64)
}

/// The counter is the sum of the additions whose EXEC went through.
fn additions_are_kept(ended: &Ended, key: &[u8]) -> Result<(), String> {
    let mut sum = 0;
    for calls in ended.calls.array_windows::<5>() {
        let [watch, read, _, write, exec] = calls;
        let words = [watch.words == [b"WATCH", key], write.words.starts_with(&[b"SET".to_vec(), key.into()])];
        let one_addition = words == [true; 2] && watch.connection == exec.connection;
        if one_addition && matches!(exec.replied, Some((_, Value::Array(_)))) {
            let written = base::num::parse_i64(&write.words[2]).unwrap_or_default();
            sum += written - read_number(read);
        }
    }
    let end = ended.cuts.last().and_then(|cut| cut.dump.string(0, key));
    let end = end.and_then(base::num::parse_i64).unwrap_or_default();
    if end == sum {
        return Ok(());
    }
    Err(format!("{} is {end}, but the additions' sum is {sum}", key.escape_ascii()))
}

fn read_number(call: &Call) -> i64 {
    call.replied.as_ref().and_then(|(_, value)| number(value)).unwrap_or_default()
}
