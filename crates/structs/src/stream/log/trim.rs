//! Removing the oldest entries, as XTRIM and XADD do.

use super::super::id::StreamId;
use super::Log;
use super::block::Block;
use crate::packed::End;
use crate::tree::own;

/// What a trim leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimTo {
    /// At most so many entries.
    MaxLen(u64),
    /// No entry with a smaller id.
    MinId(StreamId),
}

/// How to trim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// What is to be left.
    pub to: TrimTo,
    /// Remove whole blocks only, and so perhaps fewer entries than asked for.
    pub approximate: bool,
    /// Stop before more than so many entries are removed. Only whole blocks are held against it.
    pub limit: Option<u64>,
}

impl Log {
    /// Removes the oldest entries. Returns how many. O(blocks removed * log n), and a walk within one block.
    pub fn trim(&mut self, trim: &Trim) -> u64 {
        match self.trim_end(trim) {
            Some(end) => self.remove_up_to(end),
            None => 0,
        }
    }

    /// The id up to which, itself included, a trim removes all entries; `None` when it removes nothing.
    pub(in super::super) fn trim_end(&self, trim: &Trim) -> Option<StreamId> {
        let mut end = None;
        let mut removed = 0;
        for block in self.blocks.forward(End::Front) {
            let len = self.len() - removed;
            let whole = match trim.to {
                TrimTo::MaxLen(most) if len <= most => break,
                TrimTo::MaxLen(most) => len - block.live() >= most,
                TrimTo::MinId(id) => block.last() < id,
            };
            if !whole {
                let within = (!trim.approximate).then(|| end_within(block, trim.to, len)).flatten();
                return within.or(end);
            }
            removed += block.live();
            if trim.limit.is_some_and(|limit| removed > limit) {
                break;
            }
            end = Some(block.last());
        }
        end
    }

    /// Removes all entries with ids up to `end`, itself included. Returns how many.
    pub(in super::super) fn remove_up_to(&mut self, end: StreamId) -> u64 {
        let before = self.len();
        let whole = self.blocks.forward(End::Front).take_while(|block| block.last() <= end);
        let entries = whole.map(|block| block.live()).sum();
        self.blocks.remove_range(0..entries);
        if self.blocks.get(End::Front).is_some_and(|block| block.first() <= end) {
            self.blocks.edit(End::Front, |block| (own(block).delete_up_to(end), None));
        }
        before - self.len()
    }
}

/// The end of a trim that takes a part of a block, the first of those left with `len` entries.
fn end_within(block: &Block, to: TrimTo, len: u64) -> Option<StreamId> {
    match to {
        TrimTo::MinId(id) => id.prev(),
        TrimTo::MaxLen(most) => {
            let last = usize::try_from(len - most).ok()?.checked_sub(1)?;
            block.entries().nth(last).map(|raw| raw.id)
        }
    }
}
