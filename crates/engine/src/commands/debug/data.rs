//! DEBUG's subcommands that look at data.

use crate::admin::Admin;
use crate::conditions::{Condition, LOADING};
use crate::digest;
use crate::host::Level;
use crate::load::{Present, Reload, ReloadError};
use base::num;
use command::{Args, Cx, Done, Error, Event, Reply, Result};
use keyspace::{Expiry, Item};
use structs::deque::Deque;

/// Looks at a key without counting it as a use.
fn look<R>(cx: &mut Cx<'_>, key: &[u8], look: impl FnOnce(&Item<'_>) -> R) -> Option<R> {
    cx.within(key, |cx| cx.look(key).as_ref().map(look))
}

pub(super) fn digest(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (now_ms, databases) = (admin.cx.now.ms(), admin.settings.limits.databases);
    let fingerprint = digest::of_all(databases, now_ms, &mut |look| {
        admin.cx.shards.ids().for_each(|id| admin.cx.visit(id, |shard, _| look(shard)));
    });
    Ok(reply.simple(&fingerprint.to_hex()))
}

pub(super) fn digest_value(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut seq = reply.array(args.left());
    for key in args.rest() {
        let fingerprint = look(admin.cx, key, digest::of_value).unwrap_or_default();
        seq.simple(&fingerprint.to_hex());
    }
    Ok(seq.done())
}

/// Figures of the tables of one database, added up over the shards.
#[derive(Default)]
struct TableFigures {
    slots: usize,
    elements: usize,
    chained: usize,
    expiring: usize,
}

/// Elements that a bucket holds.
const BUCKET_SLOTS: usize = 8;

pub(super) fn table_figures(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let index = args.int()?;
    let databases = i64::from(admin.settings.limits.databases);
    if !(0..databases).contains(&index) {
        return Err(Error::new("ERR Out of range database"));
    }
    let mut sum = TableFigures::default();
    for id in admin.cx.shards.ids() {
        admin.cx.visit(id, |shard, _| {
            let db = shard.db(index as u32);
            let (buckets, chained) = db.buckets();
            sum.slots += buckets * BUCKET_SLOTS;
            sum.chained += chained;
            sum.elements += db.len();
            sum.expiring += db.expiring_len();
        });
    }
    let text = format!(
        "[Dictionary HT]\nHash table 0 stats (main hash table):\n table size: {}\n number of elements: {}\n \
         chained buckets: {}\n[Expires HT]\n number of elements: {}\n",
        sum.slots, sum.elements, sum.chained, sum.expiring
    );
    Ok(reply.verbatim(text.as_bytes()))
}

pub(super) fn table_of_value(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let elements = look(admin.cx, args.key()?, |item| {
        let object = item.any_object().filter(|object| object.encoding() == "hashtable")?;
        let mut elements = 0;
        object.elements(&mut |_| elements += 1);
        Some(elements)
    });
    let wrong =
        Error::new("ERR The value stored at the specified key is not represented using an hash table");
    let elements: usize = elements.ok_or(Error::NO_SUCH_KEY)?.ok_or(wrong)?;
    let text = format!("Hash table 0 stats (main hash table):\n number of elements: {elements}\n");
    Ok(reply.verbatim(text.as_bytes()))
}

pub(super) fn string_lengths(
    admin: &mut Admin<'_, '_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
) -> Result<Done> {
    let text = look(admin.cx, args.key()?, |item| {
        let (len, outside_bytes) = (item.string()?.text_len(), item.outside_bytes());
        // A short string lies in its key's entry, and an integer is no text.
        (item.encoding_name() != "int").then(|| {
            format!(
                "key_sds_len:{}, key_sds_avail:0, key_zmalloc: {}, val_sds_len:{len}, val_sds_avail:{}, val_zmalloc: {}",
                item.key().len(),
                item.memory_bytes() - outside_bytes,
                outside_bytes.saturating_sub(len),
                outside_bytes
            )
        })
    });
    let wrong = Error::new("ERR Not an sds encoded string.");
    Ok(reply.simple(&text.ok_or(Error::NO_SUCH_KEY)?.ok_or(wrong)?))
}

pub(super) fn listpack(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let lines = look(admin.cx, key, |item| {
        let object = item.any_object().filter(|object| object.encoding() == "listpack")?;
        let mut lines = Vec::new();
        object.elements(&mut |parts| {
            let parts: Vec<String> = parts.iter().map(|part| part.escape_ascii().to_string()).collect();
            lines.push(parts.join(" "));
        });
        Some(lines)
    });
    let lines = lines.ok_or(Error::NO_SUCH_KEY)?.ok_or(Error::new("ERR Not a listpack encoded object."))?;
    for (at, line) in lines.iter().enumerate() {
        admin.engine.host.log(Level::Warning, &format!("{at}: {line}"));
    }
    Ok(reply.simple("Listpack structure printed on stdout"))
}

pub(super) fn object(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let (now_ms, remember) = (admin.cx.now.ms(), admin.settings.limits.remember);
    let text = look(admin.cx, key, |item| {
        let mut text = format!(
            "Value at:{:p} refcount:1 encoding:{} memory:{} lru:{} lru_seconds_idle:{}",
            item.address(),
            item.encoding_name(),
            item.memory_bytes(),
            item.access(),
            remember.idle_seconds(item.access(), now_ms)
        );
        if let Some(list) = item.object::<Deque>().filter(|list| !list.is_single_packed()) {
            let (nodes, mean) = (list.nodes(), list.len() as f64 / list.nodes() as f64);
            text.push_str(&format!(" ql_nodes:{nodes} ql_avg_node:{mean:.2}"));
        }
        text
    });
    Ok(reply.simple(&text.ok_or(Error::NO_SUCH_KEY)?))
}

pub(super) fn populate(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let count = args.int_in(0.., Error::MUST_BE_POSITIVE).map_err(|_| Error::MUST_BE_POSITIVE)?;
    let prefix = if args.is_empty() { b"key" } else { args.bytes()? };
    let size = if args.is_empty() { 0 } else { args.int()? };
    let size = usize::try_from(size).map_err(|_| Error::MUST_BE_POSITIVE)?;
    if size > admin.settings.limits.max_string_bytes {
        return Err(Error::STRING_TOO_LONG);
    }
    let dirty = admin.cx.effects.dirty;
    for number in 0..count {
        let mut key = [prefix, b":"].concat();
        num::push_i64(&mut key, number);
        let mut value = format!("value:{number}").into_bytes();
        if size > 0 {
            value.resize(size, 0);
        }
        admin.cx.within(&key, |cx| {
            let mut slot = cx.slot(&key);
            if !slot.exists() {
                slot.put_string(&value, Expiry::Never, Event::string("set"));
            }
        });
    }
    // Not a change that is saved or replicated.
    admin.cx.effects.dirty = dirty;
    Ok(reply.ok())
}

pub(super) fn load_aof(admin: &mut Admin<'_, '_>, _: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    if admin.in_exec {
        return Err(Error::NOT_IN_TRANSACTION);
    }
    if admin.engine.conditions.has(Condition::Loading) {
        return Err(LOADING);
    }
    let reloaded = admin.engine.reload_journal();
    admin.messages.invalidate_all(admin.engine, 0);
    if let Err(error) = reloaded {
        admin.engine.host.log(Level::Warning, &error.to_string());
        return Err(Error::new("ERR Error trying to load the AOF files, check server logs."));
    }
    admin.engine.host.log(Level::Notice, "Append Only File loaded by DEBUG LOADAOF");
    Ok(reply.ok())
}

pub(super) fn reload(admin: &mut Admin<'_, '_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut what = Reload { save: true, empty: true, present: Present::Error };
    while !args.is_empty() {
        if args.take("NOSAVE") {
            what.save = false;
        } else if args.take("NOFLUSH") {
            what.empty = false;
        } else if args.take("MERGE") {
            what.present = Present::Replace;
        } else {
            return Err(Error::new("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options."));
        }
    }
    if admin.in_exec {
        return Err(Error::NOT_IN_TRANSACTION);
    }
    if admin.engine.conditions.has(Condition::Loading) {
        return Err(LOADING);
    }
    let reloaded = admin.engine.reload(what);
    admin.messages.invalidate_all(admin.engine, 0);
    match reloaded {
        Ok(()) => {}
        Err(ReloadError::NotSaved) => {
            return Err(Error::new("ERR Error trying to save the DB, check server logs."));
        }
        Err(ReloadError::NotLoaded(error)) => {
            admin.engine.host.log(Level::Warning, &error.to_string());
            return Err(Error::new("ERR Error trying to load the RDB dump, check server logs."));
        }
    }
    admin.engine.host.log(Level::Warning, "DB reloaded by DEBUG RELOAD");
    Ok(reply.ok())
}
