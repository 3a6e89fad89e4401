//! ARLASTITEMS: what was written last, from the cursor backwards and around.

use super::index::{POSITIONS_MAX, Range};
use super::read;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// ARLASTITEMS
pub(super) const ARLASTITEMS: Command<Handler> = Command::new(
    Spec {
        name: "arlastitems",
        group: Group::Array,
        since: "8.8.0",
        summary: "The values that were inserted last, holes between them included; the oldest first, or with REV the newest.",
        complexity: "O(N), N being the number returned",
        syntax: "ARLASTITEMS key count [REV]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARRING load 3 1 4 1 5 9
(integer) 1
> ARLASTITEMS load 2
1) \"5\"
2) \"9\"
> ARLASTITEMS load 5 REV
1) \"9\"
2) \"5\"
3) \"1\"",
        ..Spec::DEFAULT
    },
    arlastitems,
);

/// A reply of more holes than it may have.
const TOO_MANY: Error = Error::new("ERR count exceeds maximum of 1000000 items");

fn arlastitems(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, count) = (args.key()?, args.int()?);
    let newest_first = args.take("REV");
    args.end()?;
    let array = read(cx, key)?;
    let count = array.end().min(u64::try_from(count).unwrap_or(0));
    if count > POSITIONS_MAX.max(array.count()) {
        return Err(TOO_MANY);
    }
    let mut values = reply.array(count as usize);
    if count > 0 {
        let newest = array.cursor().filter(|cursor| *cursor < array.end()).unwrap_or(array.end() - 1);
        let (recent, around) = behind(newest, count, array.end() - 1);
        if newest_first {
            recent.write_positions(&array, &mut values);
            around.inspect(|around| around.write_positions(&array, &mut values));
        } else {
            around.inspect(|around| around.reversed().write_positions(&array, &mut values));
            recent.reversed().write_positions(&array, &mut values);
        }
    }
    Ok(values.done())
}

/// `count` positions from `newest` down to index 0 and on from `greatest`: in one range, or in two.
fn behind(newest: u64, count: u64, greatest: u64) -> (Range, Option<Range>) {
    match count.checked_sub(newest + 1) {
        None => (Range::between(newest, newest + 1 - count), None),
        Some(0) => (Range::between(newest, 0), None),
        Some(around) => (Range::between(newest, 0), Some(Range::between(greatest, greatest + 1 - around))),
    }
}
