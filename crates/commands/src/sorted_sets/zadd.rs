//! ZADD, ZINCRBY: adding members and changing scores.

use crate::elements::lapse;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Open, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::ranked::{Limits, MEMBER_MAX, Ranked};

const ADDED: Event = Event::sorted_set("zadd");
const INCREMENTED: Event = Event::sorted_set("zincr");

/// ZADD
pub(super) const ZADD: Command<Handler> = Command::new(
    Spec {
        name: "zadd",
        group: Group::SortedSet,
        since: "1.2.0",
        summary: "Adds members with scores to a sorted set, or changes the scores of those it has.",
        complexity: "O(log(N)) per member, N being the number of elements",
        syntax: "ZADD key [NX | XX] [GT | LT] [CH:change] [INCR:increment] score member [score member ...]",
        arguments_since: &[
            ("change", "3.0.2"),
            ("comparison", "6.2.0"),
            ("condition", "3.0.2"),
            ("increment", "3.0.2"),
        ],
        arity: -4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> ZADD race LT CH 9.5 ann 15 bob
(integer) 1
> ZRANGE race 0 -1 WITHSCORES
1) \"ann\"
2) \"9.5\"
3) \"bob\"
4) \"12\"",
        ..Spec::DEFAULT
    },
    |cx, args, reply| add(cx, args, reply, Rule::default()),
);

/// ZINCRBY
pub(super) const ZINCRBY: Command<Handler> = Command::new(
    Spec {
        name: "zincrby",
        group: Group::SortedSet,
        since: "1.2.0",
        summary: "Adds to the score of a member, which is 0 at first.",
        complexity: "O(log(N)), N being the number of elements",
        syntax: "ZINCRBY key increment member",
        arity: 4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])],
        examples: "\
> ZINCRBY points 2.5 ann
\"2.5\"
> ZINCRBY points -1 ann
\"1.5\"",
        ..Spec::DEFAULT
    },
    |cx, args, reply| add(cx, args, reply, Rule { increments: true, ..Rule::default() }),
);

fn add(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>, mut rule: Rule) -> Result<Done> {
    let (key, limits) = (args.key()?, &cx.limits.sorted_set);
    rule.read(args)?;
    rule.check(args.left())?;
    let pairs = pairs(args)?;
    let set = open(cx, key, rule.presence, &pairs)?;
    if rule.increments {
        let score = set.map(|set| increment(set, &rule, pairs[0], limits)).transpose()?.flatten();
        return Ok(match score {
            Some(score) => reply.double(score),
            None => reply.null(),
        });
    }
    let (added, updated) = set.map_or(Ok((0, 0)), |set| set_scores(set, &rule, &pairs, limits))?;
    Ok(reply.len(if rule.counts_updates { added + updated } else { added }))
}

/// Sets the scores of members, as ZADD does. Answers how many were added, and how many others have a new score.
///
/// # Errors
/// The key holds something else, or a member is too long.
pub(crate) fn add_scores(
    cx: &mut Cx<'_>,
    key: &[u8],
    presence: Presence,
    pairs: &[(f64, &[u8])],
) -> Result<(usize, usize)> {
    let limits = &cx.limits.sorted_set;
    let rule = Rule { presence, ..Rule::default() };
    let set = open(cx, key, presence, pairs)?;
    set.map_or(Ok((0, 0)), |set| set_scores(set, &rule, pairs, limits))
}

/// Opens the set that members are to be added to; none if only existing ones are touched and there is none.
fn open<'c, 'k>(
    cx: &'c mut Cx<'_>,
    key: &'k [u8],
    presence: Presence,
    pairs: &[(f64, &[u8])],
) -> Result<Option<Open<'c, 'k, Ranked>>> {
    if pairs.iter().any(|(_, member)| member.len() > MEMBER_MAX) {
        return Err(Error::STRING_TOO_LONG);
    }
    let limits = &cx.limits.sorted_set;
    let slot = cx.slot(key);
    let mut set = if presence == Presence::Existing {
        slot.open()?
    } else {
        let first_len = pairs.first().map_or(0, |(_, member)| member.len());
        Some(slot.open_or_insert(|| Ranked::expecting(pairs.len(), first_len, limits))?)
    };
    if let Some(set) = &mut set {
        set.expect(pairs.len(), limits);
        lapse(set, pairs.iter().map(|(_, member)| *member));
    }
    Ok(set)
}

/// Adds to the score of one member. Answers the new score, none if the rule forbids it.
fn increment(
    mut set: Open<'_, '_, Ranked>,
    rule: &Rule,
    (score, member): (f64, &[u8]),
    limits: &Limits,
) -> Result<Option<f64>> {
    match rule.apply(&mut set, member, score, limits)? {
        Outcome::Added(score) | Outcome::Updated(score) => {
            set.changed_by(1, INCREMENTED);
            Ok(Some(score))
        }
        Outcome::Same(score) => Ok(Some(score)),
        Outcome::Refused => Ok(None),
    }
}

/// Sets the scores of members. Answers how many were added, and how many others have a new score.
fn set_scores(
    mut set: Open<'_, '_, Ranked>,
    rule: &Rule,
    pairs: &[(f64, &[u8])],
    limits: &Limits,
) -> Result<(usize, usize)> {
    let (mut added, mut updated) = (0, 0);
    let ranked: &mut Ranked = &mut set;
    for (score, member) in pairs {
        match rule.apply(ranked, member, *score, limits)? {
            Outcome::Added(_) => added += 1,
            Outcome::Updated(_) => updated += 1,
            Outcome::Same(_) | Outcome::Refused => {}
        }
    }
    if added + updated > 0 {
        set.changed_by(added + updated, ADDED);
    }
    Ok((added, updated))
}

/// Scores with their members; hardly ever more than one.
type Pairs<'a> = SmallVec<[(f64, &'a [u8]); 4]>;

/// Reads scores, each with its member.
fn pairs<'a>(args: &mut Args<'a>) -> Result<Pairs<'a>> {
    let mut pairs = SmallVec::with_capacity(args.left() / 2);
    while !args.is_empty() {
        pairs.push((args.float()?, args.bytes()?));
    }
    Ok(pairs)
}

/// Which members are touched.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    #[default]
    Any,
    /// Those that aren't there yet.
    New,
    /// Those that are there.
    Existing,
}

/// Where the score of a member that is there may go.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Direction {
    #[default]
    Any,
    Up,
    Down,
}

/// The options.
#[derive(Clone, Copy, Default)]
struct Rule {
    presence: Presence,
    direction: Direction,
    /// Whether a second, contradicting word stood there for presence or direction.
    presence_twice: bool,
    direction_twice: bool,
    /// Whether members with a new score are counted as well.
    counts_updates: bool,
    /// Whether the score given is added to the present one.
    increments: bool,
}

/// What has become of a member, with its score.
enum Outcome {
    Added(f64),
    Updated(f64),
    /// The score is what it was.
    Same(f64),
    /// The rule doesn't allow it.
    Refused,
}

impl Rule {
    /// Reads the words in front of the scores.
    fn read(&mut self, args: &mut Args<'_>) -> Result<()> {
        loop {
            if args.take("NX") {
                self.demand(Presence::New);
            } else if args.take("XX") {
                self.demand(Presence::Existing);
            } else if args.take("GT") {
                self.lead(Direction::Up);
            } else if args.take("LT") {
                self.lead(Direction::Down);
            } else if args.take("CH") {
                self.counts_updates = true;
            } else if args.take("INCR") {
                self.increments = true;
            } else {
                return Ok(());
            }
        }
    }

    fn demand(&mut self, presence: Presence) {
        self.presence_twice |= self.presence != Presence::Any && self.presence != presence;
        self.presence = presence;
    }

    fn lead(&mut self, direction: Direction) {
        self.direction_twice |= self.direction != Direction::Any && self.direction != direction;
        self.direction = direction;
    }

    /// Checks that the options agree with each other, and with the number of words that follow them.
    fn check(&self, words: usize) -> Result<()> {
        if words == 0 || !words.is_multiple_of(2) {
            return Err(Error::SYNTAX);
        }
        if self.presence_twice {
            return Err(Error::new("ERR XX and NX options at the same time are not compatible"));
        }
        if self.direction_twice || (self.direction != Direction::Any && self.presence == Presence::New) {
            return Err(Error::new("ERR GT, LT, and/or NX options at the same time are not compatible"));
        }
        if self.increments && words > 2 {
            return Err(Error::new("ERR INCR option supports a single increment-element pair"));
        }
        Ok(())
    }

    /// Gives a member a score, or adds to it.
    #[inline]
    fn apply(&self, set: &mut Ranked, member: &[u8], score: f64, limits: &Limits) -> Result<Outcome> {
        if self.presence == Presence::Any && self.direction == Direction::Any && !self.increments {
            return Ok(match set.insert(member, score, limits) {
                None => Outcome::Added(score),
                Some(old) if old == score => Outcome::Same(score),
                Some(_) => Outcome::Updated(score),
            });
        }
        let Some(old) = set.score(member) else {
            if self.presence == Presence::Existing {
                return Ok(Outcome::Refused);
            }
            set.insert(member, score, limits);
            return Ok(Outcome::Added(score));
        };
        if self.presence == Presence::New {
            return Ok(Outcome::Refused);
        }
        let score = if self.increments { old + score } else { score };
        if score.is_nan() {
            return Err(Error::new("ERR resulting score is not a number (NaN)"));
        }
        let refused = match self.direction {
            Direction::Any => false,
            Direction::Up => score <= old,
            Direction::Down => score >= old,
        };
        if refused {
            return Ok(Outcome::Refused);
        }
        if score == old {
            return Ok(Outcome::Same(score));
        }
        set.insert(member, score, limits);
        Ok(Outcome::Updated(score))
    }
}
