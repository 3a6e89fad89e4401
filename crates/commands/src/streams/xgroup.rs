//! XGROUP: making, moving and removing groups and their consumers.

use super::group_work::CONSUMER_CREATED;
use super::{error_with, id};
use command::Flag::{DenyOom, Loading, Stale, Write};
use command::KeyFlag::{Delete, Insert, ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Footprint, Group, Handler, KeySpec, Open, Reply, Result, Spec,
    help,
};
use structs::stream::{self, Stream};

const NO_KEY: Error = Error::new(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);
const GROUP_EXISTS: Error = Error::new("BUSYGROUP Consumer Group name already exists");
const BAD_ENTRIES_READ: Error = Error::new("ERR value for ENTRIESREAD must be positive or -1");
/// The number of entries read isn't known.
const UNKNOWN: i64 = -1;

/// XGROUP
pub const XGROUP: Command<Handler> = Command::container(
    Spec {
        name: "xgroup",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Manages the consumer groups of a stream.",
        complexity: "Depends on the subcommand",
        syntax: "XGROUP",
        arity: -2,
        ..Spec::DEFAULT
    },
    |_, _, _| Err(Error::SYNTAX),
    SUBCOMMANDS,
);

const SUBCOMMANDS: &[Command<Handler>] = &[CREATE, CREATECONSUMER, DELCONSUMER, DESTROY, HELP, SETID];

const HELP: Command<Handler> = Command::new(
    Spec {
        name: "help",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Lists the subcommands of XGROUP.",
        syntax: "XGROUP HELP",
        arity: 2,
        flags: &[Loading, Stale],
        footprint: Footprint::Nothing,
        ..Spec::DEFAULT
    },
    |_, _, reply| Ok(help(reply, "XGROUP", SUBCOMMANDS)),
);

/// What most declarations share.
const GROUP: Spec = Spec { group: Group::Stream, since: "5.0.0", flags: &[Write], ..Spec::DEFAULT };

const CREATE: Command<Handler> = Command::new(
    Spec {
        name: "create",
        summary: "Creates a consumer group.",
        syntax: "XGROUP CREATE key group <id | $>:id-selector [MKSTREAM] [ENTRIESREAD entries-read:entriesread]",
        arity: -5,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(2, &[ReadWrite, Insert])],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XLEN log
(integer) 0",
        ..GROUP
    },
    create,
);

fn create(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name, from) = (args.key()?, args.bytes()?, args.bytes()?);
    let options = Options::read(args, true)?;
    let slot = cx.slot(key);
    let existed = slot.exists();
    if !existed && !options.make_stream {
        return Err(NO_KEY);
    }
    let from = if from == b"$" { None } else { Some(id::exact(from)) };
    let mut stream = match from {
        // No stream is made in vain.
        Some(Err(error)) if !existed => return Err(error),
        _ => slot.open_or_insert(Stream::new)?,
    };
    let last_id = from.unwrap_or_else(|| Ok(stream.last_id()))?;
    let group = stream::Group::new(last_id, options.entries_read(&stream));
    if !stream.create_group(name, group) {
        return Err(GROUP_EXISTS);
    }
    let event = Event::stream("xgroup-create");
    if existed {
        changed(&mut stream, event);
    } else {
        stream.changed_by(1, event);
    }
    Ok(reply.ok())
}

const SETID: Command<Handler> = Command::new(
    Spec {
        name: "setid",
        summary: "Sets up to which entry a group counts as having read.",
        syntax: "XGROUP SETID key group <id | $>:id-selector [ENTRIESREAD entries-read:entriesread]",
        arity: -5,
        keys: &[KeySpec::one(2, &[ReadWrite, Update])],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XGROUP SETID log readers 5-1
OK",
        ..GROUP
    },
    setid,
);

fn setid(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name, to) = (args.key()?, args.bytes()?, args.bytes()?);
    let options = Options::read(args, false)?;
    let mut stream = open_with_group(cx, key, name)?;
    let last_id = if to == b"$" { stream.last_id() } else { id::exact_or_extreme(to)? };
    let entries_read = options.entries_read(&stream);
    if let Some(group) = stream.group_mut(name) {
        (group.last_id, group.entries_read) = (last_id, entries_read);
    }
    changed(&mut stream, Event::stream("xgroup-setid"));
    // There may be entries to read again.
    stream.wake();
    Ok(reply.ok())
}

/// What may stand behind an id.
#[derive(Default)]
struct Options {
    make_stream: bool,
    entries_read: Option<i64>,
}

impl Options {
    fn read(args: &mut Args<'_>, may_make_stream: bool) -> Result<Options> {
        let mut options = Options::default();
        while !args.is_empty() {
            if may_make_stream && args.take("MKSTREAM") {
                options.make_stream = true;
            } else if args.take_with_value("ENTRIESREAD") {
                options.entries_read = Some(args.int_in(UNKNOWN.., BAD_ENTRIES_READ)?);
            } else {
                return Err(wrong_words(args, "XGROUP"));
            }
        }
        Ok(options)
    }

    /// How many entries a group counts as having read; no more than were ever added.
    fn entries_read(&self, stream: &Stream) -> i64 {
        let most = i64::try_from(stream.entries_added()).unwrap_or(i64::MAX);
        self.entries_read.map_or(UNKNOWN, |entries| entries.min(most))
    }
}

/// The error of options that no subcommand has.
pub(super) fn wrong_words(args: &Args<'_>, container: &str) -> Error {
    error_with(&[
        b"ERR unknown subcommand or wrong number of arguments for '",
        args.all().at(1),
        b"'. Try ",
        container.as_bytes(),
        b" HELP.",
    ])
}

/// Counts a change of a group and tells of it.
fn changed(stream: &mut Open<'_, '_, Stream>, event: Event) {
    stream.changed_unseen(1);
    stream.also(event);
}

/// Opens a stream that exists.
fn open<'c, 'k>(cx: &'c mut Cx<'_>, key: &'k [u8]) -> Result<Open<'c, 'k, Stream>> {
    cx.slot(key).open::<Stream>()?.ok_or(NO_KEY)
}

fn open_with_group<'c, 'k>(cx: &'c mut Cx<'_>, key: &'k [u8], name: &[u8]) -> Result<Open<'c, 'k, Stream>> {
    let stream = open(cx, key)?;
    if stream.group(name).is_none() { Err(no_group(key, name)) } else { Ok(stream) }
}

/// There is no such group.
pub(super) fn no_group(key: &[u8], name: &[u8]) -> Error {
    error_with(&[b"NOGROUP No such consumer group '", name, b"' for key name '", key, b"'"])
}

const DESTROY: Command<Handler> = Command::new(
    Spec {
        name: "destroy",
        summary: "Removes a consumer group.",
        complexity: "O(N), N being its pending entries",
        syntax: "XGROUP DESTROY key group",
        arity: 4,
        keys: &[KeySpec::one(2, &[ReadWrite, Delete])],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XGROUP DESTROY log readers
(integer) 1",
        ..GROUP
    },
    |cx, args, reply| {
        let (key, name) = (args.key()?, args.bytes()?);
        let mut stream = open(cx, key)?;
        let destroyed = stream.remove_group(name);
        if destroyed {
            changed(&mut stream, Event::stream("xgroup-destroy"));
            // Those who wait to read in the group are told.
            stream.wake();
        }
        Ok(reply.flag(destroyed))
    },
);

const CREATECONSUMER: Command<Handler> = Command::new(
    Spec {
        name: "createconsumer",
        since: "6.2.0",
        summary: "Creates a consumer in a group.",
        syntax: "XGROUP CREATECONSUMER key group consumer",
        arity: 5,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(2, &[ReadWrite, Insert])],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XGROUP CREATECONSUMER log readers alice
(integer) 1",
        ..GROUP
    },
    |cx, args, reply| {
        let (key, name, consumer, now) = (args.key()?, args.bytes()?, args.bytes()?, cx.now);
        let mut stream = open_with_group(cx, key, name)?;
        let group = stream.group_mut(name).ok_or_else(|| no_group(key, name))?;
        let (_, created) = group.create_consumer(consumer, now.ms());
        if created {
            changed(&mut stream, CONSUMER_CREATED);
        }
        Ok(reply.flag(created))
    },
);

const DELCONSUMER: Command<Handler> = Command::new(
    Spec {
        name: "delconsumer",
        summary: "Removes a consumer from a group together with its pending entries.",
        complexity: "O(N), N being its pending entries",
        syntax: "XGROUP DELCONSUMER key group consumer",
        arity: 5,
        keys: &[KeySpec::one(2, &[ReadWrite, Delete])],
        examples: "\
> XGROUP CREATE log readers $ MKSTREAM
OK
> XGROUP DELCONSUMER log readers alice
(integer) 0",
        ..GROUP
    },
    |cx, args, reply| {
        let (key, name, consumer) = (args.key()?, args.bytes()?, args.bytes()?);
        let mut stream = open_with_group(cx, key, name)?;
        let group = stream.group_mut(name).ok_or_else(|| no_group(key, name))?;
        let Some(consumer) = group.find_consumer(consumer) else { return Ok(reply.int(0)) };
        let pending = group.remove_consumer(consumer);
        changed(&mut stream, Event::stream("xgroup-delconsumer"));
        Ok(reply.len(pending))
    },
);
