//! DUMP payloads: those of real servers can be restored, and are what we write too.
//!
//! `payloads.txt` has a line for each value and server: the server, the value's name, the payload in hexadecimal digits
//! with `rdbcompression no`, and with `rdbcompression yes`.

use crate::values::{array, elements_of, hash, set, sorted_set, with_item};
use redstart_rdb::{
    BadDump, DecodeOptions, EncodeOptions, Encoder, Flavor, Leniency, Reason, ValueType, Version,
    decode_value, dump, restore,
};
use structs::array::SparseArray;
use structs::fields::Element;
use structs::intset::BadIntset;
use structs::ranked::Ranked;

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

/// Names, values and moments of expiry of the elements of a set or hash.
fn elements(value: keyspace::Value) -> Vec<(Vec<u8>, Vec<u8>, Option<i64>)> {
    with_item(b"key", value, None, |item| {
        let hash = item.fields();
        let view = hash.or(item.members()).expect("a set or a hash");
        let parts = |one: Element<'_>| (one.name.to_vec(), one.value.to_vec(), one.expiry_ms);
        let mut all: Vec<_> = view.into_iter().map(parts).collect();
        all.sort_unstable();
        all
    })
}

#[test]
fn when_elements_expire_is_remembered_in_every_version() {
    let names: Vec<Vec<u8>> = (0..30).map(|n| format!("element {n}").into_bytes()).collect();
    for (version, count) in Version::ALL.into_iter().flat_map(|version| [(version, 5), (version, 30)]) {
        for make in [set, hash] {
            let options = EncodeOptions { version, ..EncodeOptions::default() };
            let value = || make(&names[..count], 3);
            let payload = with_item(b"key", value(), None, |item| dump(&mut Encoder::new(options), item));
            let back = restore(&payload, &DecodeOptions::default(), Leniency::default()).expect("a payload");
            assert_eq!(elements(back), elements(value()), "version {}", version.number());
        }
    }
}

/// Members of a sorted set with their scores and moments of expiry, in order.
fn ranked(value: keyspace::Value) -> Vec<(Vec<u8>, f64, Option<i64>)> {
    with_item(b"key", value, None, |item| {
        let set = item.object::<Ranked>().expect("a sorted set");
        let expiry_ms = |member: &[u8]| set.expiry_ms(member).expect("a member");
        let parts = |one: structs::ranked::Element<'_>| {
            (one.member.to_vec(), one.score, one.member.with_text(expiry_ms))
        };
        set.iter().map(parts).collect()
    })
}

#[test]
fn when_members_of_sorted_sets_expire_is_remembered_in_every_version() {
    let names: Vec<Vec<u8>> = (0..30).map(|n| format!("member {n}").into_bytes()).collect();
    for (version, count) in Version::ALL.into_iter().flat_map(|version| [(version, 5), (version, 30)]) {
        let options = EncodeOptions { version, ..EncodeOptions::default() };
        let value = || sorted_set(&names[..count], 3);
        let payload = with_item(b"key", value(), None, |item| dump(&mut Encoder::new(options), item));
        let back = restore(&payload, &DecodeOptions::default(), Leniency::default()).expect("a payload");
        assert_eq!(ranked(back), ranked(value()), "version {}", version.number());
    }
}

/// Indexes and texts of the cells of an array, and its cursor.
fn cells(value: keyspace::Value) -> (Vec<(u64, Vec<u8>)>, Option<u64>) {
    with_item(b"key", value, None, |item| {
        let array = item.object::<SparseArray>().expect("an array");
        let cells = array.iter(0, u64::MAX).map(|(index, cell)| (index, cell.to_vec()));
        (cells.collect(), array.cursor())
    })
}

#[test]
fn arrays_are_arrays_in_every_version() {
    let texts = ["", "7", "-12345678", "9223372036854775807", "1.5", "3.141592653589793", "seven b", "007"];
    let texts: Vec<Vec<u8>> = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
    let long = (0..20).map(|len| vec![b'a'; len * 9]).collect();
    for (version, texts) in Version::ALL.into_iter().flat_map(|version| [(version, &texts), (version, &long)])
    {
        for step in [1, 100, 1 << 40] {
            let options = EncodeOptions { version, ..EncodeOptions::default() };
            let value = || array(texts, step);
            let payload = with_item(b"key", value(), None, |item| dump(&mut Encoder::new(options), item));
            let back = restore(&payload, &DecodeOptions::default(), Leniency::default()).expect("a payload");
            assert_eq!(cells(back), cells(value()), "version {}", version.number());
            let expected = if version == Version::V14 { ValueType::Array } else { ValueType::Hash };
            assert_eq!(payload[0], expected.code());
        }
    }
}

/// A hash of which two fields expire, as Redis 8.0.6 and Valkey 9.1.2 dump it.
#[test]
fn hashes_whose_fields_expire_come_from_both() {
    let payloads = [
        "19d0424ca62c1e00003b3b0000000c0082663403817902f4d0424ca62c1e000009826632030201f4e0694ca62c1e00000982663103\
         827631030001826633038178020001ff0c002bdc53e7fd73e485",
        "1604026631027631ffffffffffffffff026632c002e0694ca62c1e00000266330178ffffffffffffffff0266340179\
         d0424ca62c1e00005000c66889e0be90709e",
    ];
    let field = |name: &str, value: &str, at_ms| (name.as_bytes().to_vec(), value.as_bytes().to_vec(), at_ms);
    let expected = [
        field("f1", "v1", None),
        field("f2", "2", Some(33_177_117_420_000)),
        field("f3", "x", None),
        field("f4", "y", Some(33_177_117_410_000)),
    ];
    for payload in payloads {
        let value = restore(&bytes_of(payload), &DecodeOptions::default(), Leniency::default());
        assert_eq!(elements(value.expect("a payload")), expected);
    }
}

/// Listpacks, zipmaps and intsets that are sound in themselves but no hash or set.
#[test]
fn what_is_no_hash_or_set_is_refused() {
    let cases: [(u8, &[u8], Reason); 9] = [
        (ValueType::Set.code(), b"\x02\x01a\x01a", Reason::DuplicateElement),
        (ValueType::Set.code(), b"\x00", Reason::Empty),
        (
            ValueType::SetListpack.code(),
            b"\x0D\x0D\0\0\0\x02\0\x81a\x02\x81a\x02\xFF",
            Reason::DuplicateElement,
        ),
        (
            ValueType::SetIntset.code(),
            b"\x0C\x02\0\0\0\x02\0\0\0\x02\0\x01\0",
            Reason::Intset(BadIntset::Order),
        ),
        (ValueType::Hash.code(), b"\x02\x01a\x01x\x01a\x01y", Reason::DuplicateElement),
        (ValueType::HashListpack.code(), b"\x0A\x0A\0\0\0\x01\0\x81a\x02\xFF", Reason::IncompleteElement),
        (ValueType::HashZipmap.code(), b"\x05\x01\x01f\x01\0", Reason::Zipmap),
        (
            ValueType::HashExpiring.code(),
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x01\x02\x01f\x01v",
            Reason::ElementExpiry,
        ),
        (
            ValueType::HashListpackExpiringCandidate.code(),
            b"\x10\x10\0\0\0\x03\0\x81a\x02\x81b\x02\x81c\x02\xFF",
            Reason::ElementExpiry,
        ),
    ];
    for (code, bytes, reason) in cases {
        let value_type = ValueType::with_code(code, Flavor::Redis).expect("a type");
        let result = decode_value(value_type, bytes, None, &DecodeOptions::default());
        assert_eq!(result.err().map(|error| error.reason), Some(reason), "{value_type}");
    }
}

/// A set written member by member that has more of them than a set of integers may have is large, as in Redis.
#[test]
fn members_beyond_the_limit_of_integers_make_a_large_set() {
    let payload = |members: &[&str]| {
        let texts = members.iter().map(|member| [&[member.len() as u8], member.as_bytes()].concat());
        let value = [&[2, members.len() as u8], texts.collect::<Vec<_>>().concat().as_slice()].concat();
        let mut payload = [value.as_slice(), &9_u16.to_le_bytes()].concat();
        payload.extend(base::crc64::crc64(0, &payload).to_le_bytes());
        payload
    };
    let mut options = DecodeOptions::default();
    (options.set.ints, options.set.rows) = (2, 128);
    let encoding = |members: &[&str]| {
        let value = restore(&payload(members), &options, Leniency::default()).expect("a payload");
        with_item(b"key", value, None, |item| item.encoding_name())
    };
    assert_eq!(encoding(&["1", "2"]), "intset");
    assert_eq!(encoding(&["1", "x"]), "listpack");
    assert_eq!(encoding(&["1", "2", "x"]), "hashtable");
}
