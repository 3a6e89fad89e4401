//! DUMP and RESTORE: values as bytes.

use command::Flag::{Asking, Dangerous, DenyOom, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::{Expiry, Remember};
use rdb::{BadDump, DecodeOptions, EncodeOptions, Encoder, Leniency, Version};

/// DUMP
pub(super) const DUMP: Command<Handler> = Command::new(
    Spec {
        name: "dump",
        group: Group::Generic,
        since: "2.6.0",
        summary: "Answers a value as bytes that RESTORE takes.",
        complexity: "O(N), N being the number of elements or bytes",
        syntax: "DUMP key",
        arity: 2,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> SET key 10
OK
> DUMP key
\"\\x00\\xc0\\n\\x0b\\x00\\a@\\xea6\\xf31\\x8a2\"",
        ..Spec::DEFAULT
    },
    dump,
);

fn dump(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let limits = cx.limits;
    let Some(item) = cx.read(args.key()?) else { return Ok(reply.null()) };
    let options = EncodeOptions {
        version: Version::with_number(limits.rdb_version).unwrap_or_default(),
        compress: limits.rdb_compression,
        ..EncodeOptions::default()
    };
    let payload = rdb::dump(&mut Encoder::new(options), &item);
    Ok(reply.bulk(&payload))
}

const RESTORE_SPEC: Spec = Spec {
    name: "restore",
    group: Group::Generic,
    since: "2.6.0",
    summary: "Makes a key of what DUMP answered.",
    complexity: "O(N), N being the number of elements or bytes",
    syntax: "RESTORE key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] \
             [FREQ frequency:integer]",
    arguments_since: &[
        ("absttl", "5.0.0"),
        ("frequency", "5.0.0"),
        ("replace", "3.0.0"),
        ("seconds", "5.0.0"),
    ],
    arity: -4,
    flags: &[Write, DenyOom, Dangerous],
    keys: &[KeySpec::one(1, &[Overwrite, Update])],
    ..Spec::DEFAULT
};

/// RESTORE
pub(super) const RESTORE: Command<Handler> = Command::new(
    Spec {
        examples: "\
> RESTORE key 0 \"\\x00\\xc0\\n\\x0b\\x00\\a@\\xea6\\xf31\\x8a2\"
OK
> GET key
\"10\"",
        ..RESTORE_SPEC
    },
    restore,
);

/// RESTORE-ASKING
pub(super) const RESTORE_ASKING: Command<Handler> = Command::new(
    Spec {
        name: "restore-asking",
        internal: true,
        since: "3.0.0",
        summary: "RESTORE for a node of a cluster that takes over a slot.",
        group: Group::Server,
        syntax: "RESTORE-ASKING key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] \
                 [FREQ frequency:integer]",
        flags: &[Write, DenyOom, Asking, Dangerous],
        acl: &["keyspace"],
        ..RESTORE_SPEC
    },
    restore,
);

const BUSY: Error = Error::new("BUSYKEY Target key name already exists.");
const BAD_TTL: Error = Error::new("ERR Invalid TTL value, must be >= 0");
const BAD_IDLE_TIME: Error = Error::new("ERR Invalid IDLETIME value, must be >= 0");
const BAD_FREQUENCY: Error = Error::new("ERR Invalid FREQ value, must be >= 0 and <= 255");
const BAD_FRAME: Error = Error::new("ERR DUMP payload version or checksum are wrong");
const BAD_VALUE: Error = Error::new("ERR Bad data format");

/// What RESTORE's words say besides key, time and payload.
#[derive(Default)]
struct Options {
    replace: bool,
    absolute: bool,
    idle_seconds: Option<u64>,
    frequency: Option<u8>,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Options> {
        let mut options = Options::default();
        while !args.is_empty() {
            if args.take("REPLACE") {
                options.replace = true;
            } else if args.take("ABSTTL") {
                options.absolute = true;
            } else if options.frequency.is_none() && args.take_with_value("IDLETIME") {
                options.idle_seconds = Some(u64::try_from(args.int()?).map_err(|_| BAD_IDLE_TIME)?);
            } else if options.idle_seconds.is_none() && args.take_with_value("FREQ") {
                options.frequency = Some(u8::try_from(args.int()?).map_err(|_| BAD_FREQUENCY)?);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }

    /// The access bits of the restored key.
    fn access(&self, remember: Remember, now_ms: i64) -> u32 {
        match (self.idle_seconds, self.frequency) {
            (Some(seconds), _) => remember.idle_since(seconds as u32, now_ms),
            (_, Some(frequency)) => remember.with_frequency(frequency, now_ms),
            (None, None) => remember.fresh(now_ms),
        }
    }
}

fn restore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, ttl, payload) = (args.key()?, args.bytes()?, args.bytes()?);
    let options = Options::parse(args)?;
    if !options.replace && cx.slot(key).exists() {
        return Err(BUSY);
    }
    let ttl = base::num::parse_i64(ttl).ok_or(Error::NOT_AN_INTEGER)?;
    let expiry = match ttl {
        ..0 => return Err(BAD_TTL),
        0 => Expiry::Never,
        at_ms if options.absolute => Expiry::At(at_ms),
        in_ms => Expiry::At(cx.now.ms().saturating_add(in_ms)),
    };
    let decode = DecodeOptions {
        list: cx.limits.list,
        set: cx.limits.set,
        hash: cx.limits.hash,
        sorted_set: cx.limits.sorted_set,
    };
    let leniency =
        Leniency { any_version: cx.limits.any_rdb_version, any_checksum: cx.limits.any_rdb_checksum };
    let value = rdb::restore(payload, &decode, leniency).map_err(|error| refusal(cx, error))?;
    let (remember, now_ms, lazily) = (cx.limits.remember, cx.now.ms(), cx.limits.lazy_server_del);
    let mut slot = cx.slot(key);
    if let Expiry::At(at_ms) = expiry
        && slot.is_over(at_ms)
    {
        if slot.delete(Event::DEL, lazily) {
            slot.outcome(&[if lazily { b"UNLINK" } else { b"DEL" }, key]);
        }
        return Ok(reply.ok());
    }
    slot.put_anew(value, expiry, Event::generic("restore"));
    slot.set_access(options.access(remember, now_ms));
    if let (Expiry::At(at_ms), false) = (expiry, options.absolute) {
        record_with_moment(cx, args, at_ms);
    }
    Ok(reply.ok())
}

/// The error of a payload that can't be restored. It doesn't say what is wrong with the value: the log does.
fn refusal(cx: &mut Cx<'_>, error: BadDump) -> Error {
    let offset = match &error {
        BadDump::Frame => return BAD_FRAME,
        BadDump::Unknown(_) => 0,
        BadDump::Value(damage) => damage.error.offset,
    };
    let client = cx.caller.client_id;
    let text = format!("Client id={client}: Internal error in RDB reading offset {offset} -> {error}");
    cx.effects.remarks.push(text);
    BAD_VALUE
}

/// Has the command recorded with the moment at which the key expires in place of a time to live.
fn record_with_moment(cx: &mut Cx<'_>, args: &Args<'_>, at_ms: i64) {
    let mut moment = Vec::new();
    base::num::push_i64(&mut moment, at_ms);
    let all = args.all();
    let mut words: Vec<&[u8]> = (0..all.len()).map(|index| all.at(index)).collect();
    words[2] = &moment;
    words.push(b"ABSTTL");
    cx.outcome(&words);
}
