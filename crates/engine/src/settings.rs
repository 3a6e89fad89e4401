//! What the engine's paths need of the configuration, derived once per change.

use crate::evict::MemorySettings;
use command::Limits;
use config::{Config, KeyspaceEvents, MaxmemoryPolicy, RdbVersionCheck};
use keyspace::Remember;
use structs::stream::{BlockLimits, ProducerLimits};

/// What tests may set beyond the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// List elements of at least so many bytes are held by themselves.
    pub list_plain_from: Option<usize>,
    /// Checksums of snapshots and dumps aren't compared.
    pub any_rdb_checksum: bool,
}

/// What the slow log keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlowlogSettings {
    /// `slowlog-log-slower-than` in nanoseconds; none: nothing is logged.
    pub threshold_ns: Option<u64>,
    /// `slowlog-max-len`.
    pub max_len: usize,
    /// `slowlog-entry-max-argc`: words of an entry beyond this are summed up in the last one.
    pub max_words: usize,
    /// `slowlog-entry-max-string-len`: bytes of a word beyond this are summed up.
    pub max_word_bytes: usize,
}

impl SlowlogSettings {
    fn of(config: &Config) -> SlowlogSettings {
        let threshold_us = u64::try_from(config.slowlog_log_slower_than).ok();
        SlowlogSettings {
            threshold_ns: threshold_us.map(|us| us.saturating_mul(1000)),
            max_len: config.slowlog_max_len as usize,
            max_words: config.slowlog_entry_max_argc as usize,
            max_word_bytes: config.slowlog_entry_max_string_len as usize,
        }
    }
}

/// A configuration as the workers use it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What was set beyond the configuration; `limits` follows it already.
    pub overrides: Overrides,
    /// What handlers may do.
    pub limits: Limits,
    /// What the parser allows an authenticated client.
    pub protocol: resp::Limits,
    /// `requirepass`; empty: no password.
    pub password: Vec<u8>,
    /// The slow log.
    pub slowlog: SlowlogSettings,
    /// `maxmemory` and how it is kept.
    pub(crate) memory: MemorySettings,
    /// Runs that take at least so many nanoseconds are looked at: for the slow log, or for the latency monitor.
    pub notable_ns: u64,
    /// `latency-monitor-threshold` in nanoseconds; none: nothing is sampled.
    pub latency_ns: Option<u64>,
    /// `latency-tracking`.
    pub latency_tracking: bool,
    /// `tracking-table-max-keys`: more keys than this aren't tracked.
    pub tracked_keys: usize,
    /// `notify-keyspace-events`.
    pub events: KeyspaceEvents,
}

impl Settings {
    /// What follows from a configuration, and from what was set beyond it. `seed` is for the hashes of elements.
    pub fn of(config: &Config, overrides: Overrides, seed: u64) -> Settings {
        let mut limits = limits_of(config, seed);
        limits.list.plain_from = overrides.list_plain_from;
        limits.any_rdb_checksum = overrides.any_rdb_checksum;
        let slowlog = SlowlogSettings::of(config);
        let latency_ns = match config.latency_monitor_threshold {
            0 => None,
            ms => Some(ms.saturating_mul(1_000_000)),
        };
        Settings {
            overrides,
            limits,
            protocol: resp::Limits { max_bulk_len: config.proto_max_bulk_len, ..resp::Limits::default() },
            password: config.requirepass.as_bytes().to_vec(),
            notable_ns: slowlog.threshold_ns.into_iter().chain(latency_ns).min().unwrap_or(u64::MAX),
            slowlog,
            memory: MemorySettings::of(config),
            latency_ns,
            latency_tracking: config.latency_tracking,
            tracked_keys: match config.tracking_table_max_keys {
                0 => usize::MAX,
                keys => at_most(keys),
            },
            events: config.notify_keyspace_events,
        }
    }
}

fn limits_of(config: &Config, seed: u64) -> Limits {
    Limits {
        remember: remember(config),
        max_string_bytes: config.proto_max_bulk_len as usize,
        list: structs::deque::Limits::from_fill(i64::from(config.list_max_listpack_size)),
        hash: structs::fields::Limits {
            ints: 0,
            rows: at_most(config.hash_max_listpack_entries),
            text_bytes: at_most(config.hash_max_listpack_value),
            seed,
        },
        set: structs::fields::Limits {
            ints: at_most(config.set_max_intset_entries),
            rows: at_most(config.set_max_listpack_entries),
            text_bytes: at_most(config.set_max_listpack_value),
            seed,
        },
        sorted_set: structs::ranked::Limits {
            packed_members: at_most(config.zset_max_listpack_entries),
            packed_member_bytes: at_most(config.zset_max_listpack_value),
            seed,
        },
        sparse_sketch_bytes: at_most(config.hll_sparse_max_bytes),
        stream: BlockLimits {
            bytes: at_most(config.stream_node_max_bytes),
            entries: config.stream_node_max_entries,
        },
        stream_producers: ProducerLimits {
            duration_s: config.stream_idmp_duration,
            entries: config.stream_idmp_maxsize,
        },
        rdb_version: config.rdb_version_compat.rdb_version(),
        rdb_compression: config.rdbcompression,
        any_rdb_version: config.rdb_version_check == RdbVersionCheck::Relaxed,
        any_rdb_checksum: false,
        databases: config.databases,
        lazy_eviction: config.lazyfree_lazy_eviction,
        lazy_user_del: config.lazyfree_lazy_user_del,
        lazy_server_del: config.lazyfree_lazy_server_del,
        lazy_expire: config.lazyfree_lazy_expire,
        lazy_user_flush: config.lazyfree_lazy_user_flush,
    }
}

fn at_most(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn remember(config: &Config) -> Remember {
    match config.maxmemory_policy {
        MaxmemoryPolicy::AllkeysLfu | MaxmemoryPolicy::VolatileLfu => {
            Remember::Frequency { log_factor: config.lfu_log_factor, decay_minutes: config.lfu_decay_time }
        }
        _ => Remember::Recency,
    }
}
