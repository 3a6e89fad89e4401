//! Nanoseconds per operation of the containers, small and large, and bytes per cell of arrays: `cargo bench -p redstart-structs [-- FILTER]`.

use redstart_structs::array::SparseArray;
use redstart_structs::deque::{Deque, Limits, Side};
use redstart_structs::packed::End;
use redstart_structs::stream::{BlockLimits, Delivery, Group, Stream, StreamId};
use std::hint::black_box;
use std::time::Instant;

/// Prints the best of several runs, the one least disturbed by the rest of the machine.
fn measure(filter: &str, name: &str, calls: u32, mut work: impl FnMut(u32)) {
    if !name.contains(filter) {
        return;
    }
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let start = Instant::now();
        for call in 0..calls {
            work(call);
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    println!("{name:<44}{best:>9.1} ns");
}

fn main() {
    // `cargo test --all-targets` runs benches too, without this.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
    lists(&filter);
    streams(&filter);
    arrays(&filter);
}

/// Numbers that look random.
fn scattered(number: u32, below: usize) -> usize {
    (u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize % below
}

fn list(len: usize, value: &[u8]) -> Deque {
    let mut list = Deque::new();
    (0..len).for_each(|_| list.push(End::Back, value, &Limits::default()));
    list
}

fn lists(filter: &str) {
    let limits = Limits::default();
    for (len, value) in [(10, &[b'v'; 16][..]), (1000, &[b'v'; 64]), (1_000_000, &[b'v'; 64])] {
        let mut held = list(len, value);
        let title = |what: &str| format!("list of {len}: {what}");
        measure(filter, &title("push back, pop front"), 100_000, |_| {
            held.push(End::Back, value, &limits);
            held.pop(End::Front, &limits, |item| item.text_len());
        });
        measure(filter, &title("push front, pop front"), 100_000, |_| {
            held.push(End::Front, value, &limits);
            held.pop(End::Front, &limits, |item| item.text_len());
        });
        measure(filter, &title("value in the middle"), 1000, |call| {
            black_box(held.get(scattered(call, len)));
        });
        measure(filter, &title("ten values"), 1000, |call| {
            held.iter_from(scattered(call, len)).take(10).for_each(|item| {
                black_box(item);
            });
        });
        measure(filter, &title("insert, remove in the middle"), 1000, |call| {
            let index = scattered(call, len);
            held.insert_at(index, Side::Before, value, &limits);
            held.remove_range(index, 1, &limits);
        });
        measure(filter, &title("clone"), 100, |_| drop(black_box(held.clone())));
    }
    measure(filter, "list: a million pushes back, per push", 1, |_| {
        drop(black_box(list(1_000_000, &[b'v'; 64])));
    });
}

fn append(stream: &mut Stream, seq: u64) {
    let fields = [(&b"sensor"[..], &b"1234567890abcdef"[..]), (b"value", b"17.25")];
    let id = StreamId::new(1_700_000_000_000 + seq / 4, seq % 4);
    stream.append(id, fields.iter().copied(), &BlockLimits::default()).expect("a small entry");
}

fn streams(filter: &str) {
    for len in [100u64, 1_000_000] {
        let mut stream = Stream::new();
        (0..len).for_each(|seq| append(&mut stream, seq));
        let title = |what: &str| format!("stream of {len}: {what}");
        measure(filter, &title("ten entries"), 10_000, |call| {
            let from = StreamId::new(1_700_000_000_000 + scattered(call, len as usize / 4) as u64, 0);
            stream.log().range(from, StreamId::MAX).take(10).for_each(|entry| {
                black_box(entry);
            });
        });
        measure(filter, &title("rank"), 10_000, |call| {
            let id = StreamId::new(1_700_000_000_000 + scattered(call, len as usize / 4) as u64, 0);
            black_box(stream.log().rank(id));
        });
        measure(filter, &title("clone"), 100, |_| drop(black_box(stream.clone())));
        groups(filter, &stream, len);
        let mut next = len;
        measure(filter, &title("append"), 100_000, |_| {
            append(&mut stream, next);
            next += 1;
        });
    }
}

/// Entries are delivered ten by ten to ten consumers, which acknowledge them one by one.
fn groups(filter: &str, stream: &Stream, len: u64) {
    let mut stream = stream.clone();
    let mut group = Group::new(StreamId::MIN, 0);
    let consumers: Vec<_> =
        (0..10).map(|number| group.create_consumer(format!("c{number}").as_bytes(), 0).0).collect();
    stream.create_group(b"g", group);
    let name = format!("stream of {len}: deliver and acknowledge, per entry");
    measure(filter, &name, 10_000, |call| {
        let consumer = consumers[call as usize % 10];
        let delivery = Delivery { group: b"g", consumer, count: 10, now_ms: i64::from(call), no_ack: false };
        if call % 10 == 0 {
            let mut ids = [StreamId::MIN; 10];
            let mut used = 0;
            if stream.deliver(&delivery, |entry| {
                ids[used] = entry.id;
                used += 1;
            }) == 0
            {
                stream.group_mut(b"g").expect("created above").last_id = StreamId::MIN;
            }
            let group = stream.group_mut(b"g").expect("created above");
            ids[..used].iter().for_each(|&id| {
                group.acknowledge(id);
            });
        }
    });
}

/// A million cells: integers in a row, integers anywhere, texts of 16 bytes in a row, and in a row but filled in no order.
fn arrays(filter: &str) {
    const CELLS: u32 = 1_000_000;
    type Cells = (&'static str, fn(u32) -> u64, fn(u32) -> String);
    let spread = |number: u32| u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // An odd factor leads to each index once.
    let mixed = |number: u32| u64::from(number.wrapping_mul(40_503) % (1 << 20));
    let kinds: [Cells; 4] = [
        ("integers in a row", u64::from, |number| number.to_string()),
        ("integers anywhere", spread, |number| number.to_string()),
        ("texts in a row", u64::from, |number| format!("text:{number:011}")),
        ("texts in no order", mixed, |number| format!("text:{number:011}")),
    ];
    for (kind, index, text) in
        kinds.into_iter().filter(|(kind, ..)| format!("array of {kind}").contains(filter))
    {
        let mut array = SparseArray::new();
        (0..CELLS).for_each(|number| {
            array.set(index(number), text(number).as_bytes());
        });
        let name = |what: &str| format!("array of {kind}: {what}");
        let bytes = array.memory_bytes() as f64 / array.count() as f64;
        println!("{:<44}{bytes:>9.1} bytes", name("per cell"));
        let picked = |call: u32| index(scattered(call, CELLS as usize) as u32);
        measure(filter, &name("get"), 100_000, |call| {
            black_box(array.get(picked(call)));
        });
        measure(filter, &name("set"), 100_000, |call| {
            array.set(picked(call), b"another text of 16 bytes or so");
        });
        measure(filter, &name("remove, set"), 100_000, |call| {
            array.remove(picked(call));
            array.set(picked(call), b"12345");
        });
        measure(filter, &name("clone"), 100, |_| drop(black_box(array.clone())));
    }
}
