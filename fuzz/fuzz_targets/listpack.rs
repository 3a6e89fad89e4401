//! Bytes are a listpack or an error. One that is accepted can be walked both ways, changed at every place and
//! written back.
//!
//! The input is taken as elements; the listpack's frame is put around them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use structs::packed::{LISTPACK_OVERHEAD, Packed};

const COUNT_UNKNOWN: [u8; 2] = [0xFF; 2];

fuzz_target!(|data: &[u8]| {
    let _ = Packed::from_listpack_bytes(data);
    let mut listpack = ((data.len() + LISTPACK_OVERHEAD) as u32).to_le_bytes().to_vec();
    listpack.extend_from_slice(&COUNT_UNKNOWN);
    listpack.extend_from_slice(data);
    listpack.push(0xFF);
    let Ok(packed) = Packed::from_listpack_bytes(&listpack) else { return };
    assert_eq!(packed.to_listpack_bytes()[6..], listpack[6..]);

    let values: Vec<_> = packed.iter().map(|item| item.to_vec()).collect();
    let mut back: Vec<_> = packed.iter_back().map(|item| item.to_vec()).collect();
    back.reverse();
    assert_eq!(values, back);
    for (index, value) in values.iter().enumerate().take(8) {
        let mut changed = packed.clone();
        let at = changed.position(index as i64).expect("an index within the count");
        changed.replace(at, b"another value");
        changed.insert(at, value);
        assert_eq!(changed.count(), values.len() + 1);
        assert_eq!(changed.remove(at, 1), 1);
        changed.replace(at, value);
        assert!(changed.iter().map(|item| item.to_vec()).eq(values.iter().cloned()));
    }
});
