//! Files and values that are cut off or changed: an error, or something else, but never a panic.

use crate::files::{RECORDED, entries, events};
use crate::values::{elements_of, with_item};
use proptest::prelude::*;
use redstart_rdb::{DecodeOptions, Entry, Event, Reason, Scanner, ValueType, decode_value};
use structs::fields::FieldMap;

/// Decodes a value and looks at all of it.
fn use_value(value_type: ValueType, payload: &[u8], extension: Option<&[u8]>) -> Result<(), Reason> {
    let value = decode_value(value_type, payload, extension, &DecodeOptions::default());
    let value = value.map_err(|error| {
        assert!(error.offset <= payload.len() as u64, "{error}");
        error.reason
    })?;
    with_item(b"key", value, None, |item| drop(elements_of(item)));
    Ok(())
}

/// A file that is scanned until it shows what is wrong with it, every value used.
fn use_file(file: &[u8]) {
    let (mut scanner, mut rest) = (Scanner::new(), file);
    loop {
        match scanner.next(rest) {
            Ok(Some((event, len))) => {
                if let Event::Entry(entry) = event {
                    let _ = use_value(entry.value_type, entry.payload, entry.extension.as_deref());
                }
                rest = &rest[len..];
            }
            Ok(None) => {
                let _ = scanner.finish(rest);
                return;
            }
            Err(error) => return assert!(error.offset <= file.len() as u64, "{error}"),
        }
    }
}

fn small_entries() -> Vec<Entry<'static>> {
    let entries = RECORDED.iter().flat_map(|(_, file, _)| entries(file));
    entries.filter(|entry| entry.db == 0 && entry.payload.len() < 400).collect()
}

#[test]
fn every_cut_of_a_value_is_noticed() {
    for entry in small_entries() {
        let whole = use_value(entry.value_type, entry.payload, None);
        for cut in 0..entry.payload.len() {
            let result = use_value(entry.value_type, &entry.payload[..cut], None);
            if whole.is_ok() {
                assert!(result.is_err(), "{} cut at {cut}", entry.value_type);
            }
        }
    }
}

#[test]
fn surplus_bytes_are_noticed() {
    for entry in small_entries() {
        let longer = [entry.payload, b"x"].concat();
        let result = use_value(entry.value_type, &longer, None);
        assert!(matches!(result, Err(Reason::Surplus | Reason::Unsupported(_))), "{}", entry.value_type);
    }
}

#[test]
fn any_changed_byte_of_a_value_gives_an_error_or_another_value() {
    for entry in small_entries() {
        let mut payload = entry.payload.to_vec();
        for at in 0..payload.len() {
            for change in [1, 0x80, 0xFF, 0x40, 0xC3] {
                payload[at] ^= change;
                let _ = use_value(entry.value_type, &payload, None);
                payload[at] ^= change;
            }
        }
    }
}

#[test]
fn every_cut_of_a_file_is_noticed() {
    let (_, file, _) = RECORDED[1];
    for cut in (0..file.len()).step_by(101).chain(file.len() - 20..file.len()) {
        assert_eq!(events(&file[..cut]).err().map(|error| error.reason), Some(Reason::End), "cut at {cut}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_files_are_read_to_the_first_error(
        which in 0..RECORDED.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut file = RECORDED[which].1.to_vec();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        use_file(&file);
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(
        value_type in prop::sample::select(ValueType::ALL),
        payload in prop::collection::vec(prop_oneof![0u8..8, any::<u8>()], 0..200),
        extension in prop::option::of(prop::collection::vec(0u8..20, 0..30)),
    ) {
        let _ = use_value(value_type, &payload, extension.as_deref());
    }

    #[test]
    fn any_bytes_are_a_file_or_an_error(bytes in prop::collection::vec(prop_oneof![0u8..32, 240u8.., any::<u8>()], 0..300)) {
        let mut file = b"REDIS0011".to_vec();
        file.extend_from_slice(&bytes);
        use_file(&file);
    }
}

/// Lengths that would take all memory, in every place where there is one.
#[test]
fn no_memory_is_taken_for_what_is_not_there() {
    const HUGE: &[u8] = &[0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    for entry in small_entries() {
        for at in 0..entry.payload.len() {
            let payload = [&entry.payload[..at], HUGE, &entry.payload[at..]].concat();
            let _ = use_value(entry.value_type, &payload, None);
        }
    }
    let compressed = [b"\xC3\x05", HUGE, b"\x00a\x20\x00\x00"].concat();
    assert_eq!(use_value(ValueType::String, &compressed, None), Err(Reason::Compression));
}

#[test]
fn fields_that_expire_before_time_began_are_refused() {
    for at_ms in [i64::MIN, -2, -1, 0, i64::MAX] {
        let payload = [b"\x01\x01f\x01v", &at_ms.to_le_bytes()[..]].concat();
        // -1 stands for never.
        let expected = if at_ms < -1 { Err(Reason::ElementExpiry) } else { Ok(()) };
        assert_eq!(use_value(ValueType::ValkeyHash, &payload, None), expected, "{at_ms}");
        let extension = [b"\x01\x01f", &at_ms.to_le_bytes()[..]].concat();
        let expected = if at_ms < 0 { Err(Reason::ElementExpiry) } else { Ok(()) };
        let value =
            decode_value(ValueType::Hash, b"\x01\x01f\x01v", Some(&extension), &DecodeOptions::default());
        assert_eq!(value.map(drop).map_err(|error| error.reason), expected, "{at_ms}");
    }
}

#[test]
fn a_field_that_expires_when_time_began_is_written_as_one_that_expires() {
    let payload = [b"\x01\x01f\x01v", &0i64.to_le_bytes()[..]].concat();
    let value =
        decode_value(ValueType::ValkeyHash, &payload, None, &DecodeOptions::default()).expect("a hash");
    with_item(b"key", value, None, |item| {
        let hash = item.object::<FieldMap>().expect("a hash");
        assert_eq!(hash.first_expiry_ms(), Some(1), "0 stands for never in a listpack");
    });
}
