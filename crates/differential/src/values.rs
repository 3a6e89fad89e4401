//! Random arguments: mostly sensible ones from small pools, so that commands meet, and now and then an awkward one.

use crate::kinds::Kind;
use base::prng::Prng;

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
const SETTINGS: &[&str] = &[
    "maxmemory",
    "maxmemory-policy",
    "list-max-listpack-size",
    "hash-max-ziplist-*",
    "set-max-*",
    "zset-max-*",
    "hll-sparse-max-bytes",
    "SAVE",
    "nosuch",
];

/// Draws arguments. The same generator and clock give the same arguments.
pub struct Draw<'a> {
    prng: &'a mut Prng,
    /// Milliseconds of the newest id drawn for a stream: new ids mostly lie above all earlier ones.
    clock: &'a mut u64,
    pub(crate) short_life: bool,
}

impl<'a> Draw<'a> {
    /// Draws from `prng`; `clock` is kept between commands.
    pub fn new(prng: &'a mut Prng, clock: &'a mut u64) -> Self {
        Self { prng, clock, short_life: false }
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

    /// Whether a lifetime that is over soon was drawn.
    pub fn drew_a_short_life(&self) -> bool {
        self.short_life
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
            Kind::Command => self.command(args),
            Kind::CommandName => args.push(self.command_name()),
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
            Kind::Soon => self.soon(),
            Kind::Past => self.text(&["1", "1000", "1700000000000"]),
            Kind::Payload => self.payload(),
            Kind::Channel => self.text(&["c1", "c1", "c2", "c2", "c3", "news.a", ""]),
            Kind::ChannelPattern => self.text(&["c*", "c?", "*", "c[12]", "news.*", "c1", "nosuch", ""]),
            Kind::Name => self.text(&["a", "name", "two words", "line\n", "\u{e9}", "", "1"]),
            Kind::Setting => self.text(SETTINGS),
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

    /// Mostly a long time after all, as every short one costs a run a quarter of a second.
    fn soon(&mut self) -> Vec<u8> {
        if !self.one_in(20) {
            return self.time_to_live(1000);
        }
        self.short_life = true;
        (1 + self.below(20)).to_string().into_bytes()
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
    use crate::kinds::NAMES;
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
