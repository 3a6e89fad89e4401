//! Changing a part of a string: APPEND and SETRANGE.

use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Insert, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Limits, Reply, Result, Spec};
use keyspace::{Expiry, Str, Value};

/// APPEND
pub(super) const APPEND: Command<Handler> = Command::new(
    Spec {
        name: "append",
        group: Group::String,
        since: "2.0.0",
        summary: "Adds bytes to the end of a string, starting from an empty one if the key is absent.",
        complexity: "O(1) amortized",
        syntax: "APPEND key value",
        arity: 3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        examples: "\
> APPEND log one
(integer) 3
> APPEND log ,two
(integer) 7
> GET log
\"one,two\"",
        ..Spec::DEFAULT
    },
    append,
);

fn append(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const EVENT: Event = Event::string("append");
    let (key, value) = (args.key()?, args.bytes()?);
    let mut slot = cx.slot(key);
    let Some(old) = slot.string()? else {
        slot.put_string(value, Expiry::Never, EVENT);
        return Ok(reply.len(value.len()));
    };
    let old_len = old.text_len();
    let len = checked_len(old_len, value, slot.limits())?;
    slot.edit_string(len, old_len..len, EVENT).copy_from_slice(value);
    Ok(reply.len(len))
}

/// SETRANGE
pub(super) const SETRANGE: Command<Handler> = Command::new(
    Spec {
        name: "setrange",
        group: Group::String,
        since: "2.2.0",
        summary: "Overwrites a string from an offset on, padding with zero bytes as needed.",
        complexity: "O(N), N being the length written",
        syntax: "SETRANGE key offset value",
        arity: 4,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> SET greeting \"Hello world\"
OK
> SETRANGE greeting 6 Redis
(integer) 11
> GET greeting
\"Hello Redis\"",
        ..Spec::DEFAULT
    },
    setrange,
);

fn setrange(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const EVENT: Event = Event::string("setrange");
    let (key, offset, value) = (args.key()?, args.int()?, args.bytes()?);
    let offset = usize::try_from(offset).map_err(|_| Error::OFFSET_OUT_OF_RANGE)?;
    let mut slot = cx.slot(key);
    let old_len = slot.string()?.as_ref().map(Str::text_len);
    if value.is_empty() {
        return Ok(reply.len(old_len.unwrap_or(0)));
    }
    let end = checked_len(offset, value, slot.limits())?;
    let Some(old_len) = old_len else {
        let mut text = vec![0; end];
        text[offset..].copy_from_slice(value);
        slot.put_made(Value::Bytes(text, true), Expiry::Never, EVENT);
        return Ok(reply.len(end));
    };
    let len = old_len.max(end);
    slot.edit_string(len, offset..end, EVENT).copy_from_slice(value);
    Ok(reply.len(len))
}

/// The length of a string that ends with `value` at `offset`.
///
/// # Errors
/// [`Error::STRING_TOO_LONG`] beyond `proto-max-bulk-len`.
fn checked_len(offset: usize, value: &[u8], limits: &Limits) -> Result<usize> {
    let len = offset.checked_add(value.len()).filter(|len| *len <= limits.max_string_bytes);
    len.ok_or(Error::STRING_TOO_LONG)
}
