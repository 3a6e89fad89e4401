//! ZRANGE and ZRANGESTORE: a range by rank, score or member, in either direction.

use super::range::{Asked, By, Direction, Limit};
use super::reply::{Shown, elements};
use super::store::store;
use command::Flag::{DenyOom, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::ranked::Ranked;

/// LIMIT with a range of ranks.
const LIMIT_OF_RANKS: Error =
    Error::new("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
/// WITHSCORES with a range of members.
const SCORES_OF_MEMBERS: Error =
    Error::new("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

/// ZRANGE
pub(super) const ZRANGE: Command<Handler> = Command::new(
    Spec {
        name: "zrange",
        group: Group::SortedSet,
        since: "1.2.0",
        summary: "The elements of a sorted set between two ranks, scores or members.",
        complexity: "O(log(N)+M), N being the number of elements and M of those returned",
        syntax: "ZRANGE key start:string stop:string [BYSCORE | BYLEX] [REV] [LIMIT {offset count}] [WITHSCORES]",
        arguments_since: &[("limit", "6.2.0"), ("rev", "6.2.0"), ("sortby", "6.2.0")],
        arity: -4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZRANGE race 0 -1
1) \"ann\"
2) \"eve\"
3) \"bob\"
> ZRANGE race +inf (10 BYSCORE REV LIMIT 0 1 WITHSCORES
1) \"bob\"
2) \"12\"",
        ..Spec::DEFAULT
    },
    |cx, args, reply| read(cx, args, reply, Form::ZRANGE),
);

/// ZRANGESTORE
pub(super) const ZRANGESTORE: Command<Handler> = Command::new(
    Spec {
        name: "zrangestore",
        group: Group::SortedSet,
        since: "6.2.0",
        summary: "Stores the elements of a sorted set between two ranks, scores or members under another key.",
        complexity: "O(log(N)+M), N being the number of elements and M of those stored",
        syntax: "ZRANGESTORE dst:key src:key min max [BYSCORE | BYLEX] [REV] [LIMIT {offset count}]",
        arity: -5,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::one(2, &[ReadOnly, Access])],
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZRANGESTORE podium race 0 1
(integer) 2
> ZRANGE podium 0 -1
1) \"ann\"
2) \"eve\"",
        ..Spec::DEFAULT
    },
    zrangestore,
);

/// What a range command says by its name, and which options it therefore lacks.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// None: an option says it.
    pub(super) by: Option<By>,
    /// None: an option says it.
    pub(super) direction: Option<Direction>,
}

impl Form {
    const ZRANGE: Form = Form { by: None, direction: None };
}

/// Whether a command answers elements or stores them: only the former can show scores.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Answer,
    Store,
}

/// Answers a range.
pub(super) fn read(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, form: Form) -> Result<Done> {
    let key = args.key()?;
    let (asked, shown) = asked(args, form, Purpose::Answer)?;
    let Some(set) = super::read(cx, key)? else { return Ok(reply.array(0).done()) };
    let part = asked.part(set.view());
    Ok(elements(reply, shown, part.len(), part))
}

fn zrangestore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (destination, source, limits) = (args.key()?, args.key()?, &cx.limits.sorted_set);
    let (asked, _) = asked(args, Form::ZRANGE, Purpose::Store)?;
    let mut slot = cx.slot(source);
    slot.expire_all_elements();
    slot.count_read();
    let mut stored = Ranked::new();
    let from_ms = cx.alive_from_ms();
    if let Some(set) = cx.look_object::<Ranked>(source)? {
        let part = asked.part(set.alive_at(from_ms));
        stored = Ranked::expecting(part.len(), 0, limits);
        for element in part {
            element.member.with_text(|member| stored.insert(member, element.score, limits));
        }
    }
    let len = store(cx, destination, stored, Event::sorted_set("zrangestore"));
    Ok(reply.len(len))
}

/// Reads bounds and options.
fn asked<'a>(args: &mut Args<'a>, form: Form, purpose: Purpose) -> Result<(Asked<'a>, Shown)> {
    let (first, last) = (args.bytes()?, args.bytes()?);
    let (mut by, mut direction, mut limit) = (form.by, form.direction, None);
    let mut shown = Shown::Member;
    while !args.is_empty() {
        if purpose == Purpose::Answer && args.take("WITHSCORES") {
            shown = Shown::WithScore;
        } else if args.left() > 2 && args.take("LIMIT") {
            limit = Some(Limit::read(args)?);
        } else if direction.is_none() && args.take("REV") {
            direction = Some(Direction::Down);
        } else if by.is_none() && args.take("BYLEX") {
            by = Some(By::Member);
        } else if by.is_none() && args.take("BYSCORE") {
            by = Some(By::Score);
        } else {
            return Err(Error::SYNTAX);
        }
    }
    let by = by.unwrap_or(By::Rank);
    if by == By::Rank && limit.take().is_some_and(Limit::says_how_many) {
        return Err(LIMIT_OF_RANKS);
    }
    if shown == Shown::WithScore && by == By::Member {
        return Err(SCORES_OF_MEMBERS);
    }
    Ok((Asked::read(by, direction.unwrap_or(Direction::Up), limit, first, last)?, shown))
}
