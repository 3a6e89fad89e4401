//! SCARD, SISMEMBER, SMISMEMBER, SMEMBERS: looking at a set.

use super::read;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// SCARD
pub(super) const SCARD: Command<Handler> = Command::new(
    Spec {
        name: "scard",
        group: Group::Set,
        summary: "How many members a set has.",
        syntax: "SCARD key",
        arity: 2,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> SADD colours red green
(integer) 2
> SCARD colours
(integer) 2
> SCARD nothing
(integer) 0",
        ..Spec::DEFAULT
    },
    |cx, args, reply| Ok(reply.len(read(cx, args.key()?)?.len())),
);

/// SISMEMBER
pub(super) const SISMEMBER: Command<Handler> = Command::new(
    Spec {
        name: "sismember",
        group: Group::Set,
        summary: "Whether a set has a member.",
        syntax: "SISMEMBER key member",
        arity: 3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly])],
        element: Some(2),
        examples: "\
> SADD colours red green
(integer) 2
> SISMEMBER colours red
(integer) 1
> SISMEMBER colours black
(integer) 0",
        ..Spec::DEFAULT
    },
    |cx, args, reply| {
        let (key, member) = (args.key()?, args.bytes()?);
        Ok(reply.flag(read(cx, key)?.contains(member)))
    },
);

/// SMISMEMBER
pub(super) const SMISMEMBER: Command<Handler> = Command::new(
    Spec {
        name: "smismember",
        group: Group::Set,
        since: "6.2.0",
        summary: "Which of several members a set has.",
        complexity: "O(N), N being the number of members given",
        syntax: "SMISMEMBER key member [member ...]",
        arity: -3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        element: Some(2),
        examples: "\
> SADD colours red green
(integer) 2
> SMISMEMBER colours red black
1) (integer) 1
2) (integer) 0",
        ..Spec::DEFAULT
    },
    smismember,
);

fn smismember(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, given) = (args.key()?, args.rest());
    let members = read(cx, key)?;
    let mut answers = reply.array(given.len());
    given.for_each(|member| answers.int(i64::from(members.contains(member))));
    Ok(answers.done())
}

/// SMEMBERS
pub(super) const SMEMBERS: Command<Handler> = Command::new(
    Spec {
        name: "smembers",
        group: Group::Set,
        summary: "All members of a set.",
        complexity: "O(N), N being the number of members",
        syntax: "SMEMBERS key",
        arity: 2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output_order"],
        examples: "\
> SADD colours red green
(integer) 2
> SMEMBERS colours
1) \"red\"
2) \"green\"",
        ..Spec::DEFAULT
    },
    smembers,
);

fn smembers(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let members = read(cx, args.key()?)?;
    let mut all = reply.set(members.len());
    members.into_iter().for_each(|member| all.string(member.name.into()));
    Ok(all.done())
}
