//! HIMPORT: many hashes with the same fields, whose names are sent once.

use crate::admin::Admin;
use crate::fieldsets::Fieldsets;
use crate::registry::Run;
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{Overwrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Footprint, Group, KeySpec, Replicate, Reply, Result, Spec,
};
use keyspace::{Expiry, Kind, ObjectBox, Value};
use structs::fields::{FieldMap, Ttl};

/// The family.
pub(crate) const COMMANDS: &[Command<Run>] = &[HIMPORT];

const NO_SUCH_FIELDSET: Error = Error::new("ERR no such fieldset");
const DUPLICATE_FIELD: Error = Error::new("ERR duplicate field name in fieldset");
const WRONG_COUNT: Error = Error::new("ERR value count does not match fieldset field count");

const HASH: Spec =
    Spec { group: Group::Hash, since: "8.10.0", footprint: Footprint::Nothing, ..Spec::DEFAULT };

const SUBCOMMANDS: &[Command<Run>] = &[DISCARD, DISCARDALL, PREPARE, SET];

const HIMPORT: Command<Run> = Command::container(
    Spec {
        name: "himport",
        summary: "Makes hashes of fields whose names the connection has sent before.",
        complexity: "Depends on the subcommand.",
        syntax: "HIMPORT",
        arity: -2,
        ..HASH
    },
    Run::CONTAINER,
    SUBCOMMANDS,
);

const PREPARE: Command<Run> = Command::new(
    Spec {
        name: "prepare",
        summary: "Keeps names of fields for the connection, as a fieldset with a name.",
        complexity: "O(N*log(N)), N being the number of fields",
        syntax: "HIMPORT PREPARE fieldset-name field [field ...]",
        arity: -4,
        examples: "\
> HIMPORT PREPARE user name age
OK
> HIMPORT PREPARE twice name name
(error) ERR duplicate field name in fieldset",
        ..HASH
    },
    Run::Admin(prepare),
);

fn prepare(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let name = args.bytes()?;
    match admin.session.change_fieldsets(|fieldsets| fieldsets.prepare(name, args.rest())) {
        true => Ok(reply.ok()),
        false => Err(DUPLICATE_FIELD),
    }
}

const SET: Command<Run> = Command::new(
    Spec {
        name: "set",
        summary: "Makes a hash of a fieldset and values, in place of the hash that the key holds.",
        complexity: "O(N), N being the number of fields",
        syntax: "HIMPORT SET key fieldset-name value [value ...]",
        arity: -5,
        flags: &[Write, DenyOom],
        replicate: Replicate::Outcome,
        footprint: Footprint::Keys,
        keys: &[KeySpec::one(2, &[Overwrite, Update])],
        examples: "\
> HIMPORT PREPARE user name age
OK
> HIMPORT SET user:1 user Ada 36
OK
> HGET user:1 age
\"36\"
> HIMPORT SET user:1 user Ada
(error) ERR value count does not match fieldset field count",
        ..HASH
    },
    Run::Admin(set),
);

fn set(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name) = (args.key()?, args.bytes()?);
    let fields = admin.session.fieldsets.get(name).ok_or(NO_SUCH_FIELDSET)?;
    let values = args.rest();
    if values.len() != fields.len() {
        return Err(WRONG_COUNT);
    }
    let pairs: Vec<(&[u8], &[u8])> = fields.iter().map(|field| &**field).zip(values).collect();
    make(admin.cx, key, &pairs)?;
    Ok(reply.ok())
}

/// Makes a hash of fields and their values. It is recorded with their names: who reads the journal has no fieldsets.
fn make(cx: &mut Cx<'_>, key: &[u8], pairs: &[(&[u8], &[u8])]) -> Result<()> {
    let limits = &cx.limits.hash;
    let mut slot = cx.slot(key);
    if slot.item().is_some_and(|item| item.kind() != Kind::Hash) {
        return Err(Error::WRONG_TYPE);
    }
    let longest = pairs.iter().map(|(field, value)| field.len().max(value.len())).max();
    let mut hash = FieldMap::new();
    hash.make_room(pairs.len(), longest.unwrap_or(0), limits);
    for (field, value) in pairs {
        hash.set(field, value, Ttl::Clear, limits);
    }
    slot.put_value(Value::Object(ObjectBox::new(hash)), Expiry::Never, Event::hash("hset"));
    slot.name_elements(pairs.iter().map(|(field, _)| *field));
    if cx.effects.interest.journal {
        let words = pairs.iter().flat_map(|(field, value)| [*field, *value]);
        cx.outcome(&[b"DEL", key]);
        cx.outcome(&[&b"HSET"[..], key].into_iter().chain(words).collect::<Vec<_>>());
    }
    Ok(())
}

const DISCARD: Command<Run> = Command::new(
    Spec {
        name: "discard",
        summary: "Forgets a fieldset.",
        syntax: "HIMPORT DISCARD fieldset-name",
        arity: 3,
        examples: "\
> HIMPORT PREPARE user name age
OK
> HIMPORT DISCARD user
(integer) 1
> HIMPORT SET user:1 user Ada 36
(error) ERR no such fieldset",
        ..HASH
    },
    Run::Admin(discard),
);

fn discard(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let name = args.bytes()?;
    Ok(reply.flag(admin.session.change_fieldsets(|fieldsets| fieldsets.discard(name))))
}

const DISCARDALL: Command<Run> = Command::new(
    Spec {
        name: "discardall",
        summary: "Forgets all fieldsets of the connection.",
        complexity: "O(N), N being the number of fieldsets",
        syntax: "HIMPORT DISCARDALL",
        arity: 2,
        examples: "\
> HIMPORT PREPARE user name age
OK
> HIMPORT DISCARDALL
(integer) 1",
        ..HASH
    },
    Run::Admin(discard_all),
);

fn discard_all(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    Ok(reply.len(admin.session.change_fieldsets(Fieldsets::discard_all)))
}
