//! Bytes are a value of a type or an error. One that is accepted is written as bytes that mean the same: they are
//! accepted too, and what is written of that value are those bytes again.
//!
//! The first byte chooses the type, the others are the value.
#![no_main]

use keyspace::{Db, Expiry, Key, Value};
use libfuzzer_sys::fuzz_target;
use rdb::{DecodeOptions, EncodeOptions, Encoder, Leniency, ValueType, Version, decode_value, dump, restore};

fuzz_target!(|data: &[u8]| {
    let Some((&seed, payload)) = data.split_first() else { return };
    let value_type = ValueType::ALL[usize::from(seed) % ValueType::ALL.len()];
    let Ok(value) = decode_value(value_type, payload, None, &DecodeOptions::default()) else { return };
    let (written, elements) = write(value, false);
    let again =
        restore(&written, &DecodeOptions::default(), Leniency::default()).expect("a value written here");
    assert!(write(again, false) == (written.clone(), elements.clone()));

    let compressed =
        restore(&written, &DecodeOptions::default(), Leniency::default()).expect("a value written here");
    let compressed = restore(&write(compressed, true).0, &DecodeOptions::default(), Leniency::default())
        .expect("compressed here");
    assert!(write(compressed, false) == (written, elements));
});

/// The payload of a value, and its elements.
fn write(value: Value, compress: bool) -> (Vec<u8>, Vec<Vec<Vec<u8>>>) {
    let (mut db, key) = (Db::new(1), Key::new(b"key", 1));
    let (place, _) = db.put_value(&key, None, value, Expiry::Never, 0);
    let item = db.item(place);
    let mut elements = Vec::new();
    if let Some(object) = item.any_object() {
        object.elements(&mut |parts| elements.push(parts.iter().map(|part| part.to_vec()).collect()));
    }
    // The one version whose values have a place for everything.
    let options = EncodeOptions { version: Version::V14, compress, ..EncodeOptions::default() };
    (dump(&mut Encoder::new(options), &item), elements)
}
