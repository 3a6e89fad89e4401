//! MEMORY STATS.

use crate::commands::info::View;
use command::{Done, Reply, Seq};

/// A figure.
enum Figure {
    Bytes(u64),
    /// May be negative: a difference.
    Signed(i64),
    Ratio(f64),
}

use Figure::{Bytes, Ratio, Signed};

/// A name and how to compute the figure.
type Row = (&'static str, fn(&View<'_, '_>) -> Figure);

fn used(view: &View<'_, '_>) -> u64 {
    view.memory().used_bytes()
}

fn resident(view: &View<'_, '_>) -> u64 {
    view.facts().resident_bytes
}

fn ratio(part: u64, whole: u64) -> Figure {
    Ratio(if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
}

fn percent(part: u64, whole: u64) -> Figure {
    Ratio(if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 })
}

fn keys(view: &View<'_, '_>) -> u64 {
    view.shards().dbs.values().map(|db| db.keys).sum()
}

fn fragmentation(view: &View<'_, '_>) -> i64 {
    resident(view) as i64 - used(view) as i64
}

/// What stands before the databases.
const BEFORE: &[Row] = &[
    ("peak.allocated", |view| Bytes(view.peak_bytes())),
    ("total.allocated", |view| Bytes(used(view))),
    ("startup.allocated", |view| Bytes(view.engine.startup_bytes())),
    ("replication.backlog", |_| Bytes(0)),
    ("replica.fullsync.buffer", |_| Bytes(0)),
    ("clients.slaves", |_| Bytes(0)),
    ("clients.normal", |view| Bytes(view.clients().bytes)),
    ("cluster.links", |_| Bytes(0)),
    ("aof.buffer", |_| Bytes(0)),
    ("lua.caches", |_| Bytes(0)),
    ("functions.caches", |_| Bytes(0)),
    ("script.VMs", |_| Bytes(0)),
];

/// What stands behind them.
const BEHIND: &[Row] = &[
    ("overhead.db.hashtable.lut", |view| Bytes(view.memory().table_bytes)),
    ("overhead.db.hashtable.rehashing", |_| Bytes(0)),
    ("overhead.total", |view| Bytes(view.memory().overhead_bytes())),
    ("db.dict.rehashing.count", |_| Bytes(0)),
    ("keys.count", |view| Bytes(keys(view))),
    ("keys.bytes-per-key", |view| {
        Bytes((used(view) - view.engine.startup_bytes()).checked_div(keys(view)).unwrap_or(0))
    }),
    ("dataset.bytes", |view| Bytes(view.memory().value_bytes)),
    ("dataset.percentage", |view| {
        percent(view.memory().value_bytes, used(view) - view.engine.startup_bytes())
    }),
    ("peak.percentage", |view| percent(used(view), view.peak_bytes())),
    ("allocator.allocated", |view| Bytes(used(view))),
    ("allocator.active", |view| Bytes(resident(view))),
    ("allocator.resident", |view| Bytes(resident(view))),
    ("allocator.muzzy", |_| Bytes(0)),
    ("allocator-fragmentation.ratio", |view| ratio(resident(view), used(view))),
    ("allocator-fragmentation.bytes", |view| Signed(fragmentation(view))),
    ("allocator-rss.ratio", |_| Ratio(1.0)),
    ("allocator-rss.bytes", |_| Signed(0)),
    ("rss-overhead.ratio", |_| Ratio(1.0)),
    ("rss-overhead.bytes", |_| Signed(0)),
    ("fragmentation", |view| ratio(resident(view), used(view))),
    ("fragmentation.bytes", |view| Signed(fragmentation(view))),
];

/// Answers all figures.
pub(super) fn write(view: &View<'_, '_>, reply: Reply<'_>) -> Done {
    let dbs: Vec<_> = view.shards().dbs.iter().filter(|(_, db)| db.keys > 0).collect();
    let mut pairs = reply.map(BEFORE.len() + dbs.len() + BEHIND.len());
    BEFORE.iter().for_each(|row| write_row(&mut pairs, row, view));
    for (index, db) in dbs {
        pairs.bulk(format!("db.{index}").as_bytes());
        let mut parts = pairs.map(2);
        parts.bulk(b"overhead.hashtable.main");
        parts.int((db.overhead_bytes - db.expiry_index_bytes) as i64);
        parts.bulk(b"overhead.hashtable.expires");
        parts.int(db.expiry_index_bytes as i64);
    }
    BEHIND.iter().for_each(|row| write_row(&mut pairs, row, view));
    pairs.done()
}

fn write_row(pairs: &mut Seq<'_>, (name, figure): &Row, view: &View<'_, '_>) {
    pairs.bulk(name.as_bytes());
    match figure(view) {
        Bytes(bytes) => pairs.int(bytes as i64),
        Signed(bytes) => pairs.int(bytes),
        Ratio(ratio) => pairs.double(ratio),
    }
}
