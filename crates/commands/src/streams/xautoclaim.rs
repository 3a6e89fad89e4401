//! XAUTOCLAIM: handing over whatever has been pending too long.

use super::group_work::{GroupWork, Names};
use super::id::{self, IdText};
use super::ids::Ids;
use super::xclaim::{deliveries_after, write_claimed};
use super::{no_group, open_with_group};
use command::Flag::{Fast, Write};
use command::KeyFlag::{Delete, ReadWrite};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Now, Replicate, Reply, Result, Spec};
use smallvec::SmallVec;
use structs::stream::{self, Log, Pending, StreamId};

const BAD_MIN_IDLE: Error = Error::new("ERR Invalid min-idle-time argument for XAUTOCLAIM");
const BAD_COUNT: Error = Error::new("ERR COUNT must be > 0");
/// So many pending entries are looked at for each one asked for.
const TRIES: usize = 10;
/// The largest count: Redis' limit, which keeps its sums from overflowing.
const MAX_COUNT: i64 = i64::MAX / 16;

/// XAUTOCLAIM
pub const XAUTOCLAIM: Command<Handler> = Command::new(
    Spec {
        name: "xautoclaim",
        group: Group::Stream,
        since: "6.2.0",
        summary: "Hands entries that have been pending too long to another consumer, scanning from an id.",
        complexity: "O(N * log P), N being the count and P the number of pending entries",
        syntax: "XAUTOCLAIM key group consumer min-idle-time:string start:string [COUNT count] [JUSTID]",
        arity: -6,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Delete])],
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
> XAUTOCLAIM log readers bob 0 - JUSTID
1) \"0-0\"
2) 1) \"1-1\"
3) (empty array)",
        ..Spec::DEFAULT
    },
    xautoclaim,
);

fn xautoclaim(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let names = Names { key: args.key()?, group: args.bytes()?, consumer: args.bytes()? };
    let scan = Scan::read(args)?;
    let now = cx.now;
    let mut stream = open_with_group(cx, names.key, names.group)?;
    let missing = || no_group(names.key, names.group);
    let mut work = GroupWork::begin(&mut stream, names, now).ok_or_else(missing)?;
    let (log, group) = stream.log_and_group_mut(names.group).ok_or_else(missing)?;
    let found = scan.find(log, group, now);
    let mut parts = reply.array(3);
    parts.bulk(IdText::of(found.cursor).as_bytes());
    let mut claimed = parts.deferred_array();
    for (id, before) in &found.due {
        let Some(entry) = log.get(*id) else { continue };
        let deliveries = deliveries_after(before.deliveries, scan.just_id);
        let pending = Pending { consumer: Some(work.consumer), deliveries, delivered_ms: now.ms() };
        group.set_pending(*id, pending);
        work.claimed(*id, pending);
        write_claimed(&mut claimed, &entry, scan.just_id);
    }
    let _ = claimed.done();
    let mut gone = parts.array(found.gone.len());
    for id in &found.gone {
        group.acknowledge(*id);
        work.gone(*id);
        gone.bulk(IdText::of(*id).as_bytes());
    }
    work.settle(&mut stream);
    Ok(parts.done())
}

/// What to scan for.
struct Scan {
    min_idle_ms: i64,
    start: StreamId,
    count: usize,
    just_id: bool,
}

/// What a scan found.
struct Found {
    due: SmallVec<[(StreamId, Pending); 8]>,
    /// Pending entries that don't exist any more.
    gone: Ids,
    /// Where to go on; `0-0` at the end.
    cursor: StreamId,
}

impl Scan {
    fn read(args: &mut Args<'_>) -> Result<Scan> {
        let min_idle_ms = args.int().map_err(|_| BAD_MIN_IDLE)?.max(0);
        let mut scan = Scan { min_idle_ms, start: id::start(args.bytes()?)?, count: 100, just_id: false };
        while !args.is_empty() {
            if args.take_with_value("COUNT") {
                let count = args.int_in(1..=MAX_COUNT, BAD_COUNT).map_err(|_| BAD_COUNT)?;
                scan.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if args.take("JUSTID") {
                scan.just_id = true;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(scan)
    }

    fn find(&self, log: &Log, group: &stream::Group, now: Now) -> Found {
        let (mut due, mut gone) = (SmallVec::new(), Ids::new());
        let mut tries = self.count.saturating_mul(TRIES);
        let mut pending = group.pending_range(self.start, StreamId::MAX);
        let cursor = loop {
            let Some((id, known)) = pending.next() else { break StreamId::MIN };
            if tries == 0 || due.len() + gone.len() == self.count {
                break id;
            }
            tries -= 1;
            if log.get(id).is_none() {
                gone.push(id);
            } else if known.is_idle(self.min_idle_ms, now.ms()) {
                due.push((id, known));
            }
        };
        Found { due, gone, cursor }
    }
}
