//! No wakeup is lost: when all is quiet, nobody waits for what is there.

use crate::dump::with_cx;
use crate::run::Ended;

/// See the top of the file.
pub(crate) fn check(ended: &Ended) -> Result<(), String> {
    let engine = &ended.engine;
    let ids: Vec<_> = engine.shards.ids().collect();
    let mut held = engine.shards.acquire(&ids);
    let mut waiting = Vec::new();
    for locked in &held.shards {
        for (db, key) in locked.shard.waiters.keys() {
            let waiters = locked.shard.waiters.of(db, key).into_iter().flatten().cloned();
            waiting.extend(waiters.map(|waiter| (db, key.to_vec(), waiter)));
        }
    }
    for (db, key, waiter) in waiting {
        let who = format!(
            "client id {} waits with {} for {} in database {db}",
            waiter.client_id,
            waiter.step.command(),
            key.escape_ascii()
        );
        if !waiter.claim.is_waiting() {
            return Err(format!("{who} though it has been answered"));
        }
        let ready = with_cx(engine, &mut held, db, |cx| {
            let present = cx.look(&key).is_some();
            (present || waiter.step.minds_absence()) && waiter.step.ready(cx, &key)
        });
        if ready {
            return Err(format!("{who} though it could be served"));
        }
    }
    Ok(())
}
