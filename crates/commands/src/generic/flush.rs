//! Commands on whole databases: FLUSHDB, FLUSHALL, SWAPDB.

use super::checked_db;
use command::Flag::{Dangerous, Fast, Write};
use command::{
    Args, Command, Cx, Done, Effects, Error, Footprint, Group, Handler, Invalidation, Replicate, Reply,
    Result, Shard, Spec,
};
use keyspace::{DbIndex, Key, Presence};

/// FLUSHDB
pub(super) const FLUSHDB: Command<Handler> = Command::new(
    Spec {
        name: "flushdb",
        group: Group::Server,
        since: "1.0.0",
        summary: "Deletes all keys of the database.",
        complexity: "O(1) for other clients: the keys are freed when no lock is held",
        syntax: "FLUSHDB [ASYNC | SYNC]",
        arguments_since: &[("async", "4.0.0"), ("sync", "6.2.0")],
        arity: -1,
        flags: &[Write, Dangerous],
        acl: &["keyspace"],
        footprint: Footprint::All,
        replicate: Replicate::Outcome,
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        examples: "\
> MSET one 1 two 2
OK
> FLUSHDB
OK
> DBSIZE
(integer) 0",
        ..Spec::DEFAULT
    },
    |cx, args, reply| {
        let db = cx.db;
        flush(cx, args, reply, Some(db))
    },
);

/// FLUSHALL
pub(super) const FLUSHALL: Command<Handler> = Command::new(
    Spec {
        name: "flushall",
        summary: "Deletes all keys of all databases.",
        syntax: "FLUSHALL [ASYNC | SYNC]",
        arguments_since: &[("async", "4.0.0"), ("sync", "6.2.0")],
        examples: "\
> MSET one 1 two 2
OK
> FLUSHALL ASYNC
OK
> DBSIZE
(integer) 0",
        ..FLUSHDB.spec
    },
    |cx, args, reply| flush(cx, args, reply, None),
);

/// Empties one database, or all of them.
fn flush(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, db: Option<DbIndex>) -> Result<Done> {
    let lazily = lazily(args, cx.limits.lazy_user_flush)?;
    let at = Moment::of(cx);
    let mut tracked = 0;
    for id in cx.shards.ids() {
        cx.visit(id, |shard, effects| {
            tracked += shard.tracked.clear();
            let present = shard.dbs().map(|(index, _)| index);
            let indexes: Vec<DbIndex> = present.filter(|index| db.is_none_or(|db| db == *index)).collect();
            indexes.into_iter().for_each(|index| empty(shard, effects, index, at, lazily));
        });
    }
    cx.effects.invalidations.push(Invalidation::All { keys: tracked });
    cx.effects.emptied |= db.is_none();
    // Recorded even when there was nothing: a replica may hold something.
    let words: Vec<&[u8]> = args.all().iter().collect();
    cx.outcome(&words);
    Ok(reply.ok())
}

/// Reads SYNC or ASYNC, and nothing else.
fn lazily(args: &mut Args<'_>, otherwise: bool) -> Result<bool> {
    let lazily = if args.take("ASYNC") {
        true
    } else if args.take("SYNC") {
        false
    } else {
        otherwise
    };
    args.end()?;
    Ok(lazily)
}

/// What it takes to tell whether a key is there.
#[derive(Clone, Copy)]
struct Moment {
    seed: u64,
    now_ms: i64,
}

impl Moment {
    fn of(cx: &Cx<'_>) -> Moment {
        Moment { seed: cx.shards.seed(), now_ms: cx.now.ms() }
    }

    fn presence(self, shard: &Shard, index: DbIndex, key: &[u8]) -> Presence {
        shard.db(index).presence(&Key::new(key, self.seed), self.now_ms)
    }
}

fn empty(shard: &mut Shard, effects: &mut Effects, index: DbIndex, at: Moment, lazily: bool) {
    effects.database_changed(shard, index, |key| at.presence(shard, index, key), |_| Presence::Absent);
    if let Some(taken) = shard.take_db(index) {
        effects.dirty += taken.keys as u64;
        if let Some(contents) = taken.contents {
            effects.free_database(contents, lazily);
        }
    }
}

/// SWAPDB
pub(super) const SWAPDB: Command<Handler> = Command::new(
    Spec {
        name: "swapdb",
        group: Group::Server,
        since: "4.0.0",
        summary: "Exchanges the contents of two databases.",
        complexity: "O(N), N being the clients that watch or wait for keys in them",
        syntax: "SWAPDB index1 index2",
        arity: 3,
        flags: &[Write, Fast, Dangerous],
        acl: &["keyspace"],
        footprint: Footprint::All,
        examples: "\
> SET key value
OK
> SWAPDB 0 1
OK
> GET key
(nil)",
        ..Spec::DEFAULT
    },
    swapdb,
);

fn swapdb(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    const FIRST: Error = Error::new("ERR invalid first DB index");
    const SECOND: Error = Error::new("ERR invalid second DB index");
    let range = i64::from(i32::MIN)..=i64::from(i32::MAX);
    let a = args.int_in(range.clone(), FIRST).map_err(|_| FIRST)?;
    let b = args.int_in(range, SECOND).map_err(|_| SECOND)?;
    let (a, b) = (checked_db(cx, a)?, checked_db(cx, b)?);
    let at = Moment::of(cx);
    for id in cx.shards.ids().filter(|_| a != b) {
        cx.visit(id, |shard, effects| {
            for (from, to) in [(a, b), (b, a)] {
                let (before, after) =
                    (|key: &[u8]| at.presence(shard, from, key), |key: &[u8]| at.presence(shard, to, key));
                effects.database_changed(shard, from, before, after);
            }
            shard.swap_dbs(a, b);
        });
    }
    cx.effects.dirty += 1;
    Ok(reply.ok())
}
