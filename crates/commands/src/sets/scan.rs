//! SSCAN.

use super::read;
use crate::elements::walk::{Parts, Walk, cursor};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// SSCAN
pub(super) const SSCAN: Command<Handler> = Command::new(
    Spec {
        name: "sscan",
        group: Group::Set,
        since: "2.8.0",
        summary: "Walks over the members of a set, a few per call.",
        complexity: "O(1) per call, O(N) for the whole walk",
        syntax: "SSCAN key cursor [MATCH pattern] [COUNT count]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> SADD colours red green rose
(integer) 3
> SSCAN colours 0 MATCH r*
1) \"0\"
2) 1) \"red\"
   2) \"rose\"",
        ..Spec::DEFAULT
    },
    sscan,
);

fn sscan(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, cursor) = (args.key()?, cursor(args.bytes()?)?);
    let members = read(cx, key)?;
    if members.is_empty() {
        return Ok(Walk::nothing(reply));
    }
    let walk = Walk::read(args, Parts::Name)?;
    Ok(walk.go(members, cursor, reply))
}
