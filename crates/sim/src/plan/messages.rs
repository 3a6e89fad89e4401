//! Requests of clients that get messages: who caches what it reads, who subscribes and publishes, who monitors. They keep to themselves,
//! as a connection that gets messages is good for little else in RESP2.

use super::structured::{bundle, cached, fill};
use super::{Draw, Request, Step};

/// A step of a client that caches.
pub(super) fn caching_step(draw: &mut Draw<'_>) -> Step {
    if draw.one_in(6) {
        let modes = ["ON", "ON", "ON NOLOOP", "ON BCAST PREFIX ca", "ON BCAST NOLOOP PREFIX ca"];
        let mode = draw.pick(&modes);
        let requests = ["HELLO 3", "CLIENT TRACKING OFF", &format!("CLIENT TRACKING {mode}")];
        let requests = requests.iter().map(|pattern| fill(draw, pattern)).collect();
        return Step::Send { requests, ahead: draw.one_in(4) };
    }
    if draw.one_in(5) {
        // Alone: it is answered with what came last, and doesn't wait in a transaction.
        let requests = vec![fill(draw, "XREAD BLOCK $m STREAMS $X $")];
        return Step::Send { requests, ahead: draw.one_in(4) };
    }
    bundle(draw, &["GET $C", "GET $C", "GET $C", "MGET $C $C", "SET $C $v", "DEL $C", "XADD $X * f $v"])
}

/// A step of a client that changes what others cache, and flushes.
pub(super) fn flushing_step(draw: &mut Draw<'_>) -> Step {
    if draw.one_in(4) { bundle(draw, &["FLUSHALL", "FLUSHALL ASYNC", "FLUSHDB"]) } else { cached(draw) }
}

/// A step of a client that monitors.
pub(super) fn monitoring_step(draw: &mut Draw<'_>) -> Step {
    match draw.below(6) {
        0 | 1 => Step::Doze { us: draw.rng.below(20_000) as i64 },
        2 => Step::Think { us: draw.rng.below(20_000) as i64 },
        3 => listening(draw, &["PING", "RESET"], 2),
        // A second MONITOR wouldn't be answered.
        _ => {
            let requests = ["RESET", "MONITOR"].map(|pattern| fill(draw, pattern)).to_vec();
            Step::Send { requests, ahead: draw.one_in(4) }
        }
    }
}

/// A step of a client that listens to others.
pub(super) fn listening_step(draw: &mut Draw<'_>) -> Step {
    match draw.below(12) {
        0 => Step::Doze { us: draw.rng.below(20_000) as i64 },
        1 => listening(draw, &["HELLO 2", "HELLO 3"], 1),
        2..=5 => listening(draw, if draw.told { &SUBSCRIBING[..3] } else { SUBSCRIBING }, 3),
        _ => bundle(draw, &["PUBLISH ch1 $v", "PUBLISH ch1 $v", "PUBLISH ch2 $v", "SPUBLISH ch1 $v"]),
    }
}

/// Begins and ends of subscriptions; the first three of those to events of registers.
const SUBSCRIBING: &[&str] = &[
    "SUBSCRIBE __keyspace@0__:r1",
    "SUBSCRIBE __keyspace@0__:r2 __keyspace@0__:r3",
    "UNSUBSCRIBE __keyspace@0__:r1",
    "SUBSCRIBE ch1",
    "SUBSCRIBE ch1",
    "SUBSCRIBE ch1 ch2",
    "PSUBSCRIBE ch*",
    "PSUBSCRIBE c*1 ch?",
    "SSUBSCRIBE ch1",
    "SSUBSCRIBE ch1 ch2",
    "UNSUBSCRIBE ch1",
    "UNSUBSCRIBE",
    "PUNSUBSCRIBE ch*",
    "PUNSUBSCRIBE",
    "SUNSUBSCRIBE",
];

/// Some requests outside of transactions, in which their replies would have another form.
fn listening(draw: &mut Draw<'_>, patterns: &[&str], most: usize) -> Step {
    let count = 1 + draw.below(most);
    let requests: Vec<Request> = (0..count)
        .map(|_| {
            let pattern = *draw.pick(patterns);
            fill(draw, pattern)
        })
        .collect();
    Step::Send { requests, ahead: draw.one_in(4) }
}
