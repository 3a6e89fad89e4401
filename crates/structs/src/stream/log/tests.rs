//! `Log` against an ordered map, and blocks from outside against anything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::clones;

use super::{BlockLimits, Log, StreamId, Trim, TrimTo};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
type Model = BTreeMap<StreamId, Pairs>;

#[derive(Clone, Debug)]
enum Op {
    /// So many entries with these fields, each id a step above the last.
    Append(usize, Pairs, u64),
    Delete(u64),
    DeleteSpan(u64, usize),
    TrimLen(u64, bool, Option<u64>),
    TrimId(u64, bool),
    Reload,
}

fn pairs() -> impl Strategy<Value = Pairs> {
    let text = || prop_oneof!["[a-c]{1,2}", "[0-9]{1,6}", "[xyz]{60,70}"].prop_map(String::into_bytes);
    prop_oneof![
        4 => text().prop_map(|value| vec![(b"f".to_vec(), value)]),
        2 => text().prop_map(|value| vec![(b"7".to_vec(), value.clone()), (b"g".to_vec(), value)]),
        1 => prop::collection::vec((text(), text()), 1..5),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (1usize..25, pairs(), 1u64..4).prop_map(|(count, pairs, step)| Op::Append(count, pairs, step)),
        3 => (0u64..400).prop_map(Op::Delete),
        2 => (0u64..400, 1usize..60).prop_map(|(from, count)| Op::DeleteSpan(from, count)),
        1 => (0u64..200, any::<bool>(), prop::option::of(1u64..50))
            .prop_map(|(most, approximate, limit)| Op::TrimLen(most, approximate, limit)),
        1 => (0u64..400, any::<bool>()).prop_map(|(id, approximate)| Op::TrimId(id, approximate)),
        1 => Just(Op::Reload),
    ]
}

fn limits() -> impl Strategy<Value = BlockLimits> {
    let bytes = prop_oneof![Just(0usize), Just(1), Just(200), Just(4096)];
    let entries = prop_oneof![Just(0u64), Just(1), Just(3), Just(20)];
    (bytes, entries).prop_map(|(bytes, entries)| BlockLimits { bytes, entries })
}

/// Ids of a few milliseconds with several sequence numbers each.
fn id_of(number: u64) -> StreamId {
    StreamId::new(1000 + number / 5, number % 5)
}

fn number_of(id: StreamId) -> u64 {
    (id.ms - 1000) * 5 + id.seq
}

#[derive(Clone)]
struct Fixture {
    log: Log,
    model: Model,
    next: u64,
    limits: BlockLimits,
}

impl Fixture {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Append(count, pairs, step) => {
                for _ in 0..count {
                    let id = id_of(self.next);
                    self.next += step;
                    let fields = pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice()));
                    self.log.append(id, fields, &self.limits).expect("small entries");
                    self.model.insert(id, pairs.clone());
                }
            }
            Op::Delete(number) => self.delete(number % self.next.max(1)),
            Op::DeleteSpan(from, count) => {
                let from = from % self.next.max(1);
                (from..from + count as u64).for_each(|number| self.delete(number));
            }
            Op::TrimLen(most, approximate, limit) => self.trim(TrimTo::MaxLen(most), approximate, limit),
            Op::TrimId(number, approximate) => self.trim(TrimTo::MinId(id_of(number)), approximate, None),
            Op::Reload => self.log = reload(&self.log),
        }
    }

    fn delete(&mut self, number: u64) {
        let id = id_of(number);
        assert_eq!(self.log.get(id).is_some(), self.model.contains_key(&id));
        assert_eq!(self.log.delete(id), self.model.remove(&id).is_some());
    }

    fn trim(&mut self, to: TrimTo, approximate: bool, limit: Option<u64>) {
        let before = self.log.len();
        let surplus = match to {
            TrimTo::MaxLen(most) => before.saturating_sub(most),
            TrimTo::MinId(id) => self.model.range(..id).count() as u64,
        };
        let limit = limit.filter(|_| approximate);
        let removed = self.log.trim(&Trim { to, approximate, limit });
        assert_eq!(self.log.len(), before - removed);
        assert!(removed <= surplus && removed <= limit.unwrap_or(u64::MAX));
        assert!(approximate || removed == surplus);
        for _ in 0..removed {
            self.model.pop_first();
        }
    }

    fn check(&self) {
        self.log.blocks.check();
        assert_eq!(self.log.len(), self.model.len() as u64);
        assert_eq!(self.log.first_id(), self.model.keys().next().copied());
        assert_eq!(self.log.last_id(), self.model.keys().next_back().copied());
        let all = contents(&self.log, StreamId::MIN, StreamId::MAX);
        assert!(all.iter().map(|(id, pairs)| (id, pairs)).eq(&self.model));
    }

    /// Everything that takes an id, for a few of them.
    fn check_at(&self, from: StreamId, to: StreamId) {
        let expected: Vec<_> = self.model.range(from..=to).map(|(id, pairs)| (*id, pairs.clone())).collect();
        assert_eq!(contents(&self.log, from, to), expected);
        let mut back: Vec<_> = self.log.range_back(from, to).map(|entry| entry.id).collect();
        back.reverse();
        assert!(back.iter().eq(expected.iter().map(|(id, _)| id)));
        assert_eq!(self.log.rank(to), self.model.range(..=to).count() as u64);
        assert_eq!(self.log.get(from).is_some(), self.model.contains_key(&from));
    }
}

fn contents(log: &Log, from: StreamId, to: StreamId) -> Vec<(StreamId, Pairs)> {
    let pairs = |entry: super::Entry<'_>| -> Pairs {
        let fields = entry.fields();
        let count = fields.len();
        let pairs: Pairs = fields.map(|(field, value)| (field.to_vec(), value.to_vec())).collect();
        assert_eq!(pairs.len(), count);
        pairs
    };
    log.range(from, to).map(|entry| (entry.id, pairs(entry))).collect()
}

fn reload(log: &Log) -> Log {
    let mut copy = Log::default();
    for block in log.block_bytes() {
        let mut bytes = Vec::new();
        block.push_listpack_to(&mut bytes);
        assert_eq!(bytes.len(), block.listpack_len());
        copy.append_block(block.id(), &bytes).expect("our own block");
    }
    assert_eq!((copy.len(), copy.blocks()), (log.len(), log.blocks()));
    copy
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn behaves_like_an_ordered_map(
        steps in clones::steps(op(), 1..40),
        probes in prop::collection::vec((0u64..500, 0u64..100), 8),
        limits in limits(),
    ) {
        let fixture = Fixture { log: Log::default(), model: Model::new(), next: 0, limits };
        clones::walk(fixture, steps, Fixture::apply, |fixture| {
            fixture.check();
            let last = fixture.model.keys().next_back().map_or(0, |&id| number_of(id));
            for &(from, span) in &probes {
                let from = from % (last + 3);
                fixture.check_at(id_of(from), id_of(from + span));
            }
            fixture.check_at(StreamId::MIN, StreamId::MAX);
        });
    }

    #[test]
    fn damaged_blocks_never_panic(
        entries in prop::collection::vec(pairs(), 1..8),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        id in (0u64..3, 0u64..3),
    ) {
        let mut log = Log::default();
        for (number, pairs) in entries.iter().enumerate() {
            let fields = pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice()));
            log.append(id_of(number as u64), fields, &BlockLimits::default()).expect("small entries");
        }
        log.delete(id_of(1));
        let mut bytes = Vec::new();
        log.block_bytes().next().expect("a block").push_listpack_to(&mut bytes);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut copy = Log::default();
        if copy.append_block(StreamId::new(id.0, id.1), &bytes).is_ok() {
            let ids: Vec<_> = copy.range(StreamId::MIN, StreamId::MAX).map(|entry| entry.id).collect();
            prop_assert_eq!(ids.len() as u64, copy.len());
            prop_assert!(ids.is_sorted());
            contents(&copy, StreamId::MIN, StreamId::MAX);
            for id in ids {
                prop_assert!(copy.delete(id));
            }
        }
    }
}

/// The listpack of a Redis 8 server's DUMP after `XADD 100-5 a 1 bb hello`, `XADD 100-6 a 2 bb x`,
/// `XADD 101-1 c 2` and `XDEL 100-6`.
const FROM_REDIS: &[u8] = b"\x44\0\0\0\x19\0\x02\x01\x01\x01\x02\x01\x81a\x02\x82bb\x03\0\x01\
    \x02\x01\0\x01\0\x01\x01\x01\x85hello\x06\x05\x01\
    \x03\x01\0\x01\x01\x01\x02\x01\x81x\x02\x05\x01\
    \0\x01\x01\x01\xdf\xfc\x02\x01\x01\x81c\x02\x02\x01\x06\x01\xff";

#[test]
fn blocks_are_the_bytes_redis_writes() {
    let mut log = Log::default();
    let limits = BlockLimits::default();
    let mut add = |id, fields: &[(&[u8], &[u8])]| {
        log.append(id, fields.iter().copied(), &limits).expect("a small entry");
    };
    add(StreamId::new(100, 5), &[(b"a", b"1"), (b"bb", b"hello")]);
    add(StreamId::new(100, 6), &[(b"a", b"2"), (b"bb", b"x")]);
    add(StreamId::new(101, 1), &[(b"c", b"2")]);
    assert!(log.delete(StreamId::new(100, 6)));
    let mut bytes = Vec::new();
    let block = log.block_bytes().next().expect("a block");
    block.push_listpack_to(&mut bytes);
    assert_eq!(block.id(), StreamId::new(100, 5));
    assert_eq!(bytes, FROM_REDIS);

    let mut copy = Log::default();
    copy.append_block(StreamId::new(100, 5), FROM_REDIS).expect("a block Redis wrote");
    assert_eq!(contents(&copy, StreamId::MIN, StreamId::MAX), contents(&log, StreamId::MIN, StreamId::MAX));
}

/// Entries `f v` with a value of 20 bytes: where a Redis 8 server begins its second and third block.
#[test]
fn blocks_end_where_redis_ends_them() {
    let cases = [((4096, 0), [136, 271]), ((100, 0), [4, 7]), ((0, 10), [11, 21]), ((1, 0), [2, 3])];
    for ((bytes, entries), expected) in cases {
        let limits = BlockLimits { bytes, entries };
        let mut log = Log::default();
        let mut begins = Vec::new();
        for seq in 1..300 {
            let blocks = log.blocks();
            let fields = [(&b"f"[..], &[b'v'; 20][..])];
            log.append(StreamId::new(1, seq), fields.into_iter(), &limits).expect("small entries");
            if log.blocks() > blocks {
                begins.push(seq);
            }
        }
        assert_eq!(begins[1..3], expected, "{limits:?}");
    }
}
