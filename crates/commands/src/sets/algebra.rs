//! SINTER, SUNION, SDIFF, and how the members of several sets are gone through without copying them.

use super::{members, read};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::fields::{Element, Limits, MemberSet, Membership, View};

/// What the three declarations share.
const ALGEBRA: Spec = Spec {
    group: Group::Set,
    arity: -2,
    flags: &[Readonly],
    keys: &[KeySpec::range(1, -1, 1, &[ReadOnly, Access])],
    tips: &["nondeterministic_output_order"],
    ..Spec::DEFAULT
};

/// SINTER
pub(super) const SINTER: Command<Handler> = Command::new(
    Spec {
        name: "sinter",
        summary: "The members that all of several sets have.",
        complexity: "O(N*M), N being the size of the smallest set and M the number of sets",
        syntax: "SINTER key [key ...]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SINTER warm fruit
1) \"orange\"",
        ..ALGEBRA
    },
    |cx, args, reply| answer(cx, args, reply, Operation::Intersection),
);

/// SUNION
pub(super) const SUNION: Command<Handler> = Command::new(
    Spec {
        name: "sunion",
        summary: "The members that any of several sets has.",
        complexity: "O(N), N being the members of all sets",
        syntax: "SUNION key [key ...]",
        examples: "\
> SADD warm red
(integer) 1
> SADD fruit red
(integer) 1
> SUNION warm fruit
1) \"red\"",
        ..ALGEBRA
    },
    |cx, args, reply| answer(cx, args, reply, Operation::Union),
);

/// SDIFF
pub(super) const SDIFF: Command<Handler> = Command::new(
    Spec {
        name: "sdiff",
        summary: "The members of the first set that none of the others has.",
        complexity: "O(N*M), N being the size of the first set and M the number of sets",
        syntax: "SDIFF key [key ...]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SDIFF warm fruit
1) \"red\"",
        ..ALGEBRA
    },
    |cx, args, reply| answer(cx, args, reply, Operation::Difference),
);

fn answer(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, operation: Operation) -> Result<Done> {
    let (keys, limits) = (args.rest(), cx.limits.set);
    let sets = gather(cx, keys)?;
    let mut found = reply.deferred_array();
    operation.visit(&sets, &limits, &mut |member| {
        found.string(member.name.into());
        true
    });
    Ok(found.done_set())
}

/// Sets being looked at together.
pub(super) type Sets<'c> = SmallVec<[View<'c>; 4]>;

/// The sets of several keys, which counts as reading them. What isn't there is an empty set.
///
/// # Errors
/// [`Error::WRONG_TYPE`].
pub(super) fn gather<'c, 'k>(
    cx: &'c mut Cx<'_>,
    keys: impl Iterator<Item = &'k [u8]> + Clone,
) -> Result<Sets<'c>> {
    // Opening a key removes it if its time is over, so that all can be looked at together afterwards.
    for key in keys.clone() {
        read(cx, key)?;
    }
    let cx: &'c Cx<'_> = cx;
    let from_ms = cx.alive_from_ms();
    keys.map(|key| members(cx.peek(key), from_ms)).collect()
}

/// Reads a number of keys and the keys.
pub(super) fn counted_keys<'a>(
    args: &mut Args<'a>,
) -> Result<impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a>> {
    let count = args.int_in(1.., Error::NUMKEYS).map_err(|_| Error::NUMKEYS)?;
    let count = usize::try_from(count).ok().filter(|count| *count <= args.left());
    let count = count.ok_or(Error::new("ERR Number of keys can't be greater than number of args"))?;
    Ok(args.take_many(count))
}

/// What is made of several sets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Intersection,
    Union,
    Difference,
}

/// Above so many sets, those united are remembered instead of looked into.
const LOOKED_INTO_MAX: usize = 6;

impl Operation {
    /// Goes through the members of the result, each once, until `visit` answers false.
    pub(super) fn visit(
        self,
        sets: &[View<'_>],
        limits: &Limits,
        visit: &mut dyn FnMut(Element<'_>) -> bool,
    ) {
        match self {
            Operation::Intersection => intersect(sets, visit),
            Operation::Difference => subtract(sets, visit),
            Operation::Union if sets.len() <= LOOKED_INTO_MAX => unite(sets, visit),
            Operation::Union => unite_many(sets, limits, visit),
        }
    }
}

/// The members of the smallest set that all the others have.
fn intersect(sets: &[View<'_>], visit: &mut dyn FnMut(Element<'_>) -> bool) {
    let mut sets: Sets<'_> = sets.into();
    sets.sort_by_key(View::len);
    let Some((smallest, others)) = sets.split_first() else { return };
    if smallest.is_empty() {
        return;
    }
    smallest.compare(others, Membership::All, visit);
}

fn subtract(sets: &[View<'_>], visit: &mut dyn FnMut(Element<'_>) -> bool) {
    let Some((first, others)) = sets.split_first() else { return };
    // The larger a set, the likelier it has the member.
    let mut others: Sets<'_> = others.iter().filter(|set| !set.is_empty()).copied().collect();
    others.sort_by_key(|set| std::cmp::Reverse(set.len()));
    first.compare(&others, Membership::None, visit);
}

/// The members of the largest set, then those of each other one that the sets before it don't have.
fn unite(sets: &[View<'_>], visit: &mut dyn FnMut(Element<'_>) -> bool) {
    let mut sets: Sets<'_> = sets.into();
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    for (at, set) in sets.iter().enumerate() {
        if !set.compare(&sets[..at], Membership::None, visit) {
            return;
        }
    }
}

fn unite_many(sets: &[View<'_>], limits: &Limits, visit: &mut dyn FnMut(Element<'_>) -> bool) {
    let mut seen = MemberSet::new();
    for member in sets.iter().flatten() {
        if member.name.with_text(|name| seen.insert(name, limits)) && !visit(member) {
            return;
        }
    }
}
