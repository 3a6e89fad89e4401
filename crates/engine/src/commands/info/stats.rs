//! INFO stats.

use super::{Row, view::View};
use crate::pubsub::Kind;
use std::sync::atomic::Ordering::Relaxed;

/// Redis reports rates in units of 1024 bytes.
fn kib(bytes: f64) -> String {
    format!("{:.2}", bytes / 1024.0)
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

fn memory_exceeded_us(view: &View<'_, '_>) -> (i64, i64) {
    view.engine.stats.memory_exceeded_us(view.engine.clock.wall_us())
}

pub(super) const ROWS: &[Row] = &[
    ("total_connections_received", |view| view.engine.stats.connections.load(Relaxed).to_string()),
    ("total_commands_processed", |view| view.totals().processed.to_string()),
    ("instantaneous_ops_per_sec", |view| whole(view.rates().commands)),
    ("total_net_input_bytes", |view| view.totals().received_bytes.to_string()),
    ("total_net_output_bytes", |view| view.totals().sent_bytes.to_string()),
    ("total_net_repl_input_bytes", |_| "0".into()),
    ("total_net_repl_output_bytes", |_| "0".into()),
    ("instantaneous_input_kbps", |view| kib(view.rates().received_bytes)),
    ("instantaneous_output_kbps", |view| kib(view.rates().sent_bytes)),
    ("instantaneous_input_repl_kbps", |_| kib(0.0)),
    ("instantaneous_output_repl_kbps", |_| kib(0.0)),
    ("rejected_connections", |view| view.engine.stats.rejected_connections.load(Relaxed).to_string()),
    ("sync_full", |_| "0".into()),
    ("sync_partial_ok", |_| "0".into()),
    ("sync_partial_err", |_| "0".into()),
    ("expired_subkeys", |view| view.totals().expired_elements.to_string()),
    // The same, as Valkey calls it.
    ("expired_fields", |view| view.totals().expired_elements.to_string()),
    ("expired_keys", |view| view.totals().expired.to_string()),
    // The index knows which keys are due: none stays behind unseen, and no cycle guesses.
    ("expired_stale_perc", |_| "0.00".into()),
    ("expired_keys_with_volatile_items_stale_perc", |_| "0.00".into()),
    ("expired_time_cap_reached_count", |view| view.totals().expiry_cut_short.to_string()),
    ("expire_cycle_cpu_milliseconds", |view| (view.totals().expiry_ns / 1_000_000).to_string()),
    ("evicted_keys", |view| view.totals().evicted.to_string()),
    ("evicted_clients", |view| view.engine.stats.evicted_clients.load(Relaxed).to_string()),
    ("evicted_scripts", |_| "0".into()),
    ("total_eviction_exceeded_time", |view| (memory_exceeded_us(view).0 / 1000).to_string()),
    ("current_eviction_exceeded_time", |view| (memory_exceeded_us(view).1 / 1000).to_string()),
    ("keyspace_hits", |view| view.totals().hits.to_string()),
    ("keyspace_misses", |view| view.totals().misses.to_string()),
    ("pubsub_channels", |view| view.engine.routes.len(Kind::Channel).to_string()),
    ("pubsub_patterns", |view| view.engine.routes.len(Kind::Pattern).to_string()),
    ("pubsubshard_channels", |view| view.engine.routes.len(Kind::ShardChannel).to_string()),
    ("latest_fork_usec", |_| "0".into()),
    ("total_forks", |_| "0".into()),
    ("migrate_cached_sockets", |view| view.engine.links.len().to_string()),
    ("slave_expires_tracked_keys", |_| "0".into()),
    ("active_defrag_hits", |_| "0".into()),
    ("active_defrag_misses", |_| "0".into()),
    ("active_defrag_key_hits", |_| "0".into()),
    ("active_defrag_key_misses", |_| "0".into()),
    ("total_active_defrag_time", |_| "0".into()),
    ("current_active_defrag_time", |_| "0".into()),
    ("tracking_total_keys", |view| view.engine.trackers.keys().to_string()),
    ("tracking_total_items", |view| view.shards().tracked_items.to_string()),
    ("tracking_total_prefixes", |view| view.engine.trackers.prefix_count().to_string()),
    ("unexpected_error_replies", |_| "0".into()),
    ("total_error_replies", |view| view.totals().errors.to_string()),
    ("dump_payload_sanitizations", |_| "0".into()),
    ("total_reads_processed", |view| view.totals().reads.to_string()),
    ("total_writes_processed", |view| view.totals().writes.to_string()),
    // Each worker reads and writes for its own clients: no I/O is handed to another thread.
    ("io_threaded_reads_processed", |_| "0".into()),
    ("io_threaded_writes_processed", |_| "0".into()),
    ("client_query_buffer_limit_disconnections", |view| view.totals().query_limit_closed.to_string()),
    ("client_output_buffer_limit_disconnections", |view| view.totals().output_limit_closed.to_string()),
    ("reply_buffer_shrinks", |_| "0".into()),
    ("reply_buffer_expands", |_| "0".into()),
    ("eventloop_cycles", |view| view.totals().turns.to_string()),
    ("eventloop_duration_sum", |view| (view.totals().turn_ns / 1000).to_string()),
    ("eventloop_duration_cmd_sum", |view| (view.totals().command_ns / 1000).to_string()),
    ("instantaneous_eventloop_cycles_per_sec", |view| whole(view.rates().turns)),
    ("instantaneous_eventloop_duration_usec", |view| whole(view.rates().turn_ns / 1000.0)),
    ("acl_access_denied_auth", |view| view.engine.stats.denied_auth.load(Relaxed).to_string()),
    ("acl_access_denied_cmd", |_| "0".into()),
    ("acl_access_denied_key", |_| "0".into()),
    ("acl_access_denied_channel", |_| "0".into()),
];
