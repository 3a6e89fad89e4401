//! ZRANDMEMBER: elements chosen at random, each with the same probability.

use super::read;
use super::reply::{Shown, elements};
use crate::choice::{Choice, Count};
use base::prng::Prng;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use std::collections::BTreeSet;
use structs::ranked::{Element, View};

/// ZRANDMEMBER
pub(super) const ZRANDMEMBER: Command<Handler> = Command::new(
    Spec {
        name: "zrandmember",
        group: Group::SortedSet,
        since: "6.2.0",
        summary: "Members chosen at random: different ones, or with a negative count each time from all.",
        complexity: "O(N*log(M)), N being the number of elements returned and M of all",
        syntax: "ZRANDMEMBER key [count [WITHSCORES]]:options",
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> ZADD dice 6 six
(integer) 1
> ZRANDMEMBER dice
\"six\"
> ZRANDMEMBER dice -2 WITHSCORES
1) \"six\"
2) \"6\"
3) \"six\"
4) \"6\"",
        ..Spec::DEFAULT
    },
    zrandmember,
);

fn zrandmember(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut rng = cx.rng.fork();
    if args.is_empty() {
        let set = read(cx, key)?;
        return Ok(match set.as_ref().and_then(|set| any(set.view(), &mut rng)) {
            Some(element) => reply.string(element.member.into()),
            None => reply.null(),
        });
    }
    let count = Count::parse(args)?;
    let shown = shown(args, count)?;
    let Some(set) = read(cx, key)? else { return Ok(reply.array(0).done()) };
    let set = set.view();
    let count = match count.choice()? {
        Choice::Different(count) => count,
        Choice::Repeated(count) => {
            let chosen = std::iter::repeat_with(|| any(set, &mut rng)).take(count).flatten();
            return Ok(elements(reply, shown, count, chosen));
        }
    };
    if count >= set.len() {
        return Ok(elements(reply, shown, set.len(), set.iter()));
    }
    let ranks = different(count, set.len(), &mut rng);
    Ok(elements(reply, shown, count, ranks.into_iter().filter_map(|rank| set.get(rank))))
}

/// Reads the word behind the count.
fn shown(args: &mut Args<'_>, count: Count) -> Result<Shown> {
    if args.is_empty() {
        return Ok(Shown::Member);
    }
    if !args.take("WITHSCORES") || !args.is_empty() {
        return Err(Error::SYNTAX);
    }
    count.of_pairs()?;
    Ok(Shown::WithScore)
}

fn any<'s>(set: View<'s>, rng: &mut Prng) -> Option<Element<'s>> {
    let len = set.len();
    if len == 0 { None } else { set.get(rng.below(len as u64) as usize) }
}

/// `count` different numbers below `len`, each subset being as probable as any other (R. Floyd's algorithm).
fn different(count: usize, len: usize, rng: &mut Prng) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    for top in len - count..len {
        let one = rng.below(top as u64 + 1) as usize;
        if !chosen.insert(one) {
            chosen.insert(top);
        }
    }
    chosen
}
