//! ZDIFF, ZDIFFSTORE: the members that only the first of several sets has.

use super::combine::Combined;
use super::sources::{Accepted, Options, keys, keys_to_store, sources};
use super::store::store;
use command::Flag::{DenyOom, MovableKeys, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};

/// What both declarations share.
const DIFFERENCE: Spec = Spec {
    group: Group::SortedSet,
    since: "6.2.0",
    complexity: "O(N*K), N being the elements of the first set and K the number of sets",
    ..Spec::DEFAULT
};

/// ZDIFF
pub(super) const ZDIFF: Command<Handler> = Command::new(
    Spec {
        name: "zdiff",
        summary: "The members of a set that none of the others has.",
        syntax: "ZDIFF numkeys key [key ...] [WITHSCORES]",
        arity: -3,
        flags: &[Readonly, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZDIFF 2 monday tuesday WITHSCORES
1) \"bob\"
2) \"5\"",
        ..DIFFERENCE
    },
    zdiff,
);

fn zdiff(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let keys = keys(cx, args, "zdiff")?;
    let options = Options::read(args, keys.len(), Accepted::Showing)?;
    Ok(Combined::difference(&sources(cx, keys)?).answer(reply, options.shown))
}

/// ZDIFFSTORE
pub(super) const ZDIFFSTORE: Command<Handler> = Command::new(
    Spec {
        name: "zdiffstore",
        summary: "Stores the members of a set that none of the others has under another key.",
        syntax: "ZDIFFSTORE destination numkeys key [key ...]",
        arity: -4,
        flags: &[Write, DenyOom, MovableKeys],
        keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::numkeys(2, &[ReadOnly, Access])],
        examples: "\
> ZADD monday 3 ann 5 bob
(integer) 2
> ZADD tuesday 4 ann
(integer) 1
> ZDIFFSTORE rest 2 monday tuesday
(integer) 1
> ZRANGE rest 0 -1
1) \"bob\"",
        ..DIFFERENCE
    },
    zdiffstore,
);

fn zdiffstore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (destination, limits) = (args.key()?, &cx.limits.sorted_set);
    let keys = keys_to_store(cx, args, "zdiffstore")?;
    args.end()?;
    let left = Combined::difference(&sources(cx, keys)?).collect(limits);
    Ok(reply.len(store(cx, destination, left, Event::sorted_set("zdiffstore"))))
}
