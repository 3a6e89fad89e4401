//! Files as a scanner sees them, in portions of any size.

use super::*;
use crate::encode::{EncodeOptions, Encoder};
use crate::version::Version;

/// Scans a file that arrives in portions of a size.
fn scan(file: &[u8], portion: usize) -> Result<Vec<String>, Error> {
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

/// The events of a file of Redis 8.8 or Valkey 9 with this body, but for its beginning and its end.
fn events_of(flavor: Flavor, body: &[u8]) -> Result<Vec<String>, Error> {
    let version = if flavor == Flavor::Redis { Version::V14 } else { Version::Valkey80 };
    let file = [&version.signature(), body, b"\xFF\0\0\0\0\0\0\0\0"].concat();
    let events = scan(&file, file.len())?;
    for portion in [1, 3, 7] {
        assert_eq!(scan(&file, portion).as_ref(), Ok(&events));
    }
    Ok(events[1..events.len() - 1].to_vec())
}

/// A module's name and version as files have it.
const MODULE: &[u8] = b"\x81\x00\x10\x83\x10\x51\x87\x20\x05";

#[test]
fn what_modules_wrote_is_passed_by() {
    // Signed and unsigned number, float, double, string, end.
    let parts: &[u8] = b"\x01\x80\0\0\x01\0\x02\x05\x03ffff\x04dddddddd\x05\x03str\x00";
    let body = [b"\xF7", MODULE, b"\x02\x02", parts, b"\xFE\x00\x07\x01k", MODULE, parts].concat();
    let events = events_of(Flavor::Redis, &body).expect("a file");
    assert_eq!(events.len(), 3);
    assert!(events[0].starts_with("ModuleAux"));
    assert!(events[2].contains("value_type: Module2") && events[2].contains("key: [107]"));

    let unknown = [b"\x07\x01k", MODULE, b"\x06"].concat();
    let error = events_of(Flavor::Redis, &unknown).expect_err("there is no such part");
    assert_eq!((error.offset, error.reason), (9 + unknown.len() as u64 - 1, Reason::Module(6)));
}

#[test]
fn module_ids_are_names() {
    let id = ModuleId(0x0010_8310_5187_2005);
    assert_eq!((id.name(), id.version()), ("ABCDEFGHI".to_owned(), 5));
}

#[test]
fn what_stands_before_a_key_belongs_to_it() {
    let metadata = b"\xF3\x02cls1\x02\x05\x00cls2\x05\x01x\x00";
    let body = [&metadata[..], b"\xFC\x01\0\0\0\0\0\0\0\xF8\x40\x64\x00\x01k\x01v\x00\x01l\x01w"].concat();
    let events = events_of(Flavor::Redis, &body).expect("a file");
    let expected = ["expiry_ms: Some(1), access: Some(IdleSeconds(100))", "expiry_ms: None, access: None"];
    assert!(
        events.len() == 2 && events.iter().zip(expected).all(|(event, part)| event.contains(part)),
        "{events:?}"
    );
    let seconds = events_of(Flavor::Redis, b"\xFD\x02\0\0\0\xF9\x07\x00\x01k\x01v").expect("a file");
    assert!(seconds[0].contains("expiry_ms: Some(2000), access: Some(Frequency(7))"), "{seconds:?}");
}

#[test]
fn one_number_means_different_things_in_redis_and_valkey() {
    let slot_import = b"\xF3\x03job\x02\x01\x05\x09\x40\x64";
    let events = events_of(Flavor::Valkey, slot_import).expect("a file");
    assert!(events.len() == 1 && events[0].starts_with("SlotImport"), "{events:?}");
    let hash = b"\x16\x01k\x01\x05field\x05value\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    assert!(events_of(Flavor::Valkey, hash).expect("a file")[0].contains("ValkeyHash"));
    let hash = b"\x16\x01k\x01\x00\x05field\x05value";
    assert!(events_of(Flavor::Redis, hash).expect("a file")[0].contains("HashExpiringCandidate"));
    let error = events_of(Flavor::Valkey, b"\x18\x01k").expect_err("Valkey has no such type");
    assert_eq!((error.offset, error.reason), (9, Reason::Type(24)));
}

#[test]
fn slots_and_functions_are_events() {
    let events = events_of(Flavor::Redis, b"\xF4\x05\x02\x01\xF5\x06source").expect("a file");
    assert_eq!(events[0], "SlotInfo { slot: 5, keys: 2, expiring: 1 }");
    assert!(events[1].starts_with("Function"));
    let error = events_of(Flavor::Redis, b"\xF6\x01x").expect_err("nobody reads those");
    assert_eq!((error.offset, error.reason), (9, Reason::FunctionCandidate));
}

#[test]
fn arrays_have_elements_of_four_kinds() {
    let elements = b"\x00\x00\x03abc\x05\x01iiiiiiii\x06\x02dddddddd\x07\x03\x02ab";
    for head in [&b"\x04\x00"[..], b"\x04\x01\x40\x64"] {
        let body = [b"\x1C\x01k", head, elements].concat();
        let events = events_of(Flavor::Redis, &body).expect("a file");
        assert!(events.len() == 1 && events[0].contains("value_type: Array"));
    }
    let error = events_of(Flavor::Redis, b"\x1C\x01k\x01\x00\x00\x04").expect_err("there is no such kind");
    assert_eq!(error.reason, Reason::ArrayElement(4));
}

#[test]
fn numbers_that_can_not_be_true_take_no_time() {
    // Pending entries and ids without end: found to be missing, not counted.
    let huge = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    let body = [&b"\x15\x01k\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01g\x00\x00\x00"[..], &huge].concat();
    let mut scanner = Scanner::new();
    let file = [&Version::V11.signature(), body.as_slice()].concat();
    let (_, len) = scanner.next(&file).expect("a signature").expect("all of it");
    assert_eq!(scanner.next(&file[len..]), Ok(None));
    assert!(scanner.wanted() > body.len());
}
