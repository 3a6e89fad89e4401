//! HSET, HMSET, HSETNX: giving fields values.

use super::{SET, open_or_insert};
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{Insert, ReadWrite, Update};
use command::{Args, Command, Cx, Deprecated, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::fields::{FieldMap, Ttl};

/// HSET
pub(super) const HSET: Command<Handler> = Command::new(
    Spec {
        name: "hset",
        group: Group::Hash,
        since: "2.0.0",
        summary: "Gives fields of a hash values, creating it if needed.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HSET key field value [field value ...]",
        arity: -4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        element: Some(2),
        examples: "\
> HSET user name Ada language English
(integer) 2
> HSET user language French city London
(integer) 1
> HGETALL user
1) \"name\"
2) \"Ada\"
3) \"language\"
4) \"French\"
5) \"city\"
6) \"London\"",
        ..Spec::DEFAULT
    },
    |cx, args, reply| Ok(reply.len(set(cx, args, "hset")?)),
);

/// HMSET
pub(super) const HMSET: Command<Handler> = Command::new(
    Spec {
        name: "hmset",
        summary: "Gives fields of a hash values, creating it if needed.",
        deprecated: Some(Deprecated {
            since: "4.0.0",
            replaced_by: "`HSET` with multiple field-value pairs",
        }),
        syntax: "HMSET key field value [field value ...]",
        examples: "\
> HMSET user name Ada language English
OK",
        ..HSET.spec
    },
    |cx, args, reply| {
        set(cx, args, "hmset")?;
        Ok(reply.ok())
    },
);

/// Sets the fields of the command of this name; answers how many are new.
#[inline]
fn set(cx: &mut Cx<'_>, args: &mut Args<'_>, command: &str) -> Result<usize> {
    let (key, limits) = (args.key()?, &cx.limits.hash);
    let mut words = args.rest();
    if !words.len().is_multiple_of(2) {
        return Err(Error::wrong_arity(command));
    }
    let (pairs, names) = (words.len() / 2, words.clone().step_by(2));
    let mut hash = open_or_insert(cx, key, names.clone())?;
    let fields: &mut FieldMap = &mut hash;
    fields.make_room(pairs, words.clone().map(<[u8]>::len).max().unwrap_or(0), limits);
    let mut new = 0;
    while let (Some(field), Some(value)) = (words.next(), words.next()) {
        new += usize::from(fields.set(field, value, Ttl::Clear, limits));
    }
    hash.changed_by(pairs, SET);
    hash.name_elements(names);
    Ok(new)
}

/// HSETNX
pub(super) const HSETNX: Command<Handler> = Command::new(
    Spec {
        name: "hsetnx",
        group: Group::Hash,
        since: "2.0.0",
        summary: "Gives a field of a hash a value if there is no such field.",
        syntax: "HSETNX key field value",
        arity: 4,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Insert])],
        element: Some(2),
        examples: "\
> HSETNX user name Ada
(integer) 1
> HSETNX user name Bob
(integer) 0
> HGET user name
\"Ada\"",
        ..Spec::DEFAULT
    },
    hsetnx,
);

fn hsetnx(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, field, value, limits) = (args.key()?, args.bytes()?, args.bytes()?, &cx.limits.hash);
    let mut hash = open_or_insert(cx, key, std::iter::once(field))?;
    if hash.view().contains(field) {
        return Ok(reply.int(0));
    }
    hash.set(field, value, Ttl::Clear, limits);
    hash.changed_by(1, SET);
    hash.name_elements([field]);
    Ok(reply.int(1))
}
