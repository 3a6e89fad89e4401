//! A few remembered positions in a block, so that finding an entry doesn't start at the block's beginning.

/// Marks kept per block.
const MARKS: usize = 15;
/// Entries between two marks at first: blocks of a hundred entries, the default, are covered.
const FIRST_SPACING: u32 = 8;

/// Offsets of the entries number `spacing`, `2 * spacing` and so on. When there is no room for another, every
/// second one is dropped and the spacing doubled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    offsets: [u32; MARKS],
    used: u32,
    spacing: u32,
}

impl Marks {
    pub(super) const fn new() -> Self {
        Self { offsets: [0; MARKS], used: 0, spacing: FIRST_SPACING }
    }

    /// Notes that the entry with a number, counted from 0, begins at `offset`. Numbers come in order.
    #[inline]
    pub(super) fn note(&mut self, number: u32, offset: usize) {
        if number == (self.used + 1) * self.spacing {
            self.add(number, offset as u32);
        }
    }

    fn add(&mut self, number: u32, offset: u32) {
        if self.used as usize == MARKS {
            for kept in 0..MARKS / 2 {
                self.offsets[kept] = self.offsets[2 * kept + 1];
            }
            self.used = MARKS as u32 / 2;
            self.spacing *= 2;
        }
        if number == (self.used + 1) * self.spacing {
            self.offsets[self.used as usize] = offset;
            self.used += 1;
        }
    }

    /// The last marked entry for which `precedes` holds, given that it holds for a first part of them: its
    /// number and offset.
    #[inline]
    pub(super) fn last_where(&self, precedes: impl Fn(usize) -> bool) -> Option<(u32, usize)> {
        let marks = &self.offsets[..self.used as usize];
        let index = marks.partition_point(|&offset| precedes(offset as usize)).checked_sub(1)?;
        Some(((index as u32 + 1) * self.spacing, marks[index] as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_evenly_spread() {
        let mut marks = Marks::new();
        for number in 0..5000u32 {
            marks.note(number, number as usize * 10);
            let (marked, offset) = marks.last_where(|_| true).unwrap_or((0, 0));
            assert_eq!(offset, marked as usize * 10);
            assert!(number - marked < 8.max(number / 6), "entry {number}, last mark {marked}");
            let half = marks.last_where(|offset| offset <= number as usize * 5);
            assert!(half.unwrap_or((0, 0)).0 <= number / 2);
        }
    }
}
