//! Reports about files, sound and broken. They were compared with those of redis-check-rdb 7.0.15 and 8.0.6.

use crate::files::RECORDED;
use redstart_rdb::{Check, CheckReport, Family, check};

const NOW_MS: i64 = 1_800_000_000_000;

fn recorded(name: &str) -> &'static [u8] {
    RECORDED.iter().find(|(recorded, ..)| *recorded == name).expect("a recorded file").1
}

/// A file without checksum.
fn file(body: &[u8]) -> Vec<u8> {
    [b"REDIS0010\xFE\x00", body].concat()
}

#[test]
fn a_sound_file() {
    let report = check("dump.rdb", recorded("redis-7.0.15"), NOW_MS);
    let expected = r"[offset 0] Checking RDB file dump.rdb
[offset 27] AUX FIELD redis-ver = '7.0.15'
[offset 41] AUX FIELD redis-bits = '64'
[offset 53] AUX FIELD ctime = '1795213663'
[offset 68] AUX FIELD used-mem = '1488584'
[offset 80] AUX FIELD aof-base = '0'
[offset 153] Selecting DB ID 0
[offset 33284] Selecting DB ID 1
[offset 33354] Selecting DB ID 9
[offset 33431] Checksum OK
[offset 33431] \o/ RDB looks OK! \o/
[info] 30 keys read
[info] 4 expires
[info] 0 already expired
[info] 1 functions
";
    assert_eq!(report.text, expected);
    assert!(report.is_sound && report.keys == 30 && report.unsupported.is_empty());
    let report = check("dump.rdb", recorded("redis-8.0.6"), NOW_MS);
    assert!(report.text.ends_with("[info] 1 keys of type module can't be loaded\n"), "{}", report.text);
    assert!(report.is_sound && report.unsupported[&Family::Module] == 1);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases: [(&str, Vec<u8>, &str); 7] = [
        (
            "cut",
            recorded("redis-7.0.15")[..5000].to_vec(),
            "[offset 5000] Unexpected EOF reading RDB file
[additional info] While doing: read-object-value
[additional info] Reading key 'hash-table'
[additional info] Reading type 4 (hash-hashtable)
[info] 5 keys read
",
        ),
        (
            "type",
            file(b"\x63\x01kx"),
            "[offset 11] Invalid object type: 99
[additional info] While doing: read-type
[info] 0 keys read
",
        ),
        (
            "listpack",
            file(b"\x12\x01k\x01\x02\x0d\x0d\x00\x00\x00\x02\x00\x81a\x03\x81b\x02\xff\xff"),
            "[offset 15] Listpack integrity check failed: broken listpack element at offset 6
[additional info] While doing: read-object-value
[additional info] Reading key 'k'
[additional info] Reading type 18 (quicklist-v2)
[info] 0 keys read
",
        ),
        (
            "length",
            file(b"\x00\x01k\x82abc"),
            "[offset 14] unknown length encoding
[additional info] While doing: read-object-value
[additional info] Reading key 'k'
[additional info] Reading type 0 (string)
[info] 0 keys read
",
        ),
        (
            "key",
            file(b"\x00\x05k"),
            "[offset 14] Unexpected EOF reading RDB file
[additional info] While doing: read-key
[additional info] Reading type 0 (string)
[info] 0 keys read
",
        ),
        (
            "signature",
            b"hello world".to_vec(),
            "[offset 0] Wrong signature trying to load DB from file
[additional info] While doing: start
[info] 0 keys read
",
        ),
        (
            "version",
            b"REDIS0099".to_vec(),
            "[offset 0] Can't handle RDB format version 99
[additional info] While doing: start
[info] 0 keys read
",
        ),
    ];
    for (name, file, expected) in cases {
        let report = check("dump.rdb", &file, NOW_MS);
        let (_, wrong) = report.text.split_once("--- RDB ERROR DETECTED ---\n").expect(name);
        assert!(!report.is_sound && wrong.starts_with(expected), "{name}:\n{wrong}");
    }
}

#[test]
fn checksums_are_compared_if_there_are_any() {
    let mut changed = recorded("redis-7.0.15").to_vec();
    let at = changed.len() - 3;
    changed[at] ^= 1;
    let report = check("dump.rdb", &changed, NOW_MS);
    assert!(!report.is_sound && report.keys == 30);
    assert!(report.text.contains("[offset 33431] RDB CRC error\n[additional info] While doing: check-sum\n"));

    let unchecked = check("dump.rdb", &file(b"\xFF\x00\x00\x00\x00\x00\x00\x00\x00"), NOW_MS);
    assert!(unchecked.is_sound, "{}", unchecked.text);
    let line = "[offset 20] RDB file was saved with checksum disabled: no check performed.\n";
    assert!(unchecked.text.contains(line), "{}", unchecked.text);
}

#[test]
fn portions_make_no_difference() {
    let in_portions = |file: &[u8], portion: usize| -> CheckReport {
        let (mut check, mut held) = (Check::new("dump.rdb", NOW_MS), Vec::new());
        for bytes in file.chunks(portion) {
            held.extend_from_slice(bytes);
            let taken = check.feed(&held);
            held.drain(..taken);
        }
        check.finish(&held)
    };
    for (_, file, _) in RECORDED {
        for cut in [file.len(), file.len() - 1, 20_000] {
            let whole = check("dump.rdb", &file[..cut], NOW_MS);
            for portion in [1, 13, 1000, 50_000] {
                assert_eq!(in_portions(&file[..cut], portion), whole, "{portion}");
            }
        }
    }
}
