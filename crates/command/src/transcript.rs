//! Examples as text: a command per line behind `> `, then the reply as redis-cli prints it.

use resp::reply::Value;
use std::fmt::Write as _;

/// One command of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange<'t> {
    /// The command line, to be split as redis-cli splits it.
    pub command: &'t str,
    /// The reply as printed, without the last line end.
    pub reply: String,
}

/// The exchanges of a transcript, in order. Text in front of the first command is left out.
pub fn exchanges(text: &str) -> Vec<Exchange<'_>> {
    let mut exchanges: Vec<Exchange<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("> ") {
            exchanges.push(Exchange { command, reply: String::new() });
        } else if let Some(exchange) = exchanges.last_mut() {
            if !exchange.reply.is_empty() {
                exchange.reply.push('\n');
            }
            exchange.reply.push_str(line);
        }
    }
    exchanges
}

/// A reply as redis-cli prints it on a terminal, without the last line end.
pub fn print(reply: &Value) -> String {
    let mut out = String::new();
    push_reply(&mut out, reply, "");
    out.truncate(out.trim_end_matches('\n').len());
    out
}

/// Prints one reply and a line end; further lines of an aggregate are indented by `prefix`.
fn push_reply(out: &mut String, reply: &Value, prefix: &str) {
    match reply {
        Value::Simple(text) => push_line(out, &String::from_utf8_lossy(text)),
        Value::Error(text) => push_line(out, &format!("(error) {}", String::from_utf8_lossy(text))),
        Value::Int(n) => push_line(out, &format!("(integer) {n}")),
        Value::Bulk(bytes) => push_line(out, &String::from_utf8_lossy(&base::quote::quote(bytes))),
        Value::NullBulk | Value::NullArray | Value::Null => push_line(out, "(nil)"),
        Value::Bool(yes) => push_line(out, if *yes { "(true)" } else { "(false)" }),
        Value::Double(n) => {
            let mut text = b"(double) ".to_vec();
            base::num::push_f64(&mut text, *n);
            push_line(out, &String::from_utf8_lossy(&text));
        }
        Value::BigNumber(text) | Value::Verbatim(_, text) => push_line(out, &String::from_utf8_lossy(text)),
        Value::Array(items) => push_items(out, items, "array", ')', prefix),
        Value::Push(items) => push_items(out, items, "push", ')', prefix),
        Value::Set(items) => push_items(out, items, "set", '~', prefix),
        Value::Map(pairs) => push_pairs(out, pairs, prefix),
        Value::Attributed(_, reply) => push_reply(out, reply, prefix),
    }
}

fn push_line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn push_items(out: &mut String, items: &[Value], what: &str, mark: char, prefix: &str) {
    if items.is_empty() {
        return push_line(out, &format!("(empty {what})"));
    }
    let width = items.len().to_string().len();
    let deeper = format!("{prefix}{:1$}", "", width + 2);
    for (at, item) in items.iter().enumerate() {
        let indent = if at == 0 { "" } else { prefix };
        let _ = write!(out, "{indent}{:>width$}{mark} ", at + 1);
        push_reply(out, item, &deeper);
    }
}

fn push_pairs(out: &mut String, pairs: &[(Value, Value)], prefix: &str) {
    if pairs.is_empty() {
        return push_line(out, "(empty hash)");
    }
    let width = pairs.len().to_string().len();
    let deeper = format!("{prefix}{:1$}", "", width + 2);
    for (at, (key, value)) in pairs.iter().enumerate() {
        let indent = if at == 0 { "" } else { prefix };
        let _ = write!(out, "{indent}{:>width$}# ", at + 1);
        push_reply(out, key, &deeper);
        out.truncate(out.trim_end_matches('\n').len());
        out.push_str(" => ");
        push_reply(out, value, &deeper);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_comes_apart() {
        let text = "> GET a\n(nil)\n> MGET a b\n1) \"x\"\n2) (nil)\n> PING\nPONG\n";
        let found = exchanges(text);
        let found: Vec<_> = found.iter().map(|e| (e.command, &*e.reply)).collect();
        assert_eq!(found, [("GET a", "(nil)"), ("MGET a b", "1) \"x\"\n2) (nil)"), ("PING", "PONG")]);
    }

    #[test]
    fn replies_print_as_redis_cli_prints_them() {
        let bulk = |text: &str| Value::Bulk(text.into());
        let cases = [
            (Value::Simple(b"OK".to_vec()), "OK"),
            (Value::Error(b"ERR no".to_vec()), "(error) ERR no"),
            (Value::Int(-3), "(integer) -3"),
            (bulk("a\"b\n\u{1}"), r#""a\"b\n\x01""#),
            (Value::Array(vec![]), "(empty array)"),
            (
                Value::Array(vec![bulk("a"), Value::Array(vec![Value::Int(1), bulk("b")]), Value::NullBulk]),
                "1) \"a\"\n2) 1) (integer) 1\n   2) \"b\"\n3) (nil)",
            ),
            (Value::Map(vec![(bulk("k"), Value::Int(1))]), "1# \"k\" => (integer) 1"),
            (Value::Double(1.5), "(double) 1.5"),
        ];
        for (value, text) in cases {
            assert_eq!(print(&value), text);
        }
        let ten = Value::Array((0..10).map(Value::Int).collect());
        assert!(print(&ten).starts_with(" 1) (integer) 0\n") && print(&ten).ends_with("\n10) (integer) 9"));
    }
}
