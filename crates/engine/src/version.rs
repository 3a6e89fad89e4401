//! What the server calls itself.

/// The server's own version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of Redis whose commands, replies and errors the server offers. HELLO and INFO's `redis_version` show it,
/// because client libraries choose what they use by it.
pub const REDIS_VERSION: &str = "8.0.6";
