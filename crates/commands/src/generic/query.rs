//! Asking whether keys exist and what they are: EXISTS, TOUCH, TYPE.

use command::Flag::{Fast, Readonly};
use command::KeyFlag::ReadOnly;
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// EXISTS
pub(super) const EXISTS: Command<Handler> = Command::new(
    Spec {
        name: "exists",
        group: Group::Generic,
        since: "1.0.0",
        summary: "How many of the given keys exist, counting repeats.",
        complexity: "O(N), N being the number of keys",
        syntax: "EXISTS key [key ...]",
        arity: -2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::range(1, -1, 1, &[ReadOnly])],
        tips: &["request_policy:multi_shard", "response_policy:agg_sum"],
        examples: "\
> SET a 1
OK
> EXISTS a a b
(integer) 2",
        ..Spec::DEFAULT
    },
    exists,
);

fn exists(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let found = args.rest().filter(|key| cx.find(key).is_some()).count();
    Ok(reply.len(found))
}

/// TOUCH
pub(super) const TOUCH: Command<Handler> = Command::new(
    Spec {
        name: "touch",
        since: "3.2.1",
        summary: "Counts as used those of the given keys that exist, and tells how many.",
        syntax: "TOUCH key [key ...]",
        examples: "\
> SET a 1
OK
> TOUCH a b
(integer) 1",
        ..EXISTS.spec
    },
    touch,
);

fn touch(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut found = 0;
    for key in args.rest() {
        let mut slot = cx.slot(key);
        slot.count_lookup();
        // Also for a client that has asked not to touch keys: it asks for it here.
        slot.touch();
        found += i64::from(slot.exists());
    }
    Ok(reply.int(found))
}

/// TYPE
pub(super) const TYPE: Command<Handler> = Command::new(
    Spec {
        name: "type",
        group: Group::Generic,
        since: "1.0.0",
        summary: "The type of the value at a key.",
        syntax: "TYPE key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> SET a 1
OK
> TYPE a
string
> TYPE nothing
none",
        ..Spec::DEFAULT
    },
    |cx, args, reply| {
        let kind = cx.find(args.key()?).map(|item| item.kind());
        Ok(reply.simple(kind.map_or("none", |kind| kind.name())))
    },
);
