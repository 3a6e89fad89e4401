//! XREADGROUP: reading a stream as a consumer of a group.

use super::group_work::{GroupWork, Names};
use super::ids::Ids;
use super::read_args::{Patience, ReadArgs, Reader};
use super::reply::{Streams, write_entry, write_missing};
use super::xpending::idle_ms;
use super::{error_with, id, shown_deliveries};
use command::Flag::{Blocking, MovableKeys, Write};
use command::KeyFlag::{Access, ReadOnly};
use command::{
    Args, Begin, Command, Cx, Deferred, Done, Find, Group, Handler, KeySpec, Now, Open, Park, Replicate,
    Reply, Result, Slot, Spec, Step,
};
use smallvec::SmallVec;
use structs::stream::{self, Delivery, Pending, Stream, StreamId};

/// XREADGROUP
pub const XREADGROUP: Command<Handler> = Command::new(
    Spec {
        name: "xreadgroup",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Entries of streams for a consumer of a group, waiting for some if there are none.",
        complexity: "O(log S + N) for each stream, S being its length and N the number of entries returned",
        syntax: "XREADGROUP GROUP {group consumer}:group-block [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS {key [key ...] id [id ...]}",
        arity: -7,
        flags: &[Write, Blocking, MovableKeys],
        keys: &[KeySpec {
            begin: Begin::Keyword { word: "STREAMS", start: 4 },
            find: Find::Range { last: -1, step: 1, limit: 2 },
            flags: &[ReadOnly, Access],
            notes: None,
        }],
        replicate: Replicate::Outcome,
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
> XREADGROUP GROUP readers bob STREAMS log >
(nil)",
        ..Spec::DEFAULT
    },
    xreadgroup,
);

fn xreadgroup(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let read = ReadArgs::read(args, cx.now, Reader::Group)?;
    let (group, consumer) = read.group.unwrap_or_default();
    let reading =
        Reading { group, consumer, count: read.count, no_ack: read.no_ack, min_idle_ms: read.min_idle_ms };
    // Nothing is read from any stream if another one can't be read; a single one is opened once.
    if read.streams.len() > 1 {
        for (key, from) in &read.streams {
            reading.open(cx.slot(key))?;
            From::read(from)?;
        }
    }
    let mut streams = Streams::new(reply);
    for (key, from) in &read.streams {
        let now = cx.now;
        let mut slot = cx.slot(key);
        slot.count_lookup();
        let mut stream = reading.open(slot)?;
        reading.serve(&mut stream, key, From::read(from)?, now, &mut streams);
    }
    let reply = match streams.finish() {
        Ok(done) => return Ok(done),
        Err(reply) => reply,
    };
    match read.patience {
        Patience::Until(deadline_ms) if cx.caller.may_block => {
            let keys: Vec<Box<[u8]>> = read.streams.iter().map(|(key, _)| Box::from(*key)).collect();
            let step = Box::new(WaitInGroup::new(&reading, keys.clone()));
            Ok(reply.park(Park { keys, step, deadline_ms }))
        }
        _ => Ok(reply.null_array()),
    }
}

/// From where on a stream is read.
#[derive(Clone, Copy)]
enum From {
    /// What nobody in the group has got yet.
    New,
    /// What is pending for the consumer, behind an id.
    History(StreamId),
}

impl From {
    fn read(from: &[u8]) -> Result<From> {
        match from {
            b">" => Ok(From::New),
            b"$" | b"+" => Err(error_with(&[
                b"ERR The ",
                from,
                b" ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ",
                from,
                b" ID would just return an empty result set.",
            ])),
            _ => id::exact(from).map(From::History),
        }
    }
}

/// Who reads, and how.
struct Reading<'a> {
    group: &'a [u8],
    consumer: &'a [u8],
    count: usize,
    no_ack: bool,
    min_idle_ms: Option<i64>,
}

impl Reading<'_> {
    /// Opens a stream that has the group.
    fn open<'c, 'k>(&self, slot: Slot<'c, 'k>) -> Result<Open<'c, 'k, Stream>> {
        let key = slot.key();
        let stream = slot.open::<Stream>()?.filter(|stream| stream.group(self.group).is_some());
        stream.ok_or_else(|| {
            error_with(&[
                b"NOGROUP No such key '",
                key,
                b"' or consumer group '",
                self.group,
                b"' in XREADGROUP with GROUP option",
            ])
        })
    }

    /// Reads from a stream that has the group.
    fn serve(
        &self,
        stream: &mut Open<'_, '_, Stream>,
        key: &[u8],
        from: From,
        now: Now,
        streams: &mut Streams<'_>,
    ) {
        let names = Names { key, group: self.group, consumer: self.consumer };
        let Some(mut work) = GroupWork::begin(stream, names, now) else { return };
        match from {
            // Nothing can lie behind it: as in Redis, the stream isn't named.
            From::History(StreamId::MAX) => {}
            From::History(after) => {
                streams.add(key, |list| self.write_history(stream, &mut work, after, now, list));
            }
            From::New => {
                let due = self.take_due(stream, &mut work, now);
                if !due.is_empty() || has_new(stream, self.group) {
                    streams.add(key, |list| self.write_new(stream, &mut work, &due, now, list));
                }
            }
        }
        work.settle(stream);
    }

    /// The entries to be claimed, the longest pending first. Of those that are due, the ones that don't exist any more
    /// cease to be pending.
    fn take_due(&self, stream: &mut Stream, work: &mut GroupWork<'_>, now: Now) -> Due {
        let (mut due, mut gone) = (Due::new(), Ids::new());
        let Some(min_idle_ms) = self.min_idle_ms else { return due };
        let Some((log, group)) = stream.log_and_group_mut(self.group) else { return due };
        let pending = group.pending_oldest_first();
        for (id, pending) in pending.take_while(|(_, pending)| pending.is_idle(min_idle_ms, now.ms())) {
            if due.len() == self.count {
                break;
            }
            match log.get(id) {
                Some(_) => due.push((id, pending)),
                None => gone.push(id),
            }
        }
        for id in gone {
            group.acknowledge(id);
            work.gone(id);
        }
        due
    }

    /// Writes claimed entries, then new ones.
    fn write_new(
        &self,
        stream: &mut Stream,
        work: &mut GroupWork<'_>,
        due: &[(StreamId, Pending)],
        now: Now,
        list: &mut Deferred<'_>,
    ) {
        let consumer = work.consumer;
        if !due.is_empty()
            && let Some((log, group)) = stream.log_and_group_mut(self.group)
        {
            for (id, before) in due {
                let Some(entry) = log.get(*id) else { continue };
                let mut row = list.array(4);
                write_entry(&mut row, &entry);
                row.int(idle_ms(before, now));
                row.int(shown_deliveries(before.deliveries));
                let deliveries = before.deliveries.saturating_add(1);
                let pending = Pending { consumer: Some(consumer), deliveries, delivered_ms: now.ms() };
                group.set_pending(*id, pending);
                work.claimed(*id, pending);
            }
        }
        let (group, count, no_ack) = (self.group, self.count - due.len(), self.no_ack);
        let delivery = Delivery { group, consumer, count, now_ms: now.ms(), no_ack };
        let claims = self.min_idle_ms.is_some();
        stream.deliver(&delivery, |entry| {
            let mut row = list.array(if claims { 4 } else { 2 });
            write_entry(&mut row, &entry);
            if claims {
                row.int(0);
                row.int(0);
            }
            work.delivered(entry.id, no_ack);
        });
    }

    /// Writes what is pending for the consumer, which counts as a further delivery.
    fn write_history(
        &self,
        stream: &mut Stream,
        work: &mut GroupWork<'_>,
        after: StreamId,
        now: Now,
        list: &mut Deferred<'_>,
    ) {
        let Some((log, group)) = stream.log_and_group_mut(self.group) else { return };
        let (mut from, mut left) = (after.next(), self.count);
        while let Some(start) = from {
            let pending = group.pending_of(work.consumer, start, StreamId::MAX);
            let batch: SmallVec<[(StreamId, Pending); BATCH]> = pending.take(left.min(BATCH)).collect();
            for (id, before) in &batch {
                let Some(entry) = log.get(*id) else {
                    write_missing(&mut list.array(2), *id);
                    continue;
                };
                write_entry(&mut list.array(2), &entry);
                let deliveries = before.deliveries.saturating_add(1);
                let pending = Pending { deliveries, delivered_ms: now.ms(), ..*before };
                group.set_pending(*id, pending);
                work.redelivered(*id, pending);
            }
            left -= batch.len();
            from = batch.last().and_then(|(last, _)| last.next());
        }
    }

    /// When an entry will be due to be claimed.
    fn due_ms(&self, stream: &Stream) -> Option<i64> {
        let (group, min_idle_ms) = (stream.group(self.group)?, self.min_idle_ms?);
        let oldest = group.pending_oldest_first().find(|(id, _)| stream.log().get(*id).is_some());
        oldest.map(|(_, pending)| pending.delivered_ms.saturating_add(min_idle_ms))
    }

    /// Whether there is something new to read, or something to be claimed.
    fn has_any(&self, stream: &Stream, now: Now) -> bool {
        let due = |group: &stream::Group, min_idle_ms: i64| {
            let pending = group.pending_oldest_first();
            let idle = pending.take_while(|(_, pending)| pending.is_idle(min_idle_ms, now.ms()));
            idle.map(|(id, _)| id).any(|id| stream.log().get(id).is_some())
        };
        let claims = || Some(due(stream.group(self.group)?, self.min_idle_ms?));
        has_new(stream, self.group) || claims().unwrap_or(false)
    }
}

/// Entries to be claimed.
type Due = SmallVec<[(StreamId, Pending); 4]>;

/// So many pending entries of a consumer's history are looked up at once.
const BATCH: usize = 32;

/// Whether there are entries that the group hasn't delivered.
fn has_new(stream: &Stream, group: &[u8]) -> bool {
    let Some(last) = stream.group(group).map(|group| group.last_id) else { return false };
    stream.last_id() > last && stream.log().last_id() > Some(last)
}

/// Waits, as a consumer of a group, for entries in any of several streams.
struct WaitInGroup {
    group: Box<[u8]>,
    consumer: Box<[u8]>,
    keys: Vec<Box<[u8]>>,
    count: usize,
    no_ack: bool,
    min_idle_ms: Option<i64>,
}

impl WaitInGroup {
    fn new(reading: &Reading<'_>, keys: Vec<Box<[u8]>>) -> Self {
        WaitInGroup {
            group: reading.group.into(),
            consumer: reading.consumer.into(),
            keys,
            count: reading.count,
            no_ack: reading.no_ack,
            min_idle_ms: reading.min_idle_ms,
        }
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            group: &self.group,
            consumer: &self.consumer,
            count: self.count,
            no_ack: self.no_ack,
            min_idle_ms: self.min_idle_ms,
        }
    }
}

impl Step for WaitInGroup {
    /// A stream that isn't there any more, or hasn't got the group any more, ends the waiting with an error.
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        let now = cx.now;
        let stream = cx.look(key).and_then(|item| item.boxed::<Stream>());
        match stream.filter(|stream| stream.group(&self.group).is_some()) {
            Some(stream) => self.reading().has_any(stream, now),
            None => true,
        }
    }

    /// Besides the stream that is ready others may be, if the same transaction has changed them.
    fn serve(&self, cx: &mut Cx<'_>, _key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let (now, reading) = (cx.now, self.reading());
        for key in &self.keys {
            if cx.holds(key) {
                reading.open(cx.slot(key))?;
            }
        }
        let mut streams = Streams::new(reply);
        for key in &self.keys {
            if cx.holds(key) {
                let mut stream = reading.open(cx.slot(key))?;
                reading.serve(&mut stream, key, From::New, now, &mut streams);
            }
        }
        Ok(streams.finish().unwrap_or_else(|reply| self.timed_out(reply)))
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn minds_absence(&self) -> bool {
        true
    }

    fn ripens(&self) -> bool {
        self.min_idle_ms.is_some()
    }

    fn ripens_ms(&self, cx: &mut Cx<'_>, key: &[u8]) -> Option<i64> {
        let stream = cx.look(key).and_then(|item| item.boxed::<Stream>())?;
        self.reading().due_ms(stream)
    }

    fn command(&self) -> &'static str {
        "xreadgroup"
    }
}
