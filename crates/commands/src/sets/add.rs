//! SADD, SREM, SMOVE: changing which members a set has.

use super::{ADDED, REMOVED, members};
use crate::elements::lapse;
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Access, Delete, Insert, ReadWrite};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::fields::MemberSet;

/// SADD
pub(super) const SADD: Command<Handler> = Command::new(
    Spec {
        name: "sadd",
        group: Group::Set,
        summary: "Adds members to a set, creating it if needed.",
        complexity: "O(N), N being the number of members given",
        syntax: "SADD key member [member ...]",
        arity: -3,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        element: Some(2),
        examples: "\
> SADD colours red green red
(integer) 2
> SADD colours blue
(integer) 1",
        ..Spec::DEFAULT
    },
    sadd,
);

#[inline]
fn sadd(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, limits) = (args.key()?, &cx.limits.set);
    let first = args.peek().unwrap_or_default();
    let given = args.rest();
    let mut set = cx.slot(key).open_or_insert(MemberSet::new)?;
    lapse(&mut set, given.clone());
    let members: &mut MemberSet = &mut set;
    members.make_room(given.len(), first, limits);
    let added = given.filter(|member| members.insert(member, limits)).count();
    if added > 0 {
        set.changed_by(added, ADDED);
    }
    Ok(reply.len(added))
}

/// SREM
pub(super) const SREM: Command<Handler> = Command::new(
    Spec {
        name: "srem",
        group: Group::Set,
        summary: "Removes members from a set.",
        complexity: "O(N), N being the number of members given",
        syntax: "SREM key member [member ...]",
        arity: -3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        element: Some(2),
        examples: "\
> SADD colours red green blue
(integer) 3
> SREM colours red black
(integer) 1",
        ..Spec::DEFAULT
    },
    srem,
);

fn srem(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, given) = (args.key()?, args.rest());
    let Some(mut set) = cx.slot(key).open::<MemberSet>()? else { return Ok(reply.int(0)) };
    lapse(&mut set, given.clone());
    let members: &mut MemberSet = &mut set;
    let removed = given.filter(|member| members.remove(member)).count();
    if removed > 0 {
        set.changed_by(removed, REMOVED);
    }
    Ok(reply.len(removed))
}

/// SMOVE
pub(super) const SMOVE: Command<Handler> = Command::new(
    Spec {
        name: "smove",
        group: Group::Set,
        summary: "Moves a member from one set to another.",
        syntax: "SMOVE source destination member",
        arity: 4,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete]), KeySpec::one(2, &[ReadWrite, Insert])],
        examples: "\
> SADD todo wash dry
(integer) 2
> SMOVE todo done wash
(integer) 1
> SMOVE todo done wash
(integer) 0
> SMEMBERS done
1) \"wash\"",
        ..Spec::DEFAULT
    },
    smove,
);

fn smove(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (source, destination, member) = (args.key()?, args.key()?, args.bytes()?);
    if !cx.slot(source).exists() {
        return Ok(reply.int(0));
    }
    let from_ms = cx.alive_from_ms();
    members(cx.look(destination), from_ms)?;
    let is_member = members(cx.look(source), from_ms)?.contains(member);
    if !is_member || source == destination {
        return Ok(reply.flag(is_member));
    }
    if let Some(mut set) = cx.slot(source).open::<MemberSet>()? {
        set.remove(member);
        set.changed_by(1, REMOVED);
    }
    let limits = &cx.limits.set;
    let mut set = cx.slot(destination).open_or_insert(MemberSet::new)?;
    lapse(&mut set, std::iter::once(member));
    if set.is_empty() {
        set.make_room(1, member, limits);
    }
    if set.insert(member, limits) {
        set.changed_by(1, ADDED);
    }
    Ok(reply.int(1))
}
