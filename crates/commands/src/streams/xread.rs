//! XREAD: following streams.

use super::id;
use super::read_args::{Patience, ReadArgs, Reader};
use super::reply::{Streams, write_entry};
use command::Flag::{Blocking, MovableKeys, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{
    Args, Begin, Command, Cx, Done, Error, Find, Group, Handler, KeySpec, Park, Reply, Result, Spec, Step,
};
use smallvec::SmallVec;
use structs::stream::{Stream, StreamId};

const GROUP_ID: Error = Error::new(
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);

/// XREAD
pub const XREAD: Command<Handler> = Command::new(
    Spec {
        name: "xread",
        group: Group::Stream,
        since: "5.0.0",
        summary: "New entries of one or several streams, waiting for some if there are none.",
        complexity: "O(log S + N) for each stream, S being its length and N the number of entries returned",
        syntax: "XREAD [COUNT count] [BLOCK milliseconds] STREAMS {key [key ...] id [id ...]}",
        arity: -4,
        flags: &[Readonly, Blocking, MovableKeys],
        keys: &[KeySpec {
            begin: Begin::Keyword { word: "STREAMS", start: 1 },
            find: Find::Range { last: -1, step: 1, limit: 2 },
            flags: &[ReadOnly, Access],
            notes: None,
        }],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XADD log 2-1 line b
\"2-1\"
> XREAD COUNT 1 STREAMS log other 1-1 0
1) 1) \"log\"
   2) 1) 1) \"2-1\"
         2) 1) \"line\"
            2) \"b\"",
        ..Spec::DEFAULT
    },
    xread,
);

fn xread(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let read = ReadArgs::read(args, cx.now, Reader::Anyone)?;
    let mut targets: SmallVec<[(&[u8], After); 4]> = SmallVec::new();
    for (key, from) in &read.streams {
        let stream = super::read(cx, key)?;
        targets.push((key, After::read(from, stream)?));
    }
    let mut streams = Streams::new(reply);
    for (key, after) in &targets {
        after.write(cx, key, read.count, &mut streams);
    }
    let reply = match streams.finish() {
        Ok(done) => return Ok(done),
        Err(reply) => reply,
    };
    match read.patience {
        Patience::Until(deadline_ms) if cx.caller.may_block => {
            let keys = targets.iter().map(|(key, _)| Box::from(*key)).collect();
            let targets = targets.iter().map(|(key, after)| (Box::from(*key), *after)).collect();
            let step = Box::new(Follow { targets, count: read.count });
            Ok(reply.park(Park { keys, step, deadline_ms }))
        }
        _ => Ok(reply.null_array()),
    }
}

/// From where on a stream is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum After {
    /// Behind this id.
    Id(StreamId),
    /// Only the last entry.
    Last,
}

impl After {
    fn read(from: &[u8], stream: Option<&Stream>) -> Result<After> {
        Ok(match from {
            b"$" => After::Id(stream.map_or(StreamId::MIN, Stream::last_id)),
            b"+" => After::Last,
            b">" => return Err(GROUP_ID),
            _ => After::Id(id::exact(from)?),
        })
    }

    /// Whether a stream has something to read.
    fn has_any(self, stream: &Stream) -> bool {
        match self {
            After::Id(id) => stream.last_id() > id && stream.log().last_id() > Some(id),
            After::Last => !stream.is_empty(),
        }
    }

    /// Writes what a key's stream has to read, if it has anything.
    fn write(self, cx: &mut Cx<'_>, key: &[u8], count: usize, streams: &mut Streams<'_>) {
        let Some(stream) = look(cx, key).filter(|stream| self.has_any(stream)) else { return };
        let (from, count) = match self {
            After::Id(id) => (id.next(), count),
            After::Last => (stream.log().last_id(), 1),
        };
        let entries = stream.log().range(from.unwrap_or(StreamId::MAX), StreamId::MAX);
        streams.add(key, |list| {
            entries.take(count).for_each(|entry| write_entry(&mut list.array(2), &entry));
        });
    }
}

fn look<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Option<&'c Stream> {
    cx.look(key).and_then(|item| item.boxed::<Stream>())
}

/// Waits for entries in any of several streams.
struct Follow {
    targets: Box<[(Box<[u8]>, After)]>,
    count: usize,
}

impl Step for Follow {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        let Some(stream) = look(cx, key) else { return false };
        self.targets.iter().any(|(target, after)| **target == *key && after.has_any(stream))
    }

    /// Besides the stream that is ready others may be, if the same transaction has changed them.
    fn serve(&self, cx: &mut Cx<'_>, _key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let mut streams = Streams::new(reply);
        for (key, after) in &self.targets {
            if cx.holds(key) {
                after.write(cx, key, self.count, &mut streams);
            }
        }
        Ok(streams.finish().unwrap_or_else(|reply| self.timed_out(reply)))
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn command(&self) -> &'static str {
        "xread"
    }
}
