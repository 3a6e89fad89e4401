//! Time, as the engine sees it: given by the host, or by a test that advances it.

/// A source of time.
pub trait Clock: Send + Sync {
    /// Microseconds since the epoch.
    fn wall_us(&self) -> i64;
    /// Nanoseconds since some fixed moment; never goes back.
    fn monotonic_ns(&self) -> u64;
}
