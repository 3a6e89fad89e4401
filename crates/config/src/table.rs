//! The table of all directives: the one place where a directive is declared.
//!
//! An entry gives the field of [`Config`], which is also the directive's name (with dashes), its aliases, the type
//! with its range, the default, when it can be changed, whether it acts, and a line for people. Names, defaults
//! and ranges are those of Redis 8; directives of later versions and of Valkey are known too.

use crate::choice::*;
use crate::directive::Status::{Acts, CompatibilityOnly, NotYet};
use crate::directive::{Access, Change, Directive, Feature::*, directives};
use crate::number::{ALL, INT, LONG, bytes, int, octal};
use crate::special::*;
use crate::text::{self, Text, optional, text};
use crate::value::Value;

const LIVE: Access = Access::new(Change::Live);
const PROTECTED: Access = Access::new(Change::Protected);
const AT_START: Access = Access::new(Change::AtStart);
const FILE_ONLY: Access = Access::new(Change::FileOnly);

/// TCP and UDP ports.
const PORT: i128 = u16::MAX as i128;
/// Socket options that the kernel keeps in 32 bits.
const UINT: i128 = u32::MAX as i128;

// Reasons that several directives share.
const NO_CRON: &str = "background work runs when it is due, not at a fixed rate";
const NO_RDMA: &str = "there is no RDMA transport";
const OWN_BATCHING: &str = "batch sizes follow the load";
/// What Redis says where its allocator can't be asked how to defragment.
const NO_JEMALLOC: &str = "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified \
                           Jemalloc like the one shipped by default with the Redis source distribution";
/// What Redis says where TLS can't be set up.
const NO_TLS: &str = "Unable to update TLS configuration. Check server logs.";
const OF_THE_PAST: &str = "Redis ignores it too";

directives! {
    // Files.
    include: Unstored [1..=1] = Unstored, FILE_ONLY, Acts, "read another file here; the name may be a pattern";
    loadmodule: DirectiveLines [1..=usize::MAX] = DirectiveLines::default(), FILE_ONLY, NotYet(Modules), "load a module, with its arguments";
    rename_command: DirectiveLines [2..=2] = DirectiveLines::default(), FILE_ONLY, Acts, "give a command another name, or none";
    user: DirectiveLines [1..=usize::MAX] = DirectiveLines::default(), FILE_ONLY.secret(), NotYet(Acl), "define a user and its rights";

    // Network.
    bind: BindAddresses = BindAddresses::everywhere(), LIVE, Acts, "addresses to listen on; one with a leading dash may be missing";
    bind_source_addr: Text [optional()] = "".into(), LIVE, NotYet(Replication), "local address of outgoing connections";
    port: u16 [int(0, PORT)] = 6379, LIVE, Acts, "TCP port to listen on; 0 is none";
    tcp_backlog: u32 [int(0, INT)] = 511, AT_START, Acts, "connections that may wait to be accepted";
    unixsocket: Text [optional()] = "".into(), AT_START, Acts, "path of the Unix socket to listen on";
    unixsocketgroup: Text [optional()] = "".into(), AT_START, NotYet(SystemTuning), "group of the Unix socket";
    unixsocketperm: u32 [octal(0, 0o777)] = 0, AT_START, Acts, "mode of the Unix socket; 0 leaves it alone";
    socket_mark_id: u32 [int(0, UINT)] = 0, AT_START, NotYet(SystemTuning), "mark of all sockets, for firewalls and routing";
    mptcp: bool = false, AT_START, NotYet(SystemTuning), "listen with multipath TCP";
    timeout: u32 [int(0, INT)] = 0, LIVE, Acts, "close idle clients after so many seconds; 0 is never";
    tcp_keepalive: u32 [int(0, INT)] = 300, LIVE, Acts, "seconds between probes of silent connections; 0 is none";
    protected_mode: bool = true, LIVE, Acts, "without a password, serve only clients of this machine";
    maxclients: u32 [int(1, UINT)] = 10_000, LIVE, Acts, "most clients at a time";
    max_new_connections_per_cycle: u32 [int(1, 1000)] = 10, LIVE, CompatibilityOnly(OWN_BATCHING), "connections accepted at once";
    max_new_tls_connections_per_cycle: u32 [int(1, 1000)] = 1, LIVE, NotYet(Tls), "TLS connections accepted at once";
    proto_max_bulk_len: u64 [bytes(1 << 20, LONG)] = 512 << 20, LIVE, Acts, "longest argument";
    client_query_buffer_limit: u64 [bytes(1 << 20, LONG)] = 1 << 30, LIVE, Acts, "most unprocessed input of a client";
    client_output_buffer_limit: OutputBufferLimits = OutputBufferLimits::standard(), LIVE, Acts, "most unread replies of a client; limits of replicas act once these exist";
    maxmemory_clients: MemoryShare = MemoryShare::Bytes(0), LIVE, Acts, "most memory of all clients together; 0 is no limit";
    client_default_resp: u8 [int(2, 3)] = 2, AT_START.hidden(), CompatibilityOnly("connections start with RESP2, as clients expect"), "protocol before HELLO";
    rdma_bind: Text [text()] = "".into(), AT_START, CompatibilityOnly(NO_RDMA), "RDMA addresses to listen on";
    rdma_port: u16 [int(0, PORT)] = 0, AT_START, CompatibilityOnly(NO_RDMA), "RDMA port to listen on";
    rdma_rx_size: u32 [int(65_536, 16_777_216)] = 1 << 20, AT_START, CompatibilityOnly(NO_RDMA), "receive buffer of an RDMA connection";
    rdma_completion_vector: i32 [int(-1, 1024)] = -1, AT_START, CompatibilityOnly(NO_RDMA), "completion vector of RDMA connections";

    // The process.
    daemonize: bool = false, AT_START, Acts, "run in the background";
    supervised: Supervised = Supervised::No, AT_START, Acts, "tell a supervisor when the server is ready";
    pidfile: Text [optional()] = "".into(), AT_START, Acts, "file that holds the process id";
    dir: Text [text()] = "./".into(), PROTECTED, Acts, "working directory";
    databases: u32 [int(1, INT)] = 16, AT_START, Acts, "numbered databases";
    io_threads: IoThreads [int(0, 256)] = IoThreads::PerCore { cores: None }, AT_START, Acts, "threads that serve clients";
    io_engine: IoEngine = IoEngine::Auto, AT_START, Acts, "system calls for connections: `auto` takes io_uring where the kernel (Linux 6.1) allows it, else epoll";
    io_threads_do_reads: Unstored [1..=1] = Unstored, FILE_ONLY, CompatibilityOnly(OF_THE_PAST), "whether I/O threads read";
    io_threads_always_active: bool = false, LIVE.hidden(), CompatibilityOnly("threads sleep when there is nothing to do"), "keep I/O threads spinning";
    events_per_io_thread: u32 [int(0, INT)] = 2, LIVE.hidden(), CompatibilityOnly(OWN_BATCHING), "events that wake another I/O thread";
    prefetch_batch_max_size: u32 [int(0, 128)] = 16, LIVE, CompatibilityOnly(OWN_BATCHING), "commands prefetched together";
    lookahead: u32 [int(1, INT)] = 16, LIVE, CompatibilityOnly(OWN_BATCHING), "commands of a pipeline parsed ahead";
    min_io_threads_avoid_copy_reply: u32 [int(0, INT)] = 7, LIVE.hidden(), CompatibilityOnly(OWN_BATCHING), "threads from which replies refer to values";
    min_string_size_avoid_copy_reply: u32 [int(0, INT)] = 16_384, LIVE.hidden(), CompatibilityOnly(OWN_BATCHING), "bytes from which replies refer to values";
    min_string_size_avoid_copy_reply_threaded: u32 [int(0, INT)] = 65_536, LIVE.hidden(), CompatibilityOnly(OWN_BATCHING), "the same with threads";
    hz: u32 [int(0, INT).clamped(1, 500)] = 10, LIVE, CompatibilityOnly(NO_CRON), "background rounds per second";
    dynamic_hz: bool = true, LIVE, CompatibilityOnly(NO_CRON), "more background rounds with more clients";
    set_proc_title: bool = true, AT_START, Acts, "show the server's state in its process title";
    proc_title_template: Text [text().valid(text::title_template)] = "{title} {listen-addr} {server-mode}".into(), LIVE, Acts, "what the process title says";
    always_show_logo: bool = false, AT_START, Acts, "show the logo at the start";
    ignore_warnings: Text [text()] = "".into(), LIVE, CompatibilityOnly("no check stops the start"), "start-up checks to skip";
    server_cpulist | "server_cpulist": Text [optional()] = "".into(), AT_START, NotYet(SystemTuning), "processors of the threads that serve";
    bio_cpulist | "bio_cpulist": Text [optional()] = "".into(), AT_START, NotYet(SystemTuning), "processors of background threads";
    aof_rewrite_cpulist | "aof_rewrite_cpulist": Text [optional()] = "".into(), AT_START, NotYet(SystemTuning), "processors of a rewrite of the append-only file";
    bgsave_cpulist | "bgsave_cpulist": Text [optional()] = "".into(), AT_START, NotYet(SystemTuning), "processors of a snapshot";
    oom_score_adj: OomScoreAdj = OomScoreAdj::No, LIVE, Acts, "adjust how likely the kernel kills this process";
    oom_score_adj_values: OomScores = OomScores([0, 200, 800]), LIVE, Acts, "adjustments of a primary, a replica, a background process; the first one acts";
    disable_thp: bool = true, AT_START, Acts, "don't use transparent huge pages";
    jemalloc_bg_thread: bool = true, LIVE, CompatibilityOnly("the allocator isn't jemalloc"), "let the allocator purge in the background";
    shutdown_timeout: u32 [int(0, INT)] = 10, LIVE, NotYet(Replication), "seconds to wait for replicas at the end";
    shutdown_on_sigint: ShutdownOptions = ShutdownOptions::default(), LIVE, Acts, "options of the shutdown that SIGINT asks for";
    shutdown_on_sigterm: ShutdownOptions = ShutdownOptions::default(), LIVE, Acts, "options of the shutdown that SIGTERM asks for";
    locale_collate: Text [text().valid(text::locale)] = "".into(), LIVE, CompatibilityOnly("SORT ALPHA compares bytes, as in the C locale"), "locale in which SORT ALPHA compares: the C locale or none";
    hash_seed: Text [optional()] = "".into(), AT_START, CompatibilityOnly("hash seeds are random at every start"), "seed of the hash function";
    extended_redis_compatibility: bool = false, LIVE, CompatibilityOnly("the server always answers as Redis"), "answer as Redis";

    // Logs.
    loglevel: LogLevel = LogLevel::Notice, LIVE, Acts, "least important messages to log";
    logfile: Text [text()] = "".into(), AT_START, Acts, "file to log to; an empty name is the standard output";
    log_format: LogFormat = LogFormat::Legacy, LIVE, NotYet(LogFormats), "layout of log lines";
    log_timestamp_format: LogTimestampFormat = LogTimestampFormat::Legacy, LIVE, NotYet(LogFormats), "time in log lines";
    hide_user_data_from_log: bool = false, LIVE, NotYet(CrashReports), "keep user data out of the log";
    syslog_enabled: bool = false, AT_START, Acts, "log to syslog too";
    syslog_ident: Text [text()] = "redis".into(), AT_START, Acts, "name in syslog";
    syslog_facility: SyslogFacility = SyslogFacility::Local0, AT_START, Acts, "facility in syslog";
    crash_log_enabled: bool = true, LIVE, Acts, "write a report when the server crashes";
    crash_memcheck_enabled: bool = true, LIVE, NotYet(CrashReports), "test memory after a crash";
    use_exit_on_panic: bool = false, LIVE.hidden(), Acts, "exit instead of aborting after a panic";

    // Security.
    requirepass: Text [optional()] = "".into(), LIVE.secret(), Acts, "password of the default user";
    aclfile: Text [text()] = "".into(), AT_START, NotYet(Acl), "file of users and their rights";
    acl_pubsub_default: AclPubsubDefault = AclPubsubDefault::ResetChannels, LIVE, NotYet(Acl), "channels that a new user may use";
    acllog_max_len: u64 [int(0, LONG)] = 128, LIVE, NotYet(Acl), "refused commands that ACL LOG remembers";
    enable_protected_configs: Permission = Permission::No, AT_START, Acts, "who may set protected settings";
    enable_debug_command: Permission = Permission::No, AT_START, Acts, "who may use DEBUG";
    enable_module_command: Permission = Permission::No, AT_START, Acts, "who may use MODULE";

    // Slow commands and latency.
    slowlog_log_slower_than | "commandlog-execution-slower-than": i64 [int(-1, LONG)] = 10_000, LIVE, Acts, "remember commands slower than so many microseconds; -1 is none";
    slowlog_max_len | "commandlog-slow-execution-max-len": u64 [int(0, LONG)] = 128, LIVE, Acts, "slow commands to remember";
    slowlog_entry_max_argc: u32 [int(2, INT)] = 32, LIVE, Acts, "arguments remembered of a slow command";
    slowlog_entry_max_string_len: u32 [int(0, INT)] = 128, LIVE, Acts, "bytes remembered of an argument";
    commandlog_request_larger_than: i64 [int(-1, LONG)] = 1 << 20, LIVE, Acts, "remember requests of more bytes; -1 is none";
    commandlog_large_request_max_len: u64 [int(0, LONG)] = 128, LIVE, Acts, "large requests to remember";
    commandlog_reply_larger_than: i64 [int(-1, LONG)] = 1 << 20, LIVE, Acts, "remember replies of more bytes; -1 is none";
    commandlog_large_reply_max_len: u64 [int(0, LONG)] = 128, LIVE, Acts, "large replies to remember";
    latency_monitor_threshold: u64 [int(0, LONG)] = 0, LIVE, Acts, "remember events that take so many milliseconds; 0 is none";
    latency_tracking: bool = true, LIVE, Acts, "measure the latency of each command";
    latency_tracking_info_percentiles: Percentiles = Percentiles(vec![50.0, 99.0, 99.9]), LIVE, Acts, "percentiles that INFO latencystats reports";
    key_memory_histograms: bool = false, LIVE, NotYet(MemoryStatistics), "count keys by their memory";

    // Memory, eviction, expiry.
    maxmemory: u64 [bytes(0, ALL)] = 0, LIVE, Acts, "most memory to use; 0 is no limit";
    maxmemory_policy: MaxmemoryPolicy = MaxmemoryPolicy::Noeviction, LIVE, Acts, "keys to remove when memory is full";
    maxmemory_samples: u32 [int(1, 64)] = 5, LIVE, Acts, "keys compared to find one to remove";
    maxmemory_eviction_tenacity: u32 [int(0, 100)] = 10, LIVE, Acts, "how long to delay commands to remove keys";
    lfu_log_factor: u32 [int(0, INT)] = 10, LIVE, Acts, "how slowly the counter of uses grows";
    lfu_decay_time: u32 [int(0, INT)] = 1, LIVE, Acts, "minutes after which the counter of uses shrinks";
    active_expire_effort: u32 [int(1, 10)] = 1, LIVE, CompatibilityOnly("an index knows what is due: there is nothing to look for"), "how eagerly to look for expired keys";
    import_mode: bool = false, LIVE, Acts, "keep keys that expire, and evict none, while CLIENT IMPORT-SOURCE writes";
    lazyfree_lazy_eviction: bool = false, LIVE, Acts, "free removed keys in the background";
    lazyfree_lazy_expire: bool = false, LIVE, Acts, "free expired keys in the background";
    lazyfree_lazy_server_del: bool = false, LIVE, Acts, "free overwritten values in the background";
    lazyfree_lazy_user_del: bool = false, LIVE, Acts, "DEL frees in the background";
    lazyfree_lazy_user_flush: bool = false, LIVE, Acts, "FLUSHALL and FLUSHDB free in the background";
    activedefrag: Lacking<bool> [lacking((), NO_JEMALLOC)] = Lacking(false), LIVE, NotYet(Defragmentation), "move values to free memory between them";
    active_defrag_ignore_bytes: u64 [bytes(1, LONG)] = 100 << 20, LIVE, NotYet(Defragmentation), "waste to tolerate";
    active_defrag_threshold_lower: u32 [int(0, 1000)] = 10, LIVE, NotYet(Defragmentation), "percent of waste at which to begin";
    active_defrag_threshold_upper: u32 [int(0, 1000)] = 100, LIVE, NotYet(Defragmentation), "percent of waste for the greatest effort";
    active_defrag_cycle_min: u32 [int(1, 99)] = 1, LIVE, NotYet(Defragmentation), "least effort, percent of processor time";
    active_defrag_cycle_max: u32 [int(1, 99)] = 25, LIVE, NotYet(Defragmentation), "greatest effort, percent of processor time";
    active_defrag_cycle_us: u32 [int(0, 100_000)] = 500, LIVE, NotYet(Defragmentation), "length of one round in microseconds";
    active_defrag_max_scan_fields: u64 [int(1, LONG)] = 1000, LIVE, NotYet(Defragmentation), "largest collection moved in one go";
    activerehashing: bool = true, LIVE, CompatibilityOnly("tables grow in small steps by themselves"), "rehash tables in the background";
    tracking_table_max_keys: u64 [int(0, LONG)] = 1_000_000, LIVE, Acts, "keys tracked for clients that cache; 0 is no limit";

    // Encodings.
    hash_max_listpack_entries | "hash-max-ziplist-entries": u64 [int(0, LONG)] = 512, LIVE, Acts, "fields up to which a hash is compact";
    hash_max_listpack_value | "hash-max-ziplist-value": u64 [bytes(0, LONG)] = 64, LIVE, Acts, "longest field or value of a compact hash";
    hash_min_template_entries: u64 [int(0, LONG)] = 0, LIVE, CompatibilityOnly("each hash holds its own field names"), "fields from which hashes share their field names; 0 is never";
    hash_max_template_entries: u64 [int(0, LONG)] = 0, LIVE, CompatibilityOnly("each hash holds its own field names"), "fields up to which hashes share their field names; 0 is no limit";
    hash_rdb_load_min_template_entries: u64 [int(0, LONG)] = 0, LIVE, CompatibilityOnly("each hash holds its own field names"), "the same when loading a snapshot";
    hash_rdb_load_max_template_entries: u64 [int(0, LONG)] = 0, LIVE, CompatibilityOnly("each hash holds its own field names"), "the same when loading a snapshot";
    hash_rdb_load_template_disassembly_threshold: u64 [int(0, LONG)] = 0, LIVE, CompatibilityOnly("each hash holds its own field names"), "hashes below which shared names are given up after loading";
    list_max_listpack_size | "list-max-ziplist-size": i32 [int(i32::MIN as i128, INT)] = -2, LIVE, Acts, "elements in a node of a list, or -1 to -5 for 4 to 64 kb";
    list_compress_depth: u32 [int(0, INT)] = 0, LIVE, CompatibilityOnly("list nodes are never compressed"), "nodes at both ends that stay uncompressed";
    list_max_ziplist_entries: Unstored [1..=1] = Unstored, FILE_ONLY, CompatibilityOnly(OF_THE_PAST), "elements up to which a list is compact";
    list_max_ziplist_value: Unstored [1..=1] = Unstored, FILE_ONLY, CompatibilityOnly(OF_THE_PAST), "longest element of a compact list";
    set_max_intset_entries: u64 [int(0, LONG)] = 512, LIVE, Acts, "members up to which a set of integers is compact";
    set_max_listpack_entries: u64 [int(0, LONG)] = 128, LIVE, Acts, "members up to which a set is compact";
    set_max_listpack_value: u64 [int(0, LONG)] = 64, LIVE, Acts, "longest member of a compact set";
    zset_max_listpack_entries | "zset-max-ziplist-entries": u64 [int(0, LONG)] = 128, LIVE, Acts, "members up to which a sorted set is compact";
    zset_max_listpack_value | "zset-max-ziplist-value": u64 [bytes(0, LONG)] = 64, LIVE, Acts, "longest member of a compact sorted set";
    hll_sparse_max_bytes: u64 [bytes(0, LONG)] = 3000, LIVE, Acts, "size up to which a HyperLogLog is sparse";
    stream_node_max_bytes: u64 [bytes(0, LONG)] = 4096, LIVE, Acts, "size of a node of a stream; 0 is no limit";
    stream_node_max_entries: u64 [int(0, LONG)] = 100, LIVE, Acts, "entries in a node of a stream; 0 is no limit";
    stream_idmp_duration: u32 [int(1, 86_400)] = 100, LIVE, Acts, "seconds for which a producer's ids are remembered";
    stream_idmp_maxsize: u32 [int(1, 10_000)] = 100, LIVE, Acts, "ids remembered of a producer";
    array_slice_size: u32 [int(1, INT)] = 4096, LIVE, CompatibilityOnly("slices have up to 256 values, whatever their indexes"), "indexes of a slice of an array";
    array_sparse_kmin: u32 [int(0, INT)] = 5, LIVE, CompatibilityOnly("each slice has the form that takes the least room"), "values below which a slice becomes sparse";
    array_sparse_kmax: u32 [int(0, INT)] = 10, LIVE, CompatibilityOnly("each slice has the form that takes the least room"), "values above which a slice becomes dense";
    vset_force_single_threaded_execution: bool = false, LIVE, NotYet(VectorSets), "search vector sets in the calling thread";

    // Persistence.
    save: SavePoints = SavePoints::standard(), LIVE, Acts, "seconds and changes after which to take a snapshot";
    stop_writes_on_bgsave_error: bool = true, LIVE, Acts, "refuse writes after a failed snapshot";
    rdbcompression: bool = true, LIVE, Acts, "compress strings in snapshots and dumps";
    rdbchecksum: bool = true, AT_START, Acts, "checksum of snapshots";
    dbfilename: Text [text().valid(text::dbfilename)] = "dump.rdb".into(), PROTECTED, Acts, "name of the snapshot";
    rdb_del_sync_files: bool = false, LIVE, NotYet(Replication), "delete snapshots made only for replicas";
    rdb_save_incremental_fsync: bool = true, LIVE, Acts, "force a snapshot to disk while writing it";
    rdb_version_check: RdbVersionCheck = RdbVersionCheck::Strict, LIVE, Acts, "refuse snapshots and dumps of later versions";
    rdb_version_compat: RdbVersionCompat = RdbVersionCompat::Redis72, LIVE, Acts, "the oldest server that is to read snapshots and dumps";
    sanitize_dump_payload: SanitizeDumpPayload = SanitizeDumpPayload::No, LIVE, CompatibilityOnly("everything is always checked"), "check dumps in depth before using them";
    rdb_key_save_delay: i32 [int(i32::MIN as i128, INT)] = 0, LIVE.hidden(), Acts, "microseconds to wait after saving a key, for tests";
    key_load_delay: i32 [int(i32::MIN as i128, INT)] = 0, LIVE.hidden(), Acts, "microseconds to wait after loading a key, for tests";
    loading_process_events_interval_bytes: u32 [int(1024, INT)] = 512 << 10, LIVE.hidden(), NotYet(Persistence), "bytes loaded between looking after clients";
    preload_file: Text [optional()] = "".into(), AT_START, NotYet(Persistence), "load only this file at the start";
    appendonly: bool = false, LIVE, Acts, "write every change to the append-only file";
    appendfilename: Text [text().valid(text::appendfilename)] = "appendonly.aof".into(), AT_START, Acts, "what the names of the append-only files begin with";
    appenddirname: Text [text().valid(text::appenddirname)] = "appendonlydir".into(), AT_START, Acts, "directory of the append-only files";
    appendfsync: Appendfsync = Appendfsync::Everysec, LIVE, Acts, "when to force changes to disk";
    no_appendfsync_on_rewrite: bool = false, LIVE, Acts, "don't force changes to disk during a rewrite";
    auto_aof_rewrite_percentage: u32 [int(0, INT)] = 100, LIVE, Acts, "growth at which to rewrite; 0 is never";
    auto_aof_rewrite_min_size: u64 [bytes(0, LONG)] = 64 << 20, LIVE, Acts, "smallest size at which to rewrite";
    aof_buffer_limit: u64 [bytes(0, LONG)] = 1 << 30, LIVE, Acts, "bytes of changes that may wait for a slow disk before writes are refused; 0 is no limit";
    aof_checksum: bool = false, LIVE, Acts, "note a checksum behind each batch of changes";
    aof_load_truncated: bool = true, LIVE, Acts, "load a file whose end is missing";
    aof_load_corrupt_tail_max_size: u64 [bytes(0, LONG)] = 0, LIVE, Acts, "bytes of a broken end to drop";
    aof_use_rdb_preamble: bool = true, LIVE, Acts, "begin rewritten files with a snapshot";
    aof_timestamp_enabled: bool = false, LIVE, Acts, "note the time of changes";
    aof_rewrite_incremental_fsync: bool = true, LIVE, Acts, "force a rewrite to disk while writing it";
    aof_disable_auto_gc: bool = false, LIVE.hidden(), Acts, "keep files that a rewrite made useless";
    backupdirname: Text [text()] = "backupdir".into(), AT_START, NotYet(Backup), "directory of backups";
    backup_sealed_ttl: u64 [int(0, LONG)] = 0, LIVE, NotYet(Backup), "seconds to keep a finished backup; 0 is for ever";

    // Replication.
    replicaof | "slaveof": ReplicaOf = ReplicaOf::default(), AT_START, NotYet(Replication), "copy the data of this primary";
    masterauth | "primaryauth": Text [optional()] = "".into(), LIVE.secret(), NotYet(Replication), "password for the primary";
    masteruser | "primaryuser": Text [optional()] = "".into(), LIVE, NotYet(Replication), "user name for the primary";
    replica_serve_stale_data | "slave-serve-stale-data": bool = true, LIVE, NotYet(Replication), "answer while the primary can't be reached";
    replica_read_only | "slave-read-only": bool = true, LIVE, NotYet(Replication), "refuse writes on a replica";
    replica_priority | "slave-priority": u32 [int(0, INT)] = 100, LIVE, NotYet(Replication), "rank for promotion by Sentinel, lowest first; 0 is never";
    replica_announced: bool = true, LIVE, NotYet(Replication), "let Sentinel show this replica to clients";
    replica_announce_ip | "slave-announce-ip": Text [optional()] = "".into(), LIVE, NotYet(Replication), "address that a replica gives its primary";
    replica_announce_port | "slave-announce-port": u16 [int(0, PORT)] = 0, LIVE, NotYet(Replication), "port that a replica gives its primary";
    replica_ignore_maxmemory | "slave-ignore-maxmemory": bool = true, LIVE, NotYet(Replication), "let the primary decide what to evict";
    replica_lazy_flush | "slave-lazy-flush": bool = false, LIVE, NotYet(Replication), "free old data in the background before a full copy";
    replica_ignore_disk_write_errors: bool = false, LIVE, NotYet(Replication), "go on although changes can't be written";
    replica_full_sync_buffer_limit: u64 [bytes(0, LONG)] = 0, LIVE, NotYet(Replication), "most changes buffered during a full copy";
    propagation_error_behavior: PropagationErrorBehavior = PropagationErrorBehavior::Ignore, LIVE, NotYet(Replication), "what to do when a replicated command fails";
    repl_diskless_sync: bool = true, LIVE, NotYet(Replication), "send snapshots without a file";
    repl_diskless_sync_delay: u32 [int(0, INT)] = 5, LIVE, NotYet(Replication), "seconds to wait for more replicas before sending";
    repl_diskless_sync_max_replicas: u32 [int(0, INT)] = 0, LIVE, NotYet(Replication), "replicas that end the wait; 0 is any number";
    repl_diskless_load: ReplDisklessLoad = ReplDisklessLoad::Disabled, LIVE, NotYet(Replication), "load a snapshot while receiving it";
    repl_rdb_channel: bool = true, LIVE.hidden(), NotYet(Replication), "send snapshots over a connection of their own";
    dual_channel_replication_enabled: bool = false, LIVE, NotYet(Replication), "the same, as Valkey calls it";
    repl_ping_replica_period | "repl-ping-slave-period": u32 [int(1, INT)] = 10, LIVE, NotYet(Replication), "seconds between pings to replicas";
    repl_timeout: u32 [int(1, INT)] = 60, LIVE, NotYet(Replication), "seconds of silence that end a link";
    repl_disable_tcp_nodelay: bool = false, LIVE, NotYet(Replication), "send fewer, larger packets";
    repl_mptcp: bool = false, AT_START, NotYet(Replication), "replicate over multipath TCP";
    repl_backlog_size: u64 [bytes(1, LONG).clamped(16 << 10, LONG)] = 1 << 20, LIVE, NotYet(Replication), "changes kept for replicas that come back";
    repl_backlog_ttl: u64 [int(0, LONG)] = 3600, LIVE, NotYet(Replication), "seconds to keep them without replicas; 0 is for ever";
    min_replicas_to_write | "min-slaves-to-write": u32 [int(0, INT)] = 0, LIVE, NotYet(Replication), "replicas without which writes are refused";
    min_replicas_max_lag | "min-slaves-max-lag": u32 [int(0, INT)] = 10, LIVE, NotYet(Replication), "seconds of silence after which a replica doesn't count";

    // Cluster.
    cluster_enabled: bool = false, AT_START, NotYet(Cluster), "be a node of a cluster";
    cluster_config_file: Text [text()] = "nodes.conf".into(), AT_START, NotYet(Cluster), "file in which the node keeps the cluster's state";
    cluster_config_save_behavior: ClusterConfigSaveBehavior = ClusterConfigSaveBehavior::Sync, LIVE, NotYet(Cluster), "what to do when that file can't be written";
    cluster_port: u16 [int(0, PORT)] = 0, AT_START, NotYet(Cluster), "port of the cluster bus; 0 is port + 10000";
    cluster_databases: u32 [int(1, INT)] = 1, AT_START, NotYet(Cluster), "numbered databases in cluster mode";
    cluster_node_timeout: u64 [int(0, LONG)] = 15_000, LIVE, NotYet(Cluster), "milliseconds of silence after which a node has failed";
    cluster_ping_interval: u64 [int(0, LONG)] = 0, LIVE.hidden(), NotYet(Cluster), "milliseconds between pings";
    cluster_replica_validity_factor | "cluster-slave-validity-factor": u32 [int(0, INT)] = 10, LIVE, NotYet(Cluster), "how old data of a replica may be for a failover";
    cluster_migration_barrier: u32 [int(0, INT)] = 1, LIVE, NotYet(Cluster), "replicas a primary keeps when others move";
    cluster_allow_replica_migration: bool = true, LIVE, NotYet(Cluster), "let replicas move to primaries without one";
    cluster_replica_no_failover | "cluster-slave-no-failover": bool = false, LIVE, NotYet(Cluster), "never promote this replica by itself";
    cluster_require_full_coverage: bool = true, LIVE, NotYet(Cluster), "serve only when every slot is served";
    cluster_allow_reads_when_down: bool = false, LIVE, NotYet(Cluster), "serve reads when the cluster is down";
    cluster_allow_pubsubshard_when_down: bool = true, LIVE, NotYet(Cluster), "serve shard channels when the cluster is down";
    cluster_link_sendbuf_limit: u64 [bytes(0, ALL)] = 0, LIVE, NotYet(Cluster), "most memory of a link between nodes; 0 is no limit";
    cluster_announce_ip: Text [optional()] = "".into(), LIVE, NotYet(Cluster), "address to announce";
    cluster_announce_port: u16 [int(0, PORT)] = 0, LIVE, NotYet(Cluster), "port to announce";
    cluster_announce_tls_port: u16 [int(0, PORT)] = 0, LIVE, NotYet(Cluster), "TLS port to announce";
    cluster_announce_bus_port: u16 [int(0, PORT)] = 0, LIVE, NotYet(Cluster), "port of the cluster bus to announce";
    cluster_announce_hostname: Text [optional().valid(text::hostname)] = "".into(), LIVE, NotYet(Cluster), "host name to announce";
    cluster_announce_human_nodename: Text [optional()] = "".into(), LIVE, NotYet(Cluster), "name of the node in logs";
    cluster_announce_client_ipv4: Text [optional().valid(text::ipv4)] = "".into(), LIVE, NotYet(Cluster), "IPv4 address to announce to clients";
    cluster_announce_client_ipv6: Text [optional().valid(text::ipv6)] = "".into(), LIVE, NotYet(Cluster), "IPv6 address to announce to clients";
    cluster_announce_client_port: u16 [int(0, PORT)] = 0, LIVE, NotYet(Cluster), "port to announce to clients";
    cluster_announce_client_tls_port: u16 [int(0, PORT)] = 0, LIVE, NotYet(Cluster), "TLS port to announce to clients";
    cluster_preferred_endpoint_type: EndpointType = EndpointType::Ip, LIVE, NotYet(Cluster), "how clients are told where a node is";
    cluster_slot_stats_enabled: bool = false, LIVE, NotYet(Cluster), "measure the use of each slot";
    cluster_compatibility_sample_ratio: u32 [int(0, 100)] = 0, LIVE, NotYet(Cluster), "percent of commands checked for use in a cluster";
    cluster_blacklist_ttl: u32 [int(0, INT)] = 60, LIVE, NotYet(Cluster), "seconds for which a forgotten node stays out";
    cluster_manual_failover_timeout: u32 [int(1, INT)] = 5000, LIVE, NotYet(Cluster), "milliseconds for a manual failover";
    cluster_slot_migration_log_max_len: u64 [int(0, LONG)] = 1000, LIVE, NotYet(Cluster), "slot migrations to remember";
    cluster_slot_migration_handoff_max_lag_bytes: u64 [bytes(0, LONG)] = 1 << 20, LIVE, NotYet(Cluster), "lag at which a migrating slot is handed over";
    cluster_slot_migration_write_pause_timeout: u64 [int(0, LONG)] = 10_000, LIVE, NotYet(Cluster), "milliseconds for which a migrating slot may refuse writes";
    slot_migration_max_failover_repl_bytes: i64 [bytes(-1, LONG)] = 0, LIVE, NotYet(Cluster), "lag at which a slot is handed over; -1 is any";
    availability_zone: Text [text()] = "".into(), LIVE, NotYet(Cluster), "zone that INFO and HELLO tell clients";

    // TLS.
    tls_port: Lacking<u16> [lacking(int(0, PORT), NO_TLS)] = Lacking(0), LIVE, NotYet(Tls), "port for TLS; 0 is none";
    tls_cert_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "certificate of the server";
    tls_key_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "key of the server";
    tls_key_file_pass: Text [optional()] = "".into(), LIVE.secret(), NotYet(Tls), "password of that key";
    tls_client_cert_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "certificate for outgoing connections";
    tls_client_key_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "key for outgoing connections";
    tls_client_key_file_pass: Text [optional()] = "".into(), LIVE.secret(), NotYet(Tls), "password of that key";
    tls_ca_cert_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "file of trusted authorities";
    tls_ca_cert_dir: Text [optional()] = "".into(), LIVE, NotYet(Tls), "directory of trusted authorities";
    tls_dh_params_file: Text [optional()] = "".into(), LIVE, NotYet(Tls), "Diffie-Hellman parameters";
    tls_auth_clients: TlsAuthClients = TlsAuthClients::Yes, LIVE, NotYet(Tls), "whether clients must show a certificate";
    tls_auth_clients_user: TlsAuthClientsUser = TlsAuthClientsUser::Off, LIVE, NotYet(Tls), "field of the certificate that names the user";
    tls_expected_peer_name: Text [optional()] = "".into(), LIVE, NotYet(Tls), "names that certificates of other servers must have";
    tls_replication: Lacking<bool> [lacking((), NO_TLS)] = Lacking(false), LIVE, NotYet(Tls), "replicate over TLS";
    tls_cluster: Lacking<bool> [lacking((), NO_TLS)] = Lacking(false), LIVE, NotYet(Tls), "use TLS on the cluster bus";
    tls_protocols: Text [optional()] = "".into(), LIVE, NotYet(Tls), "versions of TLS to allow";
    tls_ciphers: Text [optional()] = "".into(), LIVE, NotYet(Tls), "ciphers up to TLS 1.2";
    tls_ciphersuites: Text [optional()] = "".into(), LIVE, NotYet(Tls), "ciphers of TLS 1.3";
    tls_prefer_server_ciphers: bool = false, LIVE, NotYet(Tls), "let the server choose the cipher";
    tls_session_caching: bool = true, LIVE, NotYet(Tls), "let clients resume sessions";
    tls_session_cache_size: u32 [int(0, INT)] = 20_480, LIVE, NotYet(Tls), "sessions to remember; 0 is any number";
    tls_session_cache_timeout: u32 [int(0, INT)] = 300, LIVE, NotYet(Tls), "seconds to remember a session";
    tls_auto_reload_interval: u32 [int(0, INT)] = 0, LIVE, NotYet(Tls), "seconds between looking for new certificates; 0 is never";

    // Scripting, events, debugging.
    busy_reply_threshold | "lua-time-limit": u64 [int(0, LONG)] = 5000, LIVE, NotYet(Scripting), "milliseconds after which others learn that a script is busy";
    lua_enable_deprecated_api: bool = false, AT_START.hidden(), NotYet(Scripting), "let scripts use what newer versions removed";
    lua_enable_insecure_api: bool = false, LIVE.hidden(), NotYet(Scripting), "let scripts use what is not safe";
    lua_replicate_commands: Unstored [1..=1] = Unstored, FILE_ONLY, CompatibilityOnly(OF_THE_PAST), "replicate what scripts do";
    notify_keyspace_events: KeyspaceEvents = KeyspaceEvents::default(), LIVE, Acts, "changes of keys to publish";
    watchdog_period: u32 [int(0, INT)] = 0, LIVE.hidden(), NotYet(CrashReports), "milliseconds after which a stuck server reports where";
    debug_context: Text [text()] = "".into(), LIVE.hidden(), NotYet(CrashReports), "text added to crash reports";
    enable_debug_assert: bool = false, AT_START.hidden(), CompatibilityOnly("assertions are chosen when the server is built"), "check costly assertions";
    req_res_logfile: Text [optional()] = "".into(), AT_START.hidden(), CompatibilityOnly("replies are checked by the project's own tests"), "file that logs requests and replies, for tests";
}
