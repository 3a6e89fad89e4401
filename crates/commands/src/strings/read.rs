//! Commands that only read strings.

use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Deprecated, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// GET
pub(super) const GET: Command<Handler> = Command::new(
    Spec {
        name: "get",
        group: Group::String,
        since: "1.0.0",
        summary: "The string stored at a key.",
        syntax: "GET key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET greeting hello
OK
> GET greeting
\"hello\"
> GET nothing
(nil)",
        ..Spec::DEFAULT
    },
    get,
);

fn get(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(match cx.read_string(args.key()?)? {
        Some(value) => reply.string(value),
        None => reply.null(),
    })
}

/// MGET
pub(super) const MGET: Command<Handler> = Command::new(
    Spec {
        name: "mget",
        group: Group::String,
        since: "1.0.0",
        summary: "The strings of several keys, in the order asked.",
        complexity: "O(N), N being the number of keys",
        syntax: "MGET key [key ...]",
        arity: -2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::range(1, -1, 1, &[ReadOnly, Access])],
        tips: &["request_policy:multi_shard"],
        examples: "\
> MSET a 1 b 2
OK
> MGET a nothing b
1) \"1\"
2) (nil)
3) \"2\"",
        ..Spec::DEFAULT
    },
    mget,
);

fn mget(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let keys = args.rest();
    let mut values = reply.array(keys.len());
    for key in keys {
        match cx.read(key).and_then(|item| item.string()) {
            Some(value) => values.string(value),
            None => values.null(),
        }
    }
    Ok(values.done())
}

/// STRLEN
pub(super) const STRLEN: Command<Handler> = Command::new(
    Spec {
        name: "strlen",
        group: Group::String,
        since: "2.2.0",
        summary: "How many bytes a string has.",
        syntax: "STRLEN key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> SET greeting hello
OK
> STRLEN greeting
(integer) 5
> STRLEN nothing
(integer) 0",
        ..Spec::DEFAULT
    },
    strlen,
);

fn strlen(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let value = cx.read_string(args.key()?)?;
    Ok(reply.len(value.map_or(0, |value| value.text_len())))
}

/// GETRANGE
pub(super) const GETRANGE: Command<Handler> = Command::new(
    Spec {
        name: "getrange",
        group: Group::String,
        since: "2.4.0",
        summary: "The part of a string between two offsets.",
        complexity: "O(N), N being the length of the reply",
        syntax: "GETRANGE key start end",
        arity: 4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET greeting hello
OK
> GETRANGE greeting 1 3
\"ell\"
> GETRANGE greeting -3 -1
\"llo\"",
        ..Spec::DEFAULT
    },
    getrange,
);

/// SUBSTR
pub(super) const SUBSTR: Command<Handler> = Command::new(
    Spec {
        name: "substr",
        since: "1.0.0",
        summary: "The part of a string between two offsets (the old name of GETRANGE).",
        deprecated: Some(Deprecated { since: "2.0.0", replaced_by: "`GETRANGE`" }),
        syntax: "SUBSTR key start end",
        examples: "\
> SET greeting hello
OK
> SUBSTR greeting 0 1
\"he\"",
        ..GETRANGE.spec
    },
    getrange,
);

fn getrange(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, start, end) = (args.key()?, args.int()?, args.int()?);
    let Some(value) = cx.read_string(key)? else { return Ok(reply.bulk(b"")) };
    Ok(value.with_text(|text| reply.bulk(&text[range(start, end, text.len())])))
}

/// The bytes from `start` to `end`, both included and both counted from the end if negative, of a string of this length.
fn range(start: i64, end: i64, len: usize) -> std::ops::Range<usize> {
    if start < 0 && end < 0 && start > end {
        return 0..0;
    }
    let len = len as i64;
    let from_front = |offset: i64| if offset < 0 { offset.saturating_add(len).max(0) } else { offset };
    let (start, end) = (from_front(start), from_front(end).min(len - 1));
    if start > end { 0..0 } else { start as usize..end as usize + 1 }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn offsets_count_from_either_end() {
        let cases = [
            (0, -1, 0..6),
            (-100, 100, 0..6),
            (3, 1, 0..0),
            (-1, -3, 0..0),
            (-2, 100, 4..6),
            (6, 7, 0..0),
            (5, 5, 5..6),
            (0, i64::MIN, 0..1),
            (i64::MIN, i64::MAX, 0..6),
            (i64::MAX, i64::MIN, 0..0),
        ];
        for (start, end, expected) in cases {
            assert_eq!(range(start, end, 6), expected, "{start} {end}");
        }
        assert_eq!(range(0, -1, 0), 0..0);
        assert_eq!(range(0, 0, 0), 0..0);
    }
}
