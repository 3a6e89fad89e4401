//! The types of values in files: their numbers, names, and the parts that each consists of.
//!
//! A value's parts are described as data, so that a reader can find the end of a value that it knows nothing else of.

use crate::version::Flavor;

/// A kind of value, whatever its form in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Family {
    String,
    List,
    Set,
    SortedSet,
    Hash,
    Stream,
    Array,
    Module,
}

impl Family {
    /// The name that TYPE answers; of a module's values, that of their kind in general.
    pub const fn name(self) -> &'static str {
        match self {
            Family::String => "string",
            Family::List => "list",
            Family::Set => "set",
            Family::SortedSet => "zset",
            Family::Hash => "hash",
            Family::Stream => "stream",
            Family::Array => "array",
            Family::Module => "module",
        }
    }
}

/// A part of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// A string in any form.
    Text,
    /// A length or another unsigned number.
    Number,
    /// So many bytes.
    Bytes(usize),
    /// A score as text: a byte with its length, or one that stands for an infinity or no number.
    Score,
    /// A number, and so many times all of these parts.
    Each(&'static [Part]),
    /// A number, the first parts once, and so many times the second ones.
    EachBehind(&'static [Part], &'static [Part]),
    /// A number, and the parts that stand at that index.
    Choice(&'static [&'static [Part]], Tags),
    /// Choices until one with the number 0.
    Choices(&'static [&'static [Part]], Tags),
}

/// What a choice chooses among, for the error that there is no such thing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tags {
    ModulePart,
    ArrayElement,
}

use Part::{Bytes, Choice, Choices, Each, EachBehind, Number, Score, Text};

const MILLIS: Part = Bytes(8);
const DOUBLE: Part = Bytes(8);
const STREAM_ID: Part = Bytes(16);

/// What a module wrote, each thing preceded by what it is.
pub(crate) const MODULE_PARTS: Part = Choices(
    &[
        &[],
        // A signed and an unsigned number, a float, a double, a string.
        &[Number],
        &[Number],
        &[Bytes(4)],
        &[DOUBLE],
        &[Text],
    ],
    Tags::ModulePart,
);

const ARRAY_ELEMENT: Part = Choice(&[&[Text], &[Bytes(8)], &[DOUBLE], &[Text]], Tags::ArrayElement);

/// Blocks, number of entries, last id; then what a version adds.
macro_rules! stream {
    ($($more:expr),*) => { &[Each(&[Text, Text]), Number, Number, Number, $($more),*] };
}

/// As before, with first id, largest deleted id, number of entries ever added.
macro_rules! counted_stream {
    ($($more:expr),*) => { stream![Number, Number, Number, Number, Number, $($more),*] };
}

const PENDING: Part = Each(&[STREAM_ID, MILLIS, Number]);
const IDS: Part = Each(&[STREAM_ID]);
const SEEN: Part = Each(&[Text, MILLIS, IDS]);
const SEEN_AND_ACTIVE: Part = Each(&[Text, MILLIS, MILLIS, IDS]);
/// Producers, the names they gave to entries, the ids of those.
const PRODUCERS: Part = Each(&[Text, Each(&[Text, Number, Number])]);

macro_rules! value_types {
    ($($(#[$doc:meta])* $name:ident = $flavor:ident $code:literal, $label:literal, $family:ident, $parts:expr;)*) => {
        /// The form of a value in a file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum ValueType { $($(#[$doc])* $name,)* }

        impl ValueType {
            /// Every type.
            pub const ALL: &'static [ValueType] = &[$(ValueType::$name,)*];

            /// Number, whose numbering, name, family, parts.
            const fn row(self) -> (u8, Numbering, &'static str, Family, &'static [Part]) {
                match self {
                    $(ValueType::$name => {
                        const PARTS: &[Part] = $parts;
                        ($code, Numbering::$flavor, $label, Family::$family, PARTS)
                    })*
                }
            }
        }
    };
}

/// Who gave a type its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbering {
    /// Redis before the two went apart.
    Both,
    Redis,
    Valkey,
}

value_types! {
    String = Both 0, "string", String, &[Text];
    List = Both 1, "list-linked", List, &[Each(&[Text])];
    Set = Both 2, "set-hashtable", Set, &[Each(&[Text])];
    SortedSet = Both 3, "zset-v1", SortedSet, &[Each(&[Text, Score])];
    Hash = Both 4, "hash-hashtable", Hash, &[Each(&[Text, Text])];
    SortedSet2 = Both 5, "zset-v2", SortedSet, &[Each(&[Text, DOUBLE])];
    Module2 = Both 7, "module-value", Module, &[Number, MODULE_PARTS];
    HashZipmap = Both 9, "hash-zipmap", Hash, &[Text];
    ListZiplist = Both 10, "list-ziplist", List, &[Text];
    SetIntset = Both 11, "set-intset", Set, &[Text];
    SortedSetZiplist = Both 12, "zset-ziplist", SortedSet, &[Text];
    HashZiplist = Both 13, "hash-ziplist", Hash, &[Text];
    ListQuicklist = Both 14, "quicklist", List, &[Each(&[Text])];
    Stream = Both 15, "stream", Stream, stream![Each(&[Text, Number, Number, PENDING, SEEN])];
    HashListpack = Both 16, "hash-listpack", Hash, &[Text];
    SortedSetListpack = Both 17, "zset-listpack", SortedSet, &[Text];
    ListQuicklist2 = Both 18, "quicklist-v2", List, &[Each(&[Number, Text])];
    Stream2 = Both 19, "stream-v2", Stream,
        counted_stream![Each(&[Text, Number, Number, Number, PENDING, SEEN])];
    SetListpack = Both 20, "set-listpack", Set, &[Text];
    Stream3 = Both 21, "stream-v3", Stream,
        counted_stream![Each(&[Text, Number, Number, Number, PENDING, SEEN_AND_ACTIVE])];
    /// Fields with moments of expiry, as a release candidate of Redis 7.4 wrote them.
    HashExpiringCandidate = Redis 22, "hash-hashtable-md-pre-release", Hash, &[Each(&[Number, Text, Text])];
    /// The same in a listpack.
    HashListpackExpiringCandidate = Redis 23, "hash-listpack-md-pre-release", Hash, &[Text];
    /// Fields with moments of expiry, relative to the first of them.
    HashExpiring = Redis 24, "hash-hashtable-md", Hash, &[MILLIS, Each(&[Number, Text, Text])];
    /// The same in a listpack.
    HashListpackExpiring = Redis 25, "hash-listpack-md", Hash, &[MILLIS, Text];
    /// With what the stream remembers of its producers.
    Stream4 = Redis 26, "stream-v4", Stream, counted_stream![
        Each(&[Text, Number, Number, Number, PENDING, SEEN_AND_ACTIVE]),
        Number, Number, PRODUCERS, Number, Number
    ];
    /// With pending entries that are nobody's.
    Stream5 = Redis 27, "stream-v5", Stream, counted_stream![
        Each(&[Text, Number, Number, Number, PENDING, SEEN_AND_ACTIVE, IDS]),
        Number, Number, PRODUCERS, Number, Number
    ];
    /// Elements with their indexes, behind perhaps that of the last insertion.
    Array = Redis 28, "array", Array, &[EachBehind(&[Each(&[Number])], &[Number, ARRAY_ELEMENT])];
    /// Fields with moments of expiry, as Valkey writes them.
    ValkeyHash = Valkey 22, "hash-volatile-items", Hash, &[Each(&[Text, Text, MILLIS])];
}

/// Types by their number.
type Codes = [Option<ValueType>; 32];

static REDIS: Codes = codes(Flavor::Redis);
static VALKEY: Codes = codes(Flavor::Valkey);

const fn codes(flavor: Flavor) -> Codes {
    let mut codes = [None; 32];
    let mut index = 0;
    while index < ValueType::ALL.len() {
        let (code, numbering, ..) = ValueType::ALL[index].row();
        if matches!(
            (numbering, flavor),
            (Numbering::Both, _) | (Numbering::Redis, Flavor::Redis) | (Numbering::Valkey, Flavor::Valkey)
        ) {
            codes[code as usize] = Some(ValueType::ALL[index]);
        }
        index += 1;
    }
    codes
}

impl ValueType {
    /// The type with a number in files of a flavor.
    #[inline]
    pub fn with_code(code: u8, flavor: Flavor) -> Option<ValueType> {
        let codes = match flavor {
            Flavor::Redis => &REDIS,
            Flavor::Valkey => &VALKEY,
        };
        codes.get(usize::from(code)).copied().flatten()
    }

    /// The number in files.
    pub const fn code(self) -> u8 {
        self.row().0
    }

    /// The name that check tools give it.
    pub const fn label(self) -> &'static str {
        self.row().2
    }

    /// What kind of value it is.
    pub const fn family(self) -> Family {
        self.row().3
    }

    /// What it consists of.
    pub(crate) const fn parts(self) -> &'static [Part] {
        self.row().4
    }
}

impl std::fmt::Display for ValueType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code(), self.label())
    }
}
