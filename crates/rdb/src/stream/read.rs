//! Reading a stream, with every count, order and reference in it checked.

use super::{Form, NOBODY, id_of, producers};
use crate::cursor::Cursor;
use crate::error::{Error, Reason};
use crate::value_type::ValueType;
use keyspace::{ObjectBox, Value};
use structs::stream::{ConsumerId, Group, Log, Pending, Stream, StreamId};

/// What an entry of a group takes at least: id, time, a number.
const PENDING_BYTES: usize = 16 + 8 + 1;
const ID_BYTES: usize = 16;

/// Reads a stream, and what its form has no place for.
pub(crate) fn decode(
    cursor: &mut Cursor<'_>,
    value_type: ValueType,
    extension: Option<&[u8]>,
) -> Result<Value, Error> {
    let form = Form::of(value_type).ok_or(cursor.error(Reason::Unsupported(value_type)))?;
    let mut stream = Stream::from_log(read_log(cursor)?);
    read_counters(cursor, &mut stream, form)?;
    for _ in 0..cursor.count(5)? {
        let start = cursor.at();
        let name = cursor.string()?;
        let group = read_group(cursor, &stream, form)?;
        if !stream.create_group(&name, group) {
            return Err(Error::new(start, Reason::DuplicateGroup));
        }
    }
    if form >= Form::Producers {
        producers::decode(cursor, &mut stream)?;
    }
    if let Some(extension) = extension {
        producers::decode(&mut Cursor::new(extension), &mut stream)
            .map_err(|error| cursor.error(error.reason))?;
    }
    Ok(Value::Object(ObjectBox::new(stream)))
}

fn read_log(cursor: &mut Cursor<'_>) -> Result<Log, Error> {
    let mut log = Log::default();
    for _ in 0..cursor.count(1 + ID_BYTES + 1)? {
        let start = cursor.at();
        let id = cursor.string()?;
        let id = id_of(id.as_ref().try_into().map_err(|_| Error::new(start, Reason::StreamBlockId))?);
        let start = cursor.at();
        let listpack = cursor.string()?;
        log.append_block(id, &listpack).map_err(|error| Error::new(start, Reason::StreamBlock(error)))?;
    }
    Ok(log)
}

fn read_id(cursor: &mut Cursor<'_>) -> Result<StreamId, Error> {
    Ok(StreamId::new(cursor.number()?, cursor.number()?))
}

fn read_counters(cursor: &mut Cursor<'_>, stream: &mut Stream, form: Form) -> Result<(), Error> {
    let start = cursor.at();
    if cursor.number()? != stream.len() {
        return Err(Error::new(start, Reason::StreamLength));
    }
    let start = cursor.at();
    let last_id = read_id(cursor)?;
    if last_id < stream.last_id() {
        return Err(Error::new(start, Reason::StreamLastId));
    }
    stream.set_last_id(last_id);
    if form >= Form::Counted {
        // The id of the first entry follows from the entries.
        read_id(cursor)?;
        stream.set_max_deleted_id(read_id(cursor)?);
        stream.set_entries_added(cursor.number()?);
    }
    Ok(())
}

/// A pending entry whose consumer is yet to be found.
struct Entry {
    id: StreamId,
    delivered_ms: i64,
    deliveries: u32,
    owner: Owner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Unknown,
    Consumer(ConsumerId),
    /// Nobody's, and the number among those.
    Nobody(usize),
}

fn read_group(cursor: &mut Cursor<'_>, stream: &Stream, form: Form) -> Result<Group, Error> {
    let last_id = read_id(cursor)?;
    let entries_read =
        if form >= Form::Counted { cursor.number()? as i64 } else { stream.entries_read_at(last_id) };
    let mut group = Group::new(last_id, entries_read);
    let start = cursor.at();
    let mut entries = read_pending(cursor)?;
    for _ in 0..cursor.count(1 + 8 + 1)? {
        read_consumer(cursor, &mut group, &mut entries, form)?;
    }
    if form >= Form::Nobodys {
        for number in 0..cursor.count(ID_BYTES)? {
            claim(cursor, &mut entries, Owner::Nobody(number))?;
        }
    }
    if entries.iter().any(|entry| entry.owner == Owner::Unknown) {
        return Err(Error::new(start, Reason::PendingUnowned));
    }
    fill(&mut group, &entries);
    Ok(group)
}

fn read_pending(cursor: &mut Cursor<'_>) -> Result<Vec<Entry>, Error> {
    let count = cursor.count(PENDING_BYTES)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    for _ in 0..count {
        let start = cursor.at();
        let id = id_of(&cursor.array()?);
        if entries.last().is_some_and(|last| last.id >= id) {
            return Err(Error::new(start, Reason::PendingOrder));
        }
        let delivered_ms = cursor.millis()?;
        let deliveries = u32::try_from(cursor.number()?).unwrap_or(u32::MAX);
        entries.push(Entry { id, delivered_ms, deliveries, owner: Owner::Unknown });
    }
    Ok(entries)
}

fn read_consumer(
    cursor: &mut Cursor<'_>,
    group: &mut Group,
    entries: &mut [Entry],
    form: Form,
) -> Result<(), Error> {
    let start = cursor.at();
    let name = cursor.string()?;
    let seen_ms = cursor.millis()?;
    let active_ms = if form >= Form::Active { cursor.millis()? } else { seen_ms };
    let count = cursor.count(ID_BYTES)?;
    if form < Form::Nobodys && *name == *NOBODY {
        for number in 0..count {
            claim(cursor, entries, Owner::Nobody(number))?;
        }
        return Ok(());
    }
    let (id, created) = group.create_consumer(&name, seen_ms);
    if !created {
        return Err(Error::new(start, Reason::DuplicateConsumer));
    }
    if let Some(consumer) = group.consumer_mut(id) {
        consumer.active_ms = active_ms;
    }
    for _ in 0..count {
        claim(cursor, entries, Owner::Consumer(id))?;
    }
    Ok(())
}

/// Reads the id of an entry that is pending in the group, and of which nothing else said whose it is.
fn claim(cursor: &mut Cursor<'_>, entries: &mut [Entry], owner: Owner) -> Result<(), Error> {
    let start = cursor.at();
    let id = id_of(&cursor.array()?);
    let found = entries.binary_search_by_key(&id, |entry| entry.id).ok().map(|index| &mut entries[index]);
    let entry = found.filter(|entry| entry.owner == Owner::Unknown);
    entry.ok_or(Error::new(start, Reason::PendingUnknown))?.owner = owner;
    Ok(())
}

/// Makes the entries pending, then those that are nobody's in the order in which they were given back.
fn fill(group: &mut Group, entries: &[Entry]) {
    let mut nobodys = Vec::new();
    for entry in entries {
        let &Entry { id, delivered_ms, deliveries, owner } = entry;
        match owner {
            Owner::Consumer(consumer) => {
                group.set_pending(id, Pending { consumer: Some(consumer), deliveries, delivered_ms });
            }
            Owner::Nobody(number) => nobodys.push((delivered_ms, number, id, deliveries)),
            Owner::Unknown => {}
        }
    }
    nobodys.sort_unstable();
    for (_, _, id, deliveries) in nobodys {
        group.release(id, deliveries);
    }
}
