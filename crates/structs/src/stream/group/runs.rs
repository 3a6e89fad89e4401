//! Where to look: an index over pending entries that remembers ranges, not entries.
//!
//! A group delivers entries in runs: ten consecutive ids to one consumer at one moment. What belongs to a
//! consumer, or was delivered at a moment, is therefore remembered as a few ranges of ids, with the group's
//! pending entries as the only truth: a range says that there *may* be such entries in it, and that there are none
//! elsewhere. So acknowledging an entry touches no index at all; ranges that no longer hold any are swept out when
//! they are more than the entries that are left.

use super::super::id::StreamId;
use crate::tree::Map;

/// A range is not extended beyond so many entries, so that one with few left is cheap to look through.
const RUN: u32 = 64;
/// So many ranges more than twice the entries left are put up with before sweeping.
const SLACK: usize = 16;

/// The last id of a range, and the number of entries it was made of.
#[derive(Clone, Copy, Debug)]
struct Run {
    last: StreamId,
    entries: u32,
}

/// Disjoint ranges of ids, kept apart by a tag (a moment, or always 0 where there is nothing to tell apart).
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    runs: Map<(i64, StreamId), Run>,
}

/// Ids that follow each other in the group's pending entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub(super) first: StreamId,
    pub(super) last: StreamId,
    pub(super) entries: u32,
    /// The pending id right before `first`.
    pub(super) predecessor: Option<StreamId>,
}

impl Runs {
    pub(super) fn memory_bytes(&self) -> usize {
        self.runs.memory_bytes()
    }

    /// Notes that the entries of a batch carry the tag.
    pub(super) fn add(&mut self, tag: i64, batch: Batch) {
        if let Some(&(key @ (run_tag, first), run)) = self.runs.floor(&(tag, batch.first))
            && run_tag == tag
        {
            if batch.last <= run.last {
                return;
            }
            let follows = batch.predecessor.is_some_and(|id| first <= id && id <= run.last);
            let overlaps = batch.first <= run.last;
            if overlaps || (follows && run.entries + batch.entries <= RUN) {
                self.runs.insert(key, Run { last: batch.last, entries: run.entries + batch.entries });
                return self.swallow(tag, first, batch.last);
            }
        }
        self.swallow(tag, batch.first, batch.last);
        self.runs.insert((tag, batch.first), Run { last: batch.last, entries: batch.entries });
    }

    /// Removes the ranges that begin behind `first` and up to `last`; one that reaches further keeps its end.
    fn swallow(&mut self, tag: i64, first: StreamId, last: StreamId) {
        let Some(behind) = first.next() else { return };
        while let Some(&(key, run)) = self.runs.ceiling(&(tag, behind))
            && key <= (tag, last)
        {
            self.runs.remove(&key);
            if let Some(beyond) = last.next().filter(|_| run.last > last) {
                self.runs.insert((tag, beyond), run);
            }
        }
    }

    /// Sweeps out the ranges without entries, given how many entries there are and whether a range has any.
    #[inline]
    pub(super) fn sweep(&mut self, entries: usize, holds: impl Fn(i64, StreamId, StreamId) -> bool) {
        if entries == 0 {
            self.runs.clear();
        } else if self.runs.len() > 2 * entries + SLACK {
            self.runs.retain(|(tag, first), run| holds(*tag, *first, run.last));
        }
    }

    /// The ranges with a tag that reach `from` or beyond, cut to begin there.
    pub(super) fn from(&self, tag: i64, from: StreamId) -> impl Iterator<Item = (StreamId, StreamId)> + '_ {
        let reaching = self.runs.floor(&(tag, from)).filter(|((run_tag, _), _)| *run_tag == tag);
        let start = reaching.map_or((tag, from), |(key, _)| *key);
        let runs = self.runs.range(&start).take_while(move |((run_tag, _), _)| *run_tag == tag);
        runs.filter(move |(_, run)| run.last >= from)
            .map(move |((_, first), run)| ((*first).max(from), run.last))
    }

    /// All ranges with their tags, lowest tag first.
    pub(super) fn all(&self) -> impl Iterator<Item = (i64, StreamId, StreamId)> + '_ {
        self.runs.iter().map(|((tag, first), run)| (*tag, *first, run.last))
    }

    /// Removes the range with the lowest tag.
    pub(super) fn pop_first(&mut self) {
        self.runs.pop_first();
    }
}
