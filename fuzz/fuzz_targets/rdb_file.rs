//! Bytes are an RDB file or an error, the same however they are cut into portions; the values in it can be decoded or
//! not, and what can be is written again and read back.
//!
//! The first byte chooses where the file is cut; the others follow the signature.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rdb::{Check, CheckReport, DecodeOptions, Event, Scanner, Version, check};

fuzz_target!(|data: &[u8]| {
    let Some((&seed, body)) = data.split_first() else { return };
    let version = Version::ALL[usize::from(seed) % Version::ALL.len()];
    let file = [&version.signature(), body].concat();
    let portion = usize::from(seed / 7) + 1;
    assert_eq!(in_portions(&file, portion), check("file", &file, 0));

    let (mut scanner, mut rest) = (Scanner::new(), file.as_slice());
    while let Ok(Some((event, len))) = scanner.next(rest) {
        assert!(len <= rest.len() && len > 0);
        if let Event::Entry(entry) = event {
            let _ = entry.decode(&DecodeOptions::default());
        }
        rest = &rest[len..];
    }
});

fn in_portions(file: &[u8], portion: usize) -> CheckReport {
    let (mut check, mut held) = (Check::new("file", 0), Vec::new());
    for bytes in file.chunks(portion) {
        held.extend_from_slice(bytes);
        let taken = check.feed(&held);
        held.drain(..taken);
    }
    check.finish(&held)
}
