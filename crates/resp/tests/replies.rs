//! Replies written and read back: the texts of both dialects, and properties of random values and bytes.

use proptest::prelude::*;
use redstart_resp::reply::{ReplyError, ReplyLimits, Value, parse_reply, parse_reply_within};
use redstart_resp::{Proto, Writer};

/// What `write` appends in RESP2 and in RESP3.
fn written(write: impl Fn(&mut Writer<'_>)) -> [String; 2] {
    [Proto::Resp2, Proto::Resp3].map(|proto| {
        let mut out = Vec::new();
        write(&mut Writer::new(&mut out, proto));
        String::from_utf8_lossy(&out).into_owned()
    })
}

#[test]
fn items_in_both_dialects() {
    type Case = (fn(&mut Writer<'_>), [&'static str; 2]);
    let cases: &[Case] = &[
        (|writer| writer.simple("OK"), ["+OK\r\n"; 2]),
        (|writer| writer.error(b"ERR a\r\nb"), ["-ERR a  b\r\n"; 2]),
        (|writer| writer.int(0), [":0\r\n"; 2]),
        (|writer| writer.int(-1), [":-1\r\n"; 2]),
        (|writer| writer.int(i64::MIN), [":-9223372036854775808\r\n"; 2]),
        (|writer| writer.int(i64::MAX), [":9223372036854775807\r\n"; 2]),
        (|writer| writer.bulk(b""), ["$0\r\n\r\n"; 2]),
        (|writer| writer.bulk(b"a\r\nb"), ["$4\r\na\r\nb\r\n"; 2]),
        (|writer| writer.bulk_int(-12), ["$3\r\n-12\r\n"; 2]),
        (|writer| writer.null(), ["$-1\r\n", "_\r\n"]),
        (|writer| writer.null_array(), ["*-1\r\n", "_\r\n"]),
        (|writer| writer.array(3), ["*3\r\n"; 2]),
        (|writer| writer.map(3), ["*6\r\n", "%3\r\n"]),
        (|writer| writer.set(3), ["*3\r\n", "~3\r\n"]),
        (|writer| writer.push(3), ["*3\r\n", ">3\r\n"]),
        (|writer| writer.bool(true), [":1\r\n", "#t\r\n"]),
        (|writer| writer.bool(false), [":0\r\n", "#f\r\n"]),
        (|writer| writer.double(2.125), ["$5\r\n2.125\r\n", ",2.125\r\n"]),
        (|writer| writer.double(f64::NEG_INFINITY), ["$4\r\n-inf\r\n", ",-inf\r\n"]),
        (
            |writer| writer.big_number(b"12345678901234567890"),
            ["$20\r\n12345678901234567890\r\n", "(12345678901234567890\r\n"],
        ),
        (|writer| writer.verbatim(*b"txt", b"a\nb"), ["$3\r\na\nb\r\n", "=7\r\ntxt:a\nb\r\n"]),
    ];
    for (write, expected) in cases {
        assert_eq!(written(write), *expected);
    }
}

#[test]
fn headers_of_every_width() {
    for len in (0..1100).chain([9_999, 10_000, 4_294_967_296]) {
        assert_eq!(written(|writer| writer.array(len))[0], format!("*{len}\r\n"));
    }
}

#[test]
fn missing_headers_are_inserted() {
    let write = |writer: &mut Writer<'_>| {
        writer.simple("before");
        let outer = writer.mark();
        writer.int(1);
        let inner = writer.mark();
        (0..12).for_each(|item| writer.int(item));
        writer.insert(inner, |writer| writer.set(12));
        writer.insert(outer, |writer| writer.map(1));
        writer.simple("after");
    };
    let items: String = (0..12).map(|item| format!(":{item}\r\n")).collect();
    let expected = |outer, inner| format!("+before\r\n{outer}\r\n:1\r\n{inner}\r\n{items}+after\r\n");
    assert_eq!(written(write), [expected("*2", "*12"), expected("%1", "~12")]);
}

#[test]
fn replies_of_a_server() {
    let bulk = |text: &str| Value::Bulk(text.into());
    let cases: &[(&[u8], Value)] = &[
        (b"$-1\r\n", Value::NullBulk),
        (b"*-1\r\n", Value::NullArray),
        (b"_\r\n", Value::Null),
        (b":+5\r\n", Value::Int(5)),
        (b"!5\r\nERR a\r\n", Value::Error(b"ERR a".to_vec())),
        (b",inf\r\n", Value::Double(f64::INFINITY)),
        (b"*2\r\n*0\r\n$1\r\na\r\n", Value::Array(vec![Value::Array(vec![]), bulk("a")])),
        (b"%1\r\n+a\r\n#t\r\n", Value::Map(vec![(Value::Simple(b"a".to_vec()), Value::Bool(true))])),
        (
            b"|1\r\n$1\r\nk\r\n:90\r\n$1\r\nv\r\n",
            Value::Attributed(vec![(bulk("k"), Value::Int(90))], Box::new(bulk("v"))),
        ),
    ];
    for (bytes, value) in cases {
        assert_eq!(parse_reply(bytes), Ok(Some((value.clone(), bytes.len()))), "{}", bytes.escape_ascii());
    }
}

#[test]
fn malformed_replies() {
    let cases: &[(&[u8], ReplyError)] = &[
        (b"x", ReplyError::UnknownType(b'x')),
        (b":1a\r\n", ReplyError::Malformed),
        (b"$-2\r\n", ReplyError::Malformed),
        (b"~-1\r\n", ReplyError::Malformed),
        (b"#x\r\n", ReplyError::Malformed),
        (b"_x\r\n", ReplyError::Malformed),
        (b"=3\r\ntxt\r\n", ReplyError::Malformed),
        (b"(1.5\r\n", ReplyError::Malformed),
        (b",1x\r\n", ReplyError::Malformed),
        (b"+a\rb", ReplyError::Unterminated),
        (b"$1\r\naxx", ReplyError::Unterminated),
        (b"$999999999999\r\n", ReplyError::TooLarge),
        (b"*999999999999\r\n", ReplyError::TooLarge),
    ];
    for &(bytes, error) in cases {
        assert_eq!(parse_reply(bytes), Err(error), "{}", bytes.escape_ascii());
    }
    assert_eq!(parse_reply(&b"*1\r\n".repeat(100)), Err(ReplyError::TooLarge));
    assert_eq!(parse_reply(&[b':'; 100]), Err(ReplyError::TooLarge));
    let limits = ReplyLimits { max_bulk_len: 3, ..ReplyLimits::default() };
    assert_eq!(parse_reply_within(b"$4\r\n", &limits), Err(ReplyError::TooLarge));
    assert_eq!(parse_reply(b"*2147483647\r\n:1\r\n"), Ok(None));
}

/// Writes a value in RESP3.
fn write_value(writer: &mut Writer<'_>, value: &Value) {
    match value {
        Value::Simple(text) => writer.simple(&String::from_utf8_lossy(text)),
        Value::Error(text) => writer.error(text),
        Value::Int(number) => writer.int(*number),
        Value::Bulk(bytes) => writer.bulk(bytes),
        Value::NullBulk | Value::NullArray | Value::Null => writer.null(),
        Value::Bool(truth) => writer.bool(*truth),
        Value::Double(number) => writer.double(*number),
        Value::BigNumber(digits) => writer.big_number(digits),
        Value::Verbatim(format, text) => writer.verbatim(*format, text),
        Value::Array(items) => write_items(writer, items, |writer, len| writer.array(len)),
        Value::Set(items) => write_items(writer, items, |writer, len| writer.set(len)),
        Value::Push(items) => write_items(writer, items, |writer, len| writer.push(len)),
        Value::Map(pairs) => {
            writer.map(pairs.len());
            write_pairs(writer, pairs);
        }
        Value::Attributed(pairs, value) => {
            writer.attribute(pairs.len());
            write_pairs(writer, pairs);
            write_value(writer, value);
        }
    }
}

fn write_items(writer: &mut Writer<'_>, items: &[Value], header: fn(&mut Writer<'_>, usize)) {
    header(writer, items.len());
    items.iter().for_each(|item| write_value(writer, item));
}

fn write_pairs(writer: &mut Writer<'_>, pairs: &[(Value, Value)]) {
    for (key, value) in pairs {
        write_value(writer, key);
        write_value(writer, value);
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        "[ -~]{0,10}".prop_map(|text| Value::Simple(text.into_bytes())),
        "[A-Z]{1,5} [ -~]{0,10}".prop_map(|text| Value::Error(text.into_bytes())),
        any::<i64>().prop_map(Value::Int),
        any::<Vec<u8>>().prop_map(Value::Bulk),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_filter("comparable", |number| !number.is_nan()).prop_map(Value::Double),
        "-?[1-9][0-9]{0,40}".prop_map(|digits| Value::BigNumber(digits.into_bytes())),
        any::<Vec<u8>>().prop_map(|text| Value::Verbatim(*b"txt", text)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..6);
        let pairs = prop::collection::vec((inner.clone(), inner.clone()), 0..4);
        prop_oneof![
            items.clone().prop_map(Value::Array),
            items.clone().prop_map(Value::Set),
            items.prop_map(Value::Push),
            pairs.clone().prop_map(Value::Map),
            (pairs, inner).prop_map(|(pairs, value)| Value::Attributed(pairs, Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn values_round_trip_and_prefixes_are_incomplete(value in values()) {
        let mut bytes = Vec::new();
        write_value(&mut Writer::new(&mut bytes, Proto::Resp3), &value);
        for end in 0..bytes.len() {
            prop_assert_eq!(parse_reply(&bytes[..end]), Ok(None));
        }
        let len = bytes.len();
        bytes.extend_from_slice(b"+next\r\n");
        prop_assert_eq!(parse_reply(&bytes), Ok(Some((value, len))));
    }

    #[test]
    fn any_bytes_are_a_reply_or_not(bytes in r"[-+:$*%~>|,#_(=!0-9tfx\r\n]{0,60}") {
        if let Ok(Some((_, len))) = parse_reply(bytes.as_bytes()) {
            prop_assert!(len <= bytes.len());
        }
    }
}
