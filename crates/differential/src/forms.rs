//! The commands that are tried, by family, in the notation of [`crate::grammar`].

use crate::grammar::Form;

/// A group of commands that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Strings and counters.
    Strings,
    /// Commands for keys of any type, and databases.
    Keys,
    /// Lists.
    Lists,
    /// Sets.
    Sets,
    /// Hashes, with fields that expire.
    Hashes,
    /// Streams and consumer groups.
    Streams,
    /// Sorted sets.
    SortedSets,
    /// Bits of strings.
    Bitmaps,
    /// Places.
    Geo,
    /// Strings that count different elements.
    HyperLogLogs,
    /// SORT, and what it reads.
    Sort,
    /// MULTI, EXEC, WATCH: sequences of the other families' commands are wrapped.
    Transactions,
    /// Commands that wait, on the second connection.
    Blocking,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 13] = [
        Self::Strings,
        Self::Keys,
        Self::Lists,
        Self::Sets,
        Self::Hashes,
        Self::Streams,
        Self::SortedSets,
        Self::Bitmaps,
        Self::Geo,
        Self::HyperLogLogs,
        Self::Sort,
        Self::Transactions,
        Self::Blocking,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strings => "strings",
            Self::Keys => "keys",
            Self::Lists => "lists",
            Self::Sets => "sets",
            Self::Hashes => "hashes",
            Self::Streams => "streams",
            Self::SortedSets => "sorted-sets",
            Self::Bitmaps => "bitmaps",
            Self::Geo => "geo",
            Self::HyperLogLogs => "hyperloglogs",
            Self::Sort => "sort",
            Self::Transactions => "transactions",
            Self::Blocking => "blocking",
        }
    }

    /// The family with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    fn table(self) -> &'static str {
        match self {
            Self::Strings => STRINGS,
            Self::Keys => KEYS,
            Self::Lists => LISTS,
            Self::Sets => SETS,
            Self::Hashes => HASHES,
            Self::Streams => STREAMS,
            Self::SortedSets => SORTED_SETS,
            Self::Bitmaps => BITMAPS,
            Self::Geo => GEO,
            Self::HyperLogLogs => HYPER_LOG_LOGS,
            Self::Sort => SORT,
            Self::Transactions => TRANSACTIONS,
            Self::Blocking => BLOCKING,
        }
    }

    /// Its forms.
    ///
    /// # Errors
    /// The first line of the table that is no form, and why.
    pub fn forms(self) -> Result<Vec<Form>, String> {
        self.table().lines().map(str::trim).filter(|line| !line.is_empty()).map(Form::parse).collect()
    }
}

const STRINGS: &str = "
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

const KEYS: &str = "
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
    DBSIZE
    SELECT db
    SWAPDB db db
    FLUSHDB [ASYNC|SYNC]
    FLUSHALL [ASYNC|SYNC]
    ECHO value
    PING [value]
";

const LISTS: &str = "
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

const SETS: &str = "
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

const HASHES: &str = "
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
    3 HPERSIST hash FIELDS counted-fields
    4 HGETEX hash [EX secs|PX millis|EXAT at-secs|PXAT at-millis|PERSIST] FIELDS counted-fields
    4 HSETEX hash [FNX|FXX] [EX secs|PX millis|EXAT at-secs|PXAT at-millis|KEEPTTL] FIELDS counted-field-values
    2 HGETDEL hash FIELDS counted-fields
    redis: OBJECT ENCODING hash
";

const STREAMS: &str = "
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

const SORTED_SETS: &str = "
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

const BITMAPS: &str = "
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

const GEO: &str = "
    8 GEOADD geo [NX|XX] [CH] (lon lat place)...
    4 GEOADD geo many-places
    2 GEOPOS geo place...
    2 GEOHASH geo place...
    3 GEODIST geo place place [unit]
    9 GEOSEARCH geo (FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS length unit|BYBOX length length unit) [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
    GEOSEARCH geo [WITHDIST] (BYRADIUS length unit|BYBOX length length unit|ASC) [COUNT count [ANY]] (FROMMEMBER place|FROMLONLAT lon lat|STOREDIST)
    4 GEOSEARCHSTORE geo geo (FROMMEMBER place|FROMLONLAT lon lat) (BYRADIUS length unit|BYBOX length length unit) [ASC|DESC] [COUNT count [ANY]]
    GEOSEARCHSTORE zset geo FROMLONLAT lon lat BYRADIUS length unit [COUNT count] STOREDIST
    valkey: 9 GEOSEARCH geo BYPOLYGON polygon [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
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

const HYPER_LOG_LOGS: &str = "
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

const SORT: &str = "
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

const TRANSACTIONS: &str = "
    6 MULTI
    EXEC
    DISCARD
    4 WATCH key...
    UNWATCH
";

const BLOCKING: &str = "
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_form() {
        for family in Family::ALL {
            assert!(!family.forms().unwrap().is_empty(), "{}", family.name());
            assert_eq!(Family::named(family.name()), Some(family));
        }
    }
}
