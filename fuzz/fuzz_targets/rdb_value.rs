//! Bytes are a value of a type or an error. One that is accepted is written as bytes that mean the same: they are
//! accepted too, and what is written of that value are those bytes again.
//!
//! The first byte chooses the type, the others are the value.
#![no_main]

use keyspace::{Db, Expiry, Key, Value};
use libfuzzer_sys::fuzz_target;
use rdb::{DecodeOptions, EncodeOptions, Encoder, Leniency, ValueType, Version, decode_value, dump, restore};

/// Version and checksum behind a payload.
const FOOTER_BYTES: usize = 10;

fuzz_target!(|data: &[u8]| {
    let Some((&seed, payload)) = data.split_first() else { return };
    let value_type = ValueType::ALL[usize::from(seed) % ValueType::ALL.len()];
    let Ok(value) = decode_value(value_type, payload, None, &DecodeOptions::default()) else { return };
    let written = write(value, false);
    assert!(write(read(&written.payload), false).means == written.means);
    let compressed = write(read(&written.payload), true);
    assert!(write(read(&compressed.payload), false).means == written.means);
});

fn read(payload: &[u8]) -> Value {
    restore(payload, &DecodeOptions::default(), Leniency::default()).expect("a value written here")
}

/// A value that was written.
struct Written {
    payload: Vec<u8>,
    means: Meaning,
}

/// What a payload means: its bytes and the value's elements. Those of a hash table have no order: their bytes stand for them
/// in that of their numbers.
#[derive(PartialEq)]
struct Meaning {
    bytes: Vec<u8>,
    elements: Vec<Vec<Vec<u8>>>,
}

fn write(value: Value, compress: bool) -> Written {
    let (mut db, key) = (Db::new(1), Key::new(b"key", 1));
    let (place, _) = db.put_value(&key, None, value, Expiry::Never, 0);
    let item = db.item(place);
    let mut elements = Vec::new();
    if let Some(object) = item.any_object() {
        object.elements(&mut |parts| elements.push(parts.iter().map(|part| part.to_vec()).collect()));
    }
    // The one version whose values have a place for everything.
    let options = EncodeOptions { version: Version::V14, compress, ..EncodeOptions::default() };
    let payload = dump(&mut Encoder::new(options), &item);
    let mut bytes = payload.clone();
    if item.encoding_name() == "hashtable" {
        bytes.truncate(payload.len() - FOOTER_BYTES);
        bytes.sort_unstable();
        elements.sort();
    }
    Written { payload, means: Meaning { bytes, elements } }
}
