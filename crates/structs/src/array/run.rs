//! A run: up to 256 cells that follow each other, however far apart they are.

use super::places::{Places, insert, trim};
use super::texts::{Cell, Texts};
use super::word::Word;
use crate::tree::Chunk;
use triomphe::Arc;

/// Most cells of a run. Few in tests, for many runs of few cells.
pub(super) const CELLS: usize = if cfg!(test) { 8 } else { 256 };
/// A run with fewer cells than this looks for a neighbour to join.
const SPARSE: usize = CELLS / 4;

/// Cells in order of their indexes.
///
/// ```text
/// first    the first cell's index
/// places   offset  0  1  2  5 ...      how far behind the first each cell is
/// words            w  w  w  w ...      what each of them holds, or where that lies
/// texts            what is too long for a word
/// ```
///
/// A run in a tree is never empty, and its first offset is 0.
#[derive(Clone, Debug)]
pub(super) struct Run {
    first: u64,
    places: Places,
    words: Vec<Word>,
    texts: Texts,
}

impl Chunk for Arc<Run> {
    fn weight(&self) -> u64 {
        self.words.len() as u64
    }

    fn memory_bytes(&self) -> usize {
        let words = self.words.capacity() * size_of::<Word>();
        size_of::<usize>() + size_of::<Run>() + self.places.memory_bytes() + words + self.texts.memory_bytes()
    }
}

impl Run {
    /// A run of one cell.
    pub(super) fn new(index: u64, text: &[u8]) -> Run {
        let mut texts = Texts::default();
        let mut words = Vec::new();
        insert(&mut words, 0, texts.keep(text));
        Run { first: index, places: Places::of(&[0]), words, texts }
    }

    /// The index of the first cell.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Number of cells.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Number of cells that there is room for.
    pub(super) fn room(&self) -> usize {
        self.words.capacity()
    }

    /// Number of allocations.
    pub(super) fn allocations(&self) -> usize {
        let places = usize::from(!matches!(self.places, Places::Row(_)));
        2 + places + self.texts.allocations()
    }

    /// The cell at a position, which must be below the length, and its index.
    #[inline]
    pub(super) fn at(&self, position: usize) -> (u64, Cell<'_>) {
        (self.first + self.places.offset(position), self.texts.cell(self.words[position]))
    }

    /// The position of the cell with an index, or the one that it would get.
    #[inline]
    pub(super) fn find(&self, index: u64) -> Result<usize, usize> {
        index.checked_sub(self.first).map_or(Err(0), |offset| self.places.find(offset))
    }

    /// Number of cells with smaller indexes.
    pub(super) fn before(&self, index: u64) -> usize {
        self.find(index).unwrap_or_else(|position| position)
    }

    /// Number of cells with indexes up to this one.
    pub(super) fn up_to(&self, index: u64) -> usize {
        self.find(index).map_or_else(|position| position, |position| position + 1)
    }

    /// Fills a cell. Answers whether it was vacant, and the second half of a run that became too large.
    pub(super) fn set(&mut self, index: u64, text: &[u8]) -> (bool, Option<Run>) {
        match self.find(index) {
            Ok(position) => {
                let word = self.texts.keep(text);
                let old = std::mem::replace(&mut self.words[position], word);
                self.texts.release(old);
                self.texts.tidy(&mut self.words);
                (false, None)
            }
            Err(position) => (true, self.insert(position, index, text)),
        }
    }

    /// Inserts a cell. A full run is divided; one that grows at either end is left full.
    fn insert(&mut self, position: usize, index: u64, text: &[u8]) -> Option<Run> {
        if self.len() < CELLS {
            self.insert_here(position, index, text);
            return None;
        }
        if position == CELLS {
            return Some(Run::new(index, text));
        }
        if position == 0 {
            return Some(std::mem::replace(self, Run::new(index, text)));
        }
        let mut second = self.split_off(CELLS / 2);
        match position.checked_sub(CELLS / 2) {
            Some(position) if position > 0 => second.insert_here(position, index, text),
            _ => self.insert_here(position, index, text),
        }
        Some(second)
    }

    fn insert_here(&mut self, position: usize, index: u64, text: &[u8]) {
        if position == 0 {
            self.places.prepend(self.first - index);
            self.first = index;
        } else {
            self.places.insert(position, index - self.first);
        }
        insert(&mut self.words, position, self.texts.keep(text));
    }

    /// Moves the cells from a position on, which isn't the first, to a run of their own.
    fn split_off(&mut self, position: usize) -> Run {
        let first = self.at(position).0;
        let places = Places::of(&self.places.from(position));
        let mut second = Run { first, places, words: Vec::new(), texts: Texts::default() };
        second.adopt(&self.words[position..], &self.texts);
        self.places.change(|offsets| offsets.truncate(position));
        self.words.drain(position..).for_each(|word| self.texts.release(word));
        self.words.shrink_to_fit();
        self.texts.tidy(&mut self.words);
        second
    }

    /// Appends words of another run.
    fn adopt(&mut self, words: &[Word], owner: &Texts) {
        self.words.reserve_exact(words.len());
        self.texts.reserve(words);
        self.words.extend(words.iter().map(|&word| self.texts.adopt(word, owner)));
    }

    /// Empties a cell. Answers whether it was filled.
    pub(super) fn remove(&mut self, index: u64) -> bool {
        let Ok(position) = self.find(index) else { return false };
        if position == 0 && self.len() > 1 {
            self.first = self.at(1).0;
        }
        self.places.remove(position);
        let word = self.words.remove(position);
        self.texts.release(word);
        self.texts.tidy(&mut self.words);
        trim(&mut self.words);
        true
    }

    /// The run without the cells with indexes from `first` to `last`: made anew, so that nothing is copied that goes.
    pub(super) fn without(&self, first: u64, last: u64) -> Run {
        let (start, end) = (self.before(first), self.up_to(last));
        let mut offsets = self.places.from(0);
        offsets.drain(start..end);
        let first = self.first + offsets.first().copied().unwrap_or(0);
        let words = [&self.words[..start], &self.words[end..]].concat();
        let mut rest =
            Run { first, places: Places::of(&offsets), words: Vec::new(), texts: Texts::default() };
        rest.adopt(&words, &self.texts);
        rest
    }

    /// Whether it is so small that it should be joined with a neighbour.
    pub(super) fn is_sparse(&self) -> bool {
        self.len() < SPARSE
    }

    /// Whether it may be joined with a neighbour: what comes of that is at most half full, so that it isn't divided soon.
    pub(super) fn fits(&self, other: &Run) -> bool {
        self.len() + other.len() <= CELLS / 2
    }

    /// Appends the cells of a run that lies behind this one.
    pub(super) fn append(&mut self, other: &Run) {
        let distance = other.first - self.first;
        self.places.change(|offsets| {
            offsets.extend(other.places.from(0).iter().map(|offset| offset + distance));
        });
        self.adopt(&other.words, &other.texts);
    }
}

#[cfg(test)]
impl Run {
    /// Panics unless its parts fit each other.
    pub(super) fn check(&self) {
        assert_eq!(self.places.len(), self.words.len());
        assert!(!self.words.is_empty() && self.words.len() <= CELLS && self.places.offset(0) == 0);
        self.texts.check(&self.words);
    }
}
