//! Files as a scanner sees them, in portions of any size.

use super::*;
use crate::encode::{EncodeOptions, Encoder};
use crate::version::Version;

/// Scans a file that arrives in portions of a size.
pub(crate) fn scan(file: &[u8], portion: usize) -> Result<Vec<String>, Error> {
    let (mut scanner, mut held, mut events) = (Scanner::new(), Vec::new(), Vec::new());
    for bytes in file.chunks(portion) {
        held.extend_from_slice(bytes);
        while let Some((event, len)) = scanner.next(&held)? {
            events.push(format!("{event:?}"));
            held.drain(..len);
        }
    }
    scanner.finish(&held)?;
    Ok(events)
}

#[test]
fn a_file_without_keys() {
    let (mut encoder, mut file) = (Encoder::new(EncodeOptions::default()), Vec::new());
    encoder.signature(&mut file);
    encoder.aux(&mut file, b"redis-ver", b"7.2.0");
    encoder.database(&mut file, 3, 100, 70_000);
    encoder.end(&mut file);
    let crc = base::crc64::crc64(0, &file);
    Encoder::checksum(&mut file, crc);

    let mut scanner = Scanner::new();
    let mut rest = file.as_slice();
    let mut events = Vec::new();
    while let Some((event, len)) = scanner.next(rest).expect("a file") {
        events.push(event);
        rest = &rest[len..];
    }
    let header = Header { version: 11, flavor: Flavor::Redis };
    let expected = [
        Event::Header(header),
        Event::Aux { name: b"redis-ver".into(), value: b"7.2.0".into() },
        Event::SelectDb(3),
        Event::ResizeDb { keys: 100, expiring: 70_000 },
        Event::End { checksum: Some(crc) },
    ];
    assert_eq!(events, expected);
    assert_eq!((scanner.offset(), scanner.finish(rest)), (file.len() as u64, Ok(())));
    for portion in 1..12 {
        assert_eq!(scan(&file, portion).map(|events| events.len()), Ok(5));
    }
    assert_eq!(Version::default(), Version::V11);
}
