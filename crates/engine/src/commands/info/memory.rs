//! INFO memory.
//!
//! `used_memory` is counted, not asked from the allocator: entries and values as the databases account for them, their
//! tables, the clients' buffers and the server's own structures. The difference to what is resident is the allocator's
//! rounding, its free pages and the program itself.

use super::{Row, human, ratio, view::View};
use std::sync::atomic::Ordering::Relaxed;

fn difference(resident_bytes: u64, used_bytes: u64) -> String {
    (resident_bytes as i64 - used_bytes as i64).to_string()
}

fn used(view: &View<'_, '_>) -> u64 {
    view.memory().used_bytes()
}

fn resident(view: &View<'_, '_>) -> u64 {
    view.facts().resident_bytes
}

/// What is left of the memory in use after what isn't data.
fn dataset(view: &View<'_, '_>) -> u64 {
    view.memory().value_bytes
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}%", if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 })
}

pub(super) const ROWS: &[Row] = &[
    ("used_memory", |view| used(view).to_string()),
    ("used_memory_human", |view| human(used(view))),
    ("used_memory_rss", |view| resident(view).to_string()),
    ("used_memory_rss_human", |view| human(resident(view))),
    ("used_memory_peak", |view| view.peak_bytes().to_string()),
    ("used_memory_peak_human", |view| human(view.peak_bytes())),
    ("used_memory_peak_perc", |view| percent(used(view), view.peak_bytes())),
    ("used_memory_overhead", |view| view.memory().overhead_bytes().to_string()),
    ("used_memory_startup", |view| view.engine.startup_bytes().to_string()),
    ("used_memory_dataset", |view| dataset(view).to_string()),
    ("used_memory_dataset_perc", |view| percent(dataset(view), used(view) - view.engine.startup_bytes())),
    ("allocator_allocated", |view| used(view).to_string()),
    ("allocator_active", |view| resident(view).to_string()),
    ("allocator_resident", |view| resident(view).to_string()),
    ("allocator_muzzy", |_| "0".into()),
    ("total_system_memory", |view| view.facts().total_bytes.to_string()),
    ("total_system_memory_human", |view| human(view.facts().total_bytes)),
    ("used_memory_lua", |_| "0".into()),
    ("used_memory_vm_eval", |_| "0".into()),
    ("used_memory_lua_human", |_| human(0)),
    ("used_memory_scripts_eval", |_| "0".into()),
    ("number_of_cached_scripts", |_| "0".into()),
    ("number_of_functions", |_| "0".into()),
    ("number_of_libraries", |_| "0".into()),
    ("used_memory_vm_functions", |_| "0".into()),
    ("used_memory_vm_total", |_| "0".into()),
    ("used_memory_vm_total_human", |_| human(0)),
    ("used_memory_functions", |_| "0".into()),
    ("used_memory_scripts", |_| "0".into()),
    ("used_memory_scripts_human", |_| human(0)),
    ("maxmemory", |view| view.config.maxmemory.to_string()),
    ("maxmemory_human", |view| human(view.config.maxmemory)),
    ("maxmemory_policy", |view| view.config.maxmemory_policy.name().into()),
    ("allocator_frag_ratio", |view| ratio(resident(view), used(view))),
    ("allocator_frag_bytes", |view| difference(resident(view), used(view))),
    ("allocator_rss_ratio", |_| ratio(1, 1)),
    ("allocator_rss_bytes", |_| "0".into()),
    ("rss_overhead_ratio", |_| ratio(1, 1)),
    ("rss_overhead_bytes", |_| "0".into()),
    ("mem_fragmentation_ratio", |view| ratio(resident(view), used(view))),
    ("mem_fragmentation_bytes", |view| difference(resident(view), used(view))),
    ("mem_not_counted_for_evict", |_| "0".into()),
    ("mem_replication_backlog", |_| "0".into()),
    ("mem_total_replication_buffers", |_| "0".into()),
    ("mem_replica_full_sync_buffer", |_| "0".into()),
    ("mem_clients_slaves", |_| "0".into()),
    ("mem_clients_normal", |view| view.clients().bytes.to_string()),
    ("mem_cluster_links", |_| "0".into()),
    ("mem_aof_buffer", |_| "0".into()),
    ("mem_allocator", |view| view.facts().allocator.into()),
    ("mem_overhead_db_hashtable_rehashing", |_| "0".into()),
    ("active_defrag_running", |_| "0".into()),
    ("lazyfree_pending_objects", |view| view.engine.stats.lazyfree_pending.load(Relaxed).to_string()),
    ("lazyfreed_objects", |view| view.engine.stats.lazyfreed.load(Relaxed).to_string()),
];
