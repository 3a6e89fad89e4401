//! ZREM: removing members.

use crate::elements::lapse;
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::ranked::Ranked;

/// ZREM
pub(super) const ZREM: Command<Handler> = Command::new(
    Spec {
        name: "zrem",
        group: Group::SortedSet,
        since: "1.2.0",
        summary: "Removes members from a sorted set.",
        complexity: "O(M*log(N)), N being the number of elements and M of those removed",
        syntax: "ZREM key member [member ...]",
        arity: -3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> ZREM race ann nobody
(integer) 1",
        ..Spec::DEFAULT
    },
    zrem,
);

fn zrem(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, members) = (args.key()?, args.rest());
    let Some(mut set) = cx.slot(key).open::<Ranked>()? else { return Ok(reply.int(0)) };
    lapse(&mut set, members.clone());
    let ranked: &mut Ranked = &mut set;
    let removed = members.filter(|member| ranked.remove(member).is_some()).count();
    if removed > 0 {
        set.changed_by(removed, Event::sorted_set("zrem"));
    }
    Ok(reply.len(removed))
}
