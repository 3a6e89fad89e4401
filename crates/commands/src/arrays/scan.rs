//! ARSCAN: the values of a range with their indexes.

use super::index::{self, Range};
use super::read;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// ARSCAN
pub(super) const ARSCAN: Command<Handler> = Command::new(
    Spec {
        name: "arscan",
        group: Group::Array,
        since: "8.8.0",
        summary: "The values of an array between two indexes, with their indexes.",
        complexity: "O(log N+M), N being the number of values and M the number returned",
        syntax: "ARSCAN key start end [LIMIT limit]",
        arity: -4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARMSET days 1 mon 3 wed 1000000 \"far away\"
(integer) 3
> ARSCAN days 0 2000000
1) 1) (integer) 1
   2) \"mon\"
2) 1) (integer) 3
   2) \"wed\"
3) 1) (integer) 1000000
   2) \"far away\"
> ARSCAN days 5 0 LIMIT 1
1) 1) (integer) 3
   2) \"wed\"",
        ..Spec::DEFAULT
    },
    arscan,
);

fn arscan(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, range) = (args.key()?, Range::read(args)?);
    let limit = match (args.take("LIMIT"), args.is_empty()) {
        (true, _) => index::limit(args)?,
        (false, true) => u64::MAX,
        (false, false) => return Err(Error::SYNTAX),
    };
    args.end()?;
    let array = read(cx, key)?;
    let mut pairs = reply.deferred_array();
    range.visit(&array, |at, cell| {
        cell.with_text(|text| index::push_pair(&mut pairs, at, text));
        index::until(&pairs, limit)
    });
    Ok(pairs.done())
}
