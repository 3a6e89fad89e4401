//! Bytes are a block of a stream or an error. The entries of one that is accepted can be read, counted and deleted,
//! and the block can be written and read again.
//!
//! The first two bytes are the block's id, the others its elements; the listpack's frame is put around them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use structs::packed::LISTPACK_OVERHEAD;
use structs::stream::{Log, StreamId};

const COUNT_UNKNOWN: [u8; 2] = [0xFF; 2];

fuzz_target!(|data: &[u8]| {
    let [ms, seq, elements @ ..] = data else { return };
    let mut listpack = ((elements.len() + LISTPACK_OVERHEAD) as u32).to_le_bytes().to_vec();
    listpack.extend_from_slice(&COUNT_UNKNOWN);
    listpack.extend_from_slice(elements);
    listpack.push(0xFF);
    let mut log = Log::default();
    if log.append_block(StreamId::new((*ms).into(), (*seq).into()), &listpack).is_err() {
        return;
    }

    let ids = check(&log);
    let mut again = Log::default();
    for block in log.block_bytes() {
        let mut bytes = Vec::new();
        block.push_listpack_to(&mut bytes);
        again.append_block(block.id(), &bytes).expect("a block written here");
    }
    assert_eq!(check(&again), ids);
    for (gone, &id) in ids.iter().enumerate() {
        assert!(log.delete(id));
        assert_eq!(log.len(), (ids.len() - gone - 1) as u64);
    }
});

/// Walks over all entries both ways; returns their ids.
fn check(log: &Log) -> Vec<StreamId> {
    let mut ids = Vec::new();
    for entry in log.range(StreamId::MIN, StreamId::MAX) {
        assert_eq!(entry.fields().len(), entry.fields().count());
        ids.push(entry.id);
        assert_eq!(log.rank(entry.id), ids.len() as u64);
        assert!(log.get(entry.id).is_some());
    }
    let back: Vec<_> = log.range_back(StreamId::MIN, StreamId::MAX).map(|entry| entry.id).collect();
    assert!(back.iter().rev().eq(&ids));
    assert_eq!(ids.len() as u64, log.len());
    ids
}
