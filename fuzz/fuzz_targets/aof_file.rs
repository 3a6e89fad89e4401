//! Bytes are an append-only file or an error, and never a panic. What a server takes of it, it takes again when it starts once
//! more with the file as it was left, and says the same of it beforehand.
//!
//! The first byte says whether they are the base or a file of changes, and whether the server is started; the others are
//! the file.
#![no_main]

use engine::Choice;
use journal::disk::Disk;
use libfuzzer_sys::fuzz_target;
use sim::disk::FaultyDisk;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    let Some((&form, bytes)) = data.split_first() else { return };
    let disk = FaultyDisk::new(1);
    let (name, kind): (&[u8], &[u8]) = match form & 1 {
        0 => (b"appendonly.aof.1.incr.aof", b"i"),
        _ => (b"appendonly.aof.1.base.rdb", b"b"),
    };
    let manifest = [b"file ", name, b" seq 1 type ", kind, b"\n"].concat();
    disk.create_dir(b"appendonlydir").expect("an empty disk");
    write(&disk, b"appendonlydir/appendonly.aof.manifest", &manifest);
    write(&disk, &[b"appendonlydir/", name].concat(), bytes);

    let verified = digest(&disk);
    if form & 2 != 0 {
        sim::on_disk(Arc::new(disk.clone()), |engine| {
            assert_eq!(engine.load_data().is_ok(), verified.is_some());
            engine.close_journal();
        });
        assert_eq!(digest(&disk), verified);
    }
});

fn write(disk: &FaultyDisk, name: &[u8], bytes: &[u8]) {
    let file = disk.create(name).expect("a disk that works");
    if !bytes.is_empty() {
        assert_eq!(file.write_at(0, bytes).expect("a disk that works"), bytes.len());
    }
}

/// The digest of the data that the files hold, if a server would start with them: records that are answered with errors don't
/// keep it from that.
fn digest(disk: &FaultyDisk) -> Option<String> {
    let found = sim::on_disk(Arc::new(disk.clone()), |engine| engine.verify_data(Choice::Configured).ok())?;
    found.passed_over.iter().all(|(what, _)| what.ends_with("with errors")).then_some(found.digest)
}
