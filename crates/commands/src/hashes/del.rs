//! HDEL, HGETDEL: removing fields.

use crate::elements::block::{names, not_positive};
use crate::elements::{Elements, lapse};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Open, Replicate, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::fields::FieldMap;

/// HDEL
pub(super) const HDEL: Command<Handler> = Command::new(
    Spec {
        name: "hdel",
        group: Group::Hash,
        since: "2.0.0",
        summary: "Removes fields from a hash.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HDEL key field [field ...]",
        arity: -3,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
        element: Some(2),
        examples: "\
> HSET user name Ada city London
(integer) 2
> HDEL user city age
(integer) 1",
        ..Spec::DEFAULT
    },
    hdel,
);

fn hdel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, fields) = (args.key()?, args.rest());
    let Some(mut hash) = cx.slot(key).open::<FieldMap>()? else { return Ok(reply.int(0)) };
    lapse(&mut hash, fields.clone());
    Ok(reply.len(remove(&mut hash, fields)))
}

/// Removes fields; answers how many there were.
fn remove<'f>(hash: &mut Open<'_, '_, FieldMap>, fields: impl Iterator<Item = &'f [u8]>) -> usize {
    let inner: &mut FieldMap = hash;
    let removed: SmallVec<[&[u8]; 8]> = fields.filter(|field| inner.remove(field)).collect();
    if !removed.is_empty() {
        hash.changed_by(removed.len(), FieldMap::REMOVED);
        hash.name_elements(removed.iter().copied());
    }
    removed.len()
}

/// HGETDEL
pub(super) const HGETDEL: Command<Handler> = Command::new(
    Spec {
        name: "hgetdel",
        group: Group::Hash,
        since: "8.0.0",
        summary: "The values of fields of a hash, which are removed.",
        complexity: "O(N), N being the number of fields given",
        syntax: "HGETDEL key FIELDS {numfields field [field ...]}",
        arity: -5,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> HSET user name Ada city London
(integer) 2
> HGETDEL user FIELDS 2 city age
1) \"London\"
2) (nil)
> HLEN user
(integer) 1",
        ..Spec::DEFAULT
    },
    hgetdel,
);

fn hgetdel(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let mut hash = cx.slot(key).open::<FieldMap>()?;
    let fields = names::<FieldMap>(args, not_positive::<FieldMap>)?;
    let mut values = reply.array(fields.len());
    let Some(hash) = &mut hash else {
        fields.for_each(|_| values.null());
        return Ok(values.done());
    };
    lapse(hash, fields.clone());
    let mut removed = Vec::new();
    for field in fields {
        match hash.view().find(field) {
            Some(found) => values.string(found.value.into()),
            None => values.null(),
        }
        // Removed at once: whoever names a field twice gets its value once.
        if FieldMap::remove(hash, field) {
            removed.push(field);
        }
    }
    if !removed.is_empty() {
        hash.changed_by(removed.len(), FieldMap::REMOVED);
        hash.name_elements(removed.iter().copied());
        hash.outcome_for(FieldMap::REMOVE, &[], &removed);
    }
    Ok(values.done())
}
