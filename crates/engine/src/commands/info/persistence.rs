//! INFO persistence: as Redis reports it while nothing is saved or loaded.

use super::Row;
use std::sync::atomic::Ordering::Relaxed;

pub(super) const ROWS: &[Row] = &[
    ("loading", |_| "0".into()),
    ("async_loading", |_| "0".into()),
    ("current_cow_peak", |_| "0".into()),
    ("current_cow_size", |_| "0".into()),
    ("current_cow_size_age", |_| "0".into()),
    ("current_fork_perc", |_| "0.00".into()),
    ("current_save_keys_processed", |_| "0".into()),
    ("current_save_keys_total", |_| "0".into()),
    ("rdb_changes_since_last_save", |view| {
        view.totals().dirty.saturating_sub(view.engine.stats.saved_dirty.load(Relaxed)).to_string()
    }),
    ("rdb_bgsave_in_progress", |_| "0".into()),
    ("rdb_last_save_time", |view| (view.engine.started_us / 1_000_000).to_string()),
    ("rdb_last_bgsave_status", |_| "ok".into()),
    ("rdb_last_bgsave_time_sec", |_| "-1".into()),
    ("rdb_current_bgsave_time_sec", |_| "-1".into()),
    ("rdb_saves", |_| "0".into()),
    ("rdb_last_cow_size", |_| "0".into()),
    ("rdb_last_load_keys_expired", |_| "0".into()),
    ("rdb_last_load_keys_loaded", |_| "0".into()),
    ("aof_enabled", |_| "0".into()),
    ("aof_rewrite_in_progress", |_| "0".into()),
    ("aof_rewrite_scheduled", |_| "0".into()),
    ("aof_last_rewrite_time_sec", |_| "-1".into()),
    ("aof_current_rewrite_time_sec", |_| "-1".into()),
    ("aof_last_bgrewrite_status", |_| "ok".into()),
    ("aof_rewrites", |_| "0".into()),
    ("aof_rewrites_consecutive_failures", |_| "0".into()),
    ("aof_last_write_status", |_| "ok".into()),
    ("aof_last_cow_size", |_| "0".into()),
    ("module_fork_in_progress", |_| "0".into()),
    ("module_fork_last_cow_size", |_| "0".into()),
];
