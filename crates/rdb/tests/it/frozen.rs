//! Values written bit by bit are written as those that are written at once.

use crate::values::{array, elements_of, hash, list, set, sorted_set, stream, with_item};
use keyspace::Value;
use proptest::prelude::*;
use redstart_rdb::{DecodeOptions, EncodeOptions, Encoder, Event, FrozenEncoder, Scanner, Version};
use structs::blob::Blob;

const EXPIRY_MS: Option<i64> = Some(1_700_000_000_000);

fn written_at_once(value: Value, options: EncodeOptions) -> Vec<u8> {
    let mut out = Vec::new();
    with_item(b"key", value, EXPIRY_MS, |item| Encoder::new(options).item(&mut out, item));
    out
}

/// As much as was written in each step.
fn written_in_steps(value: Value, options: EncodeOptions, budget: usize) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(options);
    let mut frozen = FrozenEncoder::new(b"key".to_vec(), EXPIRY_MS, 0, value.into());
    let mut steps = Vec::new();
    loop {
        let mut out = Vec::new();
        let more = frozen.step(&mut encoder, &mut out, budget);
        steps.push(out);
        if !more {
            return steps;
        }
    }
}

#[derive(Clone, Debug)]
enum Shape {
    Array(Vec<Vec<u8>>, u64),
    List(Vec<Vec<u8>>),
    Set(Vec<Vec<u8>>, usize),
    SortedSet(Vec<Vec<u8>>, usize),
    Hash(Vec<Vec<u8>>, usize),
    Stream(u64, u64),
    Text(Vec<u8>),
}

impl Shape {
    fn value(&self) -> Value {
        match self {
            Shape::Array(texts, step) => array(texts, *step),
            Shape::List(values) => list(values),
            Shape::Set(members, expiring) => set(members, *expiring),
            Shape::SortedSet(members, expiring) => sorted_set(members, *expiring),
            Shape::Hash(fields, expiring) => hash(fields, *expiring),
            Shape::Stream(entries, groups) => stream(*entries, *groups),
            Shape::Text(text) => Value::text(text.clone()),
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let texts = || prop::collection::vec(prop::collection::vec(0u8..3, 0..40), 1..60);
    prop_oneof![
        texts().prop_map(Shape::List),
        (texts(), 1u64..1 << 50).prop_map(|(texts, step)| Shape::Array(texts, step)),
        (texts(), 0usize..4).prop_map(|(members, expiring)| Shape::SortedSet(members, expiring)),
        (texts(), 0usize..4).prop_map(|(members, expiring)| Shape::Set(members, expiring)),
        (texts(), 0usize..4).prop_map(|(fields, expiring)| Shape::Hash(fields, expiring)),
        (prop::collection::vec(-9i64..300, 1..60), 0usize..4).prop_map(|(ints, expiring)| {
            Shape::Set(ints.iter().map(|int| int.to_string().into_bytes()).collect(), expiring)
        }),
        (0u64..60, 0u64..4).prop_map(|(entries, groups)| Shape::Stream(entries, groups)),
        prop::collection::vec(any::<u8>(), 0..3000).prop_map(Shape::Text),
        any::<i32>().prop_map(|number| Shape::Text(number.to_string().into_bytes())),
    ]
}

proptest! {
    #[test]
    fn the_size_of_the_steps_makes_no_difference(
        shape in shapes(),
        budget in 1usize..300,
        version in prop::sample::select(&Version::ALL[..]),
        compress: bool,
    ) {
        let options = EncodeOptions { version, compress, ..EncodeOptions::default() };
        let steps = written_in_steps(shape.value(), options, budget);
        prop_assert_eq!(steps.concat(), written_at_once(shape.value(), options));
        if let Shape::Stream(..) = shape {
            let most = budget + 300;
            prop_assert!(steps.iter().all(|step| step.len() < most), "no step writes much more than its budget");
        }
    }
}

#[test]
fn long_strings_are_compressed_piece_by_piece() {
    let repetitive = b"some words, ".repeat(100_000);
    let mut random: u64 = 1;
    let mut byte = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 56) as u8
    };
    let noise: Vec<u8> = (0..300_000).map(|_| byte()).collect();
    for (text, compressible) in [(repetitive, true), (noise, false)] {
        for compress in [false, true] {
            let options = EncodeOptions { compress, ..EncodeOptions::default() };
            let blob = Value::Blob(Box::new(Blob::from_vec(text.clone())));
            let steps = written_in_steps(blob, options, 100_000);
            let written = steps.concat();
            assert_eq!(compress && compressible, written.len() < text.len() / 10);
            assert!(steps.iter().all(|step| step.len() < 200_000), "a step writes about its budget");
            assert_eq!(read(&written), vec![vec![text.clone()]]);
        }
    }
}

/// The elements of the value of a key.
fn read(entry: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut scanner = Scanner::new();
    let file = [&Version::default().signature(), entry].concat();
    let (_, len) = scanner.next(&file).expect("a signature").expect("all of it");
    let (event, _) = scanner.next(&file[len..]).expect("a key").expect("all of it");
    let Event::Entry(entry) = event else { panic!("{event:?}") };
    assert_eq!((entry.key.as_ref(), entry.expiry_ms), (&b"key"[..], EXPIRY_MS));
    let value = entry.decode(&DecodeOptions::default()).expect("a value");
    with_item(b"key", value, None, elements_of)
}
