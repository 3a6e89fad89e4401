//! XCLAIM: handing pending entries to another consumer.

use super::group_work::{GroupWork, Names};
use super::id::{self, IdText};
use super::ids::Ids;
use super::reply::write_entry;
use super::{error_with, no_group, open_with_group, stored_deliveries};
use command::Flag::{Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{
    Args, Command, Cx, Deferred, Done, Error, Group, Handler, KeySpec, Now, Replicate, Reply, Result, Spec,
};
use structs::stream::{self, Entry, Log, Pending, StreamId};

const BAD_MIN_IDLE: Error = Error::new("ERR Invalid min-idle-time argument for XCLAIM");
const BAD_IDLE: Error = Error::new("ERR Invalid IDLE option argument for XCLAIM");
const BAD_TIME: Error = Error::new("ERR Invalid TIME option argument for XCLAIM");
const BAD_COUNT: Error = Error::new("ERR Invalid RETRYCOUNT option argument for XCLAIM");

/// XCLAIM
pub const XCLAIM: Command<Handler> = Command::new(
    Spec {
        name: "xclaim",
        group: Group::Stream,
        since: "5.0.0",
        summary: "Hands pending entries to another consumer.",
        complexity: "O(log P) for each id, P being the number of pending entries",
        syntax: "XCLAIM key group consumer min-idle-time:string id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
        arity: -6,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        replicate: Replicate::Outcome,
        tips: &["nondeterministic_output"],
        examples: "\
> XADD log 1-1 line a
\"1-1\"
> XGROUP CREATE log readers 0
OK
> XREADGROUP GROUP readers alice STREAMS log >
1) 1) \"log\"
   2) 1) 1) \"1-1\"
         2) 1) \"line\"
            2) \"a\"
> XCLAIM log readers bob 0 1-1 JUSTID
1) \"1-1\"",
        ..Spec::DEFAULT
    },
    xclaim,
);

fn xclaim(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let names = Names { key: args.key()?, group: args.bytes()?, consumer: args.bytes()? };
    let now = cx.now;
    let mut stream = open_with_group(cx, names.key, names.group)?;
    let claim = Claim::read(args, now)?;
    let mut work =
        GroupWork::begin(&mut stream, names, now).ok_or_else(|| no_group(names.key, names.group))?;
    let mut list = reply.deferred_array();
    if let Some((log, group)) = stream.log_and_group_mut(names.group) {
        if claim.last_id > group.last_id {
            group.last_id = claim.last_id;
            work.moved();
        }
        for id in &claim.ids {
            claim.claim(*id, log, group, &mut work, now, &mut list);
        }
    }
    work.settle(&mut stream);
    Ok(list.done())
}

/// What is to be claimed, and what becomes of it.
struct Claim {
    min_idle_ms: i64,
    ids: Ids,
    delivered_ms: i64,
    deliveries: Option<u32>,
    force: bool,
    just_id: bool,
    last_id: StreamId,
}

impl Claim {
    fn read(args: &mut Args<'_>, now: Now) -> Result<Claim> {
        let min_idle_ms = number(args, &BAD_MIN_IDLE)?.max(0);
        let mut ids = Ids::new();
        while let Some(id) = args.peek().and_then(|word| id::exact(word).ok()) {
            ids.push(id);
            args.bytes()?;
        }
        let mut claim = Claim {
            min_idle_ms,
            ids,
            delivered_ms: now.ms(),
            deliveries: None,
            force: false,
            just_id: false,
            last_id: StreamId::MIN,
        };
        while let Some(word) = args.peek() {
            if !claim.read_option(args, now)? {
                return Err(error_with(&[b"ERR Unrecognized XCLAIM option '", word, b"'"]));
            }
        }
        // A moment that has been or will be.
        if !(0..=now.ms()).contains(&claim.delivered_ms) {
            claim.delivered_ms = now.ms();
        }
        Ok(claim)
    }

    fn read_option(&mut self, args: &mut Args<'_>, now: Now) -> Result<bool> {
        if args.take("FORCE") {
            self.force = true;
        } else if args.take("JUSTID") {
            self.just_id = true;
        } else if args.take_with_value("IDLE") {
            self.delivered_ms = now.ms().saturating_sub(number(args, &BAD_IDLE)?);
        } else if args.take_with_value("TIME") {
            self.delivered_ms = number(args, &BAD_TIME)?;
        } else if args.take_with_value("RETRYCOUNT") {
            let count = number(args, &BAD_COUNT)?;
            self.deliveries = (count >= 0).then(|| stored_deliveries(count));
        } else if args.take_with_value("LASTID") {
            self.last_id = id::exact(args.bytes()?)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Claims one entry, if it may be.
    fn claim(
        &self,
        id: StreamId,
        log: &Log,
        group: &mut stream::Group,
        work: &mut GroupWork<'_>,
        now: Now,
        list: &mut Deferred<'_>,
    ) {
        let pending = group.pending(id);
        let Some(entry) = log.get(id) else {
            if group.acknowledge(id).is_some() {
                work.gone(id);
            }
            return;
        };
        let before = match pending {
            None if !self.force => return,
            // As if it had been delivered once.
            None => 1,
            Some(pending) if !pending.is_idle(self.min_idle_ms, now.ms()) => return,
            Some(pending) => pending.deliveries,
        };
        let pending = Pending {
            consumer: Some(work.consumer),
            deliveries: self.deliveries.unwrap_or(deliveries_after(before, self.just_id)),
            delivered_ms: self.delivered_ms,
        };
        group.set_pending(id, pending);
        work.claimed(id, pending);
        write_claimed(list, &entry, self.just_id);
    }
}

fn number(args: &mut Args<'_>, error: &Error) -> Result<i64> {
    args.int().map_err(|_| error.clone())
}

/// How often an entry has been delivered once it is claimed; that of its id alone doesn't count.
pub(super) fn deliveries_after(before: u32, just_id: bool) -> u32 {
    before.saturating_add(u32::from(!just_id))
}

/// Writes a claimed entry, or its id.
pub(super) fn write_claimed(list: &mut Deferred<'_>, entry: &Entry<'_>, just_id: bool) {
    if just_id {
        list.bulk(IdText::of(entry.id).as_bytes());
    } else {
        write_entry(&mut list.array(2), entry);
    }
}
