//! SCAN: a walk over the keys of a database, a few per call.
//!
//! The shards are walked one after another. A cursor is `inner * shards + shard`, `inner` being the cursor within the
//! shard's table (see `structs::table`, whose guarantee holds in each shard); so it is 0 exactly at the start of the first
//! shard, which also means the end.

use crate::elements::walk::cursor;
use crate::pattern::ScanOptions;
use command::Flag::Readonly;
use command::{Args, Command, Cx, Done, Error, Footprint, Group, Handler, Reply, Result, Spec, kind_named};
use keyspace::{Db, Kind, ShardId};
use resp::OwnedArgs;

/// SCAN
pub(super) const SCAN: Command<Handler> = Command::new(
    Spec {
        name: "scan",
        group: Group::Generic,
        since: "2.8.0",
        summary: "Walks over the keys of the database, a few per call.",
        complexity: "O(1) per call, O(N) for the whole walk",
        syntax: "SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]",
        arguments_since: &[("type", "6.0.0")],
        arity: -2,
        flags: &[Readonly],
        footprint: Footprint::Each,
        tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
        examples: "\
> MSET one 1 two 2
OK
> SCAN 0 MATCH o* COUNT 100
1) \"0\"
2) 1) \"one\"",
        ..Spec::DEFAULT
    },
    scan,
);

/// Empty buckets passed per key asked for, before a call ends without having found enough.
const STEPS_PER_KEY: usize = 10;

/// Bytes of keys found, with what is kept of each, after which a call ends however many it was to look at: what is found
/// has room for 4 GiB.
const FOUND_BYTES_ENOUGH: usize = 1 << 30;

struct Options<'a> {
    scan: ScanOptions<'a>,
    kind: Wanted,
}

/// The type asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Any,
    Only(Kind),
    /// A type that doesn't exist: no key is of it.
    Nothing,
}

impl<'a> Options<'a> {
    fn read(args: &mut Args<'a>) -> Result<Options<'a>> {
        let mut options = Options { scan: ScanOptions::NONE, kind: Wanted::Any };
        while !args.is_empty() {
            if options.scan.read_one(args)? {
                continue;
            }
            if args.take_with_value("TYPE") {
                options.kind = kind_named(args.bytes()?).map_or(Wanted::Nothing, Wanted::Only);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }
}

fn scan(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let cursor = cursor(args.bytes()?)?;
    let options = Options::read(args)?;
    let mut walk = Walk { options, found: OwnedArgs::default(), looked_at: 0, steps: 0 };
    let cursor = walk.go(cx, cursor);
    let mut pair = reply.array(2);
    pair.bulk(itoa::Buffer::new().format(cursor).as_bytes());
    let found = walk.found.as_args();
    let mut keys = pair.array(found.len());
    found.iter().for_each(|key| keys.bulk(key));
    Ok(pair.done())
}

/// One call of SCAN.
struct Walk<'a> {
    options: Options<'a>,
    found: OwnedArgs,
    looked_at: usize,
    steps: usize,
}

impl Walk<'_> {
    /// Goes on from a cursor until enough keys were looked at; answers the next cursor.
    fn go(&mut self, cx: &mut Cx<'_>, cursor: u64) -> u64 {
        let shards = cx.shards.count() as u64;
        let (mut shard, mut inner) = (cursor % shards, cursor / shards);
        let only = self.options.scan.pattern.only_shard(cx.shards).map(u64::from);
        if let Some(only) = only
            && shard != only
        {
            if shard > only {
                return 0;
            }
            (shard, inner) = (only, 0);
        }
        while !self.is_enough() {
            inner = self.go_in(cx, shard as ShardId, inner);
            if inner == 0 {
                shard += 1;
                if shard == shards || only.is_some() {
                    return 0;
                }
            }
        }
        inner * shards + shard
    }

    fn is_enough(&self) -> bool {
        let count = self.options.scan.count;
        self.looked_at >= count
            || self.steps / STEPS_PER_KEY >= count
            || self.found.heap_size() >= FOUND_BYTES_ENOUGH
    }

    /// Goes on within a shard until it ends or enough keys were looked at; answers the next inner cursor. An empty shard
    /// costs no step.
    fn go_in(&mut self, cx: &mut Cx<'_>, id: ShardId, mut inner: u64) -> u64 {
        let (index, from_ms) = (cx.db, cx.alive_from_ms());
        cx.visit(id, |shard, effects| {
            let db = shard.db(index);
            if db.is_empty() {
                return 0;
            }
            loop {
                let overdue = |key: &[u8]| effects.overdue.push((index, key.into()));
                inner = self.step(db, inner, from_ms, overdue);
                if inner == 0 || self.is_enough() {
                    return inner;
                }
            }
        })
    }

    fn step(&mut self, db: &Db, inner: u64, from_ms: i64, mut overdue: impl FnMut(&[u8])) -> u64 {
        self.steps += 1;
        db.scan(inner, |item| {
            self.looked_at += 1;
            let wanted = match self.options.kind {
                Wanted::Any => true,
                Wanted::Only(kind) => item.kind() == kind,
                Wanted::Nothing => false,
            };
            if !wanted || !self.options.scan.pattern.matches(item.key()) {
            } else if item.is_expired(from_ms) {
                overdue(item.key());
            } else {
                self.found.push(item.key());
            }
        })
    }
}
