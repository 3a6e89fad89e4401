//! Streams with many entries, groups, consumers and pending entries.

use redstart_structs::stream::{
    BlockLimits, Delivery, Group, ProducerLimits, References, Stream, StreamId, Trim, TrimTo,
};

const ENTRIES: u64 = 100_000;
const CONSUMERS: usize = 1000;

fn id_of(number: u64) -> StreamId {
    StreamId::new(number, 0)
}

fn append(stream: &mut Stream, number: u64) {
    let fields = [(&b"field"[..], &b"a value of some length"[..])];
    stream.append(id_of(number), fields.into_iter(), &BlockLimits::default()).expect("a small entry");
}

fn deliver(stream: &mut Stream, consumer: usize, count: usize, now_ms: i64) {
    let name = format!("consumer {consumer}");
    let group = stream.group(b"group").expect("created at first");
    let consumer = group.find_consumer(name.as_bytes()).expect("created at first");
    stream.deliver(&Delivery { group: b"group", consumer, count, now_ms, no_ack: false }, |_| {});
}

/// Every entry but a thousand is pending for one of many consumers.
fn stream() -> Stream {
    let mut stream = Stream::new();
    (1..=ENTRIES).for_each(|number| append(&mut stream, number));
    let mut group = Group::new(StreamId::MIN, 0);
    for consumer in 0..CONSUMERS {
        group.create_consumer(format!("consumer {consumer}").as_bytes(), 0);
    }
    stream.create_group(b"group", group);
    for turn in 0..(ENTRIES as usize - 1000) / 3 {
        deliver(&mut stream, turn % CONSUMERS, 3, turn as i64);
    }
    let producers = stream.producers_mut(ProducerLimits { duration_s: 1000, entries: 10_000 });
    for number in 1..10_000u64 {
        producers.remember(b"producer", &number.to_le_bytes(), id_of(number), 0);
    }
    stream
}

fn group(stream: &mut Stream) -> &mut Group {
    stream.group_mut(b"group").expect("created at first")
}

#[test]
fn a_stream_is_shared() {
    let mut stream = stream();
    let bytes = stream.memory_bytes();
    assert!(bytes > 4 << 20, "it is large: {bytes} bytes");
    super::check(
        &mut stream,
        &[
            ("append", |stream| append(stream, ENTRIES + 1)),
            ("delete", |stream| {
                stream.delete(id_of(ENTRIES / 2), References::Keep);
            }),
            ("trim a part of a block", |stream| {
                stream.trim(
                    &Trim { to: TrimTo::MaxLen(ENTRIES - 250), approximate: false, limit: None },
                    References::Keep,
                );
            }),
            ("deliver", |stream| deliver(stream, 7, 10, 1_000_000)),
            ("acknowledge", |stream| {
                group(stream).acknowledge(id_of(ENTRIES / 3));
            }),
            ("claim", |stream| {
                let consumer = group(stream).find_consumer(b"consumer 7");
                let pending = group(stream).pending(id_of(500)).expect("delivered");
                let pending = redstart_structs::stream::Pending { consumer, ..pending };
                group(stream).set_pending(id_of(500), pending);
            }),
            ("give back", |stream| group(stream).release(id_of(600), 1)),
            ("see a consumer", |stream| {
                let consumer = group(stream).find_consumer(b"consumer 8").expect("created at first");
                group(stream).consumer_mut(consumer).expect("created at first").seen_ms = 9;
            }),
            ("create a consumer", |stream| {
                group(stream).create_consumer(b"new", 0);
            }),
            ("create a group", |stream| {
                stream.create_group(b"new", Group::new(StreamId::MIN, 0));
            }),
            ("remember a name", |stream| {
                let producers = stream.producers_mut(ProducerLimits { duration_s: 1000, entries: 10_000 });
                producers.remember(b"producer", b"another name", id_of(20_000), 0);
            }),
        ],
    );
}

#[test]
fn groups_cost_no_more_than_a_reference_each() {
    let mut stream = stream();
    for number in 0..1000u32 {
        stream.create_group(&number.to_le_bytes(), Group::new(StreamId::MIN, 0));
    }
    super::check(&mut stream, &[("read", |stream| deliver(stream, 1, 5, 0))]);
}

/// What is large and removed isn't copied first.
#[test]
fn a_large_entry_is_deleted_without_a_copy() {
    let mut stream = Stream::new();
    let value = vec![b'v'; 1 << 20];
    for number in 1..4 {
        let fields = [(&b"field"[..], &value[..])];
        stream.append(id_of(number), fields.into_iter(), &BlockLimits::default()).expect("below the limit");
    }
    super::check(
        &mut stream,
        &[
            ("append behind it", |stream| append(stream, 4)),
            ("delete it", |stream| {
                stream.delete(id_of(2), References::Keep);
            }),
            ("trim it", |stream| {
                stream
                    .trim(&Trim { to: TrimTo::MaxLen(2), approximate: false, limit: None }, References::Keep);
            }),
        ],
    );
}
