//! Union, intersection and difference of sets with scores. Nothing is copied but what is in the result.

use super::reply::{Shown, elements};
use super::sources::{Aggregate, Options, Source};
use command::{Done, Reply};
use std::borrow::Cow;
use std::cmp::Ordering;
use structs::packed::Item;
use structs::ranked::{Element, Limits, Ranked};

/// Members with their scores, in the order of a sorted set.
pub(super) struct Combined<'s>(Vec<(Cow<'s, [u8]>, f64)>);

/// A source with its weight.
type Weighted<'s> = (&'s Source<'s>, f64);

/// How many times as many elements as the largest source has are collected before those of one member become one: the same
/// key may be named as often as a request has room for.
const UNITED_AT_ONCE: usize = 4;

/// Makes one element of all that have the same member, in the order in which they came.
fn unite(elements: &mut Vec<(Cow<'_, [u8]>, f64)>, aggregate: Aggregate) {
    // The sort is stable: scores of one member keep the order of the sources, on which their sum depends.
    elements.sort_by(|(left, _), (right, _)| left.cmp(right));
    elements.dedup_by(|(later, score), (earlier, sum)| {
        let same = later == earlier;
        if same {
            *sum = aggregate.join(*sum, *score);
        }
        same
    });
}

impl<'s> Combined<'s> {
    /// All members of all sources.
    pub(super) fn union(sources: &'s [Source<'s>], options: &Options) -> Self {
        let sources = smallest_first(sources, options);
        let largest = sources.last().map_or(0, |(source, _)| source.len());
        let mut all: Vec<(Cow<'s, [u8]>, f64)> = Vec::new();
        let mut enough = UNITED_AT_ONCE * largest;
        for (source, weight) in sources {
            source.for_each(|member, score| {
                all.push((member, options.aggregate.weigh(score, weight)));
                true
            });
            if all.len() > enough {
                unite(&mut all, options.aggregate);
                enough = enough.max(2 * all.len());
            }
        }
        unite(&mut all, options.aggregate);
        Self::sorted(all)
    }

    /// The members that are in all sources.
    pub(super) fn intersection(sources: &'s [Source<'s>], options: &Options) -> Self {
        let sources = smallest_first(sources, options);
        let mut common = Vec::new();
        let Some(((smallest, weight), others)) = sources.split_first() else { return Self(common) };
        smallest.for_each(|member, score| {
            let mut sum = options.aggregate.weigh(score, *weight);
            let in_all = others.iter().all(|(other, weight)| {
                let score = other.score(&member);
                let weighed = score.map(|score| options.aggregate.weigh_later(score, *weight));
                sum = weighed.map_or(sum, |score| options.aggregate.join(sum, score));
                weighed.is_some()
            });
            if in_all {
                common.push((member, sum));
            }
            true
        });
        Self::sorted(common)
    }

    /// The members of the first source that are in none of the others.
    pub(super) fn difference(sources: &'s [Source<'s>]) -> Self {
        let mut left = Vec::new();
        let Some((first, others)) = sources.split_first() else { return Self(left) };
        first.for_each(|member, score| {
            if others.iter().all(|other| other.score(&member).is_none()) {
                left.push((member, score));
            }
            true
        });
        Self::sorted(left)
    }

    fn sorted(mut elements: Vec<(Cow<'s, [u8]>, f64)>) -> Self {
        elements.sort_unstable_by(|(member, score), (other, other_score)| {
            score.partial_cmp(other_score).unwrap_or(Ordering::Equal).then_with(|| member.cmp(other))
        });
        Self(elements)
    }

    /// Answers the elements.
    pub(super) fn answer(&self, reply: Reply<'_>, shown: Shown) -> Done {
        let all = self.0.iter().map(|(member, score)| Element { member: Item::Bytes(member), score: *score });
        elements(reply, shown, self.0.len(), all)
    }

    /// The elements as a set.
    pub(super) fn collect(&self, limits: &Limits) -> Ranked {
        let longest = self.0.iter().map(|(member, _)| member.len()).max().unwrap_or(0);
        let mut set = Ranked::expecting(self.0.len(), longest, limits);
        for (member, score) in &self.0 {
            set.insert(member, *score, limits);
        }
        set
    }
}

/// Sources with their weights, the smallest first: equal ones keep their order.
fn smallest_first<'s>(sources: &'s [Source<'s>], options: &Options) -> Vec<Weighted<'s>> {
    let mut weighted: Vec<Weighted<'s>> = sources.iter().zip(options.weights.iter().copied()).collect();
    weighted.sort_by_key(|(source, _)| source.len());
    weighted
}

/// The number of members that are in all sources, up to `limit`.
pub(super) fn common_count(sources: &[Source<'_>], limit: usize) -> usize {
    let mut sources: Vec<&Source<'_>> = sources.iter().collect();
    sources.sort_by_key(|source| source.len());
    let Some((smallest, others)) = sources.split_first() else { return 0 };
    let mut count = 0;
    smallest.for_each(|member, _| {
        count += usize::from(others.iter().all(|other| other.score(&member).is_some()));
        count < limit
    });
    count
}

impl Aggregate {
    /// A member's score in one source. What isn't a number, an infinite weight of 0 or a weight of 0 of infinity, is 0.
    fn weigh(self, score: f64, weight: f64) -> f64 {
        let weighed = self.weigh_later(score, weight);
        if weighed.is_nan() { 0.0 } else { weighed }
    }

    /// As [`Aggregate::weigh`], for a score that is joined with another: that decides about what isn't a number.
    fn weigh_later(self, score: f64, weight: f64) -> f64 {
        if self == Aggregate::Count { weight } else { score * weight }
    }

    /// Two scores of one member as one.
    fn join(self, sum: f64, score: f64) -> f64 {
        match self {
            Aggregate::Sum | Aggregate::Count => {
                let sum = sum + score;
                if sum.is_nan() { 0.0 } else { sum }
            }
            Aggregate::Min if score < sum => score,
            Aggregate::Max if score > sum => score,
            Aggregate::Min | Aggregate::Max => sum,
        }
    }
}
