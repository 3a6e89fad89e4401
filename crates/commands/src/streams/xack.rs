//! XACK and XACKDEL: what a consumer has done with.

use super::ids::read_all;
use super::xdel::{DELETED, code, ids_and_policy, none_found};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::stream::{Deletion, References, Stream, StreamId};

/// XACK
pub const XACK: Command<Handler> = Command::new(
    Spec {
        name: "xack",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Marks entries as done by a consumer group.",
        complexity: "O(log P) for each id, P being the number of pending entries",
        syntax: "XACK key group id [id ...]",
        arity: -4,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XGROUP CREATE log readers 0
OK
> XREADGROUP GROUP readers alice STREAMS log >
1) 1) \"log\"
   2) 1) 1) \"1-1\"
         2) 1) \"line\"
            2) \"a\"
> XACK log readers 1-1 9-9
(integer) 1",
        ..Spec::DEFAULT
    },
    xack,
);

fn xack(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name) = (args.key()?, args.bytes()?);
    let Some(mut stream) = cx.slot(key).open::<Stream>()? else { return Ok(reply.int(0)) };
    let Some(group) = stream.group_mut(name) else { return Ok(reply.int(0)) };
    let ids = read_all(args)?;
    let acknowledged = ids.iter().filter(|id| group.acknowledge(**id).is_some()).count();
    stream.changed_unseen(acknowledged);
    Ok(reply.len(acknowledged))
}

/// XACKDEL
pub const XACKDEL: Command<Handler> = Command::new(
    Spec {
        name: "xackdel",
        group: Group::Stream,
        since: "8.2.0",
        summary: "Marks entries as done by a consumer group and deletes them as the policy allows.",
        complexity: "O(log P + log S) for each id, P being the number of pending entries and S the length of the stream",
        syntax: "XACKDEL key group [KEEPREF | DELREF | ACKED] IDS {numids id [id ...]}",
        arity: -6,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update, Delete])],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XGROUP CREATE log readers 0
OK
> XREADGROUP GROUP readers alice STREAMS log >
1) 1) \"log\"
   2) 1) 1) \"1-1\"
         2) 1) \"line\"
            2) \"a\"
> XACKDEL log readers ACKED IDS 2 1-1 9-9
1) (integer) 1
2) (integer) -1
> XLEN log
(integer) 0",
        ..Spec::DEFAULT
    },
    xackdel,
);

fn xackdel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name) = (args.key()?, args.bytes()?);
    let (ids, references) = ids_and_policy(args)?;
    let Some(mut stream) = cx.slot(key).open::<Stream>()? else { return Ok(none_found(reply, &ids)) };
    if stream.group(name).is_none() {
        return Ok(none_found(reply, &ids));
    }
    let (before, mut acknowledged) = (stream.len(), 0);
    let mut results = reply.array(ids.len());
    for id in ids {
        let pending = stream.group_mut(name).and_then(|group| group.acknowledge(id));
        acknowledged += usize::from(pending.is_some());
        let outcome = pending.map_or(Deletion::Missing, |_| delete_acknowledged(&mut stream, id, references));
        results.int(code(outcome));
    }
    stream.changed_unseen(acknowledged);
    if stream.len() < before {
        stream.changed_by(0, DELETED);
    }
    Ok(results.done())
}

/// Deletes an entry that a group has just done with; that it may be gone already makes no difference.
fn delete_acknowledged(stream: &mut Stream, id: StreamId, references: References) -> Deletion {
    if references == References::OnlyAcknowledged && stream.is_referenced(id) {
        return Deletion::Referenced;
    }
    stream.delete(id, references);
    Deletion::Deleted
}
