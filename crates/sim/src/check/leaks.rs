//! Nothing is left of clients that have gone: no waiter, no watched or tracked key, no subscription, no entry among the
//! clients.

use crate::run::Ended;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let engine = &ended.engine;
    engine.sweep_tracked();
    for id in engine.shards.ids() {
        let shard = engine.shards.lock(id);
        if let Some((db, key)) = shard.waiters.keys().next() {
            return Err(format!("shard {id}: somebody waits for {} in database {db}", key.escape_ascii()));
        }
        if !shard.tracked.is_empty() {
            return Err(format!("shard {id}: {} keys are tracked", shard.tracked.len()));
        }
        if !shard.waiters.is_empty() || !shard.watched.is_empty() {
            let (waiting, watched) = (shard.waiters.len(), shard.watched.len());
            return Err(format!("shard {id}: {waiting} waiters and {watched} watched keys are counted"));
        }
    }
    if engine.has_subscriptions() {
        return Err("somebody has subscribed to something".into());
    }
    match engine.clients.all().first() {
        Some(client) => Err(format!("client id {} is still there", client.id)),
        None => Ok(()),
    }
}
