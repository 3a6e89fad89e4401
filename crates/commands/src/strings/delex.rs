//! Deleting a key on a condition: DELEX and DELIFEQ.

use super::condition::Compare;
use super::delete;
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite, Remove, VariableFlags};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Slot, Spec,
};

/// A condition on a key that holds no string.
const NOT_A_STRING: Error = Error::new("ERR Key should be of string type if conditions are specified");
/// A word that is no condition.
const UNKNOWN_CONDITION: Error = Error::new("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");

/// DELEX
pub(super) const DELEX: Command<Handler> = Command::new(
    Spec {
        name: "delex",
        group: Group::String,
        since: "8.4.0",
        summary: "Deletes a key if its string compares as asked with a value or a digest.",
        complexity: "O(1) with a value, O(N) with a digest, N being the string's length",
        syntax: "DELEX key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]",
        arity: -2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete, VariableFlags])],
        key_use: Some(|words| if words.len() > 2 { &[ReadWrite, Delete] } else { &[Remove, Delete] }),
        replicate: Replicate::Outcome,
        examples: "\
> SET lock me
OK
> DELEX lock IFEQ you
(integer) 0
> DELEX lock IFEQ me
(integer) 1",
        ..Spec::DEFAULT
    },
    delex,
);

fn delex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    if !matches!(args.left(), 0 | 2) {
        return Err(Error::wrong_arity("delex"));
    }
    let slot = cx.slot(key);
    if args.is_empty() || !slot.exists() {
        return Ok(delete_if(slot, true, reply));
    }
    if slot.string().is_err() {
        return Err(NOT_A_STRING);
    }
    let compare = Compare::take(args)?.ok_or(UNKNOWN_CONDITION)?;
    let holds = compare.holds(&slot)?;
    Ok(delete_if(slot, holds, reply))
}

/// DELIFEQ
pub(super) const DELIFEQ: Command<Handler> = Command::new(
    Spec {
        name: "delifeq",
        group: Group::String,
        since: "valkey 9.0.0",
        summary: "Deletes a key if its string equals the given value.",
        syntax: "DELIFEQ key value",
        arity: 3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[Remove, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> SET lock me
OK
> DELIFEQ lock you
(integer) 0
> DELIFEQ lock me
(integer) 1",
        ..Spec::DEFAULT
    },
    delifeq,
);

fn delifeq(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, value) = (args.key()?, args.bytes()?);
    let slot = cx.slot(key);
    let holds = Compare::equal(value).holds(&slot)?;
    Ok(delete_if(slot, holds, reply))
}

fn delete_if(mut slot: Slot<'_, '_>, condition: bool, reply: Reply<'_>) -> Done {
    let deleted = condition && slot.exists();
    if deleted {
        delete(&mut slot);
    }
    reply.flag(deleted)
}
