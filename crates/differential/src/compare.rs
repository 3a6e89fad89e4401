//! When two replies to the same command count as the same.

use crate::known;
use base::num::{F64Buffer, parse_f64};
use resp::reply::Value;

/// What may differ between the replies to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Nothing.
    Exact,
    /// The order of the items.
    Unordered,
    /// The order of fields with their values, in RESP2's flat list or RESP3's map.
    UnorderedPairs,
    /// Everything but how many items there are.
    Length,
    /// An integer, by so much: remaining and absolute times, as the servers run one after the other.
    Near(i64),
    /// Everything but whether there is something.
    Presence,
    /// Fields that are known to differ, and points in time.
    Described,
    /// The idle time of each pending entry.
    Pending,
    /// The order in which names come that each have a reply of their own.
    Farewells,
    /// Remarks about keys, and the order of flags and the like.
    Declared,
    /// Digits of numbers beyond those that tell them apart, which Valkey prints of coordinates.
    Digits,
}

/// Seconds and milliseconds that may lie between what two servers say.
const SECONDS: i64 = 3;
const MILLISECONDS: i64 = 3000;

/// Integers above this are points in time in milliseconds: no test draws such numbers where they are masked.
const EARLIEST_MOMENT: i64 = 1_000_000_000_000;

fn rule(command: &[Vec<u8>]) -> Rule {
    let word = |at: usize| command.get(at).map(|arg| arg.to_ascii_uppercase()).unwrap_or_default();
    match word(0).as_slice() {
        _ if word(1) == b"HELP" && command.len() == 2 => Rule::Presence,
        b"KEYS" | b"SCAN" | b"SSCAN" | b"HSCAN" | b"ZSCAN" | b"ZRANDMEMBER" => Rule::Unordered,
        b"SMEMBERS" | b"SINTER" | b"SUNION" | b"SDIFF" | b"SPOP" | b"HKEYS" | b"HVALS" => Rule::Unordered,
        b"PUBSUB" if matches!(word(1).as_slice(), b"CHANNELS" | b"SHARDCHANNELS") => Rule::Unordered,
        b"CONFIG" | b"HGETALL" => Rule::UnorderedPairs,
        b"SRANDMEMBER" | b"HRANDFIELD" => Rule::Length,
        b"TTL" | b"EXPIRETIME" | b"HTTL" | b"HEXPIRETIME" => Rule::Near(SECONDS),
        b"PTTL" | b"PEXPIRETIME" | b"HPTTL" | b"HPEXPIRETIME" => Rule::Near(MILLISECONDS),
        // DBSIZE counts keys whose time has passed until somebody notices.
        b"RANDOMKEY" | b"HELLO" | b"DBSIZE" | b"DUMP" | b"MEMORY" | b"TIME" | b"LASTSAVE" | b"SLOWLOG"
        | b"COMMANDLOG" => Rule::Presence,
        // Integers may be shared, and counted as often as there are.
        b"OBJECT" if word(1) == b"REFCOUNT" => Rule::Presence,
        b"OBJECT" if word(1) == b"IDLETIME" => Rule::Near(SECONDS),
        b"CLIENT" if matches!(word(1).as_slice(), b"ID" | b"INFO" | b"LIST") => Rule::Presence,
        // Texts and figures of each server's own.
        b"INFO" | b"LOLWUT" => Rule::Presence,
        b"MODULE" if word(1) == b"LIST" => Rule::Presence,
        b"LATENCY" if matches!(word(1).as_slice(), b"DOCTOR" | b"HISTOGRAM") => Rule::Presence,
        b"COMMAND" if command.len() == 1 || word(1) == b"DOCS" => Rule::Presence,
        b"COMMAND" if word(1) == b"LIST" && command.len() == 2 => Rule::Presence,
        b"COMMAND" if word(1) == b"LIST" => Rule::Unordered,
        b"COMMAND" if word(1) == b"INFO" => Rule::Declared,
        // With a number of keys that is none, another order than without.
        b"COMMAND" if word(1).starts_with(b"GETKEYS") => Rule::Unordered,
        b"COMMAND" if word(1) == b"COUNT" => Rule::Presence,
        b"UNSUBSCRIBE" | b"PUNSUBSCRIBE" | b"SUNSUBSCRIBE" if command.len() == 1 => Rule::Farewells,
        b"XINFO" => Rule::Described,
        b"XPENDING" => Rule::Pending,
        b"GEOPOS"
        | b"GEOSEARCH"
        | b"GEORADIUS"
        | b"GEORADIUS_RO"
        | b"GEORADIUSBYMEMBER"
        | b"GEORADIUSBYMEMBER_RO" => Rule::Digits,
        _ => Rule::Exact,
    }
}

/// A command and how each server answers it.
pub type Answers<'a> = (&'a [Vec<u8>], &'a Value, &'a Value);

/// The answers to `command` that differ, if they do. For EXEC, whose transaction consists of the commands `queued`, that
/// is the first of those commands which is answered differently.
pub fn difference<'a>(
    command: &'a [Vec<u8>],
    queued: &'a [Vec<Vec<u8>>],
    left: &'a Value,
    right: &'a Value,
) -> Option<Answers<'a>> {
    let is_exec = command.first().is_some_and(|name| name.eq_ignore_ascii_case(b"EXEC"));
    match (left, right) {
        (Value::Array(lefts), Value::Array(rights))
            if is_exec && lefts.len() == queued.len() && rights.len() == queued.len() =>
        {
            let mut parts = queued.iter().zip(lefts.iter().zip(rights));
            parts
                .find(|(part, (left, right))| !same(part, left, right))
                .map(|(part, (l, r))| (part.as_slice(), l, r))
        }
        _ => (!same(command, left, right)).then_some((command, left, right)),
    }
}

/// Whether `left` and `right` are the same answer to `command`.
fn same(command: &[Vec<u8>], left: &Value, right: &Value) -> bool {
    let rule = rule(command);
    match (rule, left, right) {
        (Rule::Near(span), Value::Int(left), Value::Int(right)) => near(*left, *right, span),
        (Rule::Near(_), Value::Array(lefts), Value::Array(rights)) => {
            lefts.len() == rights.len()
                && lefts.iter().zip(rights).all(|(left, right)| same(command, left, right))
        }
        _ => view(rule, left) == view(rule, right),
    }
}

/// Whether two times are the same up to `span`; negative ones mean that there is none and have to be equal.
pub fn near(left: i64, right: i64, span: i64) -> bool {
    left == right || left >= 0 && right >= 0 && left.abs_diff(right) <= span.unsigned_abs()
}

/// Whether two remaining lifetimes in milliseconds are the same, as far as can be told.
pub fn same_lifetime(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => near(*left, *right, MILLISECONDS),
        _ => left == right,
    }
}

/// The same for lists of them.
pub fn same_lifetimes(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(lefts), Value::Array(rights)) => {
            lefts.len() == rights.len()
                && lefts.iter().zip(rights).all(|(left, right)| same_lifetime(left, right))
        }
        _ => left == right,
    }
}

/// `value` with every error cut down to its first word.
pub fn without_error_text(value: &Value) -> Value {
    match value {
        Value::Error(text) => {
            Value::Error(text.split(|&byte| byte == b' ').next().unwrap_or_default().to_vec())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_error_text).collect()),
        other => other.clone(),
    }
}

/// A stand-in for what isn't compared.
fn masked() -> Value {
    Value::Simple(b"~".to_vec())
}

/// What is left of a value when what may differ is taken out.
fn view(rule: Rule, value: &Value) -> Value {
    match (rule, value) {
        (Rule::Unordered, _) => sorted(value),
        (Rule::UnorderedPairs, _) => sorted_pairs(value),
        (Rule::Length, Value::Array(items)) => Value::Int(items.len() as i64),
        (Rule::Length, Value::Bulk(_)) => masked(),
        (Rule::Presence, Value::Null | Value::NullBulk | Value::NullArray | Value::Error(_)) => value.clone(),
        (Rule::Presence, _) => masked(),
        (Rule::Farewells, Value::Array(replies)) => farewells(replies),
        (Rule::Described, _) => described(value),
        (Rule::Declared, _) => sorted(&without_notes(value)),
        (Rule::Digits, _) => shortened(value),
        (Rule::Pending, Value::Array(rows)) => Value::Array(rows.iter().map(pending_row).collect()),
        _ => value.clone(),
    }
}

/// `value` with the shortest texts of the numbers in it.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(shortened).collect()),
        Value::Bulk(text) if text.contains(&b'.') => match parse_f64(text) {
            Some(number) => Value::Bulk(distinct(number)),
            None => value.clone(),
        },
        Value::Double(number) => Value::Bulk(distinct(*number)),
        other => other.clone(),
    }
}

/// A number's shortest text; of small ones as many digits as Valkey prints.
fn distinct(number: f64) -> Vec<u8> {
    match number.abs() < 0.01 {
        true => format!("{number:.16}").into_bytes(),
        false => F64Buffer::new().format(number).to_vec(),
    }
}

/// `value` with every array in it sorted: of a few keys SCAN returns all, so the cursors are equal.
fn sorted(value: &Value) -> Value {
    let (Value::Array(items) | Value::Set(items)) = value else { return value.clone() };
    let mut items: Vec<_> = items.iter().map(sorted).collect();
    items.sort_by_cached_key(|item| format!("{item:?}"));
    Value::Array(items)
}

fn sorted_pairs(value: &Value) -> Value {
    let mut pairs: Vec<(Value, Value)> = match value {
        Value::Map(pairs) => pairs.clone(),
        Value::Array(items) if items.len().is_multiple_of(2) => {
            items.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
        }
        other => return other.clone(),
    };
    pairs.sort_by_cached_key(|pair| format!("{pair:?}"));
    Value::Map(pairs)
}

/// `value` without what COMMAND INFO remarks on keys, and sets as lists.
fn without_notes(value: &Value) -> Value {
    let is_note = |name: &Value| matches!(name, Value::Bulk(name) | Value::Simple(name) if name == b"notes");
    match value {
        Value::Array(items) if items.first().is_some_and(is_note) => {
            Value::Array(items.iter().skip(2).map(without_notes).collect())
        }
        Value::Array(items) | Value::Set(items) => Value::Array(items.iter().map(without_notes).collect()),
        Value::Map(pairs) => {
            let told = pairs.iter().filter(|(name, _)| !is_note(name));
            Value::Array(told.flat_map(|(name, value)| [name.clone(), without_notes(value)]).collect())
        }
        other => other.clone(),
    }
}

/// Replies that each say what is left and how much remains: the names sorted, the numbers in their order.
fn farewells(replies: &[Value]) -> Value {
    let parts = |reply: &Value| match reply {
        Value::Array(parts) | Value::Push(parts) if parts.len() == 3 => parts.clone(),
        other => vec![other.clone(), Value::Null, Value::Null],
    };
    let rows: Vec<_> = replies.iter().map(parts).collect();
    let column = |at: usize| Value::Array(rows.iter().map(|row| row[at].clone()).collect());
    Value::Array(vec![column(0), sorted(&column(1)), column(2)])
}

/// `value` as XINFO says it, without the known fields, as RESP2's flat list of fields or RESP3's map.
pub fn described(value: &Value) -> Value {
    match value {
        Value::Int(moment) if *moment > EARLIEST_MOMENT => masked(),
        Value::Array(items) => {
            let told = |at: &usize| !is_extra(&items[at - at % 2]);
            let hidden = |at: usize| at % 2 == 1 && is_known(&items[at - 1]);
            let view = |at: usize| if hidden(at) { masked() } else { described(&items[at]) };
            Value::Array((0..items.len()).filter(told).map(view).collect())
        }
        Value::Map(pairs) => {
            let pair = |(key, value): &(Value, Value)| {
                (key.clone(), if is_known(key) { masked() } else { described(value) })
            };
            Value::Map(pairs.iter().filter(|(key, _)| !is_extra(key)).map(pair).collect())
        }
        other => other.clone(),
    }
}

fn is_extra(name: &Value) -> bool {
    matches!(name, Value::Bulk(name) | Value::Simple(name) if known::is_extra_field(name))
}

fn is_known(name: &Value) -> bool {
    matches!(name, Value::Bulk(name) | Value::Simple(name) if known::is_field(name))
}

/// A row of XPENDING's long form: id, consumer, idle time, deliveries.
fn pending_row(row: &Value) -> Value {
    match row {
        Value::Array(items) if items.len() == 4 && matches!(items[2], Value::Int(_)) => {
            let mut items = items.clone();
            items[2] = masked();
            Value::Array(items)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    fn bulk(text: &str) -> Value {
        Value::Bulk(text.into())
    }

    #[test]
    fn times_may_be_a_little_apart_but_not_absent() {
        let cases = [
            (100, 99, true),
            (100, 200, false),
            (-1, -1, true),
            (-1, -2, false),
            (-1, 0, false),
            (0, -1, false),
        ];
        for (left, right, wanted) in cases {
            let (left, right) = (Value::Int(left), Value::Int(right));
            assert_eq!(same(&command("TTL k"), &left, &right), wanted, "{left:?} {right:?}");
        }
        assert!(!same(&command("INCR k"), &Value::Int(1), &Value::Int(2)));
    }

    #[test]
    fn order_matters_only_where_it_is_defined() {
        let (left, right) =
            (Value::Array(vec![bulk("a"), bulk("b")]), Value::Array(vec![bulk("b"), bulk("a")]));
        assert!(same(&command("KEYS *"), &left, &right));
        assert!(!same(&command("LRANGE l 0 -1"), &left, &right));
        assert!(!same(&command("HGETALL h"), &left, &right));
    }

    #[test]
    fn coordinates_may_have_more_digits_than_they_need() {
        let answer = |text: &str| Value::Array(vec![Value::Array(vec![bulk(text)])]);
        let (left, right) = (answer("13.554159700870514"), answer("13.55415970087051392"));
        assert!(same(&command("GEOPOS g p"), &left, &right));
        assert!(!same(&command("GEOPOS g p"), &left, &answer("13.554159700870516")));
        assert!(!same(&command("LRANGE l 0 -1"), &left, &right));
    }

    #[test]
    fn known_fields_are_left_out_in_both_protocols() {
        let flat = |lag| Value::Array(vec![bulk("name"), bulk("g"), bulk("lag"), lag]);
        let map = |lag| Value::Map(vec![(bulk("name"), bulk("g")), (bulk("lag"), lag)]);
        let info = command("XINFO GROUPS x");
        assert!(same(&info, &flat(Value::Int(1)), &flat(Value::NullBulk)));
        assert!(same(&info, &map(Value::Int(1)), &map(Value::Null)));
        assert!(!same(&info, &flat(Value::Int(1)), &Value::Array(vec![])));
        let more = Value::Array(vec![bulk("nacked-count"), Value::Int(0), bulk("name"), bulk("g")]);
        assert!(same(&info, &more, &Value::Array(vec![bulk("name"), bulk("g")])));
    }

    #[test]
    fn a_transaction_is_compared_command_by_command() {
        let queued = [command("PTTL k"), command("GET k")];
        let reply = |ttl, text| Value::Array(vec![Value::Int(ttl), bulk(text)]);
        let exec = command("EXEC");
        let name = |queued: &[Vec<Vec<u8>>], left: &Value, right: &Value| {
            difference(&exec, queued, left, right).map(|(command, _, _)| command[0].clone())
        };
        assert_eq!(name(&queued, &reply(5000, "v"), &reply(5001, "v")), None);
        assert_eq!(name(&queued, &reply(5000, "v"), &reply(5000, "w")), Some(b"GET".to_vec()));
        assert_eq!(name(&queued, &reply(5000, "v"), &Value::NullArray), Some(b"EXEC".to_vec()));
    }
}
