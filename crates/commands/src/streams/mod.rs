//! Streams: logs of entries, and groups of consumers that read them together.
//!
//! A stream is a [`Stream`]; unlike other types one without entries keeps its key. Entries go from its blocks straight to
//! the reply. What a group does is no change of the stream's value: it is counted and recorded, but those who watch the
//! key don't mind.

mod group_work;
mod id;
mod idempotence;
mod ids;
mod policy;
mod range;
mod read_args;
mod record;
mod reply;
#[cfg(test)]
mod tests;
mod trim;
mod xack;
mod xadd;
mod xautoclaim;
mod xclaim;
mod xdel;
mod xgroup;
mod xinfo;
mod xnack;
mod xpending;
mod xread;
mod xreadgroup;
mod xsetid;

pub(crate) use id::IdText;

use command::{Command, Cx, Error, Handler, Open, Result};
use structs::stream::Stream;

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    xack::XACK,
    xack::XACKDEL,
    xadd::XADD,
    xautoclaim::XAUTOCLAIM,
    idempotence::XCFGSET,
    xclaim::XCLAIM,
    xdel::XDEL,
    xdel::XDELEX,
    xgroup::XGROUP,
    idempotence::XIDMPRECORD,
    xinfo::XINFO,
    range::XLEN,
    xnack::XNACK,
    xpending::XPENDING,
    range::XRANGE,
    xread::XREAD,
    xreadgroup::XREADGROUP,
    range::XREVRANGE,
    xsetid::XSETID,
    trim::XTRIM,
];

/// An error text with names between its parts.
fn error_with(parts: &[&[u8]]) -> Error {
    Error::with(parts.concat())
}

/// There is no such stream, or no such group.
fn no_group(key: &[u8], group: &[u8]) -> Error {
    error_with(&[b"NOGROUP No such key '", key, b"' or consumer group '", group, b"'"])
}

/// The stream of a key, for reading.
fn read<'c>(cx: &'c mut Cx<'_>, key: &[u8]) -> Result<Option<&'c Stream>> {
    match cx.read(key) {
        None => Ok(None),
        Some(item) => item.boxed().map(Some).ok_or(Error::WRONG_TYPE),
    }
}

/// Opens a stream that has a group of this name.
fn open_with_group<'c, 'k>(cx: &'c mut Cx<'_>, key: &'k [u8], group: &[u8]) -> Result<Open<'c, 'k, Stream>> {
    let stream = cx.slot(key).open::<Stream>()?;
    stream.filter(|stream| stream.group(group).is_some()).ok_or_else(|| no_group(key, group))
}

/// A delivery count as it is stored, from what a client says. What doesn't fit counts as without end.
fn stored_deliveries(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// A delivery count as it is shown.
pub(crate) fn shown_deliveries(count: u32) -> i64 {
    if count == u32::MAX { i64::MAX } else { i64::from(count) }
}
