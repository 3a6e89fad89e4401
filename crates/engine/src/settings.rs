//! What the engine's paths need of the configuration, derived once per change.

use command::Limits;
use keyspace::Remember;

/// A configuration as the workers use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What handlers may do.
    pub limits: Limits,
    /// What the parser allows an authenticated client.
    pub protocol: resp::Limits,
    /// `requirepass`; empty: no password.
    pub password: Vec<u8>,
    /// `slowlog-log-slower-than` in nanoseconds; none: nothing is logged.
    pub slowlog_ns: Option<u64>,
    /// `slowlog-max-len`.
    pub slowlog_max_len: usize,
    /// `latency-monitor-threshold` in nanoseconds; none: nothing is sampled.
    pub latency_ns: Option<u64>,
    /// `latency-tracking`.
    pub latency_tracking: bool,
    /// Whether expired keys are removed without being asked for.
    pub active_expire: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            limits: Limits {
                remember: Remember::Recency,
                max_string_bytes: 512 << 20,
                list: structs::deque::Limits::from_fill(-2),
                stream_idmp_duration_s: 100,
                stream_idmp_maxsize: 100,
                databases: 16,
                lazy_user_del: false,
                lazy_server_del: false,
                lazy_expire: false,
                lazy_user_flush: false,
            },
            protocol: resp::Limits::default(),
            password: Vec::new(),
            slowlog_ns: Some(10_000_000),
            slowlog_max_len: 128,
            latency_ns: None,
            latency_tracking: true,
            active_expire: true,
        }
    }
}
