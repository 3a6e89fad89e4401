//! A sorted set as it is seen at a moment: without the members whose time is over but which are still there.

use super::iter::{Iter, IterBack};
use super::moments::count_due;
use super::{Element, Form, Probe, Ranked};

/// The elements of a set that don't expire before a moment. Ranks count these alone: as fast as those of the set while it
/// has no others; otherwise what is wholly hidden or not at all below a node of the order is counted at once, and one step
/// is taken for each leaf of which a part is hidden.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    set: &'a Ranked,
    /// What expires before this is hidden; `i64::MIN` if nothing is.
    from_ms: i64,
}

impl<'a> View<'a> {
    #[inline]
    pub(super) fn new(set: &'a Ranked, from_ms: i64) -> Self {
        Self { set, from_ms }
    }

    /// The set with all of its members.
    pub fn all(self) -> &'a Ranked {
        self.set
    }

    /// Whether any member is hidden.
    #[inline]
    pub fn hides_some(self) -> bool {
        self.from_ms > i64::MIN
    }

    /// Number of elements.
    #[inline]
    pub fn len(self) -> usize {
        self.shown_before(self.set.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// How many of the first `rank` elements of the set are shown.
    #[inline]
    fn shown_before(self, rank: usize) -> usize {
        if self.hides_some() { rank - self.hidden_before(rank) } else { rank }
    }

    #[cold]
    fn hidden_before(self, rank: usize) -> usize {
        match self.set.form() {
            Form::Small(_, moments) => count_due(&moments[..rank.min(moments.len())], self.from_ms),
            Form::Large(large) => large.due_before(rank, self.from_ms),
        }
    }

    /// The rank in the set of the element with this rank here; the set's length if there is none.
    #[inline]
    fn rank_in_set(self, rank: usize) -> usize {
        if self.hides_some() { self.select(rank).unwrap_or(self.set.len()) } else { rank }
    }

    #[cold]
    fn select(self, rank: usize) -> Option<usize> {
        match self.set.form() {
            Form::Small(_, moments) => (0..moments.len()).filter(|at| moments[*at] >= self.from_ms).nth(rank),
            Form::Large(large) => large.select_alive(rank, self.from_ms),
        }
    }

    /// Whether a member is there but hidden.
    fn hides(self, member: &[u8]) -> bool {
        self.hides_some() && self.set.score_and_moment(member).is_some_and(|(_, at_ms)| at_ms < self.from_ms)
    }

    /// The score of a member.
    #[inline]
    pub fn score(self, member: &[u8]) -> Option<f64> {
        self.set.score(member).filter(|_| !self.hides(member))
    }

    /// The number of elements before a member, and its score.
    #[inline]
    pub fn rank(self, member: &[u8]) -> Option<(usize, f64)> {
        let (rank, score) = self.set.rank(member)?;
        if self.hides(member) { None } else { Some((self.shown_before(rank), score)) }
    }

    /// The element of a rank, 0 being the first.
    #[inline]
    pub fn get(self, rank: usize) -> Option<Element<'a>> {
        self.set.get(self.rank_in_set(rank))
    }

    /// As [`Ranked::partition_point`]. `before` is asked about hidden elements as well.
    pub fn partition_point(self, before: impl Fn(Probe<'_>) -> bool) -> usize {
        self.shown_before(self.set.partition_point(before))
    }

    /// As [`Ranked::partition_point_from`]. `before` is asked about hidden elements as well.
    pub fn partition_point_from(self, start: usize, before: impl Fn(Probe<'_>) -> bool) -> usize {
        if self.hides_some() {
            self.partition_point(before).max(start)
        } else {
            self.set.partition_point_from(start, before)
        }
    }

    /// All elements, first to last.
    pub fn iter(self) -> Iter<'a> {
        self.iter_from(0)
    }

    /// The elements from the one of a rank to the last; none when there is no such rank.
    pub fn iter_from(self, rank: usize) -> Iter<'a> {
        self.set.iter_from(self.rank_in_set(rank)).alive_at(self.from_ms)
    }

    /// The elements from the one of a rank to the first; a rank that doesn't exist counts as the last.
    pub fn iter_back_from(self, rank: usize) -> IterBack<'a> {
        self.set.iter_back_from(self.rank_in_set(rank)).alive_at(self.from_ms)
    }

    /// As [`Ranked::scan`]. Hidden elements are passed over, and count.
    pub fn scan(self, cursor: u64, count: usize, mut visit: impl FnMut(Element<'a>)) -> u64 {
        self.set.scan(cursor, count, |element| {
            if !self.hides_some() || !element.member.with_text(|member| self.hides(member)) {
                visit(element);
            }
        })
    }

    /// Whether the set is a packed one.
    pub fn is_packed(self) -> bool {
        matches!(self.set.form(), Form::Small(..))
    }
}

impl<'a> IntoIterator for View<'a> {
    type Item = Element<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
