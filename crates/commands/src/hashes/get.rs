//! HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HSTRLEN, HEXISTS: looking at a hash.

use super::read;
use command::Flag::{Fast, Readonly};
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Spec};

/// HGET
pub(super) const HGET: Command<Handler> = Command::new(
    Spec {
        name: "hget",
        group: Group::Hash,
        since: "2.0.0",
        summary: "The value of a field of a hash.",
        syntax: "HGET key field",
        arity: 3,
        flags: &[Readonly, Fast],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        element: Some(2),
        examples: "\
> HSET user name Ada
(integer) 1
> HGET user name
\"Ada\"
> HGET user age
(nil)",
        ..Spec::DEFAULT
    },
    hget,
);

#[inline]
fn hget(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, field) = (args.key()?, args.bytes()?);
    Ok(match read(cx, key)?.find(field) {
        Some(found) => reply.string(found.value.into()),
        None => reply.null(),
    })
}

/// HMGET
pub(super) const HMGET: Command<Handler> = Command::new(
    Spec {
        name: "hmget",
        summary: "The values of several fields of a hash.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HMGET key field [field ...]",
        arity: -3,
        examples: "\
> HSET user name Ada city London
(integer) 2
> HMGET user name age city
1) \"Ada\"
2) (nil)
3) \"London\"",
        ..HGET.spec
    },
    hmget,
);

fn hmget(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, fields) = (args.key()?, args.rest());
    let hash = read(cx, key)?;
    let mut values = reply.array(fields.len());
    for field in fields {
        match hash.find(field) {
            Some(found) => values.string(found.value.into()),
            None => values.null(),
        }
    }
    Ok(values.done())
}

/// What the three commands that answer everything declare.
const ALL: Spec = Spec {
    complexity: "O(N), N being the number of fields",
    arity: 2,
    flags: &[Readonly],
    element: None,
    tips: &["nondeterministic_output_order"],
    ..HGET.spec
};

/// HGETALL
pub(super) const HGETALL: Command<Handler> = Command::new(
    Spec {
        name: "hgetall",
        summary: "All fields of a hash with their values.",
        syntax: "HGETALL key",
        examples: "\
> HSET user name Ada city London
(integer) 2
> HGETALL user
1) \"name\"
2) \"Ada\"
3) \"city\"
4) \"London\"",
        ..ALL
    },
    hgetall,
);

fn hgetall(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let hash = read(cx, args.key()?)?;
    let mut pairs = reply.map(hash.len());
    for field in hash {
        pairs.string(field.name.into());
        pairs.string(field.value.into());
    }
    Ok(pairs.done())
}

/// HKEYS
pub(super) const HKEYS: Command<Handler> = Command::new(
    Spec {
        name: "hkeys",
        summary: "The names of all fields of a hash.",
        syntax: "HKEYS key",
        examples: "\
> HSET user name Ada city London
(integer) 2
> HKEYS user
1) \"name\"
2) \"city\"",
        ..ALL
    },
    |cx, args, reply| {
        let hash = read(cx, args.key()?)?;
        let mut names = reply.array(hash.len());
        hash.into_iter().for_each(|field| names.string(field.name.into()));
        Ok(names.done())
    },
);

/// HVALS
pub(super) const HVALS: Command<Handler> = Command::new(
    Spec {
        name: "hvals",
        summary: "The values of all fields of a hash.",
        syntax: "HVALS key",
        examples: "\
> HSET user name Ada city London
(integer) 2
> HVALS user
1) \"Ada\"
2) \"London\"",
        ..ALL
    },
    |cx, args, reply| {
        let hash = read(cx, args.key()?)?;
        let mut values = reply.array(hash.len());
        hash.into_iter().for_each(|field| values.string(field.value.into()));
        Ok(values.done())
    },
);

/// HLEN
pub(super) const HLEN: Command<Handler> = Command::new(
    Spec {
        name: "hlen",
        summary: "How many fields a hash has.",
        syntax: "HLEN key",
        arity: 2,
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> HSET user name Ada city London
(integer) 2
> HLEN user
(integer) 2
> HLEN nothing
(integer) 0",
        ..HGET.spec
    },
    |cx, args, reply| Ok(reply.len(read(cx, args.key()?)?.len())),
);

/// HSTRLEN
pub(super) const HSTRLEN: Command<Handler> = Command::new(
    Spec {
        name: "hstrlen",
        since: "3.2.0",
        summary: "The length of the value of a field, in bytes.",
        syntax: "HSTRLEN key field",
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> HSET user name Ada
(integer) 1
> HSTRLEN user name
(integer) 3
> HSTRLEN user age
(integer) 0",
        ..HGET.spec
    },
    |cx, args, reply| {
        let (key, field) = (args.key()?, args.bytes()?);
        let found = read(cx, key)?.find(field);
        Ok(reply.len(found.map_or(0, |found| found.value.text_len())))
    },
);

/// HEXISTS
pub(super) const HEXISTS: Command<Handler> = Command::new(
    Spec {
        name: "hexists",
        summary: "Whether a hash has a field.",
        syntax: "HEXISTS key field",
        keys: &[KeySpec::one(1, &[ReadOnly])],
        examples: "\
> HSET user name Ada
(integer) 1
> HEXISTS user name
(integer) 1
> HEXISTS user age
(integer) 0",
        ..HGET.spec
    },
    |cx, args, reply| {
        let (key, field) = (args.key()?, args.bytes()?);
        Ok(reply.flag(read(cx, key)?.contains(field)))
    },
);
