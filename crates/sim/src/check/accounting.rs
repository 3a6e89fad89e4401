//! Bytes are accounted for: each database's count is the sum over its keys, and 0 when there are none; the meter has the
//! sum of all.

use crate::run::Ended;
use engine::{Client, Peer, Session, Worker};
use keyspace::Db;
use resp::Proto;
use std::sync::Arc;

/// The counts agree with the keys.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let mut all_bytes = 0;
    for id in ended.engine.shards.ids() {
        let shard = ended.engine.shards.lock(id);
        for (index, db) in shard.dbs() {
            agrees(db).map_err(|text| format!("shard {id}, database {index}: {text}"))?;
            all_bytes += db.all_bytes() as u64;
        }
    }
    let meter = ended.engine.shards.meter();
    match meter.bytes() {
        bytes if meter.is_running() && bytes != all_bytes => {
            Err(format!("the meter has {bytes} bytes, but there are {all_bytes}"))
        }
        _ => Ok(()),
    }
}

fn agrees(db: &Db) -> Result<(), String> {
    let (mut keys, mut bytes, mut expiring, mut element_expiring) = (0, 0, 0, 0);
    db.for_each(|item| {
        keys += 1;
        bytes += item.memory_bytes();
        expiring += usize::from(item.expiry_ms().is_some());
        element_expiring += usize::from(item.first_element_expiry_ms().is_some());
    });
    let counted = (db.len(), db.value_bytes(), db.expiring_len(), db.element_expiring_len());
    if counted == (keys, bytes, expiring, element_expiring) {
        return Ok(());
    }
    Err(format!(
        "{counted:?} keys, bytes, keys with a time to live and such with elements that have one, but the keys say {:?}",
        (keys, bytes, expiring, element_expiring)
    ))
}

/// After FLUSHALL there is nothing.
pub(crate) fn check_empty(ended: &Ended) -> Result<(), String> {
    let engine = &ended.engine;
    if engine.registry.find(b"flushall").is_none() {
        return Ok(());
    }
    let mut worker = Worker::new(engine.clone(), 0, 0);
    let client = Arc::new(Client::new(u64::MAX, 0, Peer::Embedded, -1, 0));
    let mut session = Session::new(client, true, Proto::Resp2);
    let mut out = Vec::new();
    engine.pause.end();
    worker.process(&mut session, b"*1\r\n$8\r\nFLUSHALL\r\n", &mut out);
    if out != b"+OK\r\n" {
        return Err(format!("FLUSHALL answers {}", out.escape_ascii()));
    }
    for id in engine.shards.ids() {
        let shard = engine.shards.lock(id);
        for (index, db) in shard.dbs() {
            let left = (db.len(), db.value_bytes(), db.expiring_len() + db.element_expiring_len());
            if left != (0, 0, 0) {
                return Err(format!(
                    "shard {id}, database {index}: {left:?} keys, bytes, expiring after FLUSHALL"
                ));
            }
        }
    }
    Ok(())
}
