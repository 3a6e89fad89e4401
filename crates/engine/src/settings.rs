//! What the engine's paths need of the configuration, derived once per change.

use crate::client::{ClientClass, SMALL_OUTPUT};
use crate::evict::MemorySettings;
use command::Limits;
use config::{Config, KeyspaceEvents, MaxmemoryPolicy, OutputBufferLimits, RdbVersionCheck};
use keyspace::Remember;
use structs::stream::{BlockLimits, ProducerLimits};

/// What is in force beyond the configuration: what tests may set, and what is being tracked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// List elements of at least so many bytes are held by themselves.
    pub list_plain_from: Option<usize>,
    /// Checksums of snapshots and dumps aren't compared.
    pub any_rdb_checksum: bool,
    /// HOTKEYS tracks: every run is looked at.
    pub hot_keys: bool,
}

/// What the command log keeps of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// Runs of at least this measure are entered: nanoseconds of slow ones, else bytes. `u64::MAX`: none is.
    pub from: u64,
    /// Entries beyond this number are forgotten, the oldest first.
    pub max_len: usize,
}

impl LogSettings {
    /// `from` below zero: nothing is entered.
    fn of(from: i64, unit: u64, max_len: u64) -> LogSettings {
        let from = u64::try_from(from).map_or(u64::MAX, |from| from.saturating_mul(unit));
        LogSettings { from, max_len: at_most(max_len) }
    }
}

/// What the command log keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommandLogSettings {
    /// Of slow commands: `slowlog-log-slower-than`, in nanoseconds, and `slowlog-max-len`.
    pub slow: LogSettings,
    /// Of large requests: `commandlog-request-larger-than` and `commandlog-large-request-max-len`.
    pub large_request: LogSettings,
    /// Of large replies: `commandlog-reply-larger-than` and `commandlog-large-reply-max-len`.
    pub large_reply: LogSettings,
    /// `slowlog-entry-max-argc`: words of an entry beyond this are summed up in the last one.
    pub max_words: usize,
    /// `slowlog-entry-max-string-len`: bytes of a word beyond this are summed up.
    pub max_word_bytes: usize,
}

impl CommandLogSettings {
    fn of(config: &Config) -> CommandLogSettings {
        CommandLogSettings {
            slow: LogSettings::of(config.slowlog_log_slower_than, 1000, config.slowlog_max_len),
            large_request: LogSettings::of(
                config.commandlog_request_larger_than,
                1,
                config.commandlog_large_request_max_len,
            ),
            large_reply: LogSettings::of(
                config.commandlog_reply_larger_than,
                1,
                config.commandlog_large_reply_max_len,
            ),
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
    /// The command log, of which the slow log is a part.
    pub command_log: CommandLogSettings,
    /// `maxmemory` and how it is kept.
    pub(crate) memory: MemorySettings,
    /// `maxmemory-clients`; none: no limit.
    pub(crate) client_limit_bytes: Option<u64>,
    /// Runs that take at least so many nanoseconds are looked at: for the slow log, for the latency
    /// monitor, or, from 0 on, for HOTKEYS.
    pub notable_ns: u64,
    /// `latency-monitor-threshold` in nanoseconds; none: nothing is sampled.
    pub latency_ns: Option<u64>,
    /// `latency-tracking`.
    pub latency_tracking: bool,
    /// `tracking-table-max-keys`: more keys than this aren't tracked.
    pub tracked_keys: usize,
    /// `notify-keyspace-events`.
    pub events: KeyspaceEvents,
    /// `import-mode`: nothing is removed because of time or memory.
    pub(crate) imports: bool,
    /// `client-output-buffer-limit`.
    pub(crate) output_limits: OutputBufferLimits,
}

impl Settings {
    /// What follows from a configuration, and from what was set beyond it. `seed` is for the hashes of elements.
    pub fn of(config: &Config, overrides: Overrides, seed: u64) -> Settings {
        let mut limits = limits_of(config, seed);
        limits.list.plain_from = overrides.list_plain_from;
        limits.any_rdb_checksum = overrides.any_rdb_checksum;
        let command_log = CommandLogSettings::of(config);
        let latency_ns = match config.latency_monitor_threshold {
            0 => None,
            ms => Some(ms.saturating_mul(1_000_000)),
        };
        Settings {
            overrides,
            limits,
            protocol: resp::Limits { max_bulk_len: config.proto_max_bulk_len, ..resp::Limits::default() },
            password: config.requirepass.as_bytes().to_vec(),
            notable_ns: match overrides.hot_keys {
                true => 0,
                false => command_log.slow.from.min(latency_ns.unwrap_or(u64::MAX)),
            },
            command_log,
            memory: MemorySettings::of(config),
            client_limit_bytes: Some(config.maxmemory_clients.of(config.maxmemory))
                .filter(|bytes| *bytes > 0),
            latency_ns,
            latency_tracking: config.latency_tracking,
            tracked_keys: match config.tracking_table_max_keys {
                0 => usize::MAX,
                keys => at_most(keys),
            },
            events: config.notify_keyspace_events,
            imports: config.import_mode,
            output_limits: config.client_output_buffer_limit,
        }
    }

    /// Bytes of replies from which on a client of a class is closed before any of them is sent.
    pub(crate) fn most_output(&self, class: ClientClass) -> usize {
        match class.output_limit(&self.output_limits).hard_bytes {
            0 => usize::MAX,
            bytes => at_most(bytes).max(SMALL_OUTPUT),
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
