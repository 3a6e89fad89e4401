//! Entries that are added once though they are sent twice: XADD's IDMP and IDMPAUTO, XCFGSET and XIDMPRECORD.
//!
//! A producer gives each entry a name of its own choice, or leaves it to us to make one of the entry's contents. The stream
//! remembers the names of each producer's last entries.

use super::id;
use super::record::Record;
use command::Flag::{Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Limits, Now, Open, Reply, Result, Spec,
};
use std::borrow::Cow;
use structs::stream::{Stream, StreamId};
use xxhash_rust::xxh3::Xxh3;

/// A name for an entry whose id is given.
pub(super) const IDEMPOTENT_NEEDS_AUTO: Error =
    Error::new("ERR IDMP/IDMPAUTO can be used only with auto-generated IDs");
const TWICE: Error = Error::new("ERR IDMP/IDMPAUTO specified multiple times");
const NO_PRODUCER: Error = Error::new("ERR IDMP requires a non-empty producer ID");
const NO_NAME: Error = Error::new("ERR IDMP requires a non-empty idempotent ID");
const NO_AUTO_PRODUCER: Error = Error::new("ERR IDMPAUTO requires a non-empty producer ID");
const NOTHING_TO_SET: Error = Error::new("ERR At least one parameter must be specified");
const DURATION_RANGE: Error = Error::new("ERR IDMP-DURATION must be between 1 and 86400 seconds");
const MAXSIZE_RANGE: Error = Error::new("ERR IDMP-MAXSIZE must be between 1 and 10000 entries");
const NO_ENTRY: Error = Error::new("ERR The specified stream ID was deleted or doesn't exist");
const OTHER_ENTRY: Error = Error::new("ERR The idempotent ID already belongs to another entry");

/// A time at which no entry is too old.
const ANY_AGE: i64 = 0;

/// The sender of an entry, who wants it to be added once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'a> {
    producer: &'a [u8],
    /// The entry's name; nothing if it follows from the contents.
    name: Option<&'a [u8]>,
}

impl<'a> Sender<'a> {
    /// Reads IDMP or IDMPAUTO into `sender`, if the next words are that.
    pub(super) fn take(args: &mut Args<'a>, sender: &mut Option<Sender<'a>>) -> Result<bool> {
        let taken = if args.left() >= 3 && args.take("IDMP") {
            let (producer, name) = (args.bytes()?, args.bytes()?);
            not_empty(producer, NO_PRODUCER)?;
            not_empty(name, NO_NAME)?;
            Sender { producer, name: Some(name) }
        } else if args.take_with_value("IDMPAUTO") {
            let producer = args.bytes()?;
            not_empty(producer, NO_AUTO_PRODUCER)?;
            Sender { producer, name: None }
        } else {
            return Ok(false);
        };
        if sender.replace(taken).is_some() { Err(TWICE) } else { Ok(true) }
    }

    /// The sender with the name of the entry that has these fields and values.
    pub(super) fn name_entry(self, fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Named<'a> {
        let name = self.name.map_or_else(|| digest(fields).to_vec().into(), Cow::Borrowed);
        Named { producer: self.producer, name }
    }
}

fn not_empty(word: &[u8], error: Error) -> Result<()> {
    if word.is_empty() { Err(error) } else { Ok(()) }
}

/// A digest of fields and values that doesn't depend on their order: the sum of those of the pairs.
fn digest<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> [u8; 16] {
    let of_pair = |(field, value): (&[u8], &[u8])| {
        let mut hash = Xxh3::new();
        hash.update(&(field.len() as u64).to_le_bytes());
        hash.update(field);
        hash.update(value);
        hash.digest128()
    };
    fields.map(of_pair).fold(0, u128::wrapping_add).to_be_bytes()
}

/// A producer and what it calls an entry.
pub(super) struct Named<'a> {
    producer: &'a [u8],
    name: Cow<'a, [u8]>,
}

impl Named<'_> {
    /// The entry that was added under this name, which is counted as a duplicate.
    pub(super) fn find(
        &self,
        stream: &mut Open<'_, '_, Stream>,
        limits: &Limits,
        now: Now,
    ) -> Option<StreamId> {
        let known = stream.producers()?.find(self.producer, &self.name, now.ms())?;
        stream.producers_mut(limits.stream_producers).count_duplicate();
        Some(known)
    }

    /// Remembers the name of an entry just added.
    pub(super) fn remember(
        &self,
        stream: &mut Open<'_, '_, Stream>,
        key: &[u8],
        id: StreamId,
        limits: &Limits,
        now: Now,
    ) {
        stream.producers_mut(limits.stream_producers).remember(self.producer, &self.name, id, now.ms());
        // An entry that was trimmed at once can't be referred to.
        if stream.is_recorded() && stream.log().get(id).is_some() {
            let mut record = Record::new([b"XIDMPRECORD", key, self.producer, &*self.name]);
            let db = stream.db();
            record.id(id).enter(stream.effects(), db);
        }
    }
}

/// XCFGSET
pub const XCFGSET: Command<Handler> = Command::new(
    Spec {
        name: "xcfgset",
        group: Group::Stream,
        since: "8.6.0",
        summary: "Sets how a stream remembers the idempotent ids of its producers.",
        complexity: "O(1), or O(N) for N remembered ids that are forgotten",
        syntax: "XCFGSET key [IDMP-DURATION idmp-duration] [IDMP-MAXSIZE idmp-maxsize]",
        arity: -2,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> XADD orders IDMP shop-1 order-7 * item book
\"1700000000000-0\"
> XADD orders IDMP shop-1 order-7 * item book
\"1700000000000-0\"
> XLEN orders
(integer) 1
> XCFGSET orders IDMP-DURATION 600
OK",
        ..Spec::DEFAULT
    },
    xcfgset,
);

fn xcfgset(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let (mut duration_s, mut entries) = (None, None);
    while !args.is_empty() {
        if args.take_with_value("IDMP-DURATION") {
            duration_s = Some(args.int_in(1..=86_400, DURATION_RANGE)? as u32);
        } else if args.take_with_value("IDMP-MAXSIZE") {
            entries = Some(args.int_in(1..=10_000, MAXSIZE_RANGE)? as u32);
        } else {
            return Err(Error::SYNTAX);
        }
    }
    if duration_s.is_none() && entries.is_none() {
        return Err(NOTHING_TO_SET);
    }
    let defaults = cx.limits.stream_producers;
    let mut stream = cx.slot(key).open::<Stream>()?.ok_or(Error::NO_SUCH_KEY)?;
    let producers = stream.producers_mut(defaults);
    let mut limits = producers.limits();
    limits.duration_s = duration_s.unwrap_or(limits.duration_s);
    limits.entries = entries.unwrap_or(limits.entries);
    producers.set_limits(limits);
    stream.changed_unseen(1);
    Ok(reply.ok())
}

/// XIDMPRECORD
pub const XIDMPRECORD: Command<Handler> = Command::new(
    Spec {
        name: "xidmprecord",
        group: Group::Stream,
        since: "8.6.2",
        summary: "Restores the idempotent id of an entry when persisted data is loaded.",
        complexity: "O(log N), N being the number of remembered ids",
        syntax: "XIDMPRECORD key pid iid stream-id",
        arity: 5,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        examples: "\
> XADD orders 7-1 item book
\"7-1\"
> XIDMPRECORD orders shop-1 order-7 7-1
OK",
        ..Spec::DEFAULT
    },
    xidmprecord,
);

fn xidmprecord(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, producer, name) = (args.key()?, args.bytes()?, args.bytes()?);
    not_empty(producer, NO_PRODUCER)?;
    not_empty(name, NO_NAME)?;
    let id = id::exact(args.bytes()?)?;
    let limits = cx.limits.stream_producers;
    let mut stream = cx.slot(key).open::<Stream>()?.ok_or(Error::NO_SUCH_KEY)?;
    // An entry's age matters to those who ask for it; a clock has no say in what a file holds.
    match stream.producers().and_then(|producers| producers.find(producer, name, ANY_AGE)) {
        Some(known) if known == id => return Ok(reply.ok()),
        Some(_) => return Err(OTHER_ENTRY),
        None if stream.log().get(id).is_none() => return Err(NO_ENTRY),
        None => {}
    }
    stream.producers_mut(limits).remember(producer, name, id, ANY_AGE);
    stream.changed_unseen(1);
    Ok(reply.ok())
}
