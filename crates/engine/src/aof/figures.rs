//! What INFO says of the append-only file.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// Figures that the writer keeps up to date.
#[derive(Debug, Default)]
pub struct AofFigures {
    /// Bytes of all files that are in use.
    pub current_bytes: AtomicU64,
    /// Bytes of all files when the last rewrite had ended, or the server had started.
    pub base_bytes: AtomicU64,
    /// A sync is under way in the background.
    pub syncing: AtomicBool,
    /// Seconds in which a sync was late.
    pub delayed_syncs: AtomicU64,
    /// The last attempt to write, or to force to the disk, has failed.
    pub failing: AtomicBool,
    /// DEBUG AOF-FLUSH-SLEEP: to wait before each write, microseconds.
    pub write_delay_us: AtomicU64,
}
