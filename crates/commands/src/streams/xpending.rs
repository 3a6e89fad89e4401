//! XPENDING: what a group has delivered and nobody has acknowledged.

use super::id::{self, IdText};
use super::{no_group, shown_deliveries};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Now, Reply, Result, Spec};
use structs::stream::{self, Pending, StreamId};

/// XPENDING
pub const XPENDING: Command<Handler> = Command::new(
    Spec {
        name: "xpending",
        group: Group::Stream,
        since: "5.0.0",
        summary: "The entries that a group has delivered and that nobody has acknowledged.",
        complexity: "O(N), N being the entries returned plus those skipped by IDLE; without a range the number of consumers",
        syntax: "XPENDING key group [[IDLE min-idle-time] start:string end:string count [consumer]]:filters",
        arguments_since: &[("min-idle-time", "6.2.0")],
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
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
> XPENDING log readers
1) (integer) 1
2) \"1-1\"
3) \"1-1\"
4) 1) 1) \"alice\"
      2) \"1\"
> XPENDING log readers - + 10 alice
1) 1) \"1-1\"
   2) \"alice\"
   3) (integer) 0
   4) (integer) 1",
        ..Spec::DEFAULT
    },
    xpending,
);

fn xpending(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name, now) = (args.key()?, args.bytes()?, cx.now);
    let filter = if args.is_empty() { None } else { Some(Filter::read(args)?) };
    let stream = super::read(cx, key)?;
    let group = stream.and_then(|stream| stream.group(name)).ok_or_else(|| no_group(key, name))?;
    Ok(match filter {
        None => summary(reply, group),
        Some(filter) => filter.list(reply, group, now),
    })
}

fn summary(reply: Reply<'_>, group: &stream::Group) -> Done {
    let mut parts = reply.array(4);
    parts.int(group.pending_count() as i64);
    let first = group.pending_range(StreamId::MIN, StreamId::MAX).next();
    let (Some((first, _)), Some(last)) = (first, group.last_pending()) else {
        parts.null();
        parts.null();
        parts.null_array();
        return parts.done();
    };
    parts.bulk(IdText::of(first).as_bytes());
    parts.bulk(IdText::of(last).as_bytes());
    let mut consumers = parts.deferred_array();
    for (_, consumer) in group.consumers().filter(|(_, consumer)| consumer.pending() > 0) {
        let mut pair = consumers.array(2);
        pair.bulk(consumer.name());
        pair.bulk_int(consumer.pending() as i64);
    }
    consumers.done()
}

/// Which pending entries to list.
struct Filter<'a> {
    min_idle_ms: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn read(args: &mut Args<'a>) -> Result<Self> {
        if args.left() > 6 {
            return Err(Error::SYNTAX);
        }
        // With IDLE its number is looked at before it is known whether enough follows.
        if args.left() < 3 {
            return Err(Error::SYNTAX);
        }
        let idle = args.take("IDLE");
        let min_idle_ms = if idle { args.int()? } else { 0 };
        if args.left() < 3 {
            return Err(Error::SYNTAX);
        }
        let (start, end) = (args.bytes()?, args.bytes()?);
        let count = usize::try_from(args.int()?).unwrap_or(0);
        let (start, end) = (id::start(start)?, id::end(end)?);
        Ok(Filter { min_idle_ms, start, end, count, consumer: args.bytes().ok() })
    }

    fn list(&self, reply: Reply<'_>, group: &stream::Group, now: Now) -> Done {
        let mut list = reply.deferred_array();
        let mut write = |(id, pending): (StreamId, Pending)| {
            let mut row = list.array(4);
            row.bulk(IdText::of(id).as_bytes());
            row.bulk(owner(group, &pending));
            row.int(idle_ms(&pending, now));
            row.int(shown_deliveries(pending.deliveries));
        };
        let idle = |(_, pending): &(StreamId, Pending)| pending.is_idle(self.min_idle_ms, now.ms());
        match self.consumer.map(|name| group.find_consumer(name)) {
            None => {
                let pending = group.pending_range(self.start, self.end);
                pending.filter(idle).take(self.count).for_each(&mut write);
            }
            Some(Some(consumer)) => {
                let pending = group.pending_of(consumer, self.start, self.end);
                pending.filter(idle).take(self.count).for_each(&mut write);
            }
            Some(None) => {}
        }
        list.done()
    }
}

/// The name of the consumer an entry is pending for; empty if it is nobody's.
pub(super) fn owner<'g>(group: &'g stream::Group, pending: &Pending) -> &'g [u8] {
    let consumer = pending.consumer.and_then(|consumer| group.consumer(consumer));
    consumer.map_or(b"", |consumer| consumer.name())
}

/// Milliseconds since an entry was delivered; -1 if it is nobody's.
pub(super) fn idle_ms(pending: &Pending, now: Now) -> i64 {
    if pending.consumer.is_none() { -1 } else { (now.ms() - pending.delivered_ms).max(0) }
}
