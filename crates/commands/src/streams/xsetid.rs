//! XSETID: the ids and counters that outlive a stream's entries.

use super::id;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::stream::{Stream, StreamId};

const NOT_POSITIVE: Error = Error::new("ERR entries_added must be positive");
const BELOW_DELETED_GIVEN: Error =
    Error::new("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
const BELOW_DELETED: Error =
    Error::new("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
const BELOW_LAST: Error =
    Error::new("ERR The ID specified in XSETID is smaller than the target stream top item");
const BELOW_LENGTH: Error =
    Error::new("ERR The entries_added specified in XSETID is smaller than the target stream length");

/// XSETID
pub const XSETID: Command<Handler> = Command::new(
    Spec {
        name: "xsetid",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Sets the last id of a stream, as replication needs it.",
        syntax: "XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
        arguments_since: &[("entries-added", "7.0.0"), ("max-deleted-id", "7.0.0")],
        arity: -3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XSETID log 9-0
OK
> XADD log 9-* line b
\"9-1\"",
        ..Spec::DEFAULT
    },
    xsetid,
);

fn xsetid(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let last_id = id::exact(args.bytes()?)?;
    let (mut entries_added, mut max_deleted) = (None, StreamId::MIN);
    while !args.is_empty() {
        if args.take_with_value("ENTRIESADDED") {
            entries_added = Some(args.int_in(0.., NOT_POSITIVE)? as u64);
        } else if args.take_with_value("MAXDELETEDID") {
            max_deleted = id::exact(args.bytes()?)?;
            if last_id < max_deleted {
                return Err(BELOW_DELETED_GIVEN);
            }
        } else {
            return Err(Error::SYNTAX);
        }
    }
    let mut stream = cx.slot(key).open::<Stream>()?.ok_or(Error::NO_SUCH_KEY)?;
    check(&stream, last_id, entries_added)?;
    stream.set_last_id(last_id);
    if let Some(entries) = entries_added {
        stream.set_entries_added(entries);
    }
    if max_deleted != StreamId::MIN {
        stream.set_max_deleted_id(max_deleted);
    }
    stream.changed_unseen(1);
    stream.also(Event::stream("xsetid"));
    Ok(reply.ok())
}

fn check(stream: &Stream, last_id: StreamId, entries_added: Option<u64>) -> Result<()> {
    if last_id < stream.max_deleted_id() {
        return Err(BELOW_DELETED);
    }
    if stream.log().last_id().is_some_and(|last| last_id < last) {
        return Err(BELOW_LAST);
    }
    if entries_added.is_some_and(|entries| entries < stream.len()) {
        return Err(BELOW_LENGTH);
    }
    Ok(())
}
