//! All who monitor see the same commands in the same order, and each command that ran meanwhile once.

use crate::history::Operation;
use crate::plan::structured::REGISTERS;
use crate::run::Ended;
use crate::watch::Span;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let spans: Vec<&Span> = ended.watches.iter().flat_map(|watch| watch.spans()).collect();
    for span in &spans {
        in_time(span)?;
        if !ended.plan.wild {
            ended.operations.iter().try_for_each(|operation| has_seen(span, operation))?;
        }
        // Who surely began before and goes on has seen all that this one has.
        for other in spans.iter().filter(|other| other.left.is_none() && other.began < span.asked) {
            let same = match span.left {
                None => other.lines.ends_with(&span.lines),
                Some(_) => contains(&other.lines, &span.lines),
            };
            if !same {
                let shown = |span: &Span| String::from_utf8_lossy(&span.lines.join(&b'\n')).into_owned();
                return Err(format!("one has seen\n{}\nand another\n{}", shown(other), shown(span)));
            }
        }
    }
    Ok(())
}

fn contains(all: &[Vec<u8>], part: &[Vec<u8>]) -> bool {
    part.is_empty() || all.windows(part.len()).any(|window| window == part)
}

/// Time doesn't go back.
fn in_time(span: &Span) -> Result<(), String> {
    let time = |line: &Vec<u8>| line.split(|byte| *byte == b' ').next().map(<[u8]>::to_vec);
    match span.lines.array_windows().find(|[first, second]| time(first) > time(second)) {
        Some(pair) => Err(format!("time goes back: {}", String::from_utf8_lossy(&pair.join(&b'\n')))),
        None => Ok(()),
    }
}

/// A register that was surely set while somebody monitored, to a value of which there is only one, is seen once.
fn has_seen(span: &Span, operation: &Operation) -> Result<(), String> {
    let [name, key, value] = &operation.words[..] else { return Ok(()) };
    let is_unique = name == b"SET" && REGISTERS.iter().any(|one| one.as_bytes() == key) && value[0] == b'v';
    let until = if span.closed { 0 } else { span.left.unwrap_or(u64::MAX) };
    if !is_unique || operation.sent < span.began || operation.replied > until {
        return Ok(());
    }
    let end = [b"\"SET\" \"", &key[..], b"\" \"", value, b"\""].concat();
    match span.lines.iter().filter(|line| line.ends_with(&end)).count() {
        1 => Ok(()),
        times => Err(format!("was seen {times} times: {}", operation.describe())),
    }
}
