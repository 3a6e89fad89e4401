//! XADD: appending entries.

use super::id::{self, IdText, NewId};
use super::idempotence::{IDEMPOTENT_NEEDS_AUTO, Sender};
use super::record::Record;
use super::trim::{TRIMMED, TrimBy, TrimOptions};
use command::Flag::{DenyOom, Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{
    Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Now, Open, Replicate, Reply, Result, Spec,
};
use structs::stream::{MAX_ENTRY_BYTES, Stream, StreamId};

const ADDED: Event = Event::stream("xadd");

const WRONG_ARITY: Error = Error::new("ERR wrong number of arguments for 'xadd' command");
const ZERO_ID: Error = Error::new("ERR The ID specified in XADD must be greater than 0-0");
const NOT_LARGER: Error =
    Error::new("ERR The ID specified in XADD is equal or smaller than the target stream top item");
const EXHAUSTED: Error =
    Error::new("ERR The stream has exhausted the last possible ID, unable to add more items");
const TOO_LARGE: Error = Error::new("ERR Elements are too large to be stored");

/// XADD
pub const XADD: Command<Handler> = Command::new(
    Spec {
        name: "xadd",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Adds an entry to a stream, creating it if needed, and trims the stream on request.",
        complexity: "O(log N), N being the number of entries, plus O(M) for M entries trimmed",
        syntax: "XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO producer-id | IDMP {producer-id idempotent-id}]:idempotency [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]]:trim <* | id> field value [field value ...]",
        arguments_since: &[("nomkstream", "6.2.0"), ("count", "6.2.0"), ("minid", "6.2.0")],
        arity: -5,
        flags: &[Write, DenyOom, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])
            .noted("UPDATE, not INSERT: MAXLEN and MINID remove entries")],
        replicate: Replicate::Outcome,
        tips: &["nondeterministic_output"],
        examples: "\
> XADD log 5-1 level info text hello
\"5-1\"
> XADD log 5-* level warn text oh
\"5-2\"
> XADD log MAXLEN = 2 * level info text bye
\"1700000000000-0\"
> XLEN log
(integer) 2",
        ..Spec::DEFAULT
    },
    xadd,
);

fn xadd(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let options = Options::read(cx, args)?;
    let words = args.rest();
    if words.len() == 0 || !words.len().is_multiple_of(2) {
        return Err(WRONG_ARITY);
    }
    if options.id == NewId::Exact(StreamId::MIN) {
        return Err(ZERO_ID);
    }
    // Said before a stream is made for it.
    if words.clone().map(<[u8]>::len).sum::<usize>() > MAX_ENTRY_BYTES {
        return Err(TOO_LARGE);
    }
    let (now, limits) = (cx.now, cx.limits);
    let slot = cx.slot(key);
    if options.no_mkstream && !slot.exists() {
        return Ok(reply.null());
    }
    let mut stream = slot.open_or_insert(Stream::new)?;
    let named = options.sender.map(|sender| sender.name_entry(Pairs(words.clone())));
    if let Some(named) = &named
        && let Some(known) = named.find(&mut stream, limits, now)
    {
        return Ok(reply.bulk(IdText::of(known).as_bytes()));
    }
    let id = choose_id(options.id, stream.last_id(), now)?;
    stream.append(id, Pairs(words.clone()), &limits.stream).map_err(|_| TOO_LARGE)?;
    stream.changed_by(1, ADDED);
    if let Some(trim) = &options.trim
        && trim.apply(&mut stream) > 0
    {
        stream.also(TRIMMED);
    }
    if stream.is_recorded() {
        record(&mut stream, key, &options, id, words);
    }
    if let Some(named) = &named {
        named.remember(&mut stream, key, id, limits, now);
    }
    Ok(reply.bulk(IdText::of(id).as_bytes()))
}

/// What stands between the key and the fields.
struct Options<'a> {
    no_mkstream: bool,
    trim: Option<TrimBy>,
    sender: Option<Sender<'a>>,
    id: NewId,
}

impl<'a> Options<'a> {
    fn read(cx: &Cx<'_>, args: &mut Args<'a>) -> Result<Self> {
        let (mut no_mkstream, mut trim, mut sender) = (false, TrimOptions::default(), None);
        let id = loop {
            // Most often nothing stands before the id, and no option begins like one.
            if args.peek().is_some_and(|word| matches!(word.first(), Some(b'*' | b'0'..=b'9'))) {
                break id::new_id(args.bytes()?)?;
            }
            if args.take("NOMKSTREAM") {
                no_mkstream = true;
            } else if !trim.take(args)? && !Sender::take(args, &mut sender)? {
                // Trimming that makes no sense is told of before an id that is missing.
                let Ok(word) = args.bytes() else { return Err(trim.finish(cx).err().unwrap_or(WRONG_ARITY)) };
                break id::new_id(word)?;
            }
        };
        if sender.is_some() && id != NewId::Auto {
            return Err(IDEMPOTENT_NEEDS_AUTO);
        }
        Ok(Options { no_mkstream, trim: trim.finish(cx)?, sender, id })
    }
}

fn choose_id(new: NewId, last: StreamId, now: Now) -> Result<StreamId> {
    let next = last.next().ok_or(EXHAUSTED)?;
    match new {
        NewId::Auto => Ok(next.max(StreamId::new(u64::try_from(now.ms()).unwrap_or(0), 0))),
        NewId::AutoSeq(ms) if ms > last.ms => Ok(StreamId::new(ms, 0)),
        NewId::AutoSeq(ms) if ms == next.ms => Ok(next),
        NewId::Exact(id) if id > last => Ok(id),
        NewId::AutoSeq(_) | NewId::Exact(_) => Err(NOT_LARGER),
    }
}

/// Records the entry with its id and what its trim has come to, unless the words given say both.
fn record<'a>(
    stream: &mut Open<'_, '_, Stream>,
    key: &'a [u8],
    options: &Options<'_>,
    id: StreamId,
    words: impl Iterator<Item = &'a [u8]>,
) {
    let trim = options.trim.as_ref();
    if matches!(options.id, NewId::Exact(_)) && !trim.is_some_and(TrimBy::needs_record) {
        return;
    }
    let mut record = Record::new([b"XADD", key]);
    if let Some(trim) = trim {
        trim.push_to(&mut record, stream);
    }
    record.id(id).words(words);
    let db = stream.db();
    record.enter(stream.effects(), db);
}

/// Words as fields and values. There are evenly many.
#[derive(Clone)]
struct Pairs<I>(I);

impl<'a, I: Iterator<Item = &'a [u8]>> Iterator for Pairs<I> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}
