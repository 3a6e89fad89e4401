//! A stream with its groups: delivery, lag, counters and references.

use proptest::prelude::*;

use crate::clones;

use super::{BlockLimits, Deletion, Delivery, Group, References, Stream, StreamId, Trim, TrimTo};

const LIMITS: BlockLimits = BlockLimits { bytes: 4096, entries: 3 };
const GROUPS: [&[u8]; 2] = [b"a", b"b"];

#[derive(Clone, Copy, Debug)]
enum Op {
    Add(u64),
    Delete(u64, References),
    Trim(TrimTo, bool, References),
    Read(usize, usize),
    Ack(usize, u64),
    SetId(usize, u64),
}

fn id_of(number: u64) -> StreamId {
    StreamId::new(1, number)
}

fn op() -> impl Strategy<Value = Op> {
    let references =
        || prop_oneof![Just(References::Keep), Just(References::Delete), Just(References::OnlyAcknowledged)];
    let to = prop_oneof![
        (0u64..30).prop_map(TrimTo::MaxLen),
        (0u64..60).prop_map(|number| TrimTo::MinId(id_of(number)))
    ];
    prop_oneof![
        6 => (1u64..10).prop_map(Op::Add),
        3 => (0u64..60, references()).prop_map(|(number, references)| Op::Delete(number, references)),
        1 => (to, any::<bool>(), references()).prop_map(|(to, approximate, references)| {
            Op::Trim(to, approximate, references)
        }),
        5 => (0usize..2, 1usize..8).prop_map(|(group, count)| Op::Read(group, count)),
        5 => (0usize..2, 0u64..60).prop_map(|(group, number)| Op::Ack(group, number)),
        1 => (0usize..2, 0u64..60).prop_map(|(group, number)| Op::SetId(group, number)),
    ]
}

fn stream() -> Stream {
    let mut stream = Stream::new();
    for name in GROUPS {
        let mut group = Group::new(StreamId::MIN, 0);
        group.create_consumer(b"c", 0);
        assert!(stream.create_group(name, group));
        assert!(!stream.create_group(name, Group::new(StreamId::MIN, 0)));
    }
    stream
}

fn add(stream: &mut Stream, number: u64) {
    stream.append(id_of(number), [(&b"f"[..], &b"v"[..])].into_iter(), &LIMITS).expect("a small entry");
}

fn read(stream: &mut Stream, name: &[u8], count: usize) -> Vec<StreamId> {
    let consumer = stream.group(name).and_then(|group| group.find_consumer(b"c")).expect("created above");
    let mut ids = Vec::new();
    let delivery = Delivery { group: name, consumer, count, now_ms: 1, no_ack: false };
    let delivered = stream.deliver(&delivery, |entry| ids.push(entry.id));
    assert_eq!(delivered, ids.len());
    ids
}

fn ids(stream: &Stream) -> Vec<StreamId> {
    stream.log().range(StreamId::MIN, StreamId::MAX).map(|entry| entry.id).collect()
}

fn apply(op: Op, stream: &mut Stream) {
    match op {
        Op::Add(count) => (0..count).for_each(|_| add(stream, stream.last_id().seq + 1)),
        Op::Delete(number, references) => check_delete(stream, id_of(number), references),
        Op::Trim(to, approximate, references) => check_trim(stream, to, approximate, references),
        Op::Read(group, count) => {
            let last = stream.group(GROUPS[group]).map(|group| group.last_id).expect("exists");
            let expected: Vec<_> = ids(stream).into_iter().filter(|&id| id > last).take(count).collect();
            assert_eq!(read(stream, GROUPS[group], count), expected);
        }
        Op::Ack(group, number) => {
            stream.group_mut(GROUPS[group]).expect("exists").acknowledge(id_of(number));
        }
        Op::SetId(group, number) => {
            let entries_read = stream.entries_read_at(id_of(number));
            let group = stream.group_mut(GROUPS[group]).expect("exists");
            (group.last_id, group.entries_read) = (id_of(number), entries_read);
        }
    }
}

fn check_delete(stream: &mut Stream, id: StreamId, references: References) {
    let exists = stream.log().get(id).is_some();
    let referenced = stream.groups().any(|(_, group)| group.last_id < id || group.pending(id).is_some());
    assert_eq!(stream.is_referenced(id), referenced);
    let expected = match (exists, references) {
        (false, _) => Deletion::Missing,
        (true, References::OnlyAcknowledged) if referenced => Deletion::Referenced,
        _ => Deletion::Deleted,
    };
    assert_eq!(stream.delete(id, references), expected);
    if references == References::Delete {
        assert!(stream.groups().all(|(_, group)| group.pending(id).is_none()));
    }
}

fn check_trim(stream: &mut Stream, to: TrimTo, approximate: bool, references: References) {
    let trim = Trim { to, approximate, limit: None };
    let before = ids(stream);
    let mut plain = stream.clone();
    // References are looked up entry by entry: then nothing is approximate.
    let plain_trim = Trim { approximate: approximate && references == References::Keep, ..trim };
    let plain_removed = plain.trim(&plain_trim, References::Keep);
    let gone = &before[..plain_removed as usize];
    let needed: Vec<_> = gone.iter().copied().filter(|&id| stream.is_referenced(id)).collect();
    check_limited_trim(stream.clone(), &trim, references);
    let removed = stream.trim(&trim, references);
    match references {
        References::OnlyAcknowledged => {
            assert_eq!(removed, plain_removed - needed.len() as u64);
            assert!(needed.iter().all(|&id| stream.log().get(id).is_some()));
        }
        _ => assert_eq!(ids(stream), ids(&plain)),
    }
    if references == References::Delete {
        assert!(gone.iter().all(|&id| stream.groups().all(|(_, group)| group.pending(id).is_none())));
    }
}

fn check_limited_trim(mut stream: Stream, trim: &Trim, references: References) {
    let mut unlimited = stream.clone();
    let most = unlimited.trim(trim, references);
    let removed = stream.trim(&Trim { limit: Some(2), ..*trim }, references);
    match references {
        References::Keep => assert!(!trim.approximate || removed <= 2),
        _ => assert_eq!(removed, most.min(2)),
    }
}

/// All that can be asked of a stream.
fn description(stream: &Stream) -> Vec<String> {
    let entries = stream.log().range(StreamId::MIN, StreamId::MAX);
    let mut parts: Vec<String> =
        entries.map(|entry| format!("{:?} {:?}", entry.id, entry.fields().collect::<Vec<_>>())).collect();
    let counters = (stream.first_id(), stream.last_id(), stream.max_deleted_id(), stream.entries_added());
    parts.push(format!("{counters:?} {} bytes", stream.memory_bytes()));
    for (name, group) in stream.groups() {
        let pending: Vec<_> = group.pending_range(StreamId::MIN, StreamId::MAX).collect();
        let oldest: Vec<_> = group.pending_oldest_first().collect();
        parts.push(format!("{name:?} {:?} {} {pending:?} {oldest:?}", group.last_id, group.entries_read));
        for (id, consumer) in group.consumers() {
            let pending: Vec<_> = group.pending_of(id, StreamId::MIN, StreamId::MAX).collect();
            parts.push(format!("{:?} {} {pending:?}", consumer.name(), consumer.pending()));
        }
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_lag_is_the_number_of_entries_left(steps in clones::steps(op(), 1..60)) {
        clones::walk(stream(), steps, |stream, op| apply(op, stream), |stream| {
            let ids = ids(stream);
            assert_eq!(stream.len(), ids.len() as u64);
            for (_, group) in stream.groups() {
                let left = ids.iter().filter(|&&id| id > group.last_id).count();
                assert_eq!(stream.lag(group), left as u64);
            }
        });
    }

    #[test]
    fn clones_stay_as_they_are(steps in clones::steps(op(), 1..60)) {
        let fixture = (stream(), Vec::new());
        clones::walk(fixture, steps, |(stream, known), op| {
            apply(op, stream);
            *known = description(stream);
        }, |(stream, known)| assert!(known.is_empty() || *known == description(stream)));
    }
}

/// `entries-read` as a Redis 8 server reports it after the same steps.
#[test]
fn entries_read_is_what_redis_says() {
    use Op::{Add, Delete, Read, Trim};
    use References::Keep;
    let min_id = |number| Trim(TrimTo::MinId(id_of(number)), false, Keep);
    let cases: [(&[Op], i64); 9] = [
        (&[Add(10), Read(0, 4)], 4),
        (&[Add(10), Delete(7, Keep), Read(0, 4)], -1),
        (&[Add(10), Delete(7, Keep), Read(0, 9)], 10),
        (&[Add(10), Read(0, 4), Delete(2, Keep), Read(0, 2)], 6),
        (&[Add(10), Read(0, 4), Delete(4, Keep), Read(0, 2)], -1),
        (&[Add(10), min_id(5), Read(0, 2)], 6),
        (&[Add(10), Read(0, 2), min_id(5), Read(0, 1)], 5),
        (&[Add(10), Read(0, 8), min_id(5), Read(0, 1)], 9),
        (&[Add(10), Read(0, 9), Trim(TrimTo::MaxLen(0), false, Keep), Add(1), Read(0, 1)], 11),
    ];
    for (number, (ops, expected)) in cases.into_iter().enumerate() {
        let mut stream = stream();
        ops.iter().for_each(|&op| apply(op, &mut stream));
        assert_eq!(stream.group(GROUPS[0]).map(|group| group.entries_read), Some(expected), "case {number}");
    }
}

#[test]
fn the_largest_id_is_trimmed_like_any_other() {
    for references in [References::Keep, References::Delete, References::OnlyAcknowledged] {
        for (to, approximate, left) in [
            (TrimTo::MaxLen(0), false, 0),
            (TrimTo::MaxLen(0), true, 0),
            (TrimTo::MaxLen(1), false, 1),
            (TrimTo::MinId(StreamId::MAX), false, 1),
        ] {
            let mut stream = stream();
            for id in [id_of(1), StreamId::MAX] {
                stream.append(id, [(&b"f"[..], &b"v"[..])].into_iter(), &LIMITS).expect("a small entry");
            }
            for name in GROUPS {
                stream.group_mut(name).expect("created above").last_id = StreamId::MAX;
            }
            let removed = stream.trim(&Trim { to, approximate, limit: None }, references);
            assert_eq!((removed, stream.len()), (2 - left, left), "{to:?} {references:?}");
        }
    }
}

#[test]
fn memory_follows_entries_and_pending_entries() {
    let mut stream = stream();
    let empty = stream.memory_bytes();
    (1..=3000).for_each(|number| add(&mut stream, number));
    let with_entries = stream.memory_bytes();
    assert!(with_entries > empty + 3000 * 10, "{with_entries}");
    assert_eq!(read(&mut stream, b"a", 3000).len(), 3000);
    let with_pending = stream.memory_bytes();
    assert!((30 * 3000..100 * 3000).contains(&(with_pending - with_entries)), "{with_pending}");
    let group = stream.group_mut(b"a").expect("created above");
    (1..=3000).for_each(|number| assert!(group.acknowledge(id_of(number)).is_some()));
    stream.trim(&Trim { to: TrimTo::MaxLen(0), approximate: false, limit: None }, References::Keep);
    assert_eq!(stream.log().blocks(), 0);
    assert!(stream.memory_bytes() <= empty + 64, "{} after {empty}", stream.memory_bytes());
}
