//! Registers as runs of equal ones, in one or two bytes each:
//!
//! ```text
//!  00nnnnnn              n + 1 registers of 0          (up to 64)
//!  01nnnnnn nnnnnnnn     n + 1 registers of 0, the high bits first      (up to 16384)
//!  1rrrrrnn              n + 1 registers of rank r + 1 (up to 4, ranks up to 32)
//! ```
//!
//! Which runs make a row of registers is Redis' choice too, and kept: a raised register splits its run in up to three, and
//! at most five runs from the one in front of it on are looked at for neighbours of one rank.

use super::{Corrupt, HEADER, REGISTERS};
use std::fmt::Write;

/// The highest rank that a run has room for.
const RANK_MAX: u8 = 32;
/// The most registers of a run that aren't 0.
const RANKED_MAX: usize = 4;
/// The most registers of a run in a single byte that are 0.
const SHORT_ZEROS_MAX: usize = 64;
/// Runs looked at for neighbours to be joined.
const JOINED_LOOKS: usize = 5;

/// A run of equal registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run {
    rank: u8,
    registers: usize,
    /// Bytes that it takes.
    bytes: usize,
}

impl Run {
    /// The run at the beginning of the bytes.
    #[inline]
    fn first(bytes: &[u8]) -> Result<Run, Corrupt> {
        let byte = *bytes.first().ok_or(Corrupt)?;
        let low = usize::from(byte & 0x3f);
        Ok(match byte >> 6 {
            0 => Run { rank: 0, registers: low + 1, bytes: 1 },
            1 => {
                let next = *bytes.get(1).ok_or(Corrupt)?;
                Run { rank: 0, registers: (low << 8 | usize::from(next)) + 1, bytes: 2 }
            }
            _ => Run { rank: (byte >> 2 & 0x1f) + 1, registers: usize::from(byte & 3) + 1, bytes: 1 },
        })
    }
}

/// Visits each run: its rank and how many registers it has.
pub(super) fn for_each(mut runs: &[u8], mut visit: impl FnMut(u8, usize)) -> Result<(), Corrupt> {
    let mut registers = 0;
    while !runs.is_empty() {
        let run = Run::first(runs)?;
        registers += run.registers;
        if registers > REGISTERS {
            return Err(Corrupt);
        }
        visit(run.rank, run.registers);
        runs = &runs[run.bytes..];
    }
    if registers == REGISTERS { Ok(()) } else { Err(Corrupt) }
}

/// Appends a run of registers that are 0, unless there are none.
pub(super) fn push_zeros(bytes: &mut Vec<u8>, registers: usize) {
    debug_assert!(registers <= REGISTERS);
    match registers {
        0 => {}
        1..=SHORT_ZEROS_MAX => bytes.push(registers as u8 - 1),
        _ => bytes.extend_from_slice(&(0x4000 | (registers as u16 - 1)).to_be_bytes()),
    }
}

fn ranked(rank: u8, registers: usize) -> u8 {
    debug_assert!((1..=RANK_MAX).contains(&rank) && (1..=RANKED_MAX).contains(&registers));
    0x80 | (rank - 1) << 2 | (registers as u8 - 1)
}

/// What became of a register that was to be raised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Raised {
    /// It was as high already.
    No,
    /// It was lower.
    Yes,
    /// Only a dense form has room for it; nothing has changed.
    NoRoom,
}

/// Where a register lies.
struct Found {
    /// Its run, and where that begins.
    run: Run,
    at: usize,
    /// Where the run in front of it begins, or its own if there is none.
    before_at: usize,
    /// Registers of the run in front of it.
    skipped: usize,
}

fn find(bytes: &[u8], index: usize) -> Result<Found, Corrupt> {
    let (mut at, mut before_at, mut first) = (HEADER, HEADER, 0);
    loop {
        let run = Run::first(&bytes[at..])?;
        if index < first + run.registers {
            return Ok(Found { run, at, before_at, skipped: index - first });
        }
        (first, before_at, at) = (first + run.registers, at, at + run.bytes);
    }
}

/// Raises a register to `rank`. `bytes` begin with the header, which counts for `max_bytes`.
pub(super) fn raise(
    bytes: &mut Vec<u8>,
    index: usize,
    rank: u8,
    max_bytes: usize,
) -> Result<Raised, Corrupt> {
    if rank > RANK_MAX {
        return Ok(Raised::NoRoom);
    }
    let Found { run, at, before_at, skipped } = find(bytes, index)?;
    if run.rank >= rank {
        return Ok(Raised::No);
    }
    let mut split = Vec::with_capacity(5);
    let push = |split: &mut Vec<u8>, registers: usize| match run.rank {
        0 => push_zeros(split, registers),
        old if registers > 0 => split.push(ranked(old, registers)),
        _ => {}
    };
    push(&mut split, skipped);
    split.push(ranked(rank, 1));
    push(&mut split, run.registers - 1 - skipped);
    if split.len() > run.bytes && bytes.len() + split.len() - run.bytes > max_bytes {
        return Ok(Raised::NoRoom);
    }
    bytes.splice(at..at + run.bytes, split);
    join(bytes, before_at);
    Ok(Raised::Yes)
}

/// Joins neighbours of one rank, from the run at `at` on.
fn join(bytes: &mut Vec<u8>, mut at: usize) {
    for _ in 0..JOINED_LOOKS {
        let Ok(run) = Run::first(&bytes[at..]) else { return };
        if run.rank > 0
            && let Ok(next) = Run::first(&bytes[at + 1..])
            && next.rank == run.rank
            && run.registers + next.registers <= RANKED_MAX
        {
            bytes[at] = ranked(run.rank, run.registers + next.registers);
            bytes.remove(at + 1);
        } else {
            at += run.bytes;
        }
    }
}

/// The runs as words.
pub(super) fn describe(mut runs: &[u8]) -> Result<String, Corrupt> {
    let mut words = String::new();
    while !runs.is_empty() {
        let run = Run::first(runs)?;
        let space = if words.is_empty() { "" } else { " " };
        let written = match run {
            Run { rank: 0, registers, bytes: 1 } => write!(words, "{space}z:{registers}"),
            Run { rank: 0, registers, .. } => write!(words, "{space}Z:{registers}"),
            Run { rank, registers, .. } => write!(words, "{space}v:{rank},{registers}"),
        };
        written.expect("a string takes everything");
        runs = &runs[run.bytes..];
    }
    Ok(words)
}
