//! The sets that ZUNION, ZINTER and ZDIFF combine, and their arguments.

use super::Seen;
use super::reply::Shown;
use command::{Args, Cx, Error, Result};
use keyspace::Item;
use std::borrow::Cow;
use structs::fields::View;
use structs::packed;
use structs::ranked::Ranked;

/// A set that is combined with others.
pub(super) enum Source<'s> {
    /// There is no such key.
    Nothing,
    SortedSet(Seen<'s>),
    /// Each of its members has the score 1.
    Set(View<'s>),
}

/// The score of a set's members.
const SET_SCORE: f64 = 1.0;

impl<'s> Source<'s> {
    /// What a key holds; members of a set that have expired before `from_ms` aren't there.
    fn of(item: Option<Item<'s>>, from_ms: i64) -> Result<Source<'s>> {
        let Some(item) = item else { return Ok(Source::Nothing) };
        let set = || item.members().map(|set| Source::Set(set.alive_at(from_ms)));
        let sorted_set = item.object::<Ranked>().map(|set| Source::SortedSet(Seen::new(set, from_ms)));
        sorted_set.or_else(set).ok_or(Error::WRONG_TYPE)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Source::Nothing => 0,
            Source::SortedSet(set) => set.view().len(),
            Source::Set(set) => set.len(),
        }
    }

    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        match self {
            Source::Nothing => None,
            Source::SortedSet(set) => set.view().score(member),
            Source::Set(set) => set.contains(member).then_some(SET_SCORE),
        }
    }

    /// Visits all members with their scores, until `visit` answers false.
    pub(super) fn for_each<'t>(&'t self, mut visit: impl FnMut(Cow<'t, [u8]>, f64) -> bool) {
        match self {
            Source::Nothing => {}
            Source::SortedSet(set) => {
                set.view().iter().all(|element| visit(text(element.member), element.score));
            }
            Source::Set(set) => {
                set.into_iter().all(|element| visit(text(element.name), SET_SCORE));
            }
        }
    }
}

/// A member as bytes.
fn text(member: packed::Item<'_>) -> Cow<'_, [u8]> {
    match member {
        packed::Item::Bytes(bytes) => Cow::Borrowed(bytes),
        packed::Item::Int(_) => Cow::Owned(member.to_vec()),
    }
}

/// How the scores of one member become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Aggregate {
    Sum,
    Min,
    Max,
    /// The sum of the weights, whatever the scores are.
    Count,
}

/// What follows the keys.
pub(super) struct Options {
    /// One for each key.
    pub(super) weights: Vec<f64>,
    pub(super) aggregate: Aggregate,
    pub(super) shown: Shown,
}

/// Which options a command has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepted {
    /// WEIGHTS and AGGREGATE.
    Mixing,
    /// WITHSCORES.
    Showing,
    /// All of these.
    Both,
}

/// Reads `numkeys key [key ...]` and opens the keys: counts uses and removes what has expired. `command` is named by the
/// error.
///
/// # Errors
/// Too few keys, or [`Error::WRONG_TYPE`] if one holds something else than a set.
pub(super) fn keys<'a>(
    cx: &mut Cx<'_>,
    args: &mut Args<'a>,
    command: &str,
) -> Result<impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a>> {
    let count = args.int()?;
    if count < 1 {
        let text = format!("ERR at least 1 input key is needed for '{command}' command");
        return Err(Error::with(text));
    }
    let count = usize::try_from(count).ok().filter(|count| *count <= args.left()).ok_or(Error::SYNTAX)?;
    let (keys, from_ms) = (args.take_many(count), cx.alive_from_ms());
    for key in keys.clone() {
        Source::of(cx.read(key), from_ms)?;
    }
    Ok(keys)
}

/// As [`keys`], for what is about to be stored: removes all elements whose time is over.
pub(super) fn keys_to_store<'a>(
    cx: &mut Cx<'_>,
    args: &mut Args<'a>,
    command: &str,
) -> Result<impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a>> {
    let keys = keys(cx, args, command)?;
    keys.clone().for_each(|key| cx.slot(key).expire_all_elements());
    Ok(keys)
}

/// What the keys hold that [`keys`] has opened.
pub(super) fn sources<'s, 'k>(
    cx: &'s Cx<'_>,
    keys: impl Iterator<Item = &'k [u8]>,
) -> Result<Vec<Source<'s>>> {
    let from_ms = cx.alive_from_ms();
    keys.map(|key| Source::of(cx.peek(key), from_ms)).collect()
}

impl Options {
    /// Reads what follows `count` keys.
    pub(super) fn read(args: &mut Args<'_>, count: usize, accepted: Accepted) -> Result<Options> {
        let mut options =
            Options { weights: vec![1.0; count], aggregate: Aggregate::Sum, shown: Shown::Member };
        while !args.is_empty() {
            if accepted != Accepted::Showing && args.left() > count && args.take("WEIGHTS") {
                for weight in &mut options.weights {
                    *weight = args.float().map_err(|_| Error::new("ERR weight value is not a float"))?;
                }
            } else if accepted != Accepted::Showing && args.take_with_value("AGGREGATE") {
                options.aggregate = aggregate(args)?;
            } else if accepted != Accepted::Mixing && args.take("WITHSCORES") {
                options.shown = Shown::WithScore;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }
}

fn aggregate(args: &mut Args<'_>) -> Result<Aggregate> {
    if args.take("SUM") {
        Ok(Aggregate::Sum)
    } else if args.take("MIN") {
        Ok(Aggregate::Min)
    } else if args.take("MAX") {
        Ok(Aggregate::Max)
    } else if args.take("COUNT") {
        Ok(Aggregate::Count)
    } else {
        Err(Error::SYNTAX)
    }
}
