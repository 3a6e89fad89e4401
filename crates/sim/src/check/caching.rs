//! A client that tracks what it reads never keeps a value that was overwritten: when all is quiet, each value that a
//! client has cached and wasn't told to forget is what the key holds; of streams, the last entry.

use crate::dump::bytes_of;
use crate::run::Ended;
use resp::reply::Value;
use structs::stream::{Stream, StreamId};

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let shards = &ended.engine.shards;
    for (client, cache) in &ended.caches {
        for (key, cached) in cache.values() {
            let shard = shards.lock(shards.shard_of(key));
            let place = shard.db(0).find(&shards.key(key));
            let item = place.map(|place| shard.db(0).item(place));
            let (known, present) = match cached {
                Value::Array(entries) => (
                    entries.last().and_then(id_of),
                    item.and_then(|item| item.boxed::<Stream>().map(last_id)),
                ),
                value => (
                    bytes_of(value).map(<[u8]>::to_vec),
                    item.and_then(|item| item.string().map(|text| text.to_vec())),
                ),
            };
            if known != present {
                let shown = |value: Option<Vec<u8>>| value.map(|bytes| bytes.escape_ascii().to_string());
                return Err(format!(
                    "client {client} has cached {} as {:?}, but it is {:?}",
                    key.escape_ascii(),
                    shown(known),
                    shown(present)
                ));
            }
        }
    }
    Ok(())
}

/// The id of a stream's last entry.
fn last_id(stream: &Stream) -> Vec<u8> {
    let StreamId { ms, seq } = stream.last_id();
    format!("{ms}-{seq}").into_bytes()
}

/// The id of an entry in a reply.
fn id_of(entry: &Value) -> Option<Vec<u8>> {
    match entry {
        Value::Array(parts) => bytes_of(parts.first()?).map(<[u8]>::to_vec),
        _ => None,
    }
}
