//! Random arguments: mostly sensible ones from small pools, so that commands meet, and now and then an awkward one.

use base::prng::Prng;

/// What an argument stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of any type.
    Key,
    /// A key that mostly holds a string.
    Str,
    /// A key that mostly holds a list.
    List,
    /// A key that mostly holds a set.
    Set,
    /// A key that mostly holds a hash.
    Hash,
    /// A key that mostly holds a stream.
    Stream,
    /// A key that mostly holds a sorted set.
    Zset,
    /// A key that holds a sorted set whose members have one score.
    Lex,
    /// A string's value.
    Value,
    /// A list's element, from a small alphabet.
    Element,
    /// Elements enough to change a list's encoding.
    ManyElements,
    /// A set's member.
    SetMember,
    /// Members enough to change a set's encoding.
    ManySetMembers,
    /// A number above that of members of any set.
    Most,
    /// A field of a hash or stream entry.
    Field,
    /// A score.
    Score,
    /// The end of a range of scores.
    ScoreBound,
    /// A member of a sorted set.
    Member,
    /// The end of a range of members.
    MemberBound,
    /// Scores with members, enough to change a sorted set's encoding.
    ManyMembers,
    /// The same with the score 0.
    ManyTied,
    /// Fields with values, enough to change a hash's encoding.
    ManyFields,
    /// A key that holds something that SORT sorts.
    Sortable,
    /// A key that holds a list that SORT sorts.
    SortedList,
    /// A key that holds a set that SORT sorts.
    SortedSet,
    /// A key that holds a sorted set that SORT sorts.
    SortedZset,
    /// A number of so many digits that it changes the encoding of a sorted set: SORT does that too, elsewhere.
    LongNumber,
    /// An element that is sorted.
    SortedElement,
    /// A key that an element's weight is under.
    Weight,
    /// A key that a hash about an element is under.
    Object,
    /// A field of such a hash.
    SortField,
    /// A pattern of SORT.
    SortPattern,
    /// A pattern of SORT that says by which keys a set is sorted: without one its order is anybody's.
    SortPatternOfKeys,
    /// A key that mostly holds places.
    Geo,
    /// A place.
    Place,
    /// Degrees east.
    Lon,
    /// Degrees north.
    Lat,
    /// A radius, or the side of a box.
    Length,
    /// A unit of lengths.
    Unit,
    /// Degrees with places, enough to change a sorted set's encoding.
    ManyPlaces,
    /// How many vertices a polygon has, and these.
    Polygon,
    /// A signed integer.
    Int,
    /// A position that may count from the end.
    Index,
    /// A position in a string that keeps it short.
    Offset,
    /// How many elements of a range are left out. What a negative number does isn't told by Redis' documentation alone: it
    /// says that nothing is found, but of large sets the elements at the end are.
    OffsetInRange,
    /// A number of things.
    Count,
    /// A decimal number.
    Float,
    /// A time to live in seconds: far away, past or wrong, never close.
    Secs,
    /// The same in milliseconds.
    Millis,
    /// A point in time in seconds.
    AtSecs,
    /// A point in time in milliseconds.
    AtMillis,
    /// A database number.
    Db,
    /// A glob pattern.
    Pattern,
    /// The name of a type.
    Type,
    /// LEFT or RIGHT.
    Side,
    /// The id of a new stream entry.
    NewId,
    /// The id of a stream entry.
    Id,
    /// The end of a range of ids.
    RangeId,
    /// Where a group starts.
    GroupId,
    /// A consumer group.
    Group,
    /// A consumer.
    Consumer,
    /// An idle time in milliseconds: nothing or very much, so that the run's own time has no say.
    Idle,
    /// A delivery time in milliseconds.
    Time,
    /// A timeout in seconds: for ever, or wrong.
    Timeout,
    /// A timeout in milliseconds: for ever, or wrong.
    Block,
    /// A number and as many lists.
    CountedLists,
    /// A number and as many sorted sets.
    CountedZsets,
    /// The same, perhaps with weights.
    WeightedZsets,
    /// A number and as many pairs of key and value.
    CountedPairs,
    /// A number and as many sets.
    CountedSets,
    /// A number and as many fields of a hash.
    CountedFields,
    /// A number and as many fields with values.
    CountedFieldValues,
    /// A key that mostly holds a HyperLogLog.
    Sketch,
    /// Numbers enough to make a HyperLogLog dense in a few commands.
    ManyNumbers,
    /// An operation of BITFIELD.
    Bitfield,
    /// One that only reads.
    BitfieldGet,
    /// The number of a bit near the beginning of a string.
    BitOffset,
    /// 0 or 1.
    Bit,
    /// Streams, then an id for each.
    StreamsIds,
    /// Streams, then what a group reads from each.
    StreamsGroupIds,
    /// Streams, then where to wait in each.
    StreamsTails,
}

const NAMES: &[(&str, Kind)] = &[
    ("key", Kind::Key),
    ("string", Kind::Str),
    ("list", Kind::List),
    ("set", Kind::Set),
    ("hash", Kind::Hash),
    ("stream", Kind::Stream),
    ("zset", Kind::Zset),
    ("lex", Kind::Lex),
    ("value", Kind::Value),
    ("element", Kind::Element),
    ("many-elements", Kind::ManyElements),
    ("set-member", Kind::SetMember),
    ("many-set-members", Kind::ManySetMembers),
    ("most", Kind::Most),
    ("field", Kind::Field),
    ("score", Kind::Score),
    ("score-bound", Kind::ScoreBound),
    ("member", Kind::Member),
    ("member-bound", Kind::MemberBound),
    ("many-members", Kind::ManyMembers),
    ("many-tied", Kind::ManyTied),
    ("many-fields", Kind::ManyFields),
    ("sortable", Kind::Sortable),
    ("sorted-list", Kind::SortedList),
    ("sorted-set", Kind::SortedSet),
    ("sorted-zset", Kind::SortedZset),
    ("long-number", Kind::LongNumber),
    ("sorted-element", Kind::SortedElement),
    ("weight", Kind::Weight),
    ("object", Kind::Object),
    ("sort-field", Kind::SortField),
    ("sort-pattern", Kind::SortPattern),
    ("sort-pattern-of-keys", Kind::SortPatternOfKeys),
    ("geo", Kind::Geo),
    ("place", Kind::Place),
    ("lon", Kind::Lon),
    ("lat", Kind::Lat),
    ("length", Kind::Length),
    ("unit", Kind::Unit),
    ("many-places", Kind::ManyPlaces),
    ("polygon", Kind::Polygon),
    ("int", Kind::Int),
    ("index", Kind::Index),
    ("offset", Kind::Offset),
    ("offset-in-range", Kind::OffsetInRange),
    ("count", Kind::Count),
    ("float", Kind::Float),
    ("secs", Kind::Secs),
    ("millis", Kind::Millis),
    ("at-secs", Kind::AtSecs),
    ("at-millis", Kind::AtMillis),
    ("db", Kind::Db),
    ("pattern", Kind::Pattern),
    ("type", Kind::Type),
    ("side", Kind::Side),
    ("new-id", Kind::NewId),
    ("id", Kind::Id),
    ("range-id", Kind::RangeId),
    ("group-id", Kind::GroupId),
    ("group", Kind::Group),
    ("consumer", Kind::Consumer),
    ("idle", Kind::Idle),
    ("time", Kind::Time),
    ("timeout", Kind::Timeout),
    ("block", Kind::Block),
    ("counted-lists", Kind::CountedLists),
    ("counted-zsets", Kind::CountedZsets),
    ("weighted-zsets", Kind::WeightedZsets),
    ("counted-pairs", Kind::CountedPairs),
    ("counted-sets", Kind::CountedSets),
    ("counted-fields", Kind::CountedFields),
    ("counted-field-values", Kind::CountedFieldValues),
    ("sketch", Kind::Sketch),
    ("many-numbers", Kind::ManyNumbers),
    ("bitfield", Kind::Bitfield),
    ("bitfield-get", Kind::BitfieldGet),
    ("bit-offset", Kind::BitOffset),
    ("bit", Kind::Bit),
    ("streams-ids", Kind::StreamsIds),
    ("streams-group-ids", Kind::StreamsGroupIds),
    ("streams-tails", Kind::StreamsTails),
];

impl Kind {
    /// The kind with this name in the notation of forms.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind)
    }
}

const STRING_KEYS: &[&str] = &["s1", "s1", "s2", "s3"];
const LIST_KEYS: &[&str] = &["l1", "l1", "l2", "l3"];
const SET_KEYS: &[&str] = &["t1", "t1", "t2", "t3"];
const HASH_KEYS: &[&str] = &["h1", "h1", "h1", "h2"];
const STREAM_KEYS: &[&str] = &["x1", "x1", "x1", "x2"];
const EDGE_INTEGERS: &[&str] = &[
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "18446744073709551615",
    "-1",
    "-0",
    "+1",
    "007",
    " 1",
    "1 ",
    "1.5",
    "1e3",
    "0x10",
    "abc",
    "",
];
const EDGE_FLOATS: &[&str] = &[
    "inf",
    "-inf",
    "+inf",
    "nan",
    "1e400",
    "1e-400",
    "1e308",
    "1.7976931348623157e308",
    "5e-324",
    "0x1p3",
    "1e",
    ".5",
    "5.",
    "-0.0",
    "+1.5",
    " 1",
    "1 ",
    "",
    "abc",
    "1,5",
    "9223372036854775808",
    "0.1000000000000000055",
    "3.0e3",
    "123456789012345678901234567890",
];
const EDGE_IDS: &[&str] = &[
    "0-0",
    "0",
    "0-1",
    "18446744073709551615-18446744073709551615",
    "18446744073709551615",
    "18446744073709551616",
    "1-18446744073709551616",
    "1-",
    "-1",
    "1-1-1",
    "abc",
    "1-*-1",
    "",
];

/// Draws arguments. The same generator and clock give the same arguments.
pub struct Draw<'a> {
    prng: &'a mut Prng,
    /// Milliseconds of the newest id drawn for a stream: new ids mostly lie above all earlier ones.
    clock: &'a mut u64,
}

impl<'a> Draw<'a> {
    /// Draws from `prng`; `clock` is kept between commands.
    pub fn new(prng: &'a mut Prng, clock: &'a mut u64) -> Self {
        Self { prng, clock }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.prng.below(bound)
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.prng.below(times) == 0
    }

    /// One of `items`, which aren't none.
    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.prng.below(items.len() as u64) as usize]
    }

    /// A word of a command, mostly in capitals.
    pub fn spelled(&mut self, word: &str) -> Vec<u8> {
        if self.one_in(20) { word.to_lowercase().into_bytes() } else { word.as_bytes().to_vec() }
    }

    pub(crate) fn text(&mut self, items: &[&str]) -> Vec<u8> {
        self.pick(items).as_bytes().to_vec()
    }

    /// An integer from `low` to `high`, or once in `rarity` an awkward one.
    pub(crate) fn integer(&mut self, low: i64, high: i64, rarity: u64) -> Vec<u8> {
        if self.one_in(rarity) {
            return self.text(EDGE_INTEGERS);
        }
        let span = high.abs_diff(low) + 1;
        low.wrapping_add_unsigned(self.below(span)).to_string().into_bytes()
    }

    /// A key from `pool`, or one of another type.
    pub(crate) fn key(&mut self, pool: &[&str]) -> Vec<u8> {
        if self.one_in(25) { self.any_key() } else { self.text(pool) }
    }

    fn any_key(&mut self) -> Vec<u8> {
        match self.below(26) {
            0 => Vec::new(),
            1 => b"bin\0\r\n\xff".to_vec(),
            2..=5 => self.text(STRING_KEYS),
            6..=9 => self.text(LIST_KEYS),
            10..=13 => self.text(SET_KEYS),
            14..=17 => self.text(HASH_KEYS),
            18..=21 => self.zset_key(),
            _ => self.text(STREAM_KEYS),
        }
    }

    /// Appends an argument of this kind, or several.
    pub fn push(&mut self, kind: Kind, args: &mut Vec<Vec<u8>>) {
        match kind {
            Kind::ManyElements => {
                let times = 20 + self.below(200);
                (0..times).for_each(|_| args.push(self.element()));
            }
            Kind::ManySetMembers => {
                let times = 20 + self.below(200);
                (0..times).for_each(|_| args.push(self.below(1000).to_string().into_bytes()));
            }
            Kind::ManyFields => {
                for _ in 0..20 + self.below(600) {
                    args.push(format!("field {}", self.below(1000)).into_bytes());
                    args.push(self.text(&["1", "value", ""]));
                }
            }
            Kind::CountedSets => self.counted(args, |draw| vec![draw.key(SET_KEYS)]),
            Kind::CountedFields => self.counted(args, |draw| vec![draw.field()]),
            Kind::CountedFieldValues => self.counted(args, |draw| vec![draw.field(), draw.value()]),
            Kind::CountedLists => self.counted(args, |draw| vec![draw.key(LIST_KEYS)]),
            Kind::ManyMembers => self.many_members(None, args),
            Kind::ManyTied => self.many_members(Some(b"0"), args),
            Kind::ManyPlaces => self.many_places(args),
            Kind::Polygon => self.polygon(args),
            Kind::CountedZsets => self.counted(args, |draw| vec![draw.zset_key()]),
            Kind::WeightedZsets => self.weighted_sets(args),
            Kind::CountedPairs => self.counted(args, |draw| vec![draw.key(STRING_KEYS), draw.value()]),
            Kind::ManyNumbers => {
                let times = 20 + self.below(500);
                (0..times).for_each(|_| args.push(self.integer(0, 100_000, u64::MAX)));
            }
            Kind::Bitfield => self.bitfield(args),
            Kind::BitfieldGet => self.bitfield_get(args),
            Kind::StreamsIds => self.streams(args, Self::read_id),
            Kind::StreamsGroupIds => self.streams(args, Self::group_read_id),
            Kind::StreamsTails => self.streams(args, Self::tail_id),
            single => {
                let arg = self.single(single);
                args.push(arg);
            }
        }
    }

    fn single(&mut self, kind: Kind) -> Vec<u8> {
        match kind {
            Kind::Key => self.any_key(),
            Kind::Str => self.key(STRING_KEYS),
            Kind::List => self.key(LIST_KEYS),
            Kind::Set => self.key(SET_KEYS),
            Kind::Hash => self.key(HASH_KEYS),
            Kind::Stream => self.key(STREAM_KEYS),
            Kind::Zset => self.zset_key(),
            Kind::Lex => self.lex_key(),
            Kind::Value => self.value(),
            Kind::Element => self.element(),
            Kind::Score => self.score(),
            Kind::ScoreBound => self.score_bound(),
            Kind::Member => self.member(),
            Kind::MemberBound => self.member_bound(),
            Kind::SetMember => self.set_member(),
            Kind::Most => b"100000".to_vec(),
            Kind::Field => self.field(),
            Kind::Sortable => self.text(&["sl", "sl", "sm", "sz"]),
            Kind::SortedList => self.text(&["sl", "sl", "sl", "sm"]),
            Kind::SortedSet => b"ss".to_vec(),
            Kind::SortedZset => b"sz".to_vec(),
            Kind::LongNumber => format!("{}.{:070}", self.below(20), 0).into_bytes(),
            Kind::SortedElement => self.sorted_element(),
            Kind::Weight => self.weight_key(),
            Kind::Object => self.object_key(),
            Kind::SortField => self.text(&["f", "f", "g", "*"]),
            Kind::SortPattern => self.sort_pattern(),
            Kind::SortPatternOfKeys => self.text(&["w_*", "o_*->f", "o_*->*"]),
            Kind::Geo => self.geo_key(),
            Kind::Place => self.place(),
            Kind::Lon => self.longitude(),
            Kind::Lat => self.latitude(),
            Kind::Length => self.length(),
            Kind::Unit => self.unit(),
            Kind::Int => self.integer(-4, 8, 8),
            Kind::Index => self.integer(-7, 7, 20),
            Kind::Offset => self.offset(),
            Kind::OffsetInRange => self.integer(0, 6, u64::MAX),
            Kind::Count => self.integer(0, 5, 20),
            Kind::Sketch => self.key(&["p1", "p1", "p2", "p3"]),
            Kind::BitOffset => self.bit_offset(),
            Kind::Bit => self.text(&["0", "0", "0", "0", "1", "1", "1", "1", "1", "2", "-1", "x"]),
            Kind::Float => self.float(),
            Kind::Secs => self.time_to_live(1),
            Kind::Millis => self.time_to_live(1000),
            Kind::AtSecs => self.moment(1),
            Kind::AtMillis => self.moment(1000),
            Kind::Db => self.text(&["0", "0", "0", "0", "0", "0", "1", "1", "2", "15", "16", "-1", "abc"]),
            Kind::Pattern => {
                self.text(&["*", "*", "s*", "?1", "[lxf]*", "[^s]?", "l[1-2]", "nosuch", "\\*", "", "**1"])
            }
            Kind::Type => self.text(&["string", "list", "set", "hash", "stream", "zset", "STRING", "nosuch"]),
            Kind::Side => self.text(&["LEFT", "RIGHT", "LEFT", "RIGHT", "left", "Right", "MIDDLE"]),
            Kind::NewId => self.new_id(),
            Kind::Id => self.id(),
            Kind::RangeId => self.range_id(),
            Kind::GroupId => self.group_id(),
            Kind::Group => self.text(&["g1", "g1", "g1", "g1", "g1", "g2", "g2", "nosuch"]),
            Kind::Consumer => self.text(&["c1", "c2"]),
            Kind::Idle => self.text(&["0", "0", "0", "0", "1000000", "5000000", "-5", "abc"]),
            Kind::Time => self.text(&["0", "1", "1000", "-1", "abc"]),
            Kind::Timeout => self.text(&[
                "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "1000", "-1", "abc", "1e400", "0.0",
            ]),
            Kind::Block => {
                self.text(&["0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "1000000", "-1", "abc", "1.5"])
            }
            // Kinds of several arguments are drawn by `push`.
            _ => Vec::new(),
        }
    }

    /// How many there are (sometimes a lie), then that many.
    pub(crate) fn counted(
        &mut self,
        args: &mut Vec<Vec<u8>>,
        mut one: impl FnMut(&mut Self) -> Vec<Vec<u8>>,
    ) {
        let times = 1 + self.below(3);
        let said = if self.one_in(12) { self.integer(-1, 4, 3) } else { times.to_string().into_bytes() };
        args.push(said);
        for _ in 0..times {
            args.extend(one(self));
        }
    }

    fn streams(&mut self, args: &mut Vec<Vec<u8>>, mut id: impl FnMut(&mut Self) -> Vec<u8>) {
        let times = 1 + self.below(2);
        (0..times).for_each(|_| args.push(self.key(STREAM_KEYS)));
        let ids = if self.one_in(20) { times - 1 } else { times };
        (0..ids).for_each(|_| args.push(id(self)));
    }

    pub(crate) fn value(&mut self) -> Vec<u8> {
        match self.below(16) {
            0..=5 => self.integer(-20, 20, 9),
            6..=7 => self.float(),
            8 => self.filler(44, 45),
            9 => self.filler(60, 300),
            10 => vec![0, 255, b'\r', b'\n', b'"', b'\\'],
            11 => Vec::new(),
            _ => self.text(&["a", "b", "hello", "hello world", "aXbXc"]),
        }
    }

    fn field(&mut self) -> Vec<u8> {
        if self.one_in(40) {
            self.filler(60, 300)
        } else {
            self.text(&["f", "g", "h", "field-of-some-length"])
        }
    }

    fn set_member(&mut self) -> Vec<u8> {
        match self.below(40) {
            0 => self.filler(60, 300),
            1 => Vec::new(),
            2 => vec![0, 255, b'\r', b'\n'],
            3..=19 => self.integer(-6, 6, 12),
            20..=22 => self.integer(-40000, 40000, 6),
            _ => self.text(&["a", "b", "c", "d", "e"]),
        }
    }

    fn element(&mut self) -> Vec<u8> {
        match self.below(40) {
            0..=4 => self.integer(-300, 70000, 5),
            5 => self.filler(60, 300),
            6 => self.filler(1000, 5000),
            7 => Vec::new(),
            8 => vec![0, 255, b'\r', b'\n'],
            _ => self.text(&["a", "b", "c", "d", "e", "1", "-1"]),
        }
    }

    /// A string of some length from `low` to `high`.
    pub(crate) fn filler(&mut self, low: u64, high: u64) -> Vec<u8> {
        let len = low + self.below(high - low + 1);
        let first = self.below(26) as u8;
        (0..len).map(|at| b'a' + (first + (at % 23) as u8) % 26).collect()
    }

    /// Positions that would make a string of half a gigabyte are left out.
    fn offset(&mut self) -> Vec<u8> {
        if self.one_in(10) {
            return self.text(&["-1", "536870912", "9223372036854775807", "4294967295", "abc", "1.5"]);
        }
        self.integer(0, 50, u64::MAX)
    }

    pub(crate) fn float(&mut self) -> Vec<u8> {
        match self.below(8) {
            0..=1 => self.text(EDGE_FLOATS),
            2 => self.integer(-5, 5, 6),
            3 => format!("{}e{}", self.below(1000), self.below(40) as i64 - 20).into_bytes(),
            _ => format!("{}{}.{}", self.pick(&["", "-"]), self.below(100), self.below(100_000)).into_bytes(),
        }
    }

    fn time_to_live(&mut self, per_second: u64) -> Vec<u8> {
        match self.below(12) {
            0 => self.text(&["0", "-1", "-100000"]),
            1 => self.text(EDGE_INTEGERS),
            _ => ((1000 + self.below(1_000_000)) * per_second).to_string().into_bytes(),
        }
    }

    fn moment(&mut self, per_second: u64) -> Vec<u8> {
        match self.below(12) {
            0 => self.text(&["0", "1", "-1"]),
            1 => self.text(EDGE_INTEGERS),
            _ => ((4_000_000_000 + self.below(1_000_000)) * per_second).to_string().into_bytes(),
        }
    }

    fn new_id(&mut self) -> Vec<u8> {
        match self.below(40) {
            0 => self.text(EDGE_IDS),
            1..=2 => self.id(),
            3..=10 => {
                *self.clock += self.below(2);
                format!("{}-*", *self.clock).into_bytes()
            }
            _ => {
                *self.clock += 1;
                if self.one_in(3) {
                    return self.clock.to_string().into_bytes();
                }
                let sequence = self.below(3);
                format!("{}-{sequence}", *self.clock).into_bytes()
            }
        }
    }

    /// The id of an entry that was probably added.
    fn id(&mut self) -> Vec<u8> {
        if self.one_in(25) {
            return self.text(EDGE_IDS);
        }
        let newest = *self.clock + 1;
        let back = self.below(newest.min(12) + 1);
        match self.below(3) {
            0 => (newest - back).to_string().into_bytes(),
            _ => format!("{}-{}", newest - back, self.below(3)).into_bytes(),
        }
    }

    fn range_id(&mut self) -> Vec<u8> {
        match self.below(8) {
            0..=1 => b"-".to_vec(),
            2..=3 => b"+".to_vec(),
            4 => [b"(".as_slice(), &self.id()].concat(),
            5 => self.text(&["(-", "(+", "(", "(18446744073709551615-18446744073709551615", "(0-0", "$"]),
            _ => self.id(),
        }
    }

    fn group_id(&mut self) -> Vec<u8> {
        match self.below(6) {
            0..=1 => b"$".to_vec(),
            2..=3 => b"0".to_vec(),
            _ => self.id(),
        }
    }

    fn read_id(&mut self) -> Vec<u8> {
        match self.below(5) {
            0 => self.text(&["$", "+", ">", "-"]),
            1..=2 => b"0".to_vec(),
            _ => self.id(),
        }
    }

    fn group_read_id(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => self.text(&["0", "$", "+", "-"]),
            1 => self.id(),
            _ => b">".to_vec(),
        }
    }

    fn tail_id(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => self.id(),
            1 => b"+".to_vec(),
            _ => b"$".to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kind_draws_something_and_the_same_again(seed: u64) {
            for &(name, kind) in NAMES {
                prop_assert_eq!(Kind::named(name), Some(kind));
                let drawn = || {
                    let (mut prng, mut clock, mut args) = (Prng::new(seed), 0, Vec::new());
                    Draw::new(&mut prng, &mut clock).push(kind, &mut args);
                    args
                };
                prop_assert!(!drawn().is_empty());
                prop_assert_eq!(drawn(), drawn());
            }
        }
    }
}
