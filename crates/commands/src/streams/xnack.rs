//! XNACK: giving pending entries back to their group.

use super::ids::{BlockErrors, Ids, read_block};
use super::{error_with, no_group, open_with_group, stored_deliveries};
use command::Flag::{Fast, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

const BAD_MODE: Error = Error::new("ERR mode must be SILENT, FAIL, or FATAL");
const NO_IDS: Error = Error::new("ERR syntax error, expected IDS keyword");
const BAD_COUNT: Error = Error::new("ERR Invalid RETRYCOUNT value, must be >= 0");
const BLOCK_ERRORS: BlockErrors = BlockErrors {
    not_positive: Error::new("ERR numids must be a positive integer"),
    too_few: Error::new("ERR number of IDs doesn't match numids"),
};

/// XNACK
pub const XNACK: Command<Handler> = Command::new(
    Spec {
        name: "xnack",
        group: Group::Stream,
        since: "8.8.0",
        summary: "Gives pending entries back to their group, ready for another consumer at once.",
        complexity: "O(log P) for each id, P being the number of pending entries",
        syntax: "XNACK key group <SILENT | FAIL | FATAL>:mode IDS {numids id [id ...]} [RETRYCOUNT count] [FORCE]",
        arity: -7,
        flags: &[Write, Fast],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
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
> XNACK log readers FAIL IDS 1 1-1
(integer) 1
> XPENDING log readers - + 10
1) 1) \"1-1\"
   2) \"\"
   3) (integer) -1
   4) (integer) 1",
        ..Spec::DEFAULT
    },
    xnack,
);

fn xnack(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, name) = (args.key()?, args.bytes()?);
    let mut stream = open_with_group(cx, key, name)?;
    let options = Options::read(args)?;
    let (log, group) = stream.log_and_group_mut(name).ok_or_else(|| no_group(key, name))?;
    let mut released = 0;
    for id in &options.ids {
        let before = match group.pending(*id) {
            Some(pending) => pending.deliveries,
            None if options.force && log.get(*id).is_some() => 0,
            None => continue,
        };
        group.release(*id, options.count.unwrap_or_else(|| options.mode.deliveries(before)));
        released += 1;
    }
    if released > 0 {
        stream.changed_unseen(released);
        // Those who claim while they wait find something now.
        stream.wake();
    }
    Ok(reply.len(released))
}

/// Why an entry is given back.
#[derive(Clone, Copy)]
enum Mode {
    /// It wasn't tried at all.
    Silent,
    /// It was tried in vain.
    Fail,
    /// It can't be dealt with by anyone.
    Fatal,
}

impl Mode {
    /// How often an entry has been delivered, for one given back that had been delivered so often.
    fn deliveries(self, before: u32) -> u32 {
        match self {
            Mode::Silent => before.saturating_sub(1),
            Mode::Fail => before,
            Mode::Fatal => u32::MAX,
        }
    }
}

struct Options {
    mode: Mode,
    ids: Ids,
    count: Option<u32>,
    force: bool,
}

impl Options {
    fn read(args: &mut Args<'_>) -> Result<Options> {
        let mode = if args.take("SILENT") {
            Mode::Silent
        } else if args.take("FAIL") {
            Mode::Fail
        } else if args.take("FATAL") {
            Mode::Fatal
        } else {
            return Err(BAD_MODE);
        };
        let (mut ids, mut count, mut force) = (None, None, false);
        while let Some(word) = args.peek() {
            if ids.is_none() && args.take_with_value("IDS") {
                ids = Some(read_block(args, &BLOCK_ERRORS)?);
            } else if args.take_with_value("RETRYCOUNT") {
                count = Some(stored_deliveries(args.int_in(0.., BAD_COUNT)?));
            } else if args.take("FORCE") {
                force = true;
            } else {
                return Err(error_with(&[b"ERR Unrecognized XNACK option '", word, b"'"]));
            }
        }
        Ok(Options { mode, ids: ids.ok_or(NO_IDS)?, count, force })
    }
}
