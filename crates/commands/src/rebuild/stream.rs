//! The commands that make a stream again.
//!
//! ```text
//! XADD key id field value ...                     each entry, and a placeholder for each deleted one that somebody still refers to
//! XADD key MAXLEN 0 0-1 x y                       if there is none
//! XCFGSET ..., XIDMPRECORD ...                    what it remembers of its producers
//! XGROUP CREATE key group id ENTRIESREAD n        each group
//! XGROUP CREATECONSUMER key group consumer        each of its consumers
//! XCLAIM key group consumer 0 id TIME ...         what is pending for the consumer
//! XNACK key group SILENT IDS 1 id ...             what was given back to the group, in that order
//! XDEL key id ...                                 the placeholders
//! XSETID key id ENTRIESADDED n MAXDELETEDID id    the counters
//! ```
//! XCLAIM drops an entry that isn't in the stream: that is what the placeholders are for.

use super::Output;
use super::portions::Portions;
use crate::streams::{IdText, shown_deliveries};
use std::collections::BTreeSet;
use structs::stream::{Group, Producers, Stream, StreamId};

pub(super) fn rebuild(key: &[u8], stream: &Stream, output: &mut Output<'_>) {
    let placeholders = referred(stream);
    entries(key, stream, &placeholders, output);
    if let Some(remembered) = stream.producers() {
        producers(key, remembered, output);
    }
    for (name, group) in stream.groups() {
        self::group(key, name, group, output);
    }
    let head = [&b"XDEL"[..], key];
    let mut deletion = Portions::new(&head);
    for id in placeholders {
        deletion.push([IdText::of(id).as_bytes()].into_iter(), output);
    }
    deletion.flush(output);
    counters(key, stream, output);
}

/// The ids that groups or producers refer to though there is no such entry any more.
fn referred(stream: &Stream) -> BTreeSet<StreamId> {
    let pending = stream
        .groups()
        .flat_map(|(_, group)| group.pending_range(StreamId::MIN, StreamId::MAX).map(|(id, _)| id));
    let remembered = stream.producers().into_iter().flat_map(Producers::iter).map(|(_, _, id)| id);
    pending.chain(remembered).filter(|id| stream.log().get(*id).is_none()).collect()
}

fn entries(key: &[u8], stream: &Stream, placeholders: &BTreeSet<StreamId>, output: &mut Output<'_>) {
    let mut placeholders = placeholders.iter().copied().peekable();
    let placeholder = |id: StreamId, output: &mut Output<'_>| {
        output.command(&[b"XADD", key, IdText::of(id).as_bytes(), b"x", b"y"]);
    };
    let mut any = placeholders.peek().is_some();
    for entry in stream.log().range(StreamId::MIN, StreamId::MAX) {
        while let Some(id) = placeholders.next_if(|id| *id < entry.id) {
            placeholder(id, output);
        }
        any = true;
        let words: Vec<Vec<u8>> =
            entry.fields().flat_map(|(field, value)| [field.to_vec(), value.to_vec()]).collect();
        let id = IdText::of(entry.id);
        let mut command: Vec<&[u8]> = vec![b"XADD", key, id.as_bytes()];
        command.extend(words.iter().map(Vec::as_slice));
        output.command(&command);
    }
    placeholders.for_each(|id| placeholder(id, output));
    if !any {
        output.command(&[b"XADD", key, b"MAXLEN", b"0", b"0-1", b"x", b"y"]);
    }
}

fn producers(key: &[u8], producers: &Producers, output: &mut Output<'_>) {
    let limits = producers.limits();
    let (mut duration, mut size) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (duration, size) = (duration.format(limits.duration_s), size.format(limits.entries));
    let words =
        [&b"XCFGSET"[..], key, b"IDMP-DURATION", duration.as_bytes(), b"IDMP-MAXSIZE", size.as_bytes()];
    output.command(&words);
    for (producer, name, id) in producers.iter() {
        output.command(&[b"XIDMPRECORD", key, producer, name, IdText::of(id).as_bytes()]);
    }
}

fn group(key: &[u8], name: &[u8], group: &Group, output: &mut Output<'_>) {
    let (last, mut read) = (IdText::of(group.last_id), itoa::Buffer::new());
    let read = read.format(group.entries_read).as_bytes();
    output.command(&[b"XGROUP", b"CREATE", key, name, last.as_bytes(), b"ENTRIESREAD", read]);
    for (id, consumer) in group.consumers() {
        output.command(&[b"XGROUP", b"CREATECONSUMER", key, name, consumer.name()]);
        for (entry, pending) in group.pending_of(id, StreamId::MIN, StreamId::MAX) {
            let (mut at, mut count) = (itoa::Buffer::new(), itoa::Buffer::new());
            let at = at.format(pending.delivered_ms).as_bytes();
            let count = count.format(shown_deliveries(pending.deliveries)).as_bytes();
            let entry = IdText::of(entry);
            let claim = [b"XCLAIM", key, name, consumer.name(), b"0", entry.as_bytes(), b"TIME", at];
            output.command(&[&claim[..], &[b"RETRYCOUNT", count, b"JUSTID", b"FORCE"]].concat());
        }
    }
    let released = group.pending_oldest_first().take_while(|(_, pending)| pending.consumer.is_none());
    for (entry, pending) in released {
        let (entry, mut count) = (IdText::of(entry), itoa::Buffer::new());
        let count = count.format(shown_deliveries(pending.deliveries)).as_bytes();
        let given_back = [b"XNACK", key, name, b"SILENT", b"IDS", b"1", entry.as_bytes()];
        output.command(&[&given_back[..], &[b"RETRYCOUNT", count, b"FORCE"]].concat());
    }
}

fn counters(key: &[u8], stream: &Stream, output: &mut Output<'_>) {
    let (last, deleted) = (IdText::of(stream.last_id()), IdText::of(stream.max_deleted_id()));
    let mut added = itoa::Buffer::new();
    let added = added.format(stream.entries_added()).as_bytes();
    let words =
        [&b"XSETID"[..], key, last.as_bytes(), b"ENTRIESADDED", added, b"MAXDELETEDID", deleted.as_bytes()];
    output.command(&words);
}
