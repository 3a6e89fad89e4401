//! HSCAN.

use super::read;
use crate::elements::walk::{Parts, Walk, cursor};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// HSCAN
pub(super) const HSCAN: Command<Handler> = Command::new(
    Spec {
        name: "hscan",
        group: Group::Hash,
        since: "2.8.0",
        summary: "Walks over the fields of a hash, a few per call.",
        complexity: "O(1) per call, O(N) for the whole walk",
        syntax: "HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> HSET user name Ada city London
(integer) 2
> HSCAN user 0 MATCH c*
1) \"0\"
2) 1) \"city\"
   2) \"London\"
> HSCAN user 0 NOVALUES
1) \"0\"
2) 1) \"name\"
   2) \"city\"",
        ..Spec::DEFAULT
    },
    hscan,
);

fn hscan(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, cursor) = (args.key()?, cursor(args.bytes()?)?);
    let hash = read(cx, key)?;
    if hash.is_empty() {
        return Ok(Walk::nothing(reply));
    }
    let walk = Walk::read(args, Parts::NameAndValue)?;
    Ok(walk.go(hash, cursor, reply))
}
