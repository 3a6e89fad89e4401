//! DUMP payloads: those of real servers can be restored, and are what we write too.
//!
//! `payloads.txt` has a line for each value and server: the server, the value's name, the payload in hexadecimal digits
//! with `rdbcompression no`, and with `rdbcompression yes`.

use crate::values::{elements_of, set, with_item};
use redstart_rdb::{BadDump, DecodeOptions, EncodeOptions, Encoder, Leniency, Version, dump, restore};
use structs::fields::MemberSet;

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(|pair| byte(pair).expect("hexadecimal digits")).collect()
}

/// Name, payload, compressed payload.
fn payloads() -> impl Iterator<Item = (String, Vec<u8>, Vec<u8>)> {
    include_str!("payloads.txt").lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let [server, name, plain, compressed] = words[..] else { panic!("{line}") };
        (format!("{server} {name}"), bytes_of(plain), bytes_of(compressed))
    })
}

fn version_of(payload: &[u8]) -> Version {
    let at = payload.len() - 10;
    Version::with_number(u16::from_le_bytes([payload[at], payload[at + 1]])).expect("one we write")
}

#[test]
fn payloads_come_back_byte_by_byte() {
    for (name, plain, compressed) in payloads() {
        for payload in [&plain, &compressed] {
            let value = restore(payload, &DecodeOptions::default(), Leniency::default())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let options = EncodeOptions { version: version_of(payload), ..EncodeOptions::default() };
            let again = with_item(b"key", value, None, |item| dump(&mut Encoder::new(options), item));
            assert!(again == plain, "{name}: {again:?} is not {plain:?}");
        }
    }
}

#[test]
fn what_is_compressed_here_can_be_restored() {
    for (name, plain, _) in payloads() {
        for version in [Version::V9, Version::V10, Version::V11, Version::V13, Version::V14] {
            let options = EncodeOptions { version, compress: true, ..EncodeOptions::default() };
            let copy = restore(&plain, &DecodeOptions::default(), Leniency::default()).expect("a payload");
            let payload = with_item(b"key", copy, None, |item| dump(&mut Encoder::new(options), item));
            let back = restore(&payload, &DecodeOptions::default(), Leniency::default());
            let back = back.unwrap_or_else(|error| panic!("{name} in version {}: {error}", version.number()));
            let elements = |value: keyspace::Value| with_item(b"key", value, None, elements_of);
            let copy = restore(&plain, &DecodeOptions::default(), Leniency::default()).expect("a payload");
            assert!(elements(back) == elements(copy), "{name} in version {}", version.number());
        }
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    for (name, plain, _) in payloads().filter(|(_, plain, _)| plain.len() < 2000) {
        for at in 0..plain.len() {
            let mut changed = plain.clone();
            changed[at] ^= 0x55;
            let result = restore(&changed, &DecodeOptions::default(), Leniency::default());
            assert_eq!(result.err(), Some(BadDump::Frame), "{name}, byte {at}");
        }
    }
}

#[test]
fn when_members_expire_is_remembered_in_every_version() {
    let members: Vec<Vec<u8>> = (0..30).map(|n| format!("member {n}").into_bytes()).collect();
    for (version, few) in Version::ALL.into_iter().flat_map(|version| [(version, 5), (version, 30)]) {
        let options = EncodeOptions { version, ..EncodeOptions::default() };
        let expiries = |value: keyspace::Value| {
            with_item(b"key", value, None, |item| {
                let set = item.object::<MemberSet>().expect("a set");
                let mut all: Vec<_> =
                    set.view().into_iter().map(|one| (one.name.to_vec(), one.expiry_ms)).collect();
                all.sort_unstable();
                all
            })
        };
        let value = || set(&members[..few], 3);
        let payload = with_item(b"key", value(), None, |item| dump(&mut Encoder::new(options), item));
        let back = restore(&payload, &DecodeOptions::default(), Leniency::default()).expect("a payload");
        assert_eq!(expiries(back), expiries(value()));
    }
}
