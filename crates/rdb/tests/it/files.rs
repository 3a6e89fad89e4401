//! Whole files that real servers saved: everything in them is found, and what the servers said of it.
//!
//! `tests/scripts/rdb_files.py --record` makes the files and, by asking the servers, the listings beside them.

use crate::values::with_item;
use base::num::F64Buffer;
use base::quote::quote;
use keyspace::Item;
use redstart_rdb::{
    Access, DecodeOptions, EncodeOptions, Encoder, Entry, Error, Event, Family, Reason, Scanner, Version,
};
use std::fmt::Write as _;
use structs::deque::Deque;
use structs::fields::{Element, FieldMap, MemberSet};
use structs::ranked::Ranked;
use structs::stream::{ConsumerId, Group, Stream, StreamId};

/// Name, file, listing.
pub const RECORDED: [(&str, &[u8], &str); 3] = [
    ("redis-7.0.15", include_bytes!("files/redis-7.0.15.rdb"), include_str!("files/redis-7.0.15.txt")),
    ("redis-8.0.6", include_bytes!("files/redis-8.0.6.rdb"), include_str!("files/redis-8.0.6.txt")),
    ("valkey-9.1.2", include_bytes!("files/valkey-9.1.2.rdb"), include_str!("files/valkey-9.1.2.txt")),
];

/// All events of a file.
pub fn events(file: &[u8]) -> Result<Vec<Event<'_>>, Error> {
    let (mut scanner, mut rest, mut events) = (Scanner::new(), file, Vec::new());
    while let Some((event, len)) = scanner.next(rest)? {
        events.push(event);
        rest = &rest[len..];
    }
    scanner.finish(rest)?;
    Ok(events)
}

/// All keys of a file.
pub fn entries(file: &[u8]) -> Vec<Entry<'_>> {
    let entry = |event| if let Event::Entry(entry) = event { Some(entry) } else { None };
    events(file).expect("a file").into_iter().filter_map(entry).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(quote(bytes)).expect("quoted bytes are text")
}

fn id(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

/// The lines about a key, as the listings have them.
fn describe(entry: &Entry<'_>) -> String {
    let kind = match entry.value_type.family() {
        // The only module whose values the files have.
        Family::Module => "vectorset",
        family => family.name(),
    };
    let mut out = format!("{} {}: {kind}", entry.db, text(&entry.key));
    if let Some(expiry_ms) = entry.expiry_ms {
        let _ = write!(out, ", expires {expiry_ms}");
    }
    out.push('\n');
    match entry.decode(&DecodeOptions::default()) {
        Ok(value) => with_item(&entry.key, value, None, |item| describe_value(item, &mut out)),
        Err(Error { reason: Reason::Unsupported(value_type), .. }) => {
            assert_eq!(value_type, entry.value_type)
        }
        Err(error) => panic!("{}: {error}", text(&entry.key)),
    }
    out
}

fn describe_value(item: &Item<'_>, out: &mut String) {
    if let Some(value) = item.string() {
        let _ = writeln!(out, "  {}", text(&value.to_vec()));
    } else if let Some(list) = item.object::<Deque>() {
        for value in list.iter() {
            let _ = writeln!(out, "  {}", value.with_text(text));
        }
    } else if let Some(set) = item.object::<MemberSet>() {
        push_sorted(out, set.view().into_iter().map(|member| member.name.with_text(text)));
    } else if let Some(set) = item.object::<Ranked>() {
        for element in &*set {
            let score = String::from_utf8_lossy(F64Buffer::new().format(element.score)).into_owned();
            let _ = writeln!(out, "  {} {score}", element.member.with_text(text));
        }
    } else if let Some(hash) = item.object::<FieldMap>() {
        push_sorted(out, hash.view().into_iter().map(|field| describe_field(&field)));
    } else if let Some(stream) = item.object::<Stream>() {
        describe_stream(&stream, out);
    }
}

fn describe_field(field: &Element<'_>) -> String {
    let expires = field.expiry_ms.map_or(String::new(), |at_ms| format!(", expires {at_ms}"));
    format!("{} {}{expires}", field.name.with_text(text), field.value.with_text(text))
}

fn push_sorted(out: &mut String, elements: impl Iterator<Item = String>) {
    let mut elements: Vec<String> = elements.collect();
    elements.sort_unstable();
    for element in elements {
        let _ = writeln!(out, "  {element}");
    }
}

fn describe_stream(stream: &Stream, out: &mut String) {
    let (last, deleted) = (id(stream.last_id()), id(stream.max_deleted_id()));
    let _ = writeln!(out, "  last {last}, deleted {deleted}, added {}", stream.entries_added());
    for entry in stream.log().range(StreamId::MIN, StreamId::MAX) {
        let words = entry.fields().flat_map(|(field, value)| [field.to_vec(), value.to_vec()]);
        let words: Vec<_> = words.map(|word| text(&word)).collect();
        let _ = writeln!(out, "  {} {}", id(entry.id), words.join(" "));
    }
    for (name, group) in stream.groups() {
        let last = id(group.last_id);
        let _ = writeln!(out, "  group {} last {last}, read {}", text(name), group.entries_read);
        describe_group(group, out);
    }
}

fn describe_group(group: &Group, out: &mut String) {
    let name = |id: Option<ConsumerId>| {
        text(id.and_then(|id| group.consumer(id)).map_or(b"nobody", |consumer| consumer.name()))
    };
    for (entry, pending) in group.pending_range(StreamId::MIN, StreamId::MAX) {
        let (consumer, since, times) = (name(pending.consumer), pending.delivered_ms, pending.deliveries);
        let _ = writeln!(out, "    {} of {consumer} since {since}, {times} times", id(entry));
    }
    for (_, consumer) in group.consumers() {
        let (seen, active) = (consumer.seen_ms, consumer.active_ms);
        let _ = writeln!(out, "    consumer {} seen {seen}, active {active}", text(consumer.name()));
    }
}

/// The lines about all keys, sorted by database and key.
fn listing(file: &[u8]) -> String {
    let mut entries = entries(file);
    entries.sort_by(|left, right| (left.db, &left.key).cmp(&(right.db, &right.key)));
    entries.iter().map(describe).collect()
}

/// Fails with the first line that differs.
fn assert_same_lines(name: &str, found: &str, expected: &str) {
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {}", number + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{name}");
}

#[test]
fn files_hold_what_their_servers_said() {
    for (name, file, expected) in RECORDED {
        assert_same_lines(name, &listing(file), expected);
    }
}

/// A file of version 3 with the forms that values had before version 10, all of them, of which Redis 7.0.15, Redis 8.0.6
/// and Valkey 9.1.2 say the same.
#[test]
fn old_files_are_read() {
    let (file, expected) = (include_bytes!("files/old.rdb"), include_str!("files/old.txt"));
    assert_same_lines("old", &listing(file), expected);
    let codes: Vec<_> = entries(file).iter().map(|entry| entry.value_type.code()).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 1, 10, 14, 2, 11, 3, 5, 12, 4, 9, 13]);
}

/// The types that the servers wrote, by their numbers.
#[test]
fn files_have_values_of_every_present_type() {
    let codes = |index: usize| {
        let codes = entries(RECORDED[index].1).iter().map(|entry| entry.value_type.code()).collect();
        let codes: std::collections::BTreeSet<u8> = codes;
        codes.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(codes(0), [0, 2, 4, 5, 11, 16, 17, 18, 19]);
    assert_eq!(codes(1), [0, 2, 5, 7, 11, 17, 18, 20, 21, 24, 25]);
    assert_eq!(codes(2), [0, 2, 5, 11, 17, 18, 20, 21, 22]);
}

#[test]
fn files_have_the_checksum_that_they_name() {
    for (name, file, _) in RECORDED {
        let events = events(file).expect("a file");
        let crc = base::crc64::crc64(0, &file[..file.len() - 8]);
        assert_eq!(events.last(), Some(&Event::End { checksum: Some(crc) }), "{name}");
    }
}

#[test]
fn what_is_known_of_the_use_of_keys_is_read() {
    let access =
        |index: usize| entries(RECORDED[index].1).iter().map(|entry| entry.access).collect::<Vec<_>>();
    assert!(access(0).iter().all(Option::is_none), "with `noeviction` nothing is saved");
    assert!(access(1).iter().all(|access| matches!(access, Some(Access::IdleSeconds(_)))));
    assert!(access(2).iter().all(|access| matches!(access, Some(Access::Frequency(_)))));
}

/// Whatever files hold besides keys is passed by.
#[test]
fn functions_fields_and_sizes_are_found() {
    for (name, file, _) in RECORDED {
        let events = events(file).expect("a file");
        let has = |what: fn(&Event<'_>) -> bool| events.iter().any(what);
        assert!(has(|event| matches!(event, Event::Function(_))), "{name}");
        assert!(has(|event| matches!(event, Event::ResizeDb { .. })), "{name}");
        assert!(has(|event| matches!(event, Event::Aux { name, .. } if **name == *b"used-mem")), "{name}");
        assert!(events.contains(&Event::SelectDb(9)), "{name}");
    }
}

/// A file with the keys of `file` that can be decoded, in a version.
fn rewritten(file: &[u8], version: Version) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(options(version)), Vec::new());
    encoder.signature(&mut out);
    let mut db = None;
    for entry in entries(file) {
        let Ok(value) = entry.decode(&DecodeOptions::default()) else { continue };
        if db != Some(entry.db) {
            db = Some(entry.db);
            encoder.database(&mut out, entry.db, 1, 0);
        }
        with_item(&entry.key, value, entry.expiry_ms, |item| encoder.item(&mut out, item));
    }
    encoder.end(&mut out);
    let crc = base::crc64::crc64(0, &out);
    Encoder::checksum(&mut out, crc);
    out
}

fn options(version: Version) -> EncodeOptions {
    EncodeOptions { version, compress: true, ..EncodeOptions::default() }
}

/// The lines about those keys only that can be decoded.
fn decodable(listing: &str) -> String {
    let unsupported = [": vectorset"];
    let kept = listing.lines().filter(|line| !unsupported.iter().any(|kind| line.contains(kind)));
    kept.map(|line| format!("{line}\n")).collect()
}

#[test]
fn files_written_again_hold_the_same() {
    for (name, file, expected) in RECORDED {
        for version in Version::ALL.into_iter().filter(|&version| version >= Version::V11) {
            let again = listing(&rewritten(file, version));
            assert_same_lines(
                &format!("{name} in version {}", version.number()),
                &again,
                &decodable(expected),
            );
        }
    }
}

/// Streams of version 10 have one time per consumer, those of version 9 no counters either.
#[test]
fn older_versions_hold_what_they_can() {
    let without_times = |listing: &str| -> Vec<String> {
        listing.lines().map(|line| line.split(", active").next().unwrap_or(line).to_owned()).collect()
    };
    for (name, file, expected) in RECORDED {
        let again = listing(&rewritten(file, Version::V10));
        assert_eq!(without_times(&again), without_times(&decodable(expected)), "{name}");
        let again = entries_without_counters(&listing(&rewritten(file, Version::V9)));
        assert_eq!(again, entries_without_counters(&decodable(expected)), "{name}");
    }
}

fn entries_without_counters(listing: &str) -> Vec<String> {
    let counters = [", deleted", ", read", ", active"];
    let cut = |line: &str| {
        let end = counters.iter().filter_map(|counter| line.find(counter)).min();
        line[..end.unwrap_or(line.len())].to_owned()
    };
    listing.lines().map(cut).collect()
}

#[test]
fn keys_and_values_may_be_named_by_their_places() {
    let (_, file, _) = RECORDED[1];
    for entry in entries(file) {
        let start = entry.payload_at as usize;
        assert_eq!(&file[start..start + entry.payload.len()], entry.payload);
    }
}
