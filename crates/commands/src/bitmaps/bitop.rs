//! BITOP: keeping what several strings make bit by bit.

use command::Flag::{DenyOom, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::{Expiry, Str, Value};
use smallvec::SmallVec;
use structs::bits::{Combination, combine};

/// BITOP
pub(super) const BITOP: Command<Handler> = Command::new(
    Spec {
        name: "bitop",
        group: Group::Bitmap,
        since: "2.6.0",
        summary: "Combines strings bit by bit and stores the result.",
        complexity: "O(N), N being the bytes of all strings",
        syntax: "BITOP <AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE>:operation destkey key [key ...]",
        arity: -4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(2, &[Overwrite, Update]), KeySpec::range(3, -1, 1, &[ReadOnly, Access])],
        examples: "\
> MSET x abc y ABC
OK
> BITOP XOR changed x y
(integer) 3
> GET changed
\"   \"
> BITOP DIFF only x y
(integer) 3
> GET only
\"   \"
> BITOP ONE one x
(integer) 3
> GET one
\"abc\"",
        ..Spec::DEFAULT
    },
    bitop,
);

fn bitop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let operation = args.bytes()?;
    let (combination, name) = named(operation).ok_or(Error::SYNTAX)?;
    let (destination, keys) = (args.key()?, args.rest());
    check_count(combination, name, keys.len())?;
    let result = combine_keys(cx, combination, keys)?;
    let (len, lazily) = (result.len(), cx.limits.lazy_server_del);
    let mut slot = cx.slot(destination);
    if result.is_empty() {
        slot.delete(Event::DEL, lazily);
    } else {
        slot.put_value(Value::Bytes(result, true), Expiry::Never, Event::string("set"));
    }
    Ok(reply.len(len))
}

const NAMES: [(Combination, &str); 8] = [
    (Combination::And, "AND"),
    (Combination::Or, "OR"),
    (Combination::Xor, "XOR"),
    (Combination::Not, "NOT"),
    (Combination::Diff, "DIFF"),
    (Combination::Diff1, "DIFF1"),
    (Combination::AndOr, "ANDOR"),
    (Combination::One, "ONE"),
];

fn named(word: &[u8]) -> Option<(Combination, &'static str)> {
    NAMES.into_iter().find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(word))
}

fn check_count(combination: Combination, name: &str, keys: usize) -> Result<()> {
    match combination {
        Combination::Not if keys != 1 => {
            Err(Error::new("ERR BITOP NOT must be called with a single source key."))
        }
        Combination::Diff | Combination::Diff1 | Combination::AndOr if keys < 2 => {
            Err(Error::with(format!("ERR BITOP {name} must be called with at least two source keys.")))
        }
        _ => Ok(()),
    }
}

/// What the strings of several keys make, looked at where they lie. What isn't there is an empty string.
fn combine_keys<'k>(
    cx: &mut Cx<'_>,
    combination: Combination,
    keys: impl Iterator<Item = &'k [u8]> + Clone,
) -> Result<Vec<u8>> {
    // Opening a key removes it if its time is over, so that all can be looked at together afterwards.
    for key in keys.clone() {
        cx.read_string(key)?;
    }
    let values: SmallVec<[Option<Str<'_>>; 8]> =
        keys.map(|key| cx.peek(key).and_then(|item| item.string())).collect();
    // Integers have no text to point at.
    let digits: SmallVec<[itoa::Buffer; 8]> = values.iter().map(|_| itoa::Buffer::new()).collect();
    let mut digits = digits;
    let strings: SmallVec<[&[u8]; 8]> = values
        .iter()
        .zip(&mut digits)
        .map(|(value, digits)| match value {
            None => &[][..],
            Some(Str::Int(n)) => digits.format(*n).as_bytes(),
            Some(Str::Bytes(bytes)) => bytes,
        })
        .collect();
    Ok(combine(combination, &strings))
}
