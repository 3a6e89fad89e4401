//! Indexes and ranges of indexes, as clients give them.

use command::{Args, Deferred, Error, Result, Seq};
use smallvec::SmallVec;
use std::ops::{ControlFlow, RangeInclusive};
use structs::array::{Cell, SparseArray};

/// The greatest index: an array that has it is 2^64 - 1 long.
pub(super) const GREATEST: u64 = u64::MAX - 1;

/// Positions that a reply may have, holes included.
pub(super) const POSITIONS_MAX: u64 = 1_000_000;

/// Not an index.
pub(super) const INVALID: Error = Error::new("ERR invalid array index");

/// Reads an index.
pub(super) fn index(args: &mut Args<'_>) -> Result<u64> {
    parse(args.bytes()?)
}

/// An index.
pub(super) fn parse(word: &[u8]) -> Result<u64> {
    base::num::parse_u64(word).filter(|index| *index <= GREATEST).ok_or(INVALID)
}

/// Reads all that is left as indexes.
pub(super) fn indexes(args: &mut Args<'_>) -> Result<SmallVec<[u64; 16]>> {
    args.rest().map(parse).collect()
}

/// `count` indexes (one at least) from `first` on, if there are so many.
pub(super) fn so_many_from(first: u64, count: usize) -> Option<RangeInclusive<u64>> {
    let last = first.checked_add(count as u64 - 1).filter(|last| *last <= GREATEST)?;
    Some(first..=last)
}

/// Reads LIMIT's value, a number of cells.
pub(super) fn limit(args: &mut Args<'_>) -> Result<u64> {
    const NOT_POSITIVE: Error = Error::new("ERR LIMIT must be positive");
    args.int_in(1.., NOT_POSITIVE).map(i64::unsigned_abs)
}

/// Adds an index with its value to a reply.
pub(super) fn push_pair(found: &mut Deferred<'_>, index: u64, text: &[u8]) {
    let mut pair = found.array(2);
    pair.unsigned(index);
    pair.bulk(text);
}

/// Goes on until a reply has as many elements as were asked for.
pub(super) fn until(found: &Deferred<'_>, limit: u64) -> ControlFlow<()> {
    if found.count() as u64 == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// A range of indexes, and from which end it is walked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    first: u64,
    last: u64,
    descending: bool,
}

impl Range {
    /// From one index to another, both included.
    pub(super) fn between(start: u64, end: u64) -> Range {
        Range { first: start.min(end), last: start.max(end), descending: start > end }
    }

    /// Reads where a range starts and where it ends.
    pub(super) fn read(args: &mut Args<'_>) -> Result<Range> {
        Ok(Range::between(index(args)?, index(args)?))
    }

    /// As [`Range::read`]; `-` and `+` are the first and the last index there can be.
    pub(super) fn read_open(args: &mut Args<'_>) -> Result<Range> {
        let bound = |word: &[u8]| match word {
            b"-" => Ok(0),
            b"+" => Ok(GREATEST),
            index => parse(index),
        };
        Ok(Range::between(bound(args.bytes()?)?, bound(args.bytes()?)?))
    }

    /// The same, walked from the other end.
    pub(super) fn reversed(self) -> Range {
        Range { descending: !self.descending, ..self }
    }

    /// The same, walked from its lowest index.
    pub(super) fn ascending(self) -> Range {
        Range { descending: false, ..self }
    }

    /// How many indexes it has.
    pub(super) fn width(self) -> u64 {
        self.last - self.first + 1
    }

    /// How many cells the array has there.
    pub(super) fn count(self, array: &SparseArray) -> u64 {
        array.count_between(self.first, self.last)
    }

    /// Removes what the array has there; answers how many cells were filled.
    pub(super) fn clear(self, array: &mut SparseArray) -> u64 {
        array.remove_range(self.first, self.last)
    }

    /// Visits the filled cells, until `visit` breaks.
    pub(super) fn visit(self, array: &SparseArray, mut visit: impl FnMut(u64, Cell<'_>) -> ControlFlow<()>) {
        let mut cells = array.iter(self.first, self.last);
        let _ = if self.descending {
            cells.rev().try_for_each(|(index, cell)| visit(index, cell))
        } else {
            cells.try_for_each(|(index, cell)| visit(index, cell))
        };
    }

    /// Writes what each position holds, null for a hole.
    pub(super) fn write_positions(self, array: &SparseArray, reply: &mut Seq<'_>) {
        let mut written = 0;
        self.visit(array, |index, cell| {
            let place = if self.descending { self.last - index } else { index - self.first };
            (written..place).for_each(|_| reply.null());
            cell.with_text(|text| reply.bulk(text));
            written = place + 1;
            ControlFlow::Continue(())
        });
        (written..self.width()).for_each(|_| reply.null());
    }
}
