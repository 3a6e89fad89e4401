//! XDEL and XDELEX: deleting entries by their ids.

use super::ids::{BlockErrors, Ids, read_all, read_block};
use super::policy::policy;
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::stream::{Deletion, References, Stream};

/// Deleting entries reports this.
pub(super) const DELETED: Event = Event::stream("xdel");

/// What both declarations share.
const DELETE: Spec = Spec {
    group: Group::Stream,
    complexity: "O(log S) for each id, S being the length of the stream",
    flags: &[Write, Fast],
    keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
    ..Spec::DEFAULT
};

/// XDEL
pub const XDEL: Command<Handler> = Command::new(
    Spec {
        name: "xdel",
        since: "5.0.0",
        summary: "Deletes entries from a stream.",
        syntax: "XDEL key id [id ...]",
        arity: -3,
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XDEL log 1-1 9-9
(integer) 1",
        ..DELETE
    },
    xdel,
);

fn xdel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let Some(mut stream) = cx.slot(args.key()?).open::<Stream>()? else { return Ok(reply.int(0)) };
    let ids = read_all(args)?;
    let deleted = ids.iter().filter(|id| stream.delete(**id, References::Keep) == Deletion::Deleted).count();
    if deleted > 0 {
        stream.changed_by(deleted, DELETED);
    }
    Ok(reply.len(deleted))
}

/// XDELEX
pub const XDELEX: Command<Handler> = Command::new(
    Spec {
        name: "xdelex",
        since: "8.2.0",
        summary: "Deletes entries from a stream, with a policy for entries that groups still refer to.",
        syntax: "XDELEX key [KEEPREF | DELREF | ACKED] IDS {numids id [id ...]}",
        arity: -5,
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XGROUP CREATE log readers 0
OK
> XDELEX log ACKED IDS 2 1-1 9-9
1) (integer) 2
2) (integer) -1",
        ..DELETE
    },
    xdelex,
);

fn xdelex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let (ids, references) = ids_and_policy(args)?;
    let Some(mut stream) = cx.slot(key).open::<Stream>()? else { return Ok(none_found(reply, &ids)) };
    let (mut deleted, mut dropped) = (0, 0);
    let mut results = reply.array(ids.len());
    for id in &ids {
        if references == References::Delete {
            dropped += stream.drop_references(*id);
        }
        let deletion = stream.delete(*id, references);
        deleted += usize::from(deletion == Deletion::Deleted);
        results.int(code(deletion));
    }
    if deleted > 0 {
        stream.changed_by(deleted, DELETED);
    }
    stream.changed_unseen(dropped);
    Ok(results.done())
}

const BLOCK_ERRORS: BlockErrors = BlockErrors {
    not_positive: Error::new("ERR Number of IDs must be a positive integer"),
    too_few: Error::new("ERR The `numids` parameter must match the number of arguments"),
};

/// Reads `[KEEPREF | DELREF | ACKED]` and `IDS numids id [id ...]`, in either order.
pub(super) fn ids_and_policy(args: &mut Args<'_>) -> Result<(Ids, References)> {
    let (mut ids, mut references) = (None, None);
    while !args.is_empty() {
        if ids.is_none() && args.take_with_value("IDS") {
            ids = Some(read_block(args, &BLOCK_ERRORS)?);
        } else if references.is_none() {
            references = Some(policy(args).ok_or(Error::SYNTAX)?);
        } else {
            return Err(Error::SYNTAX);
        }
    }
    Ok((ids.ok_or(Error::SYNTAX)?, references.unwrap_or_default()))
}

/// What is answered for an entry.
pub(super) fn code(deletion: Deletion) -> i64 {
    match deletion {
        Deletion::Missing => -1,
        Deletion::Deleted => 1,
        Deletion::Referenced => 2,
    }
}

/// The answer where no id can be found.
pub(super) fn none_found(reply: Reply<'_>, ids: &Ids) -> Done {
    let mut results = reply.array(ids.len());
    ids.iter().for_each(|_| results.int(code(Deletion::Missing)));
    results.done()
}
