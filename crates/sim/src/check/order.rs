//! Those who wait for a list are served in the order in which they began to wait.
//!
//! The lists of this law are pushed at the back and popped at the front, so their elements leave in the order in which
//! they came, which the journal tells. Of two clients that both waited for a key and were both served from it, the one
//! that began earlier must have the earlier element: it was in the key's queue all the time that the other was.

use crate::dump::bytes_of;
use crate::history::Operation;
use crate::plan::structured::LINES;
use crate::run::Ended;
use resp::reply::Value;
use std::collections::HashMap;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    let commands = super::journal::commands(&ended.journal);
    for key in LINES {
        let pushes = commands.iter().filter(|words| words.starts_with(&[b"RPUSH".to_vec(), key.into()]));
        let ranks: HashMap<&[u8], usize> = pushes
            .flat_map(|words| &words[2..])
            .enumerate()
            .map(|(rank, element)| (&**element, rank))
            .collect();
        let mut served: Vec<(usize, u64, &Operation)> = Vec::new();
        for operation in &ended.operations {
            if let (Some(parked), Some(element)) = (operation.parked, element_from(operation, key)) {
                let Some(rank) = ranks.get(element) else {
                    return Err(format!("nobody pushed what was served: {}", operation.describe()));
                };
                served.push((*rank, parked, operation));
            }
        }
        served.sort_by_key(|(rank, ..)| *rank);
        if let Some([first, second]) = served.array_windows().find(|[first, second]| first.1 > second.1) {
            return Err(format!("{}\nwas served before\n{}", first.2.describe(), second.2.describe()));
        }
    }
    Ok(())
}

/// The element that a BLPOP took from `key`.
fn element_from<'a>(operation: &'a Operation, key: &str) -> Option<&'a [u8]> {
    let Value::Array(items) = &operation.reply else { return None };
    let [from, element] = &items[..] else { return None };
    (operation.name() == "BLPOP" && bytes_of(from)? == key.as_bytes()).then(|| bytes_of(element))?
}
