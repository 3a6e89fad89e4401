//! `SparseArray`: texts by index, of which any number may be missing (Redis' array).
//!
//! What an array costs depends on how many cells are filled, not on where they are: the filled cells stand in order in
//! *runs* of up to 256, and the runs under a counted tree whose nodes are shared by clones.
//!
//! # Layout
//! ```text
//! tree    first index of each run, number of cells in it
//!           |                     |                         |
//!         run at 0              run at 256                run at 1,000,000
//!         a row: 0, 1, 2 ...    a row                     2 bytes for each index: +0, +7, +900 ...
//!         words: 8 bytes each   words                     words
//!         texts                 texts                     texts
//! ```
//! A cell takes eight bytes where indexes follow each other, ten where they are up to 65,535 apart in a run, sixteen
//! anywhere else, and its share of a run (some 130 bytes). Integers, doubles and texts of up to seven bytes lie in the word;
//! others among the texts of their run, or beyond 48 bytes in an allocation of their own.
//!
//! A value keeps its exact bytes: it is held as a number only if that prints back byte for byte.

mod iter;
mod places;
mod run;
#[cfg(test)]
mod tests;
mod texts;
mod word;

pub use iter::Iter;
pub use texts::Cell;

use triomphe::Arc;

use crate::packed::End;
use crate::tree::{ByKey, Tree, own};
use run::Run;

/// Runs with no more cells than this count as sparse in [`Figures`], as they do in Redis (`array-sparse-kmax`).
const SPARSE_CELLS: usize = 10;

/// Texts by index, from 0 to `u64::MAX - 1`, and the index at which one was last inserted.
///
/// Cloning costs the same whatever it holds: whoever changes a clone copies the run and the nodes on the path to it.
#[derive(Clone, Debug, Default)]
pub struct SparseArray {
    runs: Tree<u64, Arc<Run>>,
    cursor: Option<u64>,
}

/// How an array is laid out. A slice is a run of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Slices with more than ten cells.
    pub dense_slices: u64,
    /// Cells that are filled in dense slices.
    pub dense_cells: u64,
    /// Cells that there is room for in dense slices.
    pub dense_room: u64,
    /// Slices with up to ten cells.
    pub sparse_slices: u64,
    /// Cells that are filled in sparse slices.
    pub sparse_cells: u64,
    /// Cells that there is room for in sparse slices.
    pub sparse_room: u64,
}

/// To the run that an index belongs to.
fn to(index: u64) -> ByKey<impl Fn(&u64) -> bool> {
    ByKey(move |first: &u64| *first <= index)
}

impl SparseArray {
    /// Most cells of a slice.
    pub const SLICE_CELLS: usize = run::CELLS;

    /// An empty array. Does not allocate.
    pub const fn new() -> Self {
        Self { runs: Tree::new(), cursor: None }
    }

    /// Whether no cell is filled.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.runs.chunks() == 0
    }

    /// Number of filled cells. O(1).
    #[inline]
    pub fn count(&self) -> u64 {
        self.runs.weight()
    }

    /// The highest filled index plus one; 0 when no cell is filled. O(log n).
    pub fn end(&self) -> u64 {
        self.runs.get(End::Back).map_or(0, |run| run.at(run.len() - 1).0.saturating_add(1))
    }

    /// What the cell with an index holds. O(log n).
    #[inline]
    pub fn get(&self, index: u64) -> Option<Cell<'_>> {
        let run = self.runs.get(to(index))?;
        run.find(index).ok().map(|position| run.at(position).1)
    }

    /// Fills a cell with a text. Answers whether it was vacant. O(log n).
    pub fn set(&mut self, index: u64, text: &[u8]) -> bool {
        let edited = self.runs.edit(to(index), |run| {
            let (vacant, second) = own(run).set(index, text);
            (vacant, second.map(|run| (run.first(), Arc::new(run))))
        });
        edited.unwrap_or_else(|| {
            self.runs.insert_after(End::Back, index, Arc::new(Run::new(index, text)));
            true
        })
    }

    /// Empties a cell. Answers whether it was filled. O(log n).
    pub fn remove(&mut self, index: u64) -> bool {
        if self.get(index).is_none() {
            return false;
        }
        let removed = self.runs.edit(to(index), |run| (own(run).remove(index), None));
        self.join(index);
        removed == Some(true)
    }

    /// Empties the cells with indexes from `first` to `last`, both included. Answers how many were filled. O(log n), and
    /// the runs that are removed.
    pub fn remove_range(&mut self, first: u64, last: u64) -> u64 {
        let ranks = self.before(first)..self.up_to(last);
        if ranks.is_empty() {
            return 0;
        }
        self.runs.remove_range(ranks.clone());
        for index in [first, last] {
            self.runs.edit(to(index), |run| {
                if run.before(first) < run.up_to(last) {
                    *run = Arc::new(run.without(first, last));
                }
                ((), None)
            });
            self.join(index);
        }
        ranks.end - ranks.start
    }

    /// Joins the run that an index belongs to with a neighbour, when both are small.
    fn join(&mut self, index: u64) {
        if self.runs.get(to(index)).is_some_and(|run| run.is_sparse()) {
            self.runs.join(to(index), |left, right| left.fits(right), |left, right| own(left).append(right));
        }
    }

    /// Number of filled cells with smaller indexes.
    fn before(&self, index: u64) -> u64 {
        let (before, run) = self.runs.rank(to(index));
        before + run.map_or(0, |run| run.before(index) as u64)
    }

    /// Number of filled cells with indexes up to this one.
    fn up_to(&self, index: u64) -> u64 {
        let (before, run) = self.runs.rank(to(index));
        before + run.map_or(0, |run| run.up_to(index) as u64)
    }

    /// The filled cells with indexes from `first` to `last`, both included, in order. O(log n) to begin with.
    pub fn iter(&self, first: u64, last: u64) -> Iter<'_> {
        Iter::new(&self.runs, first, last, self.count_between(first, last))
    }

    /// Number of filled cells with indexes from `first` to `last`, both included. O(log n).
    pub fn count_between(&self, first: u64, last: u64) -> u64 {
        if first <= last { self.up_to(last) - self.before(first) } else { 0 }
    }

    /// The index that was last inserted at, or set to be that; `None` if there is none.
    #[inline]
    pub fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Sets the index that was last inserted at.
    pub fn set_cursor(&mut self, cursor: Option<u64>) {
        self.cursor = cursor;
    }

    /// Bytes allocated beyond the `SparseArray` itself, spare room included. O(1).
    pub fn memory_bytes(&self) -> usize {
        self.runs.memory_bytes()
    }

    /// Number of slices. O(1).
    pub fn slices(&self) -> usize {
        self.runs.chunks()
    }

    /// Number of nodes that lead to the slices. Visits those that stand above other nodes only.
    pub fn nodes(&self) -> usize {
        self.runs.nodes()
    }

    /// How the cells are laid out. O(slices).
    pub fn figures(&self) -> Figures {
        self.runs.forward(End::Front).fold(Figures::default(), |mut sum, run| {
            let (cells, room) = (run.len() as u64, run.room() as u64);
            let (slices, all_cells, all_room) = if run.len() > SPARSE_CELLS {
                (&mut sum.dense_slices, &mut sum.dense_cells, &mut sum.dense_room)
            } else {
                (&mut sum.sparse_slices, &mut sum.sparse_cells, &mut sum.sparse_room)
            };
            *slices += 1;
            *all_cells += cells;
            *all_room += room;
            sum
        })
    }

    /// Number of allocations, about: exact while there are few slices, at least that many afterwards. O(1).
    pub fn allocations(&self) -> usize {
        const EXACT: usize = 32;
        let exact = self.runs.forward(End::Front).take(EXACT).map(|run| run.allocations()).sum::<usize>();
        exact + 2 * self.runs.chunks().saturating_sub(EXACT)
    }
}
