//! What only some forms of streams hold.

use super::*;
use crate::encode::{EncodeOptions, Encoder};
use crate::{DecodeOptions, Leniency, dump, restore};
use keyspace::{Db, Expiry, Key, ObjectBox, Value};
use structs::stream::{BlockLimits, Group, Pending, ProducerLimits};

const LIMITS: ProducerLimits = ProducerLimits { duration_s: 7, entries: 3 };

/// A stream with entries, pending ones of a consumer, of nobody, and of one whose name stands for nobody.
fn stream(with_namesake: bool) -> Stream {
    let mut stream = Stream::new();
    for seq in 1..=9 {
        let fields = [(&b"f"[..], &b"v"[..])];
        stream.append(StreamId::new(5, seq), fields.into_iter(), &BlockLimits::default()).expect("small");
    }
    let mut group = Group::new(StreamId::new(5, 8), 8);
    let (consumer, _) = group.create_consumer(b"c", 1000);
    for seq in 1..=6 {
        let pending = Pending { consumer: Some(consumer), deliveries: seq as u32, delivered_ms: 2000 };
        group.set_pending(StreamId::new(5, seq), pending);
    }
    for seq in [4, 1, 6] {
        group.release(StreamId::new(5, seq), seq as u32);
    }
    if with_namesake {
        let (consumer, _) = group.create_consumer(NOBODY, 1000);
        let pending = Pending { consumer: Some(consumer), deliveries: 1, delivered_ms: 3000 };
        group.set_pending(StreamId::new(5, 7), pending);
    }
    stream.create_group(b"g", group);
    let producers = stream.producers_mut(LIMITS);
    producers.remember(b"p", b"one", StreamId::new(5, 1), 5);
    producers.remember(b"q", b"one", StreamId::new(5, 2), 5);
    producers.remember(b"p", b"two", StreamId::new(5, 3), 5);
    producers.set_counters(30, 4);
    stream
}

/// What a payload in a version keeps of a stream.
fn through(stream: Stream, version: Version) -> Stream {
    let (mut db, key) = (Db::new(1), Key::new(b"key", 1));
    let value = Value::Object(ObjectBox::new(stream));
    let (place, _) = db.put_value(&key, None, value, Expiry::Never, 0);
    let mut encoder = Encoder::new(EncodeOptions { version, compress: true, ..EncodeOptions::default() });
    let payload = dump(&mut encoder, &db.item(place));
    let value =
        restore(&payload, &DecodeOptions::default(), Leniency::default()).expect("a payload written here");
    let (place, _) = db.put_value(&key, Some(place), value, Expiry::Never, 0);
    db.item(place).object::<Stream>().expect("a stream").clone()
}

/// The pending entries: sequence number, consumer's name, deliveries.
fn pending(stream: &Stream) -> Vec<(u64, Option<Vec<u8>>, u32)> {
    let group = stream.group(b"g").expect("there is one");
    let name = |consumer| group.consumer(consumer).map(|consumer| consumer.name().to_vec());
    let entries = group.pending_oldest_first();
    entries.map(|(id, entry)| (id.seq, entry.consumer.and_then(name), entry.deliveries)).collect()
}

#[test]
fn every_version_keeps_producers_and_what_is_nobodys() {
    for version in Version::ALL {
        let back = through(stream(false), version);
        let c = || Some(b"c".to_vec());
        let expected = vec![(4, None, 4), (1, None, 1), (6, None, 6), (2, c(), 2), (3, c(), 3), (5, c(), 5)];
        assert_eq!(pending(&back), expected, "{version:?}");
        assert_eq!(back.group(b"g").map(Group::consumer_count), Some(1), "{version:?}");
        let producers = back.producers().expect("they are kept");
        let entries: Vec<_> = producers.iter().map(|(producer, name, id)| (producer, name, id.seq)).collect();
        assert_eq!(
            entries,
            [(&b"p"[..], &b"one"[..], 1), (b"p", b"two", 3), (b"q", b"one", 2)],
            "{version:?}"
        );
        assert_eq!((producers.limits(), producers.added(), producers.duplicates()), (LIMITS, 30, 4));
    }
}

#[test]
fn a_consumer_may_have_the_name_that_stands_for_nobody() {
    let back = through(stream(true), Version::V14);
    assert_eq!(pending(&back).last(), Some(&(7, Some(NOBODY.to_vec()), 1)));
    let back = through(stream(true), Version::V11);
    let nobodys: Vec<_> = pending(&back).into_iter().take(4).map(|(seq, ..)| seq).collect();
    assert_eq!(nobodys, [4, 1, 6, 7], "elsewhere it can't be told from nobody");
}

#[test]
fn a_stream_without_producers_stays_one() {
    let mut plain = Stream::new();
    plain.set_last_id(StreamId::new(1, 1));
    for version in Version::ALL {
        let back = through(plain.clone(), version);
        assert!(back.producers().is_none() && back.last_id() == StreamId::new(1, 1), "{version:?}");
    }
}
