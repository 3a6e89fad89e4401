//! INFO clients.

use super::Row;
use super::view::View;
use crate::pause::{PauseMode, Paused};

/// What CLIENT PAUSE has asked for, as long as it lasts.
fn paused(view: &View<'_, '_>) -> Option<Paused> {
    view.engine.pause.asked(view.now.ms())
}

pub(super) const ROWS: &[Row] = &[
    ("connected_clients", |view| view.clients().clients.to_string()),
    ("cluster_connections", |_| "0".into()),
    ("maxclients", |view| view.config.maxclients.to_string()),
    ("client_recent_max_input_buffer", |view| view.engine.sampler.recent_buffers().0.to_string()),
    ("client_recent_max_output_buffer", |view| view.engine.sampler.recent_buffers().1.to_string()),
    ("blocked_clients", |view| view.clients().blocked.to_string()),
    ("tracking_clients", |view| view.engine.trackers.len().to_string()),
    ("pubsub_clients", |view| view.clients().subscribed.to_string()),
    ("watching_clients", |view| view.clients().watching.to_string()),
    ("clients_in_timeout_table", |view| view.totals().timers.to_string()),
    ("total_watched_keys", |view| view.shards().watched_keys.to_string()),
    ("total_blocking_keys", |view| view.shards().blocking_keys.to_string()),
    ("total_blocking_keys_on_nokey", |view| view.shards().blocking_keys_on_nokey.to_string()),
    ("paused_reason", |view| if paused(view).is_some() { "client_pause" } else { "none" }.into()),
    ("paused_actions", |view| match paused(view).map(|paused| paused.mode) {
        Some(PauseMode::All) => "all".into(),
        Some(PauseMode::Write) => "write".into(),
        None => "none".into(),
    }),
    ("paused_timeout_milliseconds", |view| {
        paused(view).map_or(0, |paused| paused.until_ms - view.now.ms()).to_string()
    }),
];
