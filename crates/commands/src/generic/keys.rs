//! Commands that look at all keys of a database, one shard after another: KEYS, RANDOMKEY, DBSIZE.

use crate::pattern::Pattern;
use base::prng::Prng;
use command::Flag::{Dangerous, Fast, Readonly};
use command::{Args, Command, Cx, Done, Footprint, Group, Handler, Reply, Result, Spec};
use keyspace::{Db, ShardId};

/// KEYS
pub(super) const KEYS: Command<Handler> = Command::new(
    Spec {
        name: "keys",
        group: Group::Generic,
        since: "1.0.0",
        summary: "All keys that match a pattern.",
        complexity: "O(N), N being the number of keys in the database",
        syntax: "KEYS pattern",
        arity: 2,
        flags: &[Readonly, Dangerous],
        footprint: Footprint::Each,
        tips: &["request_policy:all_shards", "nondeterministic_output_order"],
        examples: "\
> MSET one 1 two 2
OK
> KEYS o*
1) \"one\"
> KEYS x*
(empty array)",
        ..Spec::DEFAULT
    },
    keys,
);

fn keys(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let pattern = Pattern::new(args.bytes()?);
    let (db, from_ms) = (cx.db, cx.alive_from_ms());
    let mut found = reply.deferred_array();
    let only = pattern.only_shard(cx.shards);
    for id in cx.shards.ids().filter(|id| only.is_none_or(|only| only == *id)) {
        cx.visit(id, |shard, _| {
            shard.db(db).for_each(|item| {
                if pattern.matches(item.key()) && !item.is_expired(from_ms) {
                    found.bulk(item.key());
                }
            });
        });
    }
    Ok(found.done())
}

/// DBSIZE
pub(super) const DBSIZE: Command<Handler> = Command::new(
    Spec {
        name: "dbsize",
        group: Group::Server,
        since: "1.0.0",
        summary: "How many keys the database has.",
        complexity: "O(1): one step per shard",
        syntax: "DBSIZE",
        arity: 1,
        flags: &[Readonly, Fast],
        acl: &["keyspace"],
        footprint: Footprint::Each,
        tips: &["request_policy:all_shards", "response_policy:agg_sum"],
        examples: "\
> MSET one 1 two 2
OK
> DBSIZE
(integer) 2",
        ..Spec::DEFAULT
    },
    |cx, _, reply| Ok(reply.len(sizes(cx).into_iter().sum())),
);

/// How many keys each shard has of the database.
fn sizes(cx: &mut Cx<'_>) -> Vec<usize> {
    let db = cx.db;
    cx.shards.ids().map(|id| cx.visit(id, |shard, _| shard.db(db).len())).collect()
}

/// RANDOMKEY
pub(super) const RANDOMKEY: Command<Handler> = Command::new(
    Spec {
        name: "randomkey",
        group: Group::Generic,
        since: "1.0.0",
        summary: "Some key of the database, chosen at random.",
        complexity: "O(1): one step per shard",
        syntax: "RANDOMKEY",
        arity: 1,
        flags: &[Readonly],
        footprint: Footprint::Each,
        tips: &["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
        examples: "\
> RANDOMKEY
(nil)
> SET only 1
OK
> RANDOMKEY
\"only\"",
        ..Spec::DEFAULT
    },
    randomkey,
);

/// Draws that may hit expired keys before all keys are looked at instead.
const DRAWS: usize = 100;

fn randomkey(cx: &mut Cx<'_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let sizes = sizes(cx);
    let mut rng = Prng::new(cx.rng.next_u64());
    let drawn = (0..DRAWS).find_map(|_| {
        let id = shard_in_proportion(&sizes, &mut rng)?;
        look_in(cx, id, |db| db.sample(|| rng.next_u64()))
    });
    let key = drawn.or_else(|| cx.shards.ids().find_map(|id| first_alive(cx, id)));
    Ok(match key {
        Some(key) => reply.bulk(&key),
        None => reply.null(),
    })
}

/// A shard, each as likely as it has keys.
fn shard_in_proportion(sizes: &[usize], rng: &mut Prng) -> Option<ShardId> {
    let total: usize = sizes.iter().sum();
    let mut at = rng.below(total as u64) as usize;
    for (id, size) in sizes.iter().enumerate() {
        match at.checked_sub(*size) {
            None => return Some(id as ShardId),
            Some(rest) => at = rest,
        }
    }
    None
}

/// The key that `choose` chooses in a shard, unless it has expired: then it is reported for removal.
fn look_in(
    cx: &mut Cx<'_>,
    id: ShardId,
    choose: impl FnOnce(&Db) -> Option<keyspace::Item<'_>>,
) -> Option<Box<[u8]>> {
    let (db, from_ms) = (cx.db, cx.alive_from_ms());
    cx.visit(id, |shard, effects| {
        let item = choose(shard.db(db))?;
        let key: Box<[u8]> = item.key().into();
        if item.is_expired(from_ms) {
            effects.overdue.push((db, key));
            return None;
        }
        Some(key)
    })
}

/// Some key of a shard that has not expired. O(keys of the shard).
fn first_alive(cx: &mut Cx<'_>, id: ShardId) -> Option<Box<[u8]>> {
    let from_ms = cx.alive_from_ms();
    look_in(cx, id, |db| {
        let mut alive = None;
        db.for_each(|item| {
            if alive.is_none() && !item.is_expired(from_ms) {
                alive = Some(item);
            }
        });
        alive
    })
}
