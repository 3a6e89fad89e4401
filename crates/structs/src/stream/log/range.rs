//! Walking over entries in both directions, without allocating.

use super::super::id::StreamId;
use super::super::id::to as seek;
use super::block::Block;
use super::entry::Entry;
use crate::tree::{Backward, Forward, Tree};
use triomphe::Arc;

/// Entries in order.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    blocks: Forward<'a, StreamId, Arc<Block>>,
    block: Option<&'a Block>,
    /// Offset of the next entry in `block`.
    at: usize,
    to: StreamId,
}

impl<'a> Range<'a> {
    pub(super) fn new(tree: &'a Tree<StreamId, Arc<Block>>, from: StreamId, to: StreamId) -> Self {
        let mut blocks = tree.forward(seek(from));
        let block = blocks.next().map(|block| &**block);
        Self { blocks, block, at: block.map_or(0, |block| block.seek(from)), to }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let block = self.block?;
            match block.entry_at(self.at) {
                Some((raw, _)) if raw.id > self.to => {
                    self.block = None;
                }
                Some((raw, next)) => {
                    self.at = next;
                    if raw.is_live() {
                        return Some(block.view(&raw));
                    }
                }
                None => {
                    self.block = self.blocks.next().map(|block| &**block);
                    self.at = self.block.map_or(0, Block::live_from);
                }
            }
        }
    }
}

/// Entries in reverse order.
#[derive(Clone, Debug)]
pub struct RangeBack<'a> {
    blocks: Backward<'a, StreamId, Arc<Block>>,
    block: Option<&'a Block>,
    /// Offset behind the next entry in `block`.
    end: usize,
    from: StreamId,
}

impl<'a> RangeBack<'a> {
    pub(super) fn new(tree: &'a Tree<StreamId, Arc<Block>>, from: StreamId, to: StreamId) -> Self {
        let mut blocks = tree.backward(seek(to));
        let block = blocks.next().map(|block| &**block);
        let end = match (block, to.next()) {
            (Some(block), Some(beyond)) => block.seek(beyond),
            (Some(block), None) => block.bytes().len(),
            (None, _) => 0,
        };
        Self { blocks, block, end, from }
    }
}

impl<'a> Iterator for RangeBack<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let block = self.block?;
            match block.entry_before(self.end) {
                Some(raw) if raw.id < self.from => {
                    self.block = None;
                }
                Some(raw) => {
                    self.end = raw.at;
                    if raw.is_live() {
                        return Some(block.view(&raw));
                    }
                }
                None => {
                    self.block = self.blocks.next().map(|block| &**block);
                    self.end = self.block.map_or(0, |block| block.bytes().len());
                }
            }
        }
    }
}
