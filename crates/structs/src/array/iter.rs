//! Walking over the filled cells of an array, from both ends.

use triomphe::Arc;

use super::run::Run;
use super::texts::Cell;
use super::to;
use crate::tree::{Backward, Forward, Tree};

/// The filled cells of a range with their indexes, in order.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    /// Number of cells that neither end has passed.
    left: u64,
    front: Front<'a>,
    back: Back<'a>,
}

/// Where the walk from the first cell on is.
#[derive(Clone, Debug)]
struct Front<'a> {
    runs: Forward<'a, u64, Arc<Run>>,
    run: Option<&'a Run>,
    /// The position of the next cell.
    next: usize,
}

/// Where the walk from the last cell back is.
#[derive(Clone, Debug)]
struct Back<'a> {
    runs: Backward<'a, u64, Arc<Run>>,
    run: Option<&'a Run>,
    /// The position of the cell that was last.
    end: usize,
}

impl<'a> Iter<'a> {
    /// The cells from index `first` to `last`, of which there are so many.
    pub(super) fn new(runs: &'a Tree<u64, Arc<Run>>, first: u64, last: u64, left: u64) -> Self {
        let (mut forward, mut backward) = (runs.forward(to(first)), runs.backward(to(last)));
        let (head, tail) = (forward.next().map(|run| &**run), backward.next().map(|run| &**run));
        let next = head.map_or(0, |run| run.before(first));
        let end = tail.map_or(0, |run| run.up_to(last));
        let front = Front { runs: forward, run: head, next };
        Self { left, front, back: Back { runs: backward, run: tail, end } }
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (u64, Cell<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let front = &mut self.front;
        if front.run.is_none_or(|run| front.next >= run.len()) {
            front.run = front.runs.next().map(|run| &**run);
            front.next = 0;
        }
        let cell = front.run?.at(front.next);
        front.next += 1;
        Some(cell)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).ok();
        (left.unwrap_or(usize::MAX), left)
    }
}

impl DoubleEndedIterator for Iter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let back = &mut self.back;
        if back.end == 0 {
            back.run = back.runs.next().map(|run| &**run);
            back.end = back.run.map_or(0, Run::len);
        }
        back.end = back.end.checked_sub(1)?;
        Some(back.run?.at(back.end))
    }
}
