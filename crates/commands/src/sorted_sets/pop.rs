//! ZPOPMIN, ZPOPMAX, and how elements leave an end of a sorted set for a reply.

use super::range::{Direction, Part};
use super::removal::{Recorded, remove_shown, shown};
use super::reply::{Shown, elements, member_and_score};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Open, Reply, Result, Spec};
use resp::Proto;
use structs::ranked::Ranked;

/// What both declarations share.
const POP: Spec = Spec {
    group: Group::SortedSet,
    since: "5.0.0",
    complexity: "O(log(N)*M), N being the number of elements and M of those taken",
    arity: -2,
    flags: &[Write, Fast],
    keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete])],
    ..Spec::DEFAULT
};

/// ZPOPMIN
pub(super) const ZPOPMIN: Command<Handler> = Command::new(
    Spec {
        name: "zpopmin",
        summary: "Takes the elements with the lowest scores.",
        syntax: "ZPOPMIN key [count]",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZPOPMIN race 2
1) \"ann\"
2) \"10\"
3) \"eve\"
4) \"11\"",
        ..POP
    },
    |cx, args, reply| pop(cx, args, reply, Extreme::Min),
);

/// ZPOPMAX
pub(super) const ZPOPMAX: Command<Handler> = Command::new(
    Spec {
        name: "zpopmax",
        summary: "Takes the elements with the highest scores.",
        syntax: "ZPOPMAX key [count]",
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZPOPMAX race
1) \"bob\"
2) \"12\"",
        ..POP
    },
    |cx, args, reply| pop(cx, args, reply, Extreme::Max),
);

/// One end of a sorted set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extreme {
    /// The lowest score.
    Min,
    /// The highest.
    Max,
}

impl Extreme {
    /// The event of taking from this end.
    fn popped(self) -> Event {
        Event::sorted_set(match self {
            Extreme::Min => "zpopmin",
            Extreme::Max => "zpopmax",
        })
    }

    /// The command that takes from this end, as the journal calls it.
    pub(super) fn verb(self) -> &'static [u8] {
        match self {
            Extreme::Min => b"ZPOPMIN",
            Extreme::Max => b"ZPOPMAX",
        }
    }
}

fn pop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, extreme: Extreme) -> Result<Done> {
    let key = args.key()?;
    let wanted = if args.is_empty() { None } else { Some(count(args)?) };
    let Some(set) = cx.slot(key).open::<Ranked>()? else { return Ok(reply.array(0).done()) };
    let (done, _) = take(set, extreme, wanted.unwrap_or(1), |taken| match wanted {
        // A single element is no pair of its own, whatever the protocol.
        None if reply.proto() == Proto::Resp3 => one(reply, taken),
        _ => elements(reply, Shown::WithScore, taken.len(), taken),
    });
    Ok(done)
}

/// Reads a number of elements as the last word.
fn count(args: &mut Args<'_>) -> Result<usize> {
    if args.left() > 1 {
        return Err(Error::SYNTAX);
    }
    let count = args.int_in(0.., Error::MUST_BE_POSITIVE).map_err(|_| Error::MUST_BE_POSITIVE)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn one(reply: Reply<'_>, mut taken: Part<'_>) -> Done {
    let mut pair = reply.array(2);
    if let Some(element) = taken.next() {
        member_and_score(&mut pair, element);
    }
    pair.done()
}

/// Takes up to `count` elements from an end after showing them to `show`.
pub(super) fn take<R>(
    mut set: Open<'_, '_, Ranked>,
    extreme: Extreme,
    count: usize,
    show: impl FnOnce(Part<'_>) -> R,
) -> (R, Recorded) {
    let view = shown(&set);
    let len = view.len();
    let (ranks, direction) = match extreme {
        Extreme::Min => (0..count.min(len), Direction::Up),
        Extreme::Max => (len.saturating_sub(count)..len, Direction::Down),
    };
    let answer = show(Part::new(view, ranks.clone(), direction));
    (answer, remove_shown(&mut set, ranks, extreme.popped()))
}
