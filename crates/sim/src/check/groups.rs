//! A consumer group delivers each entry of a stream once, in the order of the entries, to those who wait in theirs.

use crate::dump::bytes_of;
use crate::history::Operation;
use crate::plan::structured::STREAMS;
use crate::run::Ended;
use resp::reply::Value;
use std::collections::BTreeMap;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    if ended.plan.wild {
        return Ok(());
    }
    STREAMS.iter().try_for_each(|stream| check_stream(ended, stream.as_bytes()))
}

/// An entry's id.
type Id = (u64, u64);

fn check_stream(ended: &Ended, stream: &[u8]) -> Result<(), String> {
    let mut deliveries: BTreeMap<Id, Option<&Operation>> = BTreeMap::new();
    for operation in &ended.operations {
        if let ("XADD", Value::Bulk(id)) = (&*operation.name(), &operation.reply)
            && operation.words[1] == stream
        {
            deliveries.insert(parse(id)?, None);
        }
    }
    let reads = ended.operations.iter().filter(|operation| operation.name() == "XREADGROUP");
    for operation in reads {
        for id in delivered(operation, stream)? {
            match deliveries.insert(id, Some(operation)) {
                None => return Err(format!("nobody added {id:?}: {}", operation.describe())),
                Some(None) => {}
                Some(Some(other)) => {
                    let twice = [other, operation].map(Operation::describe);
                    return Err(format!("{id:?} was delivered twice:\n{}", twice.join("\n")));
                }
            }
        }
    }
    let mut undelivered = deliveries.values().skip_while(|reader| reader.is_some());
    if let Some(Some(later)) = undelivered.find(|reader| reader.is_some()) {
        return Err(format!("an entry was passed over: {}", later.describe()));
    }
    // Who waits for several streams may be served for another one's sake, and gets this one's entries with it.
    let in_line = |reader: &&Operation| reader.parked.is_some() && reads_one_stream(reader);
    let mut waited = deliveries.values().filter_map(|reader| reader.filter(in_line));
    let mut before = waited.next();
    for reader in waited {
        if let Some(before) = before.filter(|before| before.parked > reader.parked) {
            return Err(format!("{}\nwas served before\n{}", before.describe(), reader.describe()));
        }
        before = Some(reader);
    }
    Ok(())
}

fn reads_one_stream(operation: &Operation) -> bool {
    operation.words.iter().filter(|word| STREAMS.iter().any(|stream| stream.as_bytes() == **word)).count()
        == 1
}

/// The ids that a read delivered from a stream.
fn delivered(operation: &Operation, stream: &[u8]) -> Result<Vec<Id>, String> {
    let Value::Array(streams) = &operation.reply else { return Ok(Vec::new()) };
    let entries = streams.iter().filter_map(|pair| match pair {
        Value::Array(pair) => match &pair[..] {
            [name, Value::Array(entries)] if bytes_of(name) == Some(stream) => Some(entries),
            _ => None,
        },
        _ => None,
    });
    let ids = entries.flatten().filter_map(|entry| match entry {
        Value::Array(entry) => entry.first().and_then(bytes_of),
        _ => None,
    });
    ids.map(parse).collect()
}

fn parse(id: &[u8]) -> Result<Id, String> {
    let text = String::from_utf8_lossy(id);
    let parts = text.split_once('-').and_then(|(ms, seq)| Some((ms.parse().ok()?, seq.parse().ok()?)));
    parts.ok_or_else(|| format!("not an id: {text}"))
}
