//! A client that tracks what it reads never keeps a value that was overwritten: when all is quiet, each value that a
//! client has cached and wasn't told to forget is what the key holds.

use crate::run::Ended;
use resp::reply::Value;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let shards = &ended.engine.shards;
    for (client, cache) in &ended.caches {
        for (key, cached) in cache.values() {
            let shard = shards.lock(shards.shard_of(key));
            let place = shard.db(0).find(&shards.key(key));
            let present = place.and_then(|place| shard.db(0).item(place).string().map(|text| text.to_vec()));
            let known = match cached {
                Value::Bulk(bytes) => Some(bytes.clone()),
                _ => None,
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
