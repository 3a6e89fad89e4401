//! Blocks as RDB files and DUMP payloads carry them: an id and a listpack.

use triomphe::Arc;

use super::super::id::{StreamId, to};
use super::Log;
use super::block::Block;
use super::entry::{self, DELETED, SAME_FIELDS, append_linked};
use super::linked::Linked;
use crate::packed::{BadListpack, Encoded, End, header, payload};

/// Bytes of a listpack before its first element.
const HEADER: usize = 6;
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
        let (start, len) = (out.len(), self.listpack_len());
        out.reserve(len);
        out.extend_from_slice(&header(0, 0));
        Encoded::int(self.block.live() as i64).append_to(out);
        Encoded::int(i64::from(self.block.deleted())).append_to(out);
        let mut elements = 2 + append_linked(out, self.block.head());
        for entry in self.block.raw_entries() {
            let pieces = append_linked(out, entry::elements(entry));
            Encoded::int(pieces as i64).append_to(out);
            elements += pieces + 1;
        }
        let header = header(out.len() - start - HEADER, elements);
        out[start..start + HEADER].copy_from_slice(&header);
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
        let mut from = Linked::new(elements);
        let live = from.int().ok_or(BadBlock::Head)?;
        let deleted = from.int().ok_or(BadBlock::Head)?;
        let fields = copy_head(&mut from).ok_or(BadBlock::Head)?;
        let entries_at = from.copied();
        let after = self.blocks.get(End::Back).map(|last| last.last());
        if copy_entries(&mut from, fields, id, after)? != (live, deleted) {
            return Err(BadBlock::Count);
        }
        if live > 0 {
            let block = Block::from_checked(id, from.into_copy(), entries_at);
            self.blocks.insert_after(End::Back, id, Arc::new(block));
        }
        Ok(())
    }
}

/// Copies the fields that a block begins with; answers their number.
fn copy_head(from: &mut Linked<'_>) -> Option<usize> {
    let fields = from.copy_count()?;
    from.copy(fields)?;
    (from.copy_int()? == 0).then_some(fields)
}

/// Copies all entries, which end with their lengths in the copy; answers the numbers of live and deleted ones.
fn copy_entries(
    from: &mut Linked<'_>,
    fields: usize,
    master: StreamId,
    after: Option<StreamId>,
) -> Result<(i64, i64), BadBlock> {
    let (mut live, mut deleted) = (0, 0);
    let mut last = after;
    while !from.is_empty() {
        let broken = BadBlock::Entry { number: (live + deleted) as u64 };
        let (id, flags) = copy_entry(from, fields, master).ok_or(broken)?;
        if id < master || last.is_some_and(|last| id <= last) {
            return Err(BadBlock::Order);
        }
        if flags & DELETED == 0 {
            live += 1;
        } else {
            deleted += 1;
        }
        last = Some(id);
    }
    Ok((live, deleted))
}

/// Copies an entry. Answers its id and flags.
fn copy_entry(from: &mut Linked<'_>, fields: usize, master: StreamId) -> Option<(StreamId, u8)> {
    let start = from.copied();
    // The flags are changed in place later: they must be the one byte they always are.
    let flags = from.next_byte().filter(|flags| *flags <= DELETED | SAME_FIELDS)?;
    from.copy(1)?;
    let (ms, seq) = (from.copy_int()?, from.copy_int()?);
    let (head, own) = if flags & SAME_FIELDS != 0 { (3, fields) } else { (4, 2 * from.copy_count()?) };
    from.copy(own)?;
    if from.int()? != (head + own) as i64 {
        return None;
    }
    from.append_length(start);
    Some((StreamId::new(master.ms.wrapping_add_signed(ms), master.seq.wrapping_add_signed(seq)), flags))
}
