//! PFCOUNT: how many elements one or several HyperLogLogs have been told of.

use super::{CORRUPT, Sketch};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadWrite};
use command::{Args, Command, Cx, Done, Expired, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::sketch::{self, Registers};

/// PFCOUNT
pub(super) const PFCOUNT: Command<Handler> = Command::new(
    Spec {
        name: "pfcount",
        group: Group::HyperLogLog,
        since: "2.8.9",
        summary: "About how many different elements one or several HyperLogLogs have been told of.",
        complexity: "O(1), or O(N) for N keys, with a large constant",
        syntax: "PFCOUNT key [key ...]",
        arity: -2,
        flags: &[Readonly],
        keys: &[KeySpec::range(1, -1, 1, &[ReadWrite, Access])
            .noted("RW: the estimate may be stored with the registers")],
        examples: "\
> PFADD monday ann bob
(integer) 1
> PFADD tuesday bob eve
(integer) 1
> PFCOUNT monday tuesday
(integer) 3",
        ..Spec::DEFAULT
    },
    pfcount,
);

fn pfcount(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut keys = args.rest();
    let count = if keys.len() == 1 {
        keys.next().map_or(Ok(0), |key| count_one(cx, key))?
    } else {
        let mut registers = Registers::default();
        for key in keys {
            if let Some(value) = cx.read_string(key)? {
                registers.merge(Sketch::of(value)?.bytes).map_err(|_| CORRUPT)?;
            }
        }
        registers.estimate()
    };
    // Of a header that says so, any 63 bits.
    Ok(reply.int(count as i64))
}

/// The estimate of a single one, which it keeps until it changes.
fn count_one(cx: &mut Cx<'_>, key: &[u8]) -> Result<u64> {
    let may_change = cx.caller.expired != Expired::Hidden;
    let Some(value) = cx.read_string(key)? else { return Ok(0) };
    let Sketch { bytes, .. } = Sketch::of(value)?;
    if let Some(kept) = sketch::estimate_kept(bytes) {
        return Ok(kept);
    }
    let estimate = sketch::estimate(bytes).map_err(|_| CORRUPT)?;
    let header = sketch::with_estimate(bytes, estimate);
    if may_change {
        let mut string = cx.slot(key).open_text(0)?;
        string.edit(0..header.len()).copy_from_slice(&header);
        string.changed_unseen(1);
    }
    Ok(estimate)
}
