//! HGETEX.

use crate::elements::block::{names, not_positive, take_moment};
use crate::elements::expire::{removed, set};
use crate::elements::lapse;
use crate::elements::ttl::persisted;
use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Open, Replicate, Reply, Result, Spec,
};
use structs::fields::FieldMap;

/// HGETEX
pub(super) const HGETEX: Command<Handler> = Command::new(
    Spec {
        name: "hgetex",
        group: Group::Hash,
        since: "8.0.0",
        summary: "The values of fields of a hash; changes when they expire.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HGETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | \
                 PXAT unix-time-milliseconds | PERSIST] FIELDS {numfields field [field ...]}",
        arity: -5,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Update])
            .noted("RW and UPDATE: the options change when fields expire")],
        replicate: Replicate::Outcome,
        examples: "\
> HSET user name Ada token secret
(integer) 2
> HGETEX user EX 60 FIELDS 1 token
1) \"secret\"
> HTTL user FIELDS 2 name token
1) (integer) -1
2) (integer) 60",
        ..Spec::DEFAULT
    },
    hgetex,
);

/// What becomes of the fields.
#[derive(Clone, Copy)]
enum Change {
    Nothing,
    Persist,
    Expire(i64),
}

fn hgetex(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, now) = (args.key()?, cx.now);
    let mut hash = cx.slot(key).open::<FieldMap>()?;
    let change = match take_moment(args, now, "hgetex")? {
        Some(at_ms) => Change::Expire(at_ms),
        None if args.take("PERSIST") => Change::Persist,
        None => Change::Nothing,
    };
    if args.left() < 2 && args.peek().is_some_and(|word| word.eq_ignore_ascii_case(b"FIELDS")) {
        return Err(Error::wrong_arity("hgetex"));
    }
    let fields = names::<FieldMap>(args, not_positive::<FieldMap>)?;
    let mut values = reply.array(fields.len());
    let Some(hash) = &mut hash else {
        fields.for_each(|_| values.null());
        return Ok(values.done());
    };
    lapse(hash, fields.clone());
    if !matches!(change, Change::Nothing) {
        hash.await_expiry();
    }
    let mut changed = Vec::new();
    for field in fields {
        match hash.view().find(field) {
            Some(found) => values.string(found.value.into()),
            None => values.null(),
        }
        if apply(hash, field, change) {
            changed.push(field);
        }
    }
    match change {
        Change::Nothing => {}
        Change::Persist => persisted(hash, &changed),
        Change::Expire(at_ms) if hash.is_over(at_ms) => removed(hash, &changed),
        Change::Expire(at_ms) => set(hash, &changed, at_ms),
    }
    Ok(values.done())
}

/// Changes when a field expires; answers whether anything has changed.
fn apply(hash: &mut Open<'_, '_, FieldMap>, field: &[u8], change: Change) -> bool {
    match change {
        Change::Nothing => false,
        Change::Persist => {
            let expires = hash.view().find(field).is_some_and(|found| found.expiry_ms.is_some());
            expires && hash.set_expiry(field, None)
        }
        Change::Expire(at_ms) if hash.is_over(at_ms) => hash.remove(field),
        Change::Expire(at_ms) => hash.set_expiry(field, Some(at_ms)),
    }
}
