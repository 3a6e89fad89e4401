//! SINTERSTORE, SUNIONSTORE, SDIFFSTORE: keeping what several sets give.

use super::algebra::{Operation, gather};
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::{Expiry, ObjectBox, Value};
use structs::fields::MemberSet;

/// What the three declarations share.
const STORE: Spec = Spec {
    group: Group::Set,
    arity: -3,
    flags: &[Write, DenyOom],
    keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::range(2, -1, 1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// SINTERSTORE
pub(super) const SINTERSTORE: Command<Handler> = Command::new(
    Spec {
        name: "sinterstore",
        summary: "Stores the members that all of several sets have.",
        complexity: "O(N*M), N being the size of the smallest set and M the number of sets",
        syntax: "SINTERSTORE destination key [key ...]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SINTERSTORE both warm fruit
(integer) 1
> SMEMBERS both
1) \"orange\"",
        ..STORE
    },
    |cx, args, reply| store(cx, args, reply, Operation::Intersection, Event::set("sinterstore")),
);

/// SUNIONSTORE
pub(super) const SUNIONSTORE: Command<Handler> = Command::new(
    Spec {
        name: "sunionstore",
        summary: "Stores the members that any of several sets has.",
        complexity: "O(N), N being the members of all sets",
        syntax: "SUNIONSTORE destination key [key ...]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SUNIONSTORE any warm fruit
(integer) 3",
        ..STORE
    },
    |cx, args, reply| store(cx, args, reply, Operation::Union, Event::set("sunionstore")),
);

/// SDIFFSTORE
pub(super) const SDIFFSTORE: Command<Handler> = Command::new(
    Spec {
        name: "sdiffstore",
        summary: "Stores the members of the first set that none of the others has.",
        complexity: "O(N*M), N being the size of the first set and M the number of sets",
        syntax: "SDIFFSTORE destination key [key ...]",
        examples: "\
> SADD warm red orange
(integer) 2
> SADD fruit orange apple
(integer) 2
> SDIFFSTORE only warm fruit
(integer) 1
> SMEMBERS only
1) \"red\"",
        ..STORE
    },
    |cx, args, reply| store(cx, args, reply, Operation::Difference, Event::set("sdiffstore")),
);

fn store(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    operation: Operation,
    event: Event,
) -> Result<Done> {
    let (destination, keys, limits) = (args.key()?, args.rest(), cx.limits.set);
    let mut result = MemberSet::new();
    keys.clone().for_each(|key| cx.slot(key).expire_all_elements());
    operation.visit(&gather(cx, keys)?, &limits, &mut |member| {
        member.name.with_text(|name| match operation {
            Operation::Intersection => result.gather(name, &limits),
            _ => _ = result.insert(name, &limits),
        });
        true
    });
    let (len, lazily) = (result.len(), cx.limits.lazy_server_del);
    let mut slot = cx.slot(destination);
    if len == 0 {
        slot.delete(Event::DEL, lazily);
    } else {
        slot.put_value(Value::Object(ObjectBox::new(result)), Expiry::Never, event);
    }
    Ok(reply.len(len))
}
