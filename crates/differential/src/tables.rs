//! The commands of each family, in the notation of [`crate::grammar`]: one way to write a command in each line.

pub(crate) const STRINGS: &str = "
    6 SET string value [NX|XX] [GET] [EX secs|PX millis|EXAT at-secs|PXAT at-millis|KEEPTTL]
    valkey: SET string value IFEQ value [GET] [EX secs|KEEPTTL]
    valkey: DELIFEQ string value
    valkey: MSETEX counted-pairs [NX|XX] [EX secs|PX millis|EXAT at-secs|PXAT at-millis|KEEPTTL]
    2 GET string
    GETDEL string
    GETSET string value
    2 GETEX string [EX secs|PX millis|EXAT at-secs|PXAT at-millis|PERSIST]
    SETNX string value
    SETEX string secs value
    PSETEX string millis value
    SET string value PX soon
    GETEX string PX soon
    PSETEX string soon value
    2 APPEND string value
    STRLEN string
    GETRANGE string index index
    SUBSTR string index index
    2 SETRANGE string offset value
    INCR string
    DECR string
    2 INCRBY string int
    2 DECRBY string int
    3 INCRBYFLOAT string float
    2 MSET (string value)...
    MSETNX (string value)...
    2 MGET key...
    LCS string string [LEN] [IDX] [MINMATCHLEN count] [WITHMATCHLEN]
";

pub(crate) const KEYS: &str = "
    2 DEL key...
    UNLINK key...
    2 EXISTS key...
    2 TYPE key
    RENAME key key
    RENAMENX key key
    3 COPY key key [DB db] [REPLACE]
    MOVE key db
    3 EXPIRE key secs [NX|XX|GT|LT]
    2 PEXPIRE key millis [NX|XX|GT|LT]
    2 EXPIREAT key at-secs [NX|XX|GT|LT]
    2 PEXPIREAT key at-millis [NX|XX|GT|LT]
    EXPIRE key secs (NX|XX|GT|LT|FOO)...
    2 TTL key
    2 PTTL key
    EXPIRETIME key
    PEXPIRETIME key
    2 PERSIST key
    TOUCH key...
    KEYS pattern
    RANDOMKEY
    SCAN 0 COUNT 100000 [MATCH pattern] [TYPE type]
    OBJECT ENCODING key
    OBJECT IDLETIME key
    OBJECT FREQ key
    OBJECT REFCOUNT key
    OBJECT (FOO|FREQ|IDLETIME|ENCODING) [key] [key]
    MEMORY USAGE key [SAMPLES int]
    DUMP key
    4 DUMP key RESTORE key
    RESTORE key (0|5000000|-1|ABC) payload [REPLACE] [IDLETIME idle|FREQ count]
    RESTORE-ASKING key 0 payload [REPLACE]
    RESTORE key (0|1000|4000000000000|-1) payload [REPLACE] ABSTTL [IDLETIME idle|FREQ count]
    2 DEBUG DIGEST-VALUE key...
    DEBUG DIGEST
    2 PEXPIRE key soon
    PEXPIREAT key past
    DBSIZE
    SELECT db
    SWAPDB db db
    FLUSHDB [ASYNC|SYNC]
    FLUSHALL [ASYNC|SYNC]
    ECHO value
    PING [value]
";

pub(crate) const LISTS: &str = "
    4 LPUSH list element...
    4 RPUSH list element...
    RPUSH list many-elements
    LPUSHX list element...
    RPUSHX list element...
    3 LPOP list [count]
    3 RPOP list [count]
    LLEN list
    2 LRANGE list index index
    2 LINDEX list index
    3 LSET list index element
    3 LINSERT list (BEFORE|AFTER) element element
    3 LREM list int element
    2 LTRIM list index index
    3 LPOS list element [RANK int] [COUNT count] [MAXLEN count]
    3 LMOVE list list side side
    RPOPLPUSH list list
    3 LMPOP counted-lists side [COUNT count]
    OBJECT ENCODING list
";

pub(crate) const SETS: &str = "
    8 SADD set set-member...
    SADD set many-set-members
    4 SREM set set-member...
    SCARD set
    2 SMEMBERS set
    2 SISMEMBER set set-member
    2 SMISMEMBER set set-member...
    4 SMOVE set set set-member
    SPOP set most
    2 SRANDMEMBER set [(-4|-1|0|1|3|1000|-9223372036854775808)]
    2 SINTER set...
    2 SUNION set...
    2 SDIFF set...
    3 SINTERSTORE set set...
    2 SUNIONSTORE set set...
    3 SDIFFSTORE set set...
    3 SINTERCARD counted-sets [LIMIT count]
    2 SSCAN set 0 COUNT 100000 [MATCH pattern]
    OBJECT ENCODING set
";

pub(crate) const HASHES: &str = "
    8 HSET hash (field value)...
    HSET hash many-fields
    HMSET hash (field value)...
    3 HSETNX hash field value
    3 HGET hash field
    2 HMGET hash field...
    4 HDEL hash field...
    HEXISTS hash field
    HLEN hash
    2 HSTRLEN hash field
    HKEYS hash
    HVALS hash
    2 HGETALL hash
    3 HINCRBY hash field int
    3 HINCRBYFLOAT hash field float
    2 HRANDFIELD hash [(-4|-1|0|1|3|1000|-9223372036854775808) [WITHVALUES]]
    2 HSCAN hash 0 COUNT 100000 [MATCH pattern] [NOVALUES]
    3 HEXPIRE hash secs [NX|XX|GT|LT] FIELDS counted-fields
    2 HPEXPIRE hash millis [NX|XX|GT|LT] FIELDS counted-fields
    3 HEXPIREAT hash at-secs [NX|XX|GT|LT] FIELDS counted-fields
    3 HPEXPIREAT hash at-millis [NX|XX|GT|LT] FIELDS counted-fields
    HTTL hash FIELDS counted-fields
    HPTTL hash FIELDS counted-fields
    HEXPIRETIME hash FIELDS counted-fields
    HPEXPIRETIME hash FIELDS counted-fields
    3 HPEXPIRE hash soon [NX|XX|GT|LT] FIELDS counted-fields
    HGETEX hash PX soon FIELDS counted-fields
    HSETEX hash [FNX|FXX] PX soon FIELDS counted-field-values
    HSCAN hash 0 COUNT 100000 [MATCH pattern] [NOVALUES]
    3 HPERSIST hash FIELDS counted-fields
    4 HGETEX hash [EX secs|PX millis|EXAT at-secs|PXAT at-millis|PERSIST] FIELDS counted-fields
    4 HSETEX hash [FNX|FXX] [EX secs|PX millis|EXAT at-secs|PXAT at-millis|KEEPTTL] FIELDS counted-field-values
    2 HGETDEL hash FIELDS counted-fields
    redis: OBJECT ENCODING hash
";

pub(crate) const STREAMS: &str = "
    8 XADD stream [NOMKSTREAM] [MAXLEN [=|~] count|MINID [=|~] id] [LIMIT count] new-id (field value)...
    8 XADD stream new-id (field value)...
    XLEN stream
    3 XRANGE stream range-id range-id [COUNT count]
    2 XREVRANGE stream range-id range-id [COUNT count]
    3 XDEL stream id...
    2 XTRIM stream (MAXLEN [=|~] count|MINID [=|~] id) [LIMIT count]
    3 XREAD [COUNT count] STREAMS streams-ids
    4 XGROUP CREATE stream group group-id [MKSTREAM] [ENTRIESREAD int]
    6 XGROUP CREATE stream group group-id MKSTREAM
    XGROUP SETID stream group group-id [ENTRIESREAD int]
    XGROUP DESTROY stream group
    XGROUP CREATECONSUMER stream group consumer
    XGROUP DELCONSUMER stream group consumer
    4 XREADGROUP GROUP group consumer [COUNT count] [NOACK] STREAMS streams-group-ids
    6 XREADGROUP GROUP group consumer [COUNT count] STREAMS stream >
    3 XACK stream group id...
    2 XPENDING stream group
    3 XPENDING stream group [IDLE idle] range-id range-id count [consumer]
    4 XCLAIM stream group consumer idle id... [IDLE idle] [TIME time] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID id]
    3 XAUTOCLAIM stream group consumer idle id [COUNT count] [JUSTID]
    XINFO STREAM stream [FULL [COUNT count]]
    XINFO GROUPS stream
    XINFO CONSUMERS stream group
    XSETID stream id [ENTRIESADDED int] [MAXDELETEDID id]
";

pub(crate) const SORTED_SETS: &str = "
    8 ZADD zset (score member)...
    4 ZADD zset [NX|XX] [GT|LT] [CH] [INCR] (score member)...
    2 ZADD zset [NX|XX] [GT|LT] [CH] INCR score member
    2 ZADD zset many-members
    4 ZADD lex (0 member)...
    ZADD lex many-tied
    3 ZINCRBY zset score member
    2 ZREM zset member...
    ZREM lex member...
    ZCARD zset
    2 ZSCORE zset member
    2 ZMSCORE zset member...
    2 ZRANK zset member [WITHSCORE]
    2 ZREVRANK zset member [WITHSCORE]
    3 ZCOUNT zset score-bound score-bound
    2 ZLEXCOUNT lex member-bound member-bound
    3 ZRANGE zset index index [REV] [WITHSCORES]
    3 ZRANGE zset score-bound score-bound BYSCORE [REV] [LIMIT offset-in-range int] [WITHSCORES]
    2 ZRANGE lex member-bound member-bound BYLEX [REV] [LIMIT offset-in-range int] [WITHSCORES]
    ZRANGE zset index index [BYSCORE|BYLEX] [REV] [LIMIT offset-in-range int] [WITHSCORES]
    ZREVRANGE zset index index [WITHSCORES]
    2 ZRANGEBYSCORE zset score-bound score-bound [WITHSCORES] [LIMIT offset-in-range int]
    2 ZREVRANGEBYSCORE zset score-bound score-bound [WITHSCORES] [LIMIT offset-in-range int]
    2 ZRANGEBYLEX lex member-bound member-bound [LIMIT offset-in-range int]
    2 ZREVRANGEBYLEX lex member-bound member-bound [LIMIT offset-in-range int]
    2 ZRANGESTORE zset zset index index [REV]
    2 ZRANGESTORE zset zset score-bound score-bound BYSCORE [REV] [LIMIT offset-in-range int]
    ZRANGESTORE lex lex member-bound member-bound BYLEX [REV] [LIMIT offset-in-range int]
    2 ZREMRANGEBYRANK zset index index
    2 ZREMRANGEBYSCORE zset score-bound score-bound
    2 ZREMRANGEBYLEX lex member-bound member-bound
    2 ZPOPMIN zset [count]
    2 ZPOPMAX zset [count]
    2 ZMPOP counted-zsets (MIN|MAX|MID) [COUNT count]
    2 ZUNION weighted-zsets [AGGREGATE (SUM|MIN|MAX|FOO)] [WITHSCORES]
    2 ZINTER weighted-zsets [AGGREGATE (SUM|MIN|MAX)] [WITHSCORES]
    2 ZDIFF counted-zsets [WITHSCORES]
    2 ZINTERCARD counted-zsets [LIMIT count]
    3 ZUNIONSTORE zset weighted-zsets [AGGREGATE (SUM|MIN|MAX)]
    3 ZINTERSTORE zset weighted-zsets [AGGREGATE (SUM|MIN|MAX)]
    2 ZDIFFSTORE zset counted-zsets
    ZRANDMEMBER zset (0|1000) [WITHSCORES]
    2 ZSCAN zset 0 COUNT 100000 [MATCH pattern]
    OBJECT ENCODING zset
";

pub(crate) const BITMAPS: &str = "
    6 SETBIT string bit-offset bit
    2 GETBIT string bit-offset
    2 SET string value
    BITCOUNT string
    4 BITCOUNT string index index [BYTE|BIT]
    BITPOS string bit
    2 BITPOS string bit index
    4 BITPOS string bit index index [BYTE|BIT]
    6 BITOP (AND|OR|XOR) string string...
    2 BITOP NOT string string
    BITOP (NOT|AND|FOO) key key...
    2 BITFIELD string bitfield-get...
    8 BITFIELD string bitfield...
    2 BITFIELD_RO string bitfield-get...
    BITFIELD_RO string bitfield...
    BITFIELD key bitfield...
";

pub(crate) const GEO: &str = "
    8 GEOADD geo [NX|XX] [CH] (lon lat place)...
    4 GEOADD geo many-places
    2 GEOPOS geo place...
    2 GEOHASH geo place...
    3 GEODIST geo place place [unit]
    9 GEOSEARCH geo (FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS length unit|BYBOX length length unit) [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
    GEOSEARCH geo [WITHDIST] (BYRADIUS length unit|BYBOX length length unit|ASC) [COUNT count [ANY]] (FROMMEMBER place|FROMLONLAT lon lat|STOREDIST)
    4 GEOSEARCHSTORE geo geo (FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS length unit|BYBOX length length unit) [ASC|DESC] [COUNT count [ANY]]
    GEOSEARCHSTORE zset geo FROMLONLAT lon lat BYRADIUS length unit [COUNT count] STOREDIST
    9 valkey: GEOSEARCH geo BYPOLYGON polygon [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
    valkey: GEOSEARCHSTORE geo geo BYPOLYGON polygon [ASC|DESC] [COUNT count [ANY]]
    3 GEORADIUS geo lon lat length unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
    GEORADIUS geo lon lat length unit [WITHDIST] [COUNT count [ANY]] [ASC|DESC] [STORE geo] [STOREDIST zset]
    2 GEORADIUSBYMEMBER geo place length unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
    GEORADIUSBYMEMBER geo place length unit [WITHDIST] [COUNT count [ANY]] [ASC|DESC] [STORE geo] [STOREDIST zset]
    GEORADIUS_RO geo lon lat length unit [WITHCOORD] [WITHDIST] [COUNT count] [ASC|DESC] [STORE geo]
    GEORADIUSBYMEMBER_RO geo place length unit [WITHHASH] [WITHDIST] [COUNT count] [ASC|DESC]
    ZREM geo place...
    GEOPOS zset member...
    GEOHASH zset member...
    GEODIST zset member member
    DEL geo
";

pub(crate) const HYPER_LOG_LOGS: &str = "
    8 PFADD sketch element...
    4 PFADD sketch many-numbers
    PFADD sketch
    PFADD key element
    4 PFCOUNT sketch
    2 PFCOUNT sketch...
    PFCOUNT key...
    3 PFMERGE sketch sketch...
    PFMERGE key key...
    PFDEBUG ENCODING sketch
    PFDEBUG DECODE sketch
    PFDEBUG TODENSE sketch
    PFDEBUG (GETREG|ENCODING|FOO) key
    STRLEN sketch
    GET sketch
    DEL sketch
";

pub(crate) const SORT: &str = "
    4 RPUSH sorted-list sorted-element...
    RPUSH sorted-list (sorted-element sorted-element sorted-element sorted-element)...
    2 SADD sorted-set sorted-element...
    2 ZADD sorted-zset score long-number (score sorted-element)...
    DEL sortable
    3 SET weight float
    2 SET weight sorted-element
    3 HSET object (sort-field sorted-element)...
    6 SORT sortable [BY sort-pattern] [LIMIT int int] [GET sort-pattern] [ASC|DESC]
    4 SORT sortable [LIMIT int int] [GET sort-pattern] [GET sort-pattern] [ASC|DESC] ALPHA
    3 SORT sorted-list [BY sort-pattern] ALPHA [GET sort-pattern] [GET sort-pattern] [ASC|DESC]
    2 SORT sorted-list [BY sort-pattern] [GET sort-pattern] [ASC|DESC] ALPHA STORE sorted-list
    2 SORT sortable [BY sort-pattern] [LIMIT int int] [ASC|DESC] STORE sorted-list
    3 SORT sorted-set [BY sort-pattern-of-keys] [LIMIT int int] [GET sort-pattern] [ASC|DESC]
    SORT sorted-set ALPHA [LIMIT int int] [GET sort-pattern] [ASC|DESC]
    SORT sorted-set BY NOSORT [LIMIT int int] [ASC|DESC] STORE sorted-list
    2 SORT_RO sortable [BY sort-pattern] [LIMIT int int] [GET sort-pattern] [DESC] [STORE]
    SORT sortable (GET|LIMIT|STORE|ASC|DESC|sort-pattern)...
    SORT string
    LRANGE sorted-list 0 -1
";

pub(crate) const TRANSACTIONS: &str = "
    6 MULTI
    EXEC
    DISCARD
    4 WATCH key...
    UNWATCH
";

pub(crate) const BLOCKING: &str = "
    3 BLPOP list... timeout
    3 BRPOP list... timeout
    2 BLMOVE list list side side timeout
    BRPOPLPUSH list list timeout
    2 BLMPOP timeout counted-lists side [COUNT count]
    3 BZPOPMIN zset... timeout
    2 BZPOPMAX zset... timeout
    2 BZMPOP timeout counted-zsets (MIN|MAX) [COUNT count]
    3 XREAD [COUNT count] BLOCK block STREAMS streams-tails
    XREADGROUP GROUP group consumer [COUNT count] BLOCK block STREAMS streams-group-ids
    3 XREADGROUP GROUP group consumer [COUNT count] BLOCK 0 STREAMS stream >
";

pub(crate) const SUBSCRIPTIONS: &str = "
    6 SUBSCRIBE channel...
    3 UNSUBSCRIBE channel...
    UNSUBSCRIBE
    6 PSUBSCRIBE channel-pattern...
    3 PUNSUBSCRIBE channel-pattern...
    PUNSUBSCRIBE
    6 SSUBSCRIBE channel...
    3 SUNSUBSCRIBE channel...
    SUNSUBSCRIBE
    12 PUBLISH channel value
    6 SPUBLISH channel value
    3 PUBSUB CHANNELS [channel-pattern]
    2 PUBSUB NUMPAT
    2 PUBSUB NUMSUB [channel...]
    3 PUBSUB SHARDCHANNELS [channel-pattern]
    2 PUBSUB SHARDNUMSUB [channel...]
    PUBSUB (FOO|NUMPAT) [channel]
    4 PING [value]
    2 GET string
    RESET
    HELLO (2|3)
";

/// Without two things that Redis 8.0.6 doesn't survive: a client with NO-TOUCH that serves one who waits, and AUTH in a
/// transaction, which the generator leaves out.
pub(crate) const CONNECTIONS: &str = "
    CLIENT GETNAME
    2 CLIENT SETNAME name
    CLIENT SETINFO (LIB-NAME|LIB-VER|FOO) name
    CLIENT NO-EVICT (ON|OFF|FOO)
    CLIENT NO-TOUCH (OFF|FOO)
    2 CLIENT TRACKING (ON|OFF|FOO) [BCAST] [OPTIN|OPTOUT] [NOLOOP]
    2 CLIENT TRACKING ON BCAST [PREFIX pattern] [PREFIX pattern]
    CLIENT TRACKING ON [REDIRECT int] [PREFIX pattern]
    2 CLIENT TRACKINGINFO
    CLIENT GETREDIR
    CLIENT CACHING (YES|NO|FOO)
    CLIENT REPLY (ON|FOO)
    CLIENT ID
    CLIENT INFO
    CLIENT UNBLOCK (0|-1|ABC) [TIMEOUT|ERROR|FOO]
    CLIENT KILL ID (0|-1|ABC)
    CLIENT LIST (TYPE (NORMAL|PUBSUB|FOO)|ID (1|2|7) (1|9))
    CLIENT (FOO|GETNAME|LIST) [value] [value]
    CLIENT (PAUSE|KILL)
    2 HELLO [2|3|4|ABC] [SETNAME name] [FOO]
    AUTH value [value]
    PING [value] [value]
    ECHO value
    RESET
    SELECT db
    CLIENT UNPAUSE
    valkey: CLIENT CAPA (REDIRECT|FOO)
    valkey: CLIENT IMPORT-SOURCE (ON|OFF|FOO)
    CLIENT HELP
";

pub(crate) const SERVER: &str = "
    TIME
    LASTSAVE
    SAVE
    ROLE
    WAIT 0 (0|-1|ABC)
    WAITAOF (0|1|2|-1|ABC) (0|-1|ABC) (0|-1|ABC)
    redis: READONLY
    redis: READWRITE
    COMMAND
    COMMAND COUNT
    8 COMMAND GETKEYS command
    8 COMMAND GETKEYSANDFLAGS command
    4 redis: COMMAND INFO command-name...
    COMMAND INFO (FOO|GET|GET FOO|FOO FOO)
    COMMAND DOCS command-name
    COMMAND LIST
    2 COMMAND LIST (FILTERBY|FOO) (PATTERN (GET*|HINC*|?PUSH|FOO)|ACLCAT (FOO|HYPERLOGLOG)|MODULE FOO|FOO)
    COMMAND (FOO|GETKEYS) [value]
    COMMAND HELP
    SLOWLOG LEN
    SLOWLOG RESET
    SLOWLOG GET [(-2|-1|0|3|ABC)]
    SLOWLOG HELP
    valkey: COMMANDLOG (LEN|RESET|FOO) (SLOW|LARGE-REQUEST|LARGE-REPLY|FOO)
    valkey: COMMANDLOG GET (-2|-1|0|3|ABC) (SLOW|LARGE-REQUEST|LARGE-REPLY|FOO)
    valkey: COMMANDLOG HELP
    MODULE (LIST|HELP|FOO)
    MODULE (LOAD|LOADEX|UNLOAD) value
    LATENCY RESET value
    LATENCY LATEST
    LATENCY (HISTORY|GRAPH|FOO) value
    LATENCY DOCTOR
    LATENCY HISTOGRAM [command-name]
    LATENCY HELP
    2 CONFIG GET setting...
    CONFIG SET setting (ABC|1X) [value]
    CONFIG (FOO|GET|SET) [value]
    CONFIG (RESETSTAT|REWRITE|HELP)
    2 INFO [(SERVER|KEYSPACE|COMMANDSTATS|ALL|FOO)]
    MEMORY (DOCTOR|PURGE|STATS|MALLOC-STATS|HELP|FOO)
    LOLWUT [VERSION int]
    OBJECT HELP
    XGROUP HELP
    XINFO HELP
    PUBSUB HELP
    PFSELFTEST
    GET string
    SET string value
";

/// Commands that no form sends, and why.
#[cfg(test)]
pub(crate) const LEFT_OUT: &[(&str, &str)] = &[
    ("BGREWRITEAOF", "what it answers depends on whether another one has ended"),
    ("BGSAVE", "what it answers depends on whether another one has ended"),
    ("MIGRATE", "moves keys to a third server"),
    ("MONITOR", "a connection that monitors is answered no more, and hears of the tester's own questions"),
    ("QUIT", "ends the connection, whatever words follow"),
    ("SHUTDOWN", "ends the server"),
    ("ARCOUNT", LATER),
    ("ARDEL", LATER),
    ("ARDELRANGE", LATER),
    ("ARGET", LATER),
    ("ARGETRANGE", LATER),
    ("ARGREP", LATER),
    ("ARINFO", LATER),
    ("ARINSERT", LATER),
    ("ARLASTITEMS", LATER),
    ("ARLEN", LATER),
    ("ARMGET", LATER),
    ("ARMSET", LATER),
    ("ARNEXT", LATER),
    ("AROP", LATER),
    ("ARRING", LATER),
    ("ARSCAN", LATER),
    ("ARSEEK", LATER),
    ("ARSET", LATER),
    ("DIGEST", LATER),
    ("HOTKEYS GET", LATER),
    ("HOTKEYS HELP", LATER),
    ("HOTKEYS RESET", LATER),
    ("HOTKEYS START", LATER),
    ("HOTKEYS STOP", LATER),
    ("DELEX", LATER),
    ("INCREX", LATER),
    ("LMOVEM", LATER),
    ("BLMOVEM", LATER),
    ("HIMPORT", LATER),
    ("SDIFFCARD", LATER),
    ("SUNIONCARD", LATER),
    ("XACKDEL", LATER),
    ("XCFGSET", LATER),
    ("XDELEX", LATER),
    ("XIDMPRECORD", LATER),
    ("XNACK", LATER),
    ("SADDEX", OWN),
    ("SEXPIRE", OWN),
    ("SEXPIREAT", OWN),
    ("SEXPIRETIME", OWN),
    ("SPERSIST", OWN),
    ("SPEXPIRE", OWN),
    ("SPEXPIREAT", OWN),
    ("SPEXPIRETIME", OWN),
    ("SPTTL", OWN),
    ("STTL", OWN),
    ("ZEXPIRE", OWN),
    ("ZEXPIREAT", OWN),
    ("ZEXPIRETIME", OWN),
    ("ZPERSIST", OWN),
    ("ZPEXPIRE", OWN),
    ("ZPEXPIREAT", OWN),
    ("ZPEXPIRETIME", OWN),
    ("ZPTTL", OWN),
    ("ZTTL", OWN),
];

#[cfg(test)]
const LATER: &str = "of a later Redis than 8.0; Valkey 9.1 lacks it too";
#[cfg(test)]
const OWN: &str = "no other server has it";
