//! BITFIELD and BITFIELD_RO: integers of any width at any bit of a string.

use super::integer::{Overflow, Width};
use super::{CHANGED, checked_offset};
use command::Flag::{DenyOom, Fast, Readonly, Write};
use command::KeyFlag::{Access, ReadOnly, ReadWrite, Update, VariableFlags};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeyFlag, KeySpec, Limits, OpenText, Reply, Result, Seq,
    Spec,
};

/// BITFIELD
pub(super) const BITFIELD: Command<Handler> = Command::new(
    Spec {
        name: "bitfield",
        group: Group::Bitmap,
        since: "3.2.0",
        summary: "Reads, stores and increments integers of given widths at given bits of a string.",
        complexity: "O(N), N being the number of operations",
        syntax: "BITFIELD key [GET {encoding offset}:get-block | \
                 {[OVERFLOW <WRAP | SAT | FAIL>:overflow-block] <SET {encoding offset value:integer}:set-block | \
                 INCRBY {encoding offset increment}:incrby-block>:write-operation}:write \
                 [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET encoding offset value | \
                 INCRBY encoding offset increment> ...]]:operation",
        arity: -2,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update, VariableFlags])
            .noted("GET reads, SET and INCRBY change")],
        key_use: Some(key_use),
        examples: "\
> BITFIELD players SET u8 0 200 GET i8 0
1) (integer) 0
2) (integer) -56
> BITFIELD players INCRBY u8 #0 100 OVERFLOW SAT INCRBY u8 #1 300 OVERFLOW FAIL INCRBY u8 #1 1
1) (integer) 44
2) (integer) 255
3) (nil)",
        ..Spec::DEFAULT
    },
    |cx, args, reply| bitfield(cx, args, reply, Allowed::All),
);

/// BITFIELD_RO
pub(super) const BITFIELD_RO: Command<Handler> = Command::new(
    Spec {
        name: "bitfield_ro",
        group: Group::Bitmap,
        since: "6.0.0",
        summary: "Reads integers of given widths at given bits of a string.",
        complexity: "O(N), N being the number of operations",
        syntax: "BITFIELD_RO key [GET {encoding offset}:get-block [GET encoding offset ...]]",
        arity: -2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> SET word foobar
OK
> BITFIELD_RO word GET u8 0 GET u4 4
1) (integer) 102
2) (integer) 6",
        ..Spec::DEFAULT
    },
    |cx, args, reply| bitfield(cx, args, reply, Allowed::Get),
);

/// Which operations may be given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    Get,
}

#[derive(Clone, Copy)]
enum Action {
    Get,
    Set(i64, Overflow),
    Increment(i64, Overflow),
}

/// One operation.
#[derive(Clone, Copy)]
struct Operation {
    width: Width,
    offset: usize,
    action: Action,
}

fn bitfield(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, allowed: Allowed) -> Result<Done> {
    let key = args.key()?;
    let operations = read_operations(args, cx.limits)?;
    let writes = operations.iter().filter(|operation| !matches!(operation.action, Action::Get));
    let written_bytes = writes.map(|operation| operation.width.bytes(operation.offset).end).max();
    match written_bytes {
        Some(_) if allowed == Allowed::Get => {
            Err(Error::new("ERR BITFIELD_RO only supports the GET subcommand"))
        }
        Some(len) => {
            let mut string = cx.slot(key).open_text(len)?;
            let mut answers = reply.array(operations.len());
            change(&mut string, &operations, &mut answers);
            Ok(answers.done())
        }
        None => {
            let value = cx.read_string(key)?;
            let mut answers = reply.array(operations.len());
            let mut answer = |bytes: &[u8]| {
                operations
                    .iter()
                    .for_each(|operation| answers.int(operation.width.get(bytes, operation.offset)));
            };
            match value {
                Some(value) => value.with_text(answer),
                None => answer(&[]),
            }
            Ok(answers.done())
        }
    }
}

fn change(string: &mut OpenText<'_, '_>, operations: &[Operation], answers: &mut Seq<'_>) {
    let grown = string.has_grown();
    let mut changes = 0;
    for Operation { width, offset, action } in operations.iter().copied() {
        let old = width.get(string.bytes(), offset);
        let (new, answer) = match action {
            Action::Get => {
                answers.int(old);
                continue;
            }
            Action::Set(n, overflow) => {
                let new = width.given(n, overflow);
                (new, new.map(|_| old))
            }
            Action::Increment(n, overflow) => {
                let new = width.sum(old, n, overflow);
                (new, new)
            }
        };
        match answer {
            Some(answer) => answers.int(answer),
            None => answers.null(),
        }
        if let Some(new) = new.filter(|new| *new != old) {
            width.put(string.edit(width.bytes(offset)), offset, new);
        }
        changes += usize::from(new.is_some_and(|new| new != old || grown));
    }
    // A string that has only become longer has changed too.
    changes = changes.max(usize::from(grown));
    if changes > 0 {
        string.changed_by(changes, CHANGED);
    }
}

fn read_operations(args: &mut Args<'_>, limits: &Limits) -> Result<Vec<Operation>> {
    let (mut operations, mut overflow) = (Vec::new(), Overflow::Wrap);
    while !args.is_empty() {
        let action = read_action(args)?;
        if let Word::Overflow = action {
            overflow = read_overflow(args)?;
            continue;
        }
        let width = Width::parse(args.bytes()?).ok_or(Error::new(
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
        ))?;
        let offset = read_offset(args, width, limits)?;
        let action = match action {
            Word::Set => Action::Set(args.int()?, overflow),
            Word::Increment => Action::Increment(args.int()?, overflow),
            Word::Get | Word::Overflow => Action::Get,
        };
        operations.push(Operation { width, offset, action });
    }
    Ok(operations)
}

/// The word that an operation begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Get,
    Set,
    Increment,
    Overflow,
}

/// Reads such a word; a syntax error if less follows than it needs.
fn read_action(args: &mut Args<'_>) -> Result<Word> {
    const WORDS: [(&str, Word, usize); 4] = [
        ("get", Word::Get, 2),
        ("set", Word::Set, 3),
        ("incrby", Word::Increment, 3),
        ("overflow", Word::Overflow, 1),
    ];
    let found = WORDS.into_iter().find(|(name, _, needed)| args.left() > *needed && args.take(name));
    found.map(|(_, word, _)| word).ok_or(Error::SYNTAX)
}

fn read_overflow(args: &mut Args<'_>) -> Result<Overflow> {
    const WORDS: [(&str, Overflow); 3] =
        [("wrap", Overflow::Wrap), ("sat", Overflow::Saturate), ("fail", Overflow::Fail)];
    let found = WORDS.into_iter().find(|(name, _)| args.take(name));
    found.map(|(_, overflow)| overflow).ok_or(Error::new("ERR Invalid OVERFLOW type specified"))
}

/// Reads the number of a bit, or behind `#` that of an integer of this width among its like.
fn read_offset(args: &mut Args<'_>, width: Width, limits: &Limits) -> Result<usize> {
    let word = args.bytes()?;
    let offset = match word.strip_prefix(b"#") {
        None => base::num::parse_i64(word),
        Some(nth) => base::num::parse_i64(nth).and_then(|nth| nth.checked_mul(width.bits() as i64)),
    };
    checked_offset(offset, limits)
}

/// A request that only gets changes nothing.
fn key_use(words: resp::Args<'_>) -> &'static [KeyFlag] {
    let mut args = Args::new(words, 2);
    while !args.is_empty() {
        let Ok(word @ (Word::Get | Word::Overflow)) = read_action(&mut args) else {
            return &[ReadWrite, Access, Update];
        };
        args.seek(args.position() + if word == Word::Get { 2 } else { 1 });
    }
    &[ReadOnly, Access]
}
