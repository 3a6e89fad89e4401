//! The count of SRANDMEMBER, HRANDFIELD and ZRANDMEMBER.

use crate::arguments::negatable;
use command::{Args, Error, Result};

/// More elements than can be counted, or than one reply shall have.
const TOO_MANY: Error = Error::new("ERR value is out of range");
/// Elements that a command chooses at most if it may choose them again. Their number isn't bounded by what a key holds:
/// a request of fifty bytes would keep a shard for hours, and fill the memory with its reply.
const REPEATED_MAX: u64 = 1 << 24;

/// A number of elements to choose.
#[derive(Clone, Copy)]
pub(crate) struct Count(i64);

/// How elements are to be chosen.
pub(crate) enum Choice {
    /// So many different ones, or all if there are fewer.
    Different(usize),
    /// So many, each from all.
    Repeated(usize),
}

impl Count {
    /// Reads the next argument.
    pub(crate) fn parse(args: &mut Args<'_>) -> Result<Count> {
        negatable(args).map(Count)
    }

    /// Makes sure that twice as many can be counted.
    pub(crate) fn of_pairs(self) -> Result<()> {
        if self.0.unsigned_abs() > i64::MAX as u64 / 2 { Err(TOO_MANY) } else { Ok(()) }
    }

    /// What to choose of elements that are there.
    pub(crate) fn choice(self) -> Result<Choice> {
        let wanted = usize::try_from(self.0.unsigned_abs()).unwrap_or(usize::MAX);
        match self.0 {
            0.. => Ok(Choice::Different(wanted)),
            _ if self.0.unsigned_abs() > REPEATED_MAX => Err(TOO_MANY),
            _ => Ok(Choice::Repeated(wanted)),
        }
    }
}
