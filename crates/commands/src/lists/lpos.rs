//! LPOS: looking for an element.

use crate::arguments::negatable;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::deque::Deque;
use structs::packed::{Item, Needle};

/// LPOS
pub const LPOS: Command<Handler> = Command::new(
    Spec {
        name: "lpos",
        group: Group::List,
        since: "6.0.6",
        summary: "Where in a list an element is found.",
        complexity: "O(N), N being the elements compared",
        syntax: "LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> RPUSH letters a b c b
(integer) 4
> LPOS letters b
(integer) 1
> LPOS letters b RANK -1 COUNT 0
1) (integer) 3
2) (integer) 1",
        ..Spec::DEFAULT
    },
    lpos,
);

const RANK_ZERO: Error = Error::new(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const COUNT_NEGATIVE: Error = Error::new("ERR COUNT can't be negative");
const MAXLEN_NEGATIVE: Error = Error::new("ERR MAXLEN can't be negative");

/// What to look for besides the element.
struct Search {
    /// Matches are looked for from the last element to the first.
    backward: bool,
    /// Matches not to report.
    skip: usize,
    /// Matches to report at most; without it one, not in an array.
    count: Option<usize>,
    /// Elements to compare at most.
    max_compared: usize,
}

impl Search {
    fn parse(args: &mut Args<'_>) -> Result<Search> {
        let mut search = Search { backward: false, skip: 0, count: None, max_compared: usize::MAX };
        while !args.is_empty() {
            if args.take_with_value("RANK") {
                let rank = negatable(args)?;
                search.backward = rank < 0;
                search.skip = rank.unsigned_abs().checked_sub(1).ok_or(RANK_ZERO)? as usize;
            } else if args.take_with_value("COUNT") {
                search.count = Some(limit(args, COUNT_NEGATIVE)?);
            } else if args.take_with_value("MAXLEN") {
                search.max_compared = limit(args, MAXLEN_NEGATIVE)?;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(search)
    }

    /// Answers with the indexes of the matching elements; `elements` come in the order of the search.
    fn answer<'a>(
        &self,
        elements: impl Iterator<Item = (usize, Item<'a>)>,
        needle: Needle<'_>,
        reply: Reply<'_>,
    ) -> Done {
        let compared = elements.take(self.max_compared);
        let matching = compared.filter(|(_, item)| needle.matches(*item)).map(|(index, _)| index);
        let mut reported = matching.skip(self.skip);
        let Some(count) = self.count else {
            return match reported.next() {
                Some(index) => reply.len(index),
                None => reply.null(),
            };
        };
        let mut indexes = reply.deferred_array();
        reported.take(count).for_each(|index| indexes.int(index as i64));
        indexes.done()
    }
}

/// Reads a limit, 0 being none.
fn limit(args: &mut Args<'_>, error: Error) -> Result<usize> {
    Ok(match args.int_in(0.., error.clone()).map_err(|_| error)? {
        0 => usize::MAX,
        limit => limit as usize,
    })
}

fn lpos(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, element) = (args.key()?, args.bytes()?);
    let search = Search::parse(args)?;
    let needle = Needle::new(element);
    Ok(match cx.read_object::<Deque>(key)? {
        None => search.answer(std::iter::empty(), needle, reply),
        Some(list) if search.backward => {
            search.answer((0..list.len()).rev().zip(list.iter_back()), needle, reply)
        }
        Some(list) => search.answer(list.iter().enumerate(), needle, reply),
    })
}
