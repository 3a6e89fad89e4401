//! XINFO: what there is to know about a stream, its groups and their consumers.

use super::id::IdText;
use super::reply::write_entry;
use super::shown_deliveries;
use super::xgroup::{no_group, wrong_words};
use super::xpending::owner;
use command::Flag::{Loading, Readonly, Stale};
use command::KeyFlag::{Access, ReadOnly};
use command::{
    Args, Command, Cx, Done, Error, Footprint, Group, Handler, KeySpec, Limits, Now, Reply, Result, Seq,
    Spec, help,
};
use structs::stream::{self, ConsumerId, Pending, Producers, Stream, StreamId};

/// XINFO
pub const XINFO: Command<Handler> = Command::container(
    Spec {
        name: "xinfo",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Tells about streams, groups and consumers.",
        complexity: "Depends on the subcommand",
        syntax: "XINFO",
        arity: -2,
        ..Spec::DEFAULT
    },
    |_, _, _| Err(Error::SYNTAX),
    SUBCOMMANDS,
);

const SUBCOMMANDS: &[Command<Handler>] = &[CONSUMERS, GROUPS, HELP, STREAM];

const HELP: Command<Handler> = Command::new(
    Spec {
        name: "help",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Lists the subcommands of XINFO.",
        syntax: "XINFO HELP",
        arity: 2,
        flags: &[Loading, Stale],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    |_, _, reply| Ok(help(reply, "XINFO", SUBCOMMANDS)),
);

/// What the declarations share.
const INFO: Spec = Spec {
    group: Group::Stream,
    since: "5.0.0",
    flags: &[Readonly],
    keys: &[KeySpec::one(2, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

fn look<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<&'c Stream> {
    super::read(cx, key)?.ok_or(Error::NO_SUCH_KEY)
}

const GROUPS: Command<Handler> = Command::new(
    Spec {
        name: "groups",
        summary: "The consumer groups of a stream.",
        complexity: "O(N log S), N being the number of groups and S the length of the stream",
        syntax: "XINFO GROUPS key",
        arity: 3,
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XGROUP CREATE log readers 0
OK
> XINFO GROUPS log
1)  1) \"name\"
    2) \"readers\"
    3) \"consumers\"
    4) (integer) 0
    5) \"pending\"
    6) (integer) 0
    7) \"last-delivered-id\"
    8) \"0-0\"
    9) \"entries-read\"
   10) (nil)
   11) \"lag\"
   12) (integer) 1",
        ..INFO
    },
    |cx, args, reply| {
        let stream = look(cx, args.key()?)?;
        let mut list = reply.array(stream.group_count());
        for (name, group) in stream.groups() {
            let mut map = list.map(6);
            field(&mut map, "name").bulk(name);
            field(&mut map, "consumers").int(group.consumer_count() as i64);
            field(&mut map, "pending").int(group.pending_count() as i64);
            write_progress(&mut map, stream, group);
        }
        Ok(list.done())
    },
);

const CONSUMERS: Command<Handler> = Command::new(
    Spec {
        name: "consumers",
        summary: "The consumers of a group.",
        complexity: "O(N), N being the number of consumers",
        syntax: "XINFO CONSUMERS key group",
        arity: 4,
        tips: &["nondeterministic_output"],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XGROUP CREATECONSUMER log readers alice
(integer) 1
> XINFO CONSUMERS log readers
1) 1) \"name\"
   2) \"alice\"
   3) \"pending\"
   4) (integer) 0
   5) \"idle\"
   6) (integer) 0
   7) \"inactive\"
   8) (integer) -1",
        ..INFO
    },
    |cx, args, reply| {
        let (key, name, now) = (args.key()?, args.bytes()?, cx.now);
        let group = look(cx, key)?.group(name).ok_or_else(|| no_group(key, name))?;
        let mut list = reply.array(group.consumer_count());
        for (_, consumer) in group.consumers() {
            let mut map = list.map(4);
            field(&mut map, "name").bulk(consumer.name());
            field(&mut map, "pending").int(consumer.pending() as i64);
            field(&mut map, "idle").int((now.ms() - consumer.seen_ms).max(0));
            let inactive_ms =
                if consumer.active_ms < 0 { -1 } else { (now.ms() - consumer.active_ms).max(0) };
            field(&mut map, "inactive").int(inactive_ms);
        }
        Ok(list.done())
    },
);

/// Writes a field's name; its value comes next.
fn field<'s, 'a>(map: &'s mut Seq<'a>, name: &str) -> &'s mut Seq<'a> {
    map.bulk(name.as_bytes());
    map
}

fn write_id(to: &mut Seq<'_>, id: StreamId) {
    to.bulk(IdText::of(id).as_bytes());
}

/// Writes how far a group has read, three pairs. The lag is exact whatever was deleted; the number of entries read,
/// which also counts those deleted since, isn't always known.
fn write_progress(map: &mut Seq<'_>, stream: &Stream, group: &stream::Group) {
    write_id(field(map, "last-delivered-id"), group.last_id);
    match field(map, "entries-read") {
        map if group.entries_read < 0 => map.null(),
        map => map.int(group.entries_read),
    }
    field(map, "lag").int(stream.lag(group) as i64);
}

const STREAM: Command<Handler> = Command::new(
    Spec {
        name: "stream",
        summary: "What there is to know about a stream.",
        complexity: "O(1), with FULL O(N) in what is shown",
        syntax: "XINFO STREAM key [FULL [COUNT count]]:full-block",
        arity: -3,
        ..INFO
    },
    stream_info,
);

fn stream_info(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, now, limits) = (args.key()?, cx.now, cx.limits);
    let stream = look(cx, key)?;
    if args.is_empty() {
        return Ok(short(reply, stream, limits, now));
    }
    let full = args.take("FULL");
    let count = match args.left() {
        0 if full => DEFAULT_COUNT,
        2 if full && args.take("COUNT") => usize::try_from(args.int()?).unwrap_or(DEFAULT_COUNT),
        _ => return Err(wrong_words(args, "XINFO")),
    };
    Ok(Full { now, most: if count == 0 { usize::MAX } else { count } }.write(reply, stream, limits))
}

/// Entries, pending entries and so on that FULL shows of each unless it is told how many.
const DEFAULT_COUNT: usize = 10;

/// Number of pairs that [`write_head`] writes.
const HEAD_PAIRS: usize = 13;

/// Writes what both forms of XINFO STREAM begin with.
fn write_head(map: &mut Seq<'_>, stream: &Stream, limits: &Limits, now: Now) {
    field(map, "length").int(stream.len() as i64);
    field(map, "radix-tree-keys").int(stream.log().blocks() as i64);
    field(map, "radix-tree-nodes").int(stream.log().nodes() as i64);
    write_id(field(map, "last-generated-id"), stream.last_id());
    write_id(field(map, "max-deleted-entry-id"), stream.max_deleted_id());
    field(map, "entries-added").int(stream.entries_added() as i64);
    write_id(field(map, "recorded-first-entry-id"), stream.first_id());
    let settings = stream.producers().map_or(limits.stream_producers, Producers::limits);
    field(map, "idmp-duration").int(i64::from(settings.duration_s));
    field(map, "idmp-maxsize").int(i64::from(settings.entries));
    let (producers, names) = stream.producers().map_or((0, 0), |known| known.remembered(now.ms()));
    field(map, "pids-tracked").int(producers as i64);
    field(map, "iids-tracked").int(names as i64);
    field(map, "iids-added").int(stream.producers().map_or(0, Producers::added) as i64);
    field(map, "iids-duplicates").int(stream.producers().map_or(0, Producers::duplicates) as i64);
}

fn short(reply: Reply<'_>, stream: &Stream, limits: &Limits, now: Now) -> Done {
    let mut map = reply.map(HEAD_PAIRS + 3);
    write_head(&mut map, stream, limits, now);
    field(&mut map, "groups").int(stream.group_count() as i64);
    let log = stream.log();
    let first = log.range(StreamId::MIN, StreamId::MAX).next();
    let last = log.range_back(StreamId::MIN, StreamId::MAX).next();
    for (name, entry) in [("first-entry", first), ("last-entry", last)] {
        match (field(&mut map, name), entry) {
            (map, Some(entry)) => write_entry(&mut map.array(2), &entry),
            (map, None) => map.null(),
        }
    }
    map.done()
}

/// XINFO STREAM FULL.
struct Full {
    now: Now,
    /// How many of each kind are shown.
    most: usize,
}

impl Full {
    fn write(&self, reply: Reply<'_>, stream: &Stream, limits: &Limits) -> Done {
        let mut map = reply.map(HEAD_PAIRS + 2);
        write_head(&mut map, stream, limits, self.now);
        let entries = stream.log().range(StreamId::MIN, StreamId::MAX);
        let mut list = field(&mut map, "entries").deferred_array();
        entries.take(self.most).for_each(|entry| write_entry(&mut list.array(2), &entry));
        let _ = list.done();
        let mut list = field(&mut map, "groups").array(stream.group_count());
        for (name, group) in stream.groups() {
            self.write_group(&mut list.map(8), name, stream, group);
        }
        map.done()
    }

    fn write_group(&self, map: &mut Seq<'_>, name: &[u8], stream: &Stream, group: &stream::Group) {
        field(map, "name").bulk(name);
        write_progress(map, stream, group);
        field(map, "pel-count").int(group.pending_count() as i64);
        field(map, "nacked-count").int(group.released_count() as i64);
        let mut list = field(map, "pending").deferred_array();
        for (id, pending) in group.pending_range(StreamId::MIN, StreamId::MAX).take(self.most) {
            let mut row = list.array(4);
            write_id(&mut row, id);
            row.bulk(owner(group, &pending));
            write_delivery(&mut row, &pending);
        }
        let _ = list.done();
        let mut list = field(map, "consumers").array(group.consumer_count());
        for (id, consumer) in group.consumers() {
            let mut map = list.map(5);
            field(&mut map, "name").bulk(consumer.name());
            field(&mut map, "seen-time").int(consumer.seen_ms);
            field(&mut map, "active-time").int(consumer.active_ms);
            field(&mut map, "pel-count").int(consumer.pending() as i64);
            self.write_consumers_pending(field(&mut map, "pending"), group, id);
        }
    }

    fn write_consumers_pending(&self, to: &mut Seq<'_>, group: &stream::Group, consumer: ConsumerId) {
        let mut list = to.deferred_array();
        for (id, pending) in group.pending_of(consumer, StreamId::MIN, StreamId::MAX).take(self.most) {
            let mut row = list.array(3);
            write_id(&mut row, id);
            write_delivery(&mut row, &pending);
        }
        let _ = list.done();
    }
}

/// Writes when an entry was delivered, and how often.
fn write_delivery(row: &mut Seq<'_>, pending: &Pending) {
    row.int(if pending.consumer.is_none() { 0 } else { pending.delivered_ms });
    row.int(shown_deliveries(pending.deliveries));
}
