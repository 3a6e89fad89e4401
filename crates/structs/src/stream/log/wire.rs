//! Blocks as RDB files and DUMP payloads carry them: an id and a listpack.

use triomphe::Arc;

use super::super::id::{StreamId, to};
use super::Log;
use super::block::Block;
use super::entry::{self, DELETED, SAME_FIELDS, int_at, skip};
use crate::packed::{BadListpack, End, header, payload};

const END: u8 = 0xFF;

/// Why bytes are not a block of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBlock {
    /// They are not a listpack.
    Listpack(BadListpack),
    /// The elements before the first entry are not those of a block.
    Head,
    /// An entry is cut short or its elements are not those of an entry.
    Entry {
        /// Number of the entry in the block, counted from 0.
        number: u64,
    },
    /// An id is not larger than the one before it.
    Order,
    /// The block counts other numbers of live or deleted entries than it has.
    Count,
}

impl From<BadListpack> for BadBlock {
    fn from(error: BadListpack) -> Self {
        Self::Listpack(error)
    }
}

impl std::fmt::Display for BadBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listpack(error) => write!(f, "stream block: {error}"),
            Self::Head => f.write_str("stream block with a broken head"),
            Self::Entry { number } => write!(f, "stream block with a broken entry, number {number}"),
            Self::Order => f.write_str("stream entries out of order"),
            Self::Count => f.write_str("stream block with wrong entry counts"),
        }
    }
}

impl std::error::Error for BadBlock {}

/// A block as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct BlockBytes<'a> {
    block: &'a Block,
}

impl BlockBytes<'_> {
    /// The id the distances in the block are counted from.
    pub fn id(&self) -> StreamId {
        self.block.first()
    }

    /// Bytes of the listpack.
    pub fn listpack_len(&self) -> usize {
        self.block.listpack_len()
    }

    /// Appends the listpack to `out`.
    pub fn push_listpack_to(&self, out: &mut Vec<u8>) {
        let bytes = self.block.bytes();
        let mut counters = Vec::new();
        entry::push_int(&mut counters, self.block.live() as i64);
        entry::push_int(&mut counters, i64::from(self.block.deleted()));
        let elements = 2 + crate::packed::Iter::new(bytes).count();
        out.extend_from_slice(&header(counters.len() + bytes.len(), elements));
        out.extend_from_slice(&counters);
        out.extend_from_slice(bytes);
        out.push(END);
    }
}

impl Log {
    /// The blocks in order.
    pub fn block_bytes(&self) -> impl Iterator<Item = BlockBytes<'_>> {
        self.block_bytes_from(StreamId::MIN)
    }

    /// The blocks in order, beginning with the one that `id` belongs to.
    pub fn block_bytes_from(&self, id: StreamId) -> impl Iterator<Item = BlockBytes<'_>> {
        self.blocks.forward(to(id)).map(|block| BlockBytes { block })
    }

    /// Appends a block from outside, after checking everything in it. One without live entries is left out.
    ///
    /// # Errors
    /// When it is not a block, or doesn't follow the blocks already there; the log is then as before.
    pub fn append_block(&mut self, id: StreamId, listpack: &[u8]) -> Result<(), BadBlock> {
        let (elements, _) = payload(listpack)?;
        let (live, at) = int_at(elements, 0).ok_or(BadBlock::Head)?;
        let (deleted, at) = int_at(elements, at).ok_or(BadBlock::Head)?;
        let bytes = &elements[at..];
        let entries_at = end_of_head(bytes).ok_or(BadBlock::Head)?;
        let after = self.blocks.get(End::Back).map(|last| last.last());
        if check_entries(bytes, entries_at, id, after)? != (live, deleted) {
            return Err(BadBlock::Count);
        }
        if live > 0 {
            let block = Block::from_checked(id, bytes.to_vec(), entries_at);
            self.blocks.insert_after(End::Back, id, Arc::new(block));
        }
        Ok(())
    }
}

/// Reads a number of things that are still to come, each at least one byte.
fn count_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (count, next) = int_at(bytes, at)?;
    let count = usize::try_from(count).ok().filter(|&count| count <= bytes.len())?;
    Some((count, next))
}

/// Offset of the first entry.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let (count, fields) = count_at(bytes, 0)?;
    let (zero, entries_at) = int_at(bytes, skip(bytes, fields, count)?)?;
    (zero == 0).then_some(entries_at)
}

/// Checks all entries and returns the numbers of live and deleted ones.
fn check_entries(
    bytes: &[u8],
    entries_at: usize,
    master: StreamId,
    after: Option<StreamId>,
) -> Result<(i64, i64), BadBlock> {
    let (mut live, mut deleted) = (0, 0);
    let mut at = entries_at;
    let mut last = after;
    while at < bytes.len() {
        let broken = BadBlock::Entry { number: (live + deleted) as u64 };
        let (id, flags, next) = check_entry(bytes, at, master).ok_or(broken)?;
        if id < master || last.is_some_and(|last| id <= last) {
            return Err(BadBlock::Order);
        }
        if flags & DELETED == 0 {
            live += 1;
        } else {
            deleted += 1;
        }
        (last, at) = (Some(id), next);
    }
    Ok((live, deleted))
}

/// Checks the entry at an offset. Returns its id, flags and the offset behind it.
fn check_entry(bytes: &[u8], at: usize, master: StreamId) -> Option<(StreamId, u8, usize)> {
    // The flags are changed in place later: they must be the one byte they always are.
    let flags = bytes[at];
    if flags > DELETED | SAME_FIELDS {
        return None;
    }
    let raw = entry::read(bytes, at, master)?;
    let (own, values) = if flags & SAME_FIELDS != 0 {
        (count_at(bytes, 0)?.0, raw.body)
    } else {
        let (count, values) = count_at(bytes, raw.body)?;
        (2 * count, values)
    };
    let (pieces, next) = int_at(bytes, skip(bytes, values, own)?)?;
    let head = if flags & SAME_FIELDS != 0 { 3 } else { 4 };
    (pieces == (head + own) as i64).then_some((raw.id, flags, next))
}
