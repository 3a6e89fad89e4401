//! SCAN, KEYS, RANDOMKEY and DBSIZE over databases that change meanwhile.

use crate::testing::{Testing, parse};
use proptest::prelude::*;
use resp::reply::Value;
use std::collections::HashSet;

fn texts(value: Value) -> Vec<String> {
    let Value::Array(items) = value else { panic!("an array: {value:?}") };
    let text = |item| match item {
        Value::Bulk(bytes) => String::from_utf8(bytes).expect("the tests' keys are text"),
        other => panic!("a string: {other:?}"),
    };
    items.into_iter().map(text).collect()
}

/// One call of SCAN: the next cursor and the keys.
fn scan(server: &mut Testing, cursor: &str, options: &str) -> (String, Vec<String>) {
    let reply = parse(&server.run(&format!("SCAN {cursor} {options}")));
    let Value::Array(mut pair) = reply else { panic!("a pair: {reply:?}") };
    let keys = texts(pair.pop().expect("two elements"));
    let Some(Value::Bulk(cursor)) = pair.pop() else { panic!("a cursor") };
    (String::from_utf8(cursor).expect("digits"), keys)
}

fn scan_all(server: &mut Testing, options: &str) -> Vec<String> {
    let (mut cursor, mut all) = ("0".to_owned(), Vec::new());
    loop {
        let (next, keys) = scan(server, &cursor, options);
        all.extend(keys);
        if next == "0" {
            return all;
        }
        cursor = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_returns_every_key_that_stays(
        stays in proptest::collection::hash_set(0..500u32, 0..200),
        churn in proptest::collection::vec((500..700u32, any::<bool>()), 0..400),
        count in 1..50usize,
        each in 1..30usize,
    ) {
        let mut server = Testing::new();
        stays.iter().for_each(|n| drop(server.run(&format!("SET {n} v"))));
        let (mut churn, mut seen, mut cursor) = (churn.into_iter(), HashSet::new(), "0".to_owned());
        loop {
            let (next, keys) = scan(&mut server, &cursor, &format!("COUNT {count}"));
            seen.extend(keys);
            if next == "0" {
                break;
            }
            cursor = next;
            for (n, add) in churn.by_ref().take(each) {
                let command = if add { format!("SET {n} v") } else { format!("DEL {n}") };
                server.run(&command);
            }
        }
        prop_assert!(stays.iter().all(|n| seen.contains(&n.to_string())));
    }

    #[test]
    fn a_walk_without_changes_returns_each_key_once(keys in 0..300usize, count in 1..400usize) {
        let mut server = Testing::new();
        (0..keys).for_each(|n| drop(server.run(&format!("SET key:{n} v"))));
        let mut all = scan_all(&mut server, &format!("COUNT {count}"));
        let mut listed = texts(parse(&server.run("KEYS *")));
        all.sort_unstable();
        listed.sort_unstable();
        prop_assert_eq!(&all, &listed);
        prop_assert_eq!(all.iter().collect::<HashSet<_>>().len(), keys);
        prop_assert_eq!(server.print("DBSIZE"), format!("(integer) {keys}"));
    }
}

#[test]
fn a_call_looks_at_about_as_many_keys_as_asked() {
    let mut server = Testing::new();
    (0..1000).for_each(|n| drop(server.run(&format!("SET key:{n} v"))));
    for count in [1, 10, 100] {
        let (_, keys) = scan(&mut server, "0", &format!("COUNT {count}"));
        assert!((count..count + 40).contains(&keys.len()), "{count}: {}", keys.len());
    }
}

#[test]
fn the_type_and_the_pattern_are_looked_at() {
    let mut server = Testing::new();
    (0..100).for_each(|n| drop(server.run(&format!("SET {{tag}}:{n} v"))));
    (0..100).for_each(|n| drop(server.run(&format!("RPUSH other:{n} v"))));
    let cases =
        [("TYPE list", 100), ("TYPE string MATCH *1?", 10), ("MATCH {tag}:*", 100), ("MATCH other:7", 1)];
    for (options, found) in cases {
        assert_eq!(scan_all(&mut server, options).len(), found, "{options}");
    }
    assert_eq!(texts(parse(&server.run("KEYS {tag}:?"))).len(), 10);
}

#[test]
fn any_number_is_a_cursor() {
    let mut server = Testing::new();
    (0..100).for_each(|n| drop(server.run(&format!("SET {n} v"))));
    for cursor in ["1", "2", "3", "4", "77", "4294967296", "18446744073709551615"] {
        scan(&mut server, cursor, "");
        scan(&mut server, cursor, "MATCH 7");
    }
}

#[test]
fn expired_keys_are_not_seen_and_go() {
    let mut server = Testing::new();
    (0..50).for_each(|n| drop(server.run(&format!("SET short:{n} v PX 10"))));
    (0..50).for_each(|n| drop(server.run(&format!("SET long:{n} v"))));
    server.advance_ms(20);
    assert_eq!(texts(parse(&server.run("KEYS *"))).len(), 50);
    assert_eq!(server.print("DBSIZE"), "(integer) 100");
    assert!(server.print("RANDOMKEY").starts_with("\"long:"));
    assert_eq!(scan_all(&mut server, "").len(), 50);
    assert_eq!(server.print("DBSIZE"), "(integer) 50");
}

#[test]
fn the_only_key_alive_is_found() {
    let mut server = Testing::new();
    (0..2000).for_each(|n| drop(server.run(&format!("SET short:{n} v PX 10"))));
    server.run("SET alive v");
    server.advance_ms(20);
    assert_eq!(server.print("RANDOMKEY"), "\"alive\"");
    server.run("DEL alive");
    assert_eq!(server.print("RANDOMKEY"), "(nil)");
}

#[test]
fn every_key_is_drawn_sometimes() {
    let mut server = Testing::new();
    (0..20).for_each(|n| drop(server.run(&format!("SET {n} v"))));
    let drawn: HashSet<String> = (0..500).map(|_| server.print("RANDOMKEY")).collect();
    assert_eq!(drawn.len(), 20);
}
