//! ZUNION, ZUNIONSTORE: all members of several sets.

use super::combine::Combined;
use super::sources::{Accepted, Options, keys, keys_to_store, sources};
use super::store::store;
use command::Flag::{DenyOom, MovableKeys, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};

/// What both declarations share.
const UNION: Spec = Spec {
    group: Group::SortedSet,
    complexity: "O(N*log(N)), N being the elements of all sets",
    ..Spec::DEFAULT
};

/// ZUNION
pub(super) const ZUNION: Command<Handler> = Command::new(
    Spec {
        name: "zunion",
        since: "6.2.0",
        summary: "All members of several sets, each with its scores as one.",
        syntax: "ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>] [WITHSCORES]",
        arity: -3,
        flags: &[Readonly, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZUNION 2 monday tuesday WITHSCORES
1) \"bob\"
2) \"5\"
3) \"ann\"
4) \"7\"",
        ..UNION
    },
    zunion,
);

fn zunion(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let keys = keys(cx, args, "zunion")?;
    let options = Options::read(args, keys.len(), Accepted::Both)?;
    Ok(Combined::union(&sources(cx, keys)?, &options).answer(reply, options.shown))
}

/// ZUNIONSTORE
pub(super) const ZUNIONSTORE: Command<Handler> = Command::new(
    Spec {
        name: "zunionstore",
        since: "2.0.0",
        summary: "Stores all members of several sets under another key.",
        syntax: "ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>]",
        arity: -4,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::numkeys(2, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZUNIONSTORE week 2 monday tuesday WEIGHTS 1 2
(integer) 2
> ZSCORE week ann
\"11\"",
        ..UNION
    },
    zunionstore,
);

fn zunionstore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (destination, limits) = (args.key()?, &cx.limits.sorted_set);
    let keys = keys_to_store(cx, args, "zunionstore")?;
    let options = Options::read(args, keys.len(), Accepted::Mixing)?;
    let union = Combined::union(&sources(cx, keys)?, &options).collect(limits);
    Ok(reply.len(store(cx, destination, union, Event::sorted_set("zunionstore"))))
}
