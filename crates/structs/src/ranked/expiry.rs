//! Members that expire.
//!
//! A packed set whose members expire has their moments beside it, a larger one in its leaves. Both see every member, also
//! one whose time is over; [`Ranked::alive_at`] leaves those out.

use super::moments::{NEVER, first_of};
use super::small::{self, Timed};
use super::view::View;
use super::{Form, Item, Ranked, Shape};

impl Ranked {
    /// The elements that don't expire before a moment, in milliseconds since the epoch.
    #[inline]
    pub fn alive_at(&self, from_ms: i64) -> View<'_> {
        let hides_some = from_ms > i64::MIN && self.first_expiry_ms().is_some_and(|at| at < from_ms);
        View::new(self, if hides_some { from_ms } else { i64::MIN })
    }

    /// When the first member expires, in milliseconds since the epoch. O(1) but for packed sets.
    #[inline]
    pub fn first_expiry_ms(&self) -> Option<i64> {
        match &self.shape {
            Shape::Small(_) => None,
            Shape::Timed(timed) => timed.moments.iter().copied().min().filter(|at_ms| *at_ms != NEVER),
            Shape::Large(large) => large.first_expiry_ms(),
        }
    }

    /// When a member expires; that it doesn't, if it is there; nothing, if it isn't. O(1) unless the set is packed.
    pub fn expiry_ms(&self, member: &[u8]) -> Option<Option<i64>> {
        self.score_and_moment(member).map(|(_, at_ms)| Some(at_ms).filter(|at_ms| *at_ms != NEVER))
    }

    /// A member's score and when it expires.
    #[inline]
    pub(super) fn score_and_moment(&self, member: &[u8]) -> Option<(f64, i64)> {
        match self.form() {
            Form::Small(packed, moments) => {
                let (rank, score) = small::rank(packed, member)?;
                Some((score, moments.get(rank).copied().unwrap_or(NEVER)))
            }
            Form::Large(large) => large.score_and_moment(member),
        }
    }

    /// Sets when a member expires, or that it doesn't; answers whether it is there. O(log n) unless the set is packed.
    pub fn set_expiry(&mut self, member: &[u8], at_ms: Option<i64>) -> bool {
        let at_ms = at_ms.unwrap_or(NEVER);
        if let Shape::Large(large) = &mut self.shape {
            return large.set_moment(member, at_ms);
        }
        let Form::Small(packed, moments) = self.form() else { return false };
        let Some((rank, _)) = small::rank(packed, member) else { return false };
        if at_ms != NEVER || !moments.is_empty() {
            self.timed().moments[rank] = at_ms;
            self.forget_moments_if_never();
        }
        true
    }

    /// The packed set with the moments of its members.
    fn timed(&mut self) -> &mut Timed {
        if let Shape::Small(packed) = &mut self.shape {
            self.shape = Shape::Timed(Box::new(Timed::new(std::mem::take(packed))));
        }
        let Shape::Timed(timed) = &mut self.shape else { unreachable!("a packed set") };
        timed
    }

    /// A packed set none of whose members expires has no moments.
    pub(super) fn forget_moments_if_never(&mut self) {
        if let Shape::Timed(timed) = &mut self.shape
            && timed.moments.iter().all(|at_ms| *at_ms == NEVER)
        {
            self.shape = Shape::Small(std::mem::take(&mut timed.packed));
        }
    }

    /// Removes the member that expires first, if that is before `now_ms`, and shows it; answers whether there was one.
    pub fn remove_due(&mut self, now_ms: i64, show: &mut dyn FnMut(&[u8])) -> bool {
        if self.first_expiry_ms().is_none_or(|at_ms| at_ms >= now_ms) {
            return false;
        }
        let member = match self.form() {
            Form::Large(large) => large.first_to_expire().map(<[u8]>::to_vec),
            Form::Small(packed, moments) => {
                let rank = first_of(moments.iter().copied());
                let pairs = rank.map(|rank| small::Pairs::from_rank(packed, rank));
                pairs.and_then(|mut pairs| pairs.next()).map(|element| element.member.to_vec())
            }
        };
        let Some(member) = member else { return false };
        self.remove(&member);
        show(&member);
        true
    }

    /// The members that expire, each with its moment, in the set's order. O(n).
    pub fn expiries(&self) -> impl Iterator<Item = (Item<'_>, i64)> {
        let timed = self.first_expiry_ms().is_some();
        let all = timed.then(|| self.iter().with_moments());
        all.into_iter().flatten().filter(|(_, at_ms)| *at_ms != NEVER).map(|(one, at_ms)| (one.member, at_ms))
    }
}
