//! INFO persistence: saving, loading, the append-only file.

use super::view::View;
use super::{Page, Row};
use crate::conditions::Condition;
use crate::snapshot::{Kind, Running};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// The snapshot under way, if it is of this kind.
fn running(view: &View<'_, '_>, kind: Kind) -> Option<Running> {
    view.engine.snapshots.running().filter(|running| running.kind == kind)
}

fn flag(on: bool) -> String {
    u8::from(on).to_string()
}

fn status(ok: bool) -> String {
    if ok { "ok" } else { "err" }.into()
}

/// Seconds since the snapshot of this kind began; -1 when there is none.
fn running_s(view: &View<'_, '_>, kind: Kind) -> String {
    running(view, kind).map_or(-1, |running| (view.now.us - running.since_us).max(0) / 1_000_000).to_string()
}

fn progress<'v>(view: &View<'v, '_>, of: impl Fn(&View<'v, '_>) -> &'v AtomicU64) -> String {
    let count = of(view).load(Relaxed);
    if view.engine.snapshots.running().is_some() { count } else { 0 }.to_string()
}

/// How far the snapshot under way has come, per cent.
fn percent(view: &View<'_, '_>) -> String {
    let progress = &view.engine.snapshots.progress;
    let (done, total) = (progress.done.load(Relaxed), progress.total.load(Relaxed));
    let running = view.engine.snapshots.running().is_some() && total > 0;
    format!("{:.2}", if running { done as f64 * 100.0 / total as f64 } else { 0.0 })
}

pub(super) const ROWS: &[Row] = &[
    ("loading", |view| flag(view.engine.conditions.has(Condition::Loading))),
    ("async_loading", |_| "0".into()),
    ("current_cow_peak", |view| view.engine.snapshots.progress.peak_copied_bytes().to_string()),
    ("current_cow_size", |view| view.engine.snapshots.progress.copied_bytes().to_string()),
    ("current_cow_size_age", |_| "0".into()),
    ("current_fork_perc", percent),
    ("current_save_keys_processed", |view| progress(view, |view| &view.engine.snapshots.progress.done)),
    ("current_save_keys_total", |view| progress(view, |view| &view.engine.snapshots.progress.total)),
    ("rdb_changes_since_last_save", |view| {
        view.totals().dirty.saturating_sub(view.engine.snapshots.history().saved_dirty).to_string()
    }),
    ("rdb_bgsave_in_progress", |view| flag(running(view, Kind::Save).is_some())),
    ("rdb_last_save_time", |view| (view.engine.snapshots.history().saved_us / 1_000_000).to_string()),
    ("rdb_last_bgsave_status", |view| status(view.engine.snapshots.history().ok)),
    ("rdb_last_bgsave_time_sec", |view| view.engine.snapshots.history().time_s.unwrap_or(-1).to_string()),
    ("rdb_current_bgsave_time_sec", |view| running_s(view, Kind::Save)),
    ("rdb_saves", |view| view.engine.snapshots.history().saves.to_string()),
    ("rdb_last_cow_size", |view| view.engine.snapshots.progress.last_copied_bytes().to_string()),
    ("rdb_last_load_keys_expired", |view| view.engine.load_progress.expired.load(Relaxed).to_string()),
    ("rdb_last_load_keys_loaded", |view| view.engine.load_progress.keys.load(Relaxed).to_string()),
    ("aof_enabled", |view| flag(view.engine.aof.is_on())),
    ("aof_rewrite_in_progress", |view| flag(running(view, Kind::Rewrite).is_some())),
    ("aof_rewrite_scheduled", |view| flag(view.engine.aof.rewrites.history().scheduled)),
    ("aof_last_rewrite_time_sec", |view| view.engine.aof.rewrites.history().time_s.unwrap_or(-1).to_string()),
    ("aof_current_rewrite_time_sec", |view| running_s(view, Kind::Rewrite)),
    ("aof_last_bgrewrite_status", |view| status(view.engine.aof.rewrites.history().ok)),
    ("aof_rewrites", |view| view.engine.aof.rewrites.history().begun.to_string()),
    ("aof_rewrites_consecutive_failures", |view| view.engine.aof.rewrites.history().failures.to_string()),
    ("aof_last_write_status", |view| status(!view.engine.aof.figures.failing.load(Relaxed))),
    ("aof_last_cow_size", |_| "0".into()),
    ("module_fork_in_progress", |_| "0".into()),
    ("module_fork_last_cow_size", |_| "0".into()),
];

/// The append-only file, while it is written.
pub(super) fn append_only_file(view: &View<'_, '_>, page: &mut Page) {
    if !view.engine.aof.is_on() {
        return;
    }
    let figures = &view.engine.aof.figures;
    page.row("aof_current_size", &figures.current_bytes.load(Relaxed).to_string());
    page.row("aof_base_size", &figures.base_bytes.load(Relaxed).to_string());
    page.row("aof_pending_rewrite", &flag(view.engine.aof.rewrites.history().scheduled));
    page.row("aof_buffer_length", &view.engine.unwritten_bytes().to_string());
    page.row("aof_pending_bio_fsync", &flag(figures.syncing.load(Relaxed)));
    page.row("aof_delayed_fsync", &figures.delayed_syncs.load(Relaxed).to_string());
}

/// How far loading has come.
pub(super) fn loading(view: &View<'_, '_>, page: &mut Page) {
    if !view.engine.conditions.has(Condition::Loading) {
        return;
    }
    let progress = &view.engine.load_progress;
    let (since_us, total) = (progress.since_us.load(Relaxed), progress.total_bytes.load(Relaxed));
    let done = progress.done_bytes.load(Relaxed);
    let elapsed_s = (view.now.us - since_us).max(0) as f64 / 1e6;
    let eta_s = if done > 0 { elapsed_s * total.saturating_sub(done) as f64 / done as f64 } else { 1.0 };
    page.row("loading_start_time", &(since_us / 1_000_000).to_string());
    page.row("loading_total_bytes", &total.to_string());
    page.row("loading_rdb_used_mem", "0");
    page.row("loading_loaded_bytes", &done.to_string());
    page.row("loading_loaded_perc", &format!("{:.2}", done as f64 * 100.0 / total.max(1) as f64));
    page.row("loading_eta_seconds", &format!("{eta_s:.0}"));
}
