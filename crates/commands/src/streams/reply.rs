//! Entries as replies show them, written straight from the blocks they lie in.

use super::id::IdText;
use command::{Deferred, Done, Reply, Seq};
use keyspace::Str;
use resp::Proto;
use structs::packed::Item;
use structs::stream::{Entry, StreamId};

/// Writes an entry as an id and a list of fields and values; `to` is an array of at least two elements.
#[inline]
pub(super) fn write_entry(to: &mut Seq<'_>, entry: &Entry<'_>) {
    let (mut ms, mut seq) = (itoa::Buffer::new(), itoa::Buffer::new());
    to.bulk_parts([ms.format(entry.id.ms).as_bytes(), b"-", seq.format(entry.id.seq).as_bytes()]);
    let fields = entry.fields();
    let mut list = to.array(2 * fields.len());
    for (field, value) in fields {
        list.string(text(field));
        list.string(text(value));
    }
}

/// Writes an entry that is gone: its id, and null in place of its fields.
pub(super) fn write_missing(to: &mut Seq<'_>, id: StreamId) {
    to.bulk(IdText::of(id).as_bytes());
    to.null_array();
}

#[inline]
fn text(item: Item<'_>) -> Str<'_> {
    match item {
        Item::Bytes(bytes) => Str::Bytes(bytes),
        Item::Int(n) => Str::Int(n),
    }
}

/// The reply of XREAD and XREADGROUP: streams with entries, a map of them in RESP3, pairs in RESP2. Null when no
/// stream has any.
pub(super) struct Streams<'a> {
    streams: Deferred<'a>,
    proto: Proto,
}

impl<'a> Streams<'a> {
    pub(super) fn new(reply: Reply<'a>) -> Self {
        let proto = reply.proto();
        Streams { streams: reply.deferred_array(), proto }
    }

    /// Begins a stream; its entries are written by `write`.
    #[inline]
    pub(super) fn add(&mut self, key: &[u8], write: impl FnOnce(&mut Deferred<'_>)) {
        let write = |mut entries: Deferred<'_>| {
            write(&mut entries);
            let _ = entries.done();
        };
        if self.proto == Proto::Resp3 {
            self.streams.bulk(key);
            write(self.streams.deferred_array());
        } else {
            let mut pair = self.streams.array(2);
            pair.bulk(key);
            write(pair.deferred_array());
        }
    }

    /// The end of the reply, or the right to answer otherwise when there is no stream.
    pub(super) fn finish(self) -> std::result::Result<Done, Reply<'a>> {
        match (self.streams.abandon(), self.proto) {
            (Ok(reply), _) => Err(reply),
            (Err(streams), Proto::Resp2) => Ok(streams.done()),
            (Err(streams), Proto::Resp3) => Ok(streams.done_map()),
        }
    }
}
