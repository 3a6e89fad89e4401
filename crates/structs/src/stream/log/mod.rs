//! `Log`: the entries of a stream in order of their ids, in blocks under a counted tree.
//!
//! Appending touches the last block only. Finding an id, and counting the entries up to it, takes O(log n) steps
//! in the tree and a short walk within one block.

mod block;
mod entry;
mod linked;
mod marks;
mod new_entry;
mod range;
#[cfg(test)]
mod tests;
mod trim;
mod wire;

pub use entry::{Entry, Fields};
pub use new_entry::FieldList;
pub use range::{Range, RangeBack};
pub use trim::{Trim, TrimTo};
pub use wire::{BadBlock, BlockBytes};

use triomphe::Arc;

use super::id::{StreamId, to};
use crate::packed::End;
use crate::tree::{Tree, own};
use block::Block;
use entry::Raw;
use new_entry::NewEntry;

/// Most bytes a block may be allowed to take, and an entry's fields and values may come to.
pub const MAX_ENTRY_BYTES: usize = 1 << 30;

/// How large a block may become: `stream-node-max-bytes` and `stream-node-max-entries`, 0 being no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockLimits {
    /// Bytes of the block as a listpack.
    pub bytes: usize,
    /// Entries, deleted ones included.
    pub entries: u64,
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self { bytes: 4096, entries: 100 }
    }
}

impl BlockLimits {
    fn byte_limit(&self) -> usize {
        if self.bytes == 0 { MAX_ENTRY_BYTES } else { self.bytes.min(MAX_ENTRY_BYTES) }
    }
}

/// The fields and values of an entry come to more than [`MAX_ENTRY_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTooLarge;

impl std::fmt::Display for EntryTooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Elements are too large to be stored")
    }
}

impl std::error::Error for EntryTooLarge {}

/// The entries of a stream.
#[derive(Clone, Debug, Default)]
pub struct Log {
    blocks: Tree<StreamId, Arc<Block>>,
}

impl Log {
    /// Number of entries. O(1).
    #[inline]
    pub fn len(&self) -> u64 {
        self.blocks.weight()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of blocks (Redis: radix tree keys).
    pub fn blocks(&self) -> usize {
        self.blocks.chunks()
    }

    /// Number of nodes of the tree, the blocks included (Redis: radix tree nodes).
    pub fn nodes(&self) -> usize {
        self.blocks() + self.blocks.nodes()
    }

    /// Bytes allocated for entries, spare room included, and for the tree above them. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.blocks.memory_bytes()
    }

    /// Appends an entry. The caller sees to it that `id` is larger than every id the log ever had. O(log n).
    ///
    /// # Errors
    /// When the entry is too large; the log is then as before.
    pub fn append<'a>(
        &mut self,
        id: StreamId,
        fields: impl FieldList<'a>,
        limits: &BlockLimits,
    ) -> Result<(), EntryTooLarge> {
        let new = NewEntry::measure(fields);
        if new.len > MAX_ENTRY_BYTES {
            return Err(EntryTooLarge);
        }
        let appended = self.blocks.edit(End::Back, |last| {
            if last.has_room(new.len, limits) {
                own(last).push(id, &new);
                return ((), None);
            }
            if let Some(last) = Arc::get_mut(last) {
                last.seal();
            }
            let room = last.bytes().len().min(limits.byte_limit());
            ((), Some((id, Arc::new(Block::starting_with(id, &new, room)))))
        });
        if appended.is_none() {
            self.blocks.insert_after(End::Back, id, Arc::new(Block::starting_with(id, &new, 0)));
        }
        Ok(())
    }

    /// Deletes the entry with an id. Returns whether there was one. O(log n).
    pub fn delete(&mut self, id: StreamId) -> bool {
        let Some(block) = self.blocks.get(to(id)) else { return false };
        let Some(raw) = block.find(id) else { return false };
        if block.live() == 1 {
            return self.blocks.remove(to(id)).is_some();
        }
        let is_last = self.blocks.get(End::Back).is_some_and(|last| last.first() == block.first());
        self.blocks.edit(to(id), |block| {
            let block = own(block);
            block.delete_at(raw.at);
            if !is_last {
                block.compact_when_sparse();
            }
            ((), None)
        });
        true
    }

    /// The entry with an id. O(log n).
    pub fn get(&self, id: StreamId) -> Option<Entry<'_>> {
        let block = self.blocks.get(to(id))?;
        block.find(id).map(|raw| block.view(&raw))
    }

    /// Number of entries with an id of at most `id`. O(log n).
    pub fn rank(&self, id: StreamId) -> u64 {
        let (before, block) = self.blocks.rank(to(id));
        before + block.map_or(0, |block| block.rank(id))
    }

    /// The id of the first entry.
    pub fn first_id(&self) -> Option<StreamId> {
        self.blocks.get(End::Front)?.entries().next().map(|raw| raw.id)
    }

    /// The id of the last entry.
    pub fn last_id(&self) -> Option<StreamId> {
        let block = self.blocks.get(End::Back)?;
        if let Some(raw) = block.entry_before(block.bytes().len()).filter(Raw::is_live) {
            return Some(raw.id);
        }
        self.range_back(StreamId::MIN, StreamId::MAX).next().map(|entry| entry.id)
    }

    /// The entries with ids of `from` to `to`, both included, in order.
    pub fn range(&self, from: StreamId, to: StreamId) -> Range<'_> {
        Range::new(&self.blocks, from, to)
    }

    /// The entries with ids of `to` down to `from`, both included, in reverse order.
    pub fn range_back(&self, from: StreamId, to: StreamId) -> RangeBack<'_> {
        RangeBack::new(&self.blocks, from, to)
    }
}
