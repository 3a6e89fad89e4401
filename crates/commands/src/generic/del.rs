//! DEL and UNLINK.

use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, Remove};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};

/// DEL
pub(super) const DEL: Command<Handler> = Command::new(
    Spec {
        name: "del",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Deletes keys.",
        complexity: "O(N) keys, plus the elements of each collection deleted",
        syntax: "DEL key [key ...]",
        arity: -2,
        flags: &[Write],
        keys: &[KeySpec::range(1, -1, 1, &[Remove, Delete])],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        examples: "\
> MSET a 1 b 2
OK
> DEL a b c
(integer) 2",
        ..Spec::DEFAULT
    },
    |cx, args, reply| {
        let lazily = cx.limits.lazy_user_del;
        delete_all(cx, args, reply, lazily)
    },
);

/// UNLINK
pub(super) const UNLINK: Command<Handler> = Command::new(
    Spec {
        name: "unlink",
        since: "4.0.0",
        summary: "Deletes keys and frees their memory in the background.",
        complexity: "O(N), N being the number of keys",
        syntax: "UNLINK key [key ...]",
        flags: &[Write, Fast],
        examples: "\
> MSET a 1 b 2
OK
> UNLINK a b c
(integer) 2",
        ..DEL.spec
    },
    |cx, args, reply| delete_all(cx, args, reply, true),
);

fn delete_all(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, lazily: bool) -> Result<Done> {
    let mut deleted = 0;
    for key in args.rest() {
        deleted += i64::from(cx.slot(key).delete(Event::DEL, lazily));
    }
    Ok(reply.int(deleted))
}
