//! ZINTER, ZINTERSTORE, ZINTERCARD: the members that several sets have in common.

use super::combine::{Combined, common_count};
use super::sources::{Accepted, Options, keys, keys_to_store, sources};
use super::store::store;
use crate::arguments::counting_limit;
use command::Flag::{DenyOom, MovableKeys, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};

/// What the declarations share.
const INTERSECTION: Spec = Spec {
    group: Group::SortedSet,
    complexity: "O(N*K)+O(M*log(M)), N being the smallest set, K the number of sets and M the result",
    ..Spec::DEFAULT
};

/// ZINTER
pub(super) const ZINTER: Command<Handler> = Command::new(
    Spec {
        name: "zinter",
        since: "6.2.0",
        summary: "The members that several sets have in common, each with its scores as one.",
        syntax: "ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>] [WITHSCORES]",
        arity: -3,
        flags: &[Readonly, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZINTER 2 monday tuesday WITHSCORES
1) \"ann\"
2) \"7\"",
        ..INTERSECTION
    },
    zinter,
);

fn zinter(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let keys = keys(cx, args, "zinter")?;
    let options = Options::read(args, keys.len(), Accepted::Both)?;
    Ok(Combined::intersection(&sources(cx, keys)?, &options).answer(reply, options.shown))
}

/// ZINTERSTORE
pub(super) const ZINTERSTORE: Command<Handler> = Command::new(
    Spec {
        name: "zinterstore",
        since: "2.0.0",
        summary: "Stores the members that several sets have in common under another key.",
        syntax: "ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>]",
        arity: -4,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::numkeys(2, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZINTERSTORE both 2 monday tuesday AGGREGATE MIN
(integer) 1
> ZSCORE both ann
\"3\"",
        ..INTERSECTION
    },
    zinterstore,
);

fn zinterstore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (destination, limits) = (args.key()?, &cx.limits.sorted_set);
    let keys = keys_to_store(cx, args, "zinterstore")?;
    let options = Options::read(args, keys.len(), Accepted::Mixing)?;
    let common = Combined::intersection(&sources(cx, keys)?, &options).collect(limits);
    Ok(reply.len(store(cx, destination, common, Event::sorted_set("zinterstore"))))
}

/// ZINTERCARD
pub(super) const ZINTERCARD: Command<Handler> = Command::new(
    Spec {
        name: "zintercard",
        since: "7.0.0",
        summary: "How many members several sets have in common.",
        complexity: "O(N*K), N being the smallest set and K the number of sets",
        syntax: "ZINTERCARD numkeys key [key ...] [LIMIT limit]",
        arity: -3,
        flags: &[Readonly, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZINTERCARD 2 monday tuesday
(integer) 1",
        ..INTERSECTION
    },
    zintercard,
);

fn zintercard(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let keys = keys(cx, args, "zintercard")?;
    let limit = limit(args)?;
    Ok(reply.len(common_count(&sources(cx, keys)?, limit)))
}

/// Reads what follows the keys: the number at which counting ends.
fn limit(args: &mut Args<'_>) -> Result<usize> {
    let mut limit = usize::MAX;
    while !args.is_empty() {
        if !args.take_with_value("LIMIT") {
            return Err(Error::SYNTAX);
        }
        limit = counting_limit(args)?;
    }
    Ok(limit)
}
