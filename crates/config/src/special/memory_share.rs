//! `maxmemory-clients`: an amount of memory, or a share of `maxmemory`.

use base::{bytes, num};

use crate::number::in_units;
use crate::value::{Problem, Scalar};

/// An amount of memory that may depend on `maxmemory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryShare {
    /// So many bytes; 0 is no limit.
    Bytes(u64),
    /// So many percent of `maxmemory`, 1 to 100.
    Percent(u8),
}

impl MemoryShare {
    /// The limit in bytes when `maxmemory` is that many bytes; 0 is no limit.
    pub fn of(self, maxmemory: u64) -> u64 {
        match self {
            Self::Bytes(amount) => amount,
            // At most the u64 it is a share of.
            Self::Percent(percent) => (u128::from(maxmemory) * u128::from(percent) / 100) as u64,
        }
    }
}

impl Scalar for MemoryShare {
    type Rule = ();

    fn parse(word: &[u8], (): &()) -> Result<Self, Problem> {
        const PROBLEM: &str = "argument must be a memory or percent value";
        let Some(percent) = word.strip_suffix(b"%") else {
            return bytes::parse_memory(word).map(Self::Bytes).ok_or(PROBLEM.into());
        };
        match num::parse_u64(percent) {
            Some(0) => Ok(Self::Bytes(0)),
            Some(percent @ 1..=100) => Ok(Self::Percent(percent as u8)),
            Some(_) => Err("percentage argument must be less or equal to 100".into()),
            None => Err(PROBLEM.into()),
        }
    }

    fn show(&self, (): &()) -> Vec<u8> {
        match self {
            Self::Bytes(amount) => amount.to_string().into_bytes(),
            Self::Percent(percent) => format!("{percent}%").into_bytes(),
        }
    }

    fn file_form(&self, (): &()) -> Option<Vec<u8>> {
        match *self {
            Self::Bytes(amount) => Some(in_units(amount.into()).into_bytes()),
            Self::Percent(_) => Some(Scalar::show(self, &())),
        }
    }

    fn allowed((): &()) -> String {
        "bytes, or 1% to 100% of maxmemory".into()
    }
}
