//! What a command declares about itself: everything but the handler's code.

use keyspace::Kind;

/// A command: its declaration and its handler of type `F`.
pub struct Command<F: 'static> {
    /// The declaration.
    pub spec: Spec,
    /// The handler. A container's handler is called for no subcommand at all.
    pub run: F,
    /// Subcommands, if the command is a container such as XGROUP.
    pub subcommands: &'static [Command<F>],
}

impl<F> Command<F> {
    /// A command without subcommands.
    pub const fn new(spec: Spec, run: F) -> Self {
        Command { spec, run, subcommands: &[] }
    }

    /// A container of subcommands.
    pub const fn container(spec: Spec, run: F, subcommands: &'static [Command<F>]) -> Self {
        Command { spec, run, subcommands }
    }
}

/// What a request does with its keys.
pub type KeyUse = fn(resp::Args<'_>) -> &'static [KeyFlag];

/// What a request needs beyond the keys of the specifications, given all of its words.
pub type RequestReach = fn(resp::Args<'_>) -> Reach;

/// What a request needs beyond the keys that its command's specifications find among its words.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Reach {
    /// The index of a word that is a key, where no specification says so. The last specification that doesn't say where
    /// its keys are describes what is done with it.
    pub key: Option<usize>,
    /// Whether it turns out only while the command runs which keys it reads: it needs all shards.
    pub unknown: bool,
}

/// A command's declaration. COMMAND, COMMAND DOCS, admission, locking, replication and the documentation follow from it.
pub struct Spec {
    /// Name in lower case; of a subcommand, its own part only.
    pub name: &'static str,
    /// Family in COMMAND DOCS.
    pub group: Group,
    /// The Redis version (or `valkey 9.0.0`, `redstart 0.1.0`) that introduced it.
    pub since: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Big-O.
    pub complexity: &'static str,
    /// For tests and other servers, not for clients: the documentation flag `syscmd`.
    pub internal: bool,
    /// Since when there is something better, and what.
    pub deprecated: Option<Deprecated>,
    /// Name and arguments in the notation of [`crate::syntax`]; COMMAND DOCS' arguments are derived from it.
    pub syntax: &'static str,
    /// Number of arguments with the name; negative: at least that many.
    pub arity: i16,
    /// Arguments that are younger than the command: their names in the tree of COMMAND DOCS, and the versions.
    pub arguments_since: &'static [(&'static str, &'static str)],
    /// Arguments that there is something better for: their names, and since which version.
    pub arguments_deprecated: &'static [(&'static str, &'static str)],
    /// What has to allow it, if the configuration does so.
    pub guard: Option<Guard>,
    /// Properties. ACL categories follow from them, the group, and `acl`.
    pub flags: &'static [Flag],
    /// ACL categories beyond those that follow from group and flags; with a minus, one that does not apply.
    pub acl: &'static [&'static str],
    /// Where keys stand among the arguments.
    pub keys: &'static [KeySpec],
    /// The argument that names an element of the key's value, if the command looks for one: what is about to be touched
    /// for it is loaded ahead, with that of the connection's other requests.
    pub element: Option<usize>,
    /// What is done with keys whose flags are variable ([`KeyFlag::VariableFlags`]), given all words of the request.
    pub key_use: Option<KeyUse>,
    /// Which shards the command needs.
    pub footprint: Footprint,
    /// What single requests need beyond that, if they do.
    pub reach: Option<RequestReach>,
    /// How it enters the journal.
    pub replicate: Replicate,
    /// Hints for clients and proxies.
    pub tips: &'static [&'static str],
    /// Examples: lines `> COMMAND` each followed by the reply as redis-cli prints it. They run as tests.
    pub examples: &'static str,
}

impl Spec {
    /// What a declaration that says nothing says.
    pub const DEFAULT: Spec = Spec {
        name: "",
        group: Group::Generic,
        since: "1.0.0",
        summary: "",
        complexity: "O(1)",
        internal: false,
        deprecated: None,
        syntax: "",
        arity: 1,
        arguments_since: &[],
        arguments_deprecated: &[],
        guard: None,
        flags: &[],
        acl: &[],
        keys: &[],
        element: None,
        key_use: None,
        footprint: Footprint::Keys,
        reach: None,
        replicate: Replicate::Verbatim,
        tips: &[],
        examples: "",
    };
}

/// What COMMAND DOCS tells of a command that is kept for old clients only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deprecated {
    /// The version that replaced it.
    pub since: &'static str,
    /// What to use in its place.
    pub replaced_by: &'static str,
}

/// Command families as COMMAND DOCS names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Group {
    Generic,
    String,
    List,
    Set,
    SortedSet,
    Hash,
    PubSub,
    Transactions,
    Connection,
    Server,
    Scripting,
    HyperLogLog,
    Cluster,
    Sentinel,
    Geo,
    Stream,
    Bitmap,
    Array,
}

impl Group {
    /// The name in COMMAND DOCS.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Generic => "generic",
            Group::String => "string",
            Group::List => "list",
            Group::Set => "set",
            Group::SortedSet => "sorted-set",
            Group::Hash => "hash",
            Group::PubSub => "pubsub",
            Group::Transactions => "transactions",
            Group::Connection => "connection",
            Group::Server => "server",
            Group::Scripting => "scripting",
            Group::HyperLogLog => "hyperloglog",
            Group::Cluster => "cluster",
            Group::Sentinel => "sentinel",
            Group::Geo => "geo",
            Group::Stream => "stream",
            Group::Bitmap => "bitmap",
            Group::Array => "array",
        }
    }

    /// The ACL category that all commands of the family are in.
    pub const fn acl_category(self) -> Option<&'static str> {
        match self {
            Group::Generic => Some("keyspace"),
            Group::String => Some("string"),
            Group::List => Some("list"),
            Group::Set => Some("set"),
            Group::SortedSet => Some("sortedset"),
            Group::Hash => Some("hash"),
            Group::PubSub => Some("pubsub"),
            Group::Transactions => Some("transaction"),
            Group::Connection => Some("connection"),
            Group::Scripting => Some("scripting"),
            Group::HyperLogLog => Some("hyperloglog"),
            Group::Geo => Some("geo"),
            Group::Stream => Some("stream"),
            Group::Bitmap => Some("bitmap"),
            Group::Array => Some("array"),
            Group::Server | Group::Cluster | Group::Sentinel => None,
        }
    }
}

/// A property of a command, as COMMAND INFO shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "Redis' own flag names")]
pub enum Flag {
    Write,
    Readonly,
    DenyOom,
    Admin,
    PubSub,
    NoScript,
    Blocking,
    Loading,
    Stale,
    SkipMonitor,
    SkipSlowlog,
    Asking,
    Fast,
    NoAuth,
    MayReplicate,
    NoMandatoryKeys,
    NoMulti,
    NoAsyncLoading,
    AllowBusy,
    MovableKeys,
    /// Not shown by COMMAND INFO: belongs to the ACL category `dangerous` though not an admin command.
    Dangerous,
    /// Not shown by COMMAND INFO: runs at once, though a transaction is being queued.
    DuringMulti,
    /// Not shown by COMMAND INFO: may be run by a client of RESP2 that has subscribed to something.
    WhileListening,
    /// Not shown by COMMAND INFO: of a container, whose subcommands leave what CLIENT CACHING has said about the next
    /// command to the one behind them.
    KeepsCaching,
    /// Not shown by COMMAND INFO: sends messages, which is held back with writes by CLIENT PAUSE.
    Publishes,
}

impl Flag {
    /// Flags in the order in which COMMAND INFO lists them, with their names.
    pub const NAMES: [(Flag, &'static str); 20] = [
        (Flag::Write, "write"),
        (Flag::Readonly, "readonly"),
        (Flag::DenyOom, "denyoom"),
        (Flag::Admin, "admin"),
        (Flag::PubSub, "pubsub"),
        (Flag::NoScript, "noscript"),
        (Flag::Blocking, "blocking"),
        (Flag::Loading, "loading"),
        (Flag::Stale, "stale"),
        (Flag::SkipMonitor, "skip_monitor"),
        (Flag::SkipSlowlog, "skip_slowlog"),
        (Flag::Asking, "asking"),
        (Flag::Fast, "fast"),
        (Flag::NoAuth, "no_auth"),
        (Flag::MayReplicate, "may_replicate"),
        (Flag::NoMandatoryKeys, "no_mandatory_keys"),
        (Flag::NoAsyncLoading, "no_async_loading"),
        (Flag::NoMulti, "no_multi"),
        (Flag::MovableKeys, "movablekeys"),
        (Flag::AllowBusy, "allow_busy"),
    ];

    /// The flag's bit in a [`FlagSet`].
    pub const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// A set of flags, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FlagSet(pub u32);

impl FlagSet {
    /// The set of the given flags.
    pub const fn of(flags: &[Flag]) -> FlagSet {
        let (mut bits, mut at) = (0, 0);
        while at < flags.len() {
            bits |= flags[at].bit();
            at += 1;
        }
        FlagSet(bits)
    }

    /// Whether `flag` is in the set.
    #[inline]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// Whether the sets share a flag.
    #[inline]
    pub const fn intersects(self, other: FlagSet) -> bool {
        self.0 & other.0 != 0
    }
}

/// The directive by which an administrator allows a command to everybody, to clients of this machine, or to nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// `enable-debug-command`
    Debug,
    /// `enable-module-command`
    Module,
}

/// Which shards a command needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Footprint {
    /// Those of its keys.
    Keys,
    /// Every shard, one after another: the command may see different moments of different shards.
    Each,
    /// Every shard at once.
    All,
    /// None.
    Nothing,
}

/// How a command that changed something enters the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replicate {
    /// As it was given.
    Verbatim,
    /// As the handler says through `Effects::outcome`; as it was given where the handler says nothing.
    Outcome,
    /// Not at all.
    Never,
}

/// Where keys stand, as COMMAND INFO's key specifications put it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeySpec {
    /// Where the first key (or the number of keys) stands.
    pub begin: Begin,
    /// How the others follow.
    pub find: Find,
    /// What is done with the keys.
    pub flags: &'static [KeyFlag],
    /// Why the flags or the places are what they are, where one might wonder.
    pub notes: Option<&'static str>,
}

/// Where a group of keys begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begin {
    /// At this argument (the name is argument 0).
    Index(usize),
    /// Behind this word, searched from `start` (negative: from the end).
    Keyword {
        /// The word, in capitals.
        word: &'static str,
        /// Where the search starts.
        start: i16,
    },
    /// Only the command itself knows.
    Unknown,
}

/// How to find the keys from where they begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Find {
    /// Every `step`-th argument up to `last`, counted from the beginning (negative: from the end of the arguments,
    /// -1 being the last one); with `limit` n > 1 only the first n-th part of the remaining arguments.
    Range {
        /// The last key relative to the first.
        last: i16,
        /// Distance of keys.
        step: usize,
        /// 0 or 1: no limit.
        limit: usize,
    },
    /// A number of keys at `at`, the keys from `first` on (both relative to the beginning).
    KeyNum {
        /// Where the number stands.
        at: usize,
        /// Where the first key stands.
        first: usize,
        /// Distance of keys.
        step: usize,
    },
    /// Only the command itself knows.
    Unknown,
}

/// What a command does with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "Redis' own flag names")]
pub enum KeyFlag {
    ReadOnly,
    ReadWrite,
    Overwrite,
    Remove,
    Access,
    Update,
    Insert,
    Delete,
    NotKey,
    Incomplete,
    VariableFlags,
}

impl KeyFlag {
    /// The name in COMMAND INFO.
    pub const fn name(self) -> &'static str {
        match self {
            KeyFlag::ReadOnly => "RO",
            KeyFlag::ReadWrite => "RW",
            KeyFlag::Overwrite => "OW",
            KeyFlag::Remove => "RM",
            KeyFlag::Access => "access",
            KeyFlag::Update => "update",
            KeyFlag::Insert => "insert",
            KeyFlag::Delete => "delete",
            KeyFlag::NotKey => "not_key",
            KeyFlag::Incomplete => "incomplete",
            KeyFlag::VariableFlags => "variable_flags",
        }
    }
}

impl KeySpec {
    /// One key at argument `index`.
    pub const fn one(index: usize, flags: &'static [KeyFlag]) -> KeySpec {
        KeySpec {
            begin: Begin::Index(index),
            find: Find::Range { last: 0, step: 1, limit: 0 },
            flags,
            notes: None,
        }
    }

    /// Keys from argument `index` to `last` (relative, negative from the end), every `step`-th argument.
    pub const fn range(index: usize, last: i16, step: usize, flags: &'static [KeyFlag]) -> KeySpec {
        KeySpec { begin: Begin::Index(index), find: Find::Range { last, step, limit: 0 }, flags, notes: None }
    }

    /// A number of keys at argument `index`, followed by them.
    pub const fn numkeys(index: usize, flags: &'static [KeyFlag]) -> KeySpec {
        KeySpec {
            begin: Begin::Index(index),
            find: Find::KeyNum { at: 0, first: 1, step: 1 },
            flags,
            notes: None,
        }
    }

    /// The same with notes.
    pub const fn noted(self, notes: &'static str) -> KeySpec {
        KeySpec { notes: Some(notes), ..self }
    }
}

/// A class of keyspace events, as in `notify-keyspace-events`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum EventClass {
    Generic,
    String,
    List,
    Set,
    Hash,
    SortedSet,
    Expired,
    Evicted,
    Stream,
    Array,
    New,
    KeyMiss,
    Overwritten,
    TypeChanged,
}

/// A keyspace event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its class.
    pub class: EventClass,
    /// Its name, such as `lpush`.
    pub name: &'static str,
}

impl Event {
    /// An event of any type of key.
    pub const fn generic(name: &'static str) -> Event {
        Event { class: EventClass::Generic, name }
    }

    /// An event of strings.
    pub const fn string(name: &'static str) -> Event {
        Event { class: EventClass::String, name }
    }

    /// An event of lists.
    pub const fn list(name: &'static str) -> Event {
        Event { class: EventClass::List, name }
    }

    /// An event of sets.
    pub const fn set(name: &'static str) -> Event {
        Event { class: EventClass::Set, name }
    }

    /// An event of hashes.
    pub const fn hash(name: &'static str) -> Event {
        Event { class: EventClass::Hash, name }
    }

    /// An event of sorted sets.
    pub const fn sorted_set(name: &'static str) -> Event {
        Event { class: EventClass::SortedSet, name }
    }

    /// An event of streams.
    pub const fn stream(name: &'static str) -> Event {
        Event { class: EventClass::Stream, name }
    }

    /// An event of arrays.
    pub const fn array(name: &'static str) -> Event {
        Event { class: EventClass::Array, name }
    }

    /// `del`.
    pub const DEL: Event = Event::generic("del");
    /// `expire`.
    pub const EXPIRE: Event = Event::generic("expire");
    /// `persist`.
    pub const PERSIST: Event = Event::generic("persist");
    /// `new`: a key that wasn't there.
    pub const NEW: Event = Event { class: EventClass::New, name: "new" };
    /// `keymiss`: no change, a lookup that found nothing.
    pub const KEY_MISS: Event = Event { class: EventClass::KeyMiss, name: "keymiss" };
    /// `overwritten`: another value stands in place of the whole one.
    pub const OVERWRITTEN: Event = Event { class: EventClass::Overwritten, name: "overwritten" };
    /// `type_changed`: and that is of another type.
    pub const TYPE_CHANGED: Event = Event { class: EventClass::TypeChanged, name: "type_changed" };
    /// `expired`.
    pub const EXPIRED: Event = Event { class: EventClass::Expired, name: "expired" };
    /// `evicted`.
    pub const EVICTED: Event = Event { class: EventClass::Evicted, name: "evicted" };

    /// Whether no command has asked for it: time was over, or there was no room.
    pub fn is_unasked(&self) -> bool {
        matches!(self.class, EventClass::Expired | EventClass::Evicted)
            || matches!(self.name, "hexpired" | "sexpired" | "zexpired")
    }
}

/// What TYPE calls a kind of value that SCAN's TYPE option names.
pub fn kind_named(name: &[u8]) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.name().as_bytes()))
}
