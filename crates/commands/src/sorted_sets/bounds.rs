//! What ranges are given by: scores, members or ranks, and the span of ranks that each stands for.

use command::{Error, Result};
use std::ops::{Bound, Range};
use structs::ranked::View;

/// A bound that is no score.
const NOT_A_SCORE: Error = Error::new("ERR min or max is not a float");
/// A bound that is no member.
const NOT_A_MEMBER: Error = Error::new("ERR min or max not valid string range item");

/// Scores between two bounds.
#[derive(Clone, Copy)]
pub(super) struct ScoreRange {
    min: Bound<f64>,
    max: Bound<f64>,
}

impl ScoreRange {
    /// Reads `min` and `max`: a score, or one behind `(`, which is itself left out.
    pub(super) fn read(min: &[u8], max: &[u8]) -> Result<ScoreRange> {
        Ok(ScoreRange { min: score_bound(min)?, max: score_bound(max)? })
    }

    /// The ranks of the elements in the range.
    pub(super) fn span(self, set: View<'_>) -> Range<usize> {
        let start = match self.min {
            Bound::Included(min) => set.partition_point(|place| place.score < min),
            Bound::Excluded(min) => set.partition_point(|place| place.score <= min),
            Bound::Unbounded => 0,
        };
        let end = match self.max {
            Bound::Included(max) => set.partition_point_from(start, |place| place.score <= max),
            Bound::Excluded(max) => set.partition_point_from(start, |place| place.score < max),
            Bound::Unbounded => set.len(),
        };
        start..end
    }
}

fn score_bound(word: &[u8]) -> Result<Bound<f64>> {
    match word.split_first() {
        Some((b'(', score)) => bound_score(score).map(Bound::Excluded),
        _ => bound_score(word).map(Bound::Included),
    }
}

/// A score as C reads it: up to a zero byte, nothing being 0, too large a number infinity and too small a one 0.
fn bound_score(text: &[u8]) -> Result<f64> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Ok(0.0);
    }
    let score = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    score.filter(|score: &f64| !score.is_nan()).ok_or(NOT_A_SCORE)
}

/// Members between two bounds, for sets whose scores are all equal.
#[derive(Clone, Copy)]
pub(super) struct MemberRange<'a> {
    min: MemberBound<'a>,
    max: MemberBound<'a>,
}

#[derive(Clone, Copy)]
enum MemberBound<'a> {
    /// Before all members.
    Lowest,
    /// Behind all members.
    Highest,
    Included(&'a [u8]),
    Excluded(&'a [u8]),
}

impl<'a> MemberRange<'a> {
    /// Reads `min` and `max`: a member behind `[`, or behind `(`, which is itself left out; `-` and `+` are before and
    /// behind all.
    pub(super) fn read(min: &'a [u8], max: &'a [u8]) -> Result<MemberRange<'a>> {
        Ok(MemberRange { min: member_bound(min)?, max: member_bound(max)? })
    }

    /// The ranks of the elements in the range.
    pub(super) fn span(self, set: View<'_>) -> Range<usize> {
        let start = match self.min {
            MemberBound::Lowest => 0,
            MemberBound::Highest => set.len(),
            MemberBound::Included(min) => set.partition_point(|place| place.member < min),
            MemberBound::Excluded(min) => set.partition_point(|place| place.member <= min),
        };
        let end = match self.max {
            MemberBound::Lowest => start,
            MemberBound::Highest => set.len(),
            MemberBound::Included(max) => set.partition_point_from(start, |place| place.member <= max),
            MemberBound::Excluded(max) => set.partition_point_from(start, |place| place.member < max),
        };
        start..end
    }
}

fn member_bound(word: &[u8]) -> Result<MemberBound<'_>> {
    match word {
        b"-" => Ok(MemberBound::Lowest),
        b"+" => Ok(MemberBound::Highest),
        [b'[', member @ ..] => Ok(MemberBound::Included(member)),
        [b'(', member @ ..] => Ok(MemberBound::Excluded(member)),
        _ => Err(NOT_A_MEMBER),
    }
}

/// Ranks between two, both included; negative ones count from the end, -1 being the last.
#[derive(Clone, Copy)]
pub(super) struct RankRange {
    pub(super) start: i64,
    pub(super) stop: i64,
}

impl RankRange {
    /// The ranks that a set of `len` elements has.
    pub(super) fn span(self, len: usize) -> Range<usize> {
        let from_front = |rank: i64| if rank < 0 { rank.saturating_add(len as i64) } else { rank };
        let start = from_front(self.start).max(0);
        let stop = from_front(self.stop).min(len as i64 - 1);
        if start > stop { 0..0 } else { start as usize..stop as usize + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Redis 8.0.6 makes of bounds.
    #[test]
    fn bounds_are_read_as_redis_reads_them() {
        let cases: [(&[u8], Option<f64>); 13] = [
            (b"", Some(0.0)),
            (b"1\0a", Some(1.0)),
            (b"+2.", Some(2.0)),
            (b".5", Some(0.5)),
            (b"1e500", Some(f64::INFINITY)),
            (b"1e-500", Some(0.0)),
            (b"-Infinity", Some(f64::NEG_INFINITY)),
            (b"0x1", None),
            (b" 1", None),
            (b"1 ", None),
            (b".", None),
            (b"nan", None),
            (b"(1", None),
        ];
        for (text, score) in cases {
            assert_eq!(bound_score(text).ok(), score, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn ranks_are_cut_to_those_there_are() {
        let span = |start, stop, len| RankRange { start, stop }.span(len);
        assert_eq!(span(0, -1, 3), 0..3);
        assert_eq!(span(-2, 100, 3), 1..3);
        assert_eq!(span(-100, 0, 3), 0..1);
        assert_eq!(span(3, 5, 3), 0..0);
        assert_eq!(span(2, 1, 3), 0..0);
        assert_eq!(span(i64::MIN, i64::MAX, 3), 0..3);
        assert_eq!(span(i64::MAX, i64::MIN, 3), 0..0);
    }
}
