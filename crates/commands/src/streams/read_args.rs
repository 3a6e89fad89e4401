//! The arguments of XREAD and XREADGROUP.

use super::error_with;
use command::{Args, Error, Now, Result};
use smallvec::SmallVec;

const NO_GROUP: Error = Error::new("ERR Missing GROUP option for XREADGROUP");
const BAD_MIN_IDLE: Error = Error::new("ERR min-idle-time is not an integer");
const NEGATIVE_MIN_IDLE: Error = Error::new("ERR min-idle-time must be a positive integer");

/// Which of the two commands reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// XREAD.
    Anyone,
    /// XREADGROUP.
    Group,
}

/// What to do when there is nothing to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Patience {
    None,
    /// Until this moment, in milliseconds since the epoch; for ever without one.
    Until(Option<i64>),
}

/// What both commands are told.
pub(super) struct ReadArgs<'a> {
    /// Most entries of each stream.
    pub(super) count: usize,
    pub(super) patience: Patience,
    /// Group and consumer.
    pub(super) group: Option<(&'a [u8], &'a [u8])>,
    pub(super) no_ack: bool,
    /// Milliseconds after which pending entries are claimed.
    pub(super) min_idle_ms: Option<i64>,
    /// Keys, each with the word that says from where on to read.
    pub(super) streams: SmallVec<[(&'a [u8], &'a [u8]); 4]>,
}

impl<'a> ReadArgs<'a> {
    pub(super) fn read(args: &mut Args<'a>, now: Now, reader: Reader) -> Result<Self> {
        let mut read = ReadArgs {
            count: usize::MAX,
            patience: Patience::None,
            group: None,
            no_ack: false,
            min_idle_ms: None,
            streams: SmallVec::new(),
        };
        while !args.take_with_value("STREAMS") {
            read.option(args, now, reader)?;
        }
        if !args.left().is_multiple_of(2) {
            return Err(unbalanced(reader));
        }
        let keys = args.take_many(args.left() / 2);
        read.streams = keys.zip(args.rest()).collect();
        if reader == Reader::Group && read.group.is_none() {
            return Err(NO_GROUP);
        }
        Ok(read)
    }

    fn option(&mut self, args: &mut Args<'a>, now: Now, reader: Reader) -> Result<()> {
        if args.take_with_value("COUNT") {
            // None and fewer mean all.
            let count = usize::try_from(args.int()?).unwrap_or(0);
            self.count = if count == 0 { usize::MAX } else { count };
        } else if args.take_with_value("BLOCK") {
            self.patience = patience(args, now)?;
        } else if args.left() > 2 && args.take("GROUP") {
            only_in_group(reader, "GROUP")?;
            self.group = Some((args.bytes()?, args.bytes()?));
        } else if args.take("NOACK") {
            only_in_group(reader, "NOACK")?;
            self.no_ack = true;
        } else if args.take_with_value("CLAIM") {
            only_in_group(reader, "CLAIM")?;
            let min_idle_ms = args.int().map_err(|_| BAD_MIN_IDLE)?;
            if min_idle_ms < 0 {
                return Err(NEGATIVE_MIN_IDLE);
            }
            self.min_idle_ms = Some(min_idle_ms);
        } else {
            return Err(Error::SYNTAX);
        }
        Ok(())
    }
}

fn patience(args: &mut Args<'_>, now: Now) -> Result<Patience> {
    let timeout_ms = args.int().map_err(|_| Error::TIMEOUT_NOT_AN_INTEGER)?;
    match timeout_ms {
        0 => Ok(Patience::Until(None)),
        ..0 => Err(Error::TIMEOUT_NEGATIVE),
        _ => match now.ms().checked_add(timeout_ms) {
            Some(deadline_ms) => Ok(Patience::Until(Some(deadline_ms))),
            None => Err(Error::TIMEOUT_OUT_OF_RANGE),
        },
    }
}

fn only_in_group(reader: Reader, option: &str) -> Result<()> {
    match reader {
        Reader::Group => Ok(()),
        Reader::Anyone => Err(error_with(&[
            b"ERR The ",
            option.as_bytes(),
            b" option is only supported by XREADGROUP. You called XREAD instead.",
        ])),
    }
}

fn unbalanced(reader: Reader) -> Error {
    Error::new(match reader {
        Reader::Anyone => {
            "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
        }
        Reader::Group => {
            "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
        }
    })
}
