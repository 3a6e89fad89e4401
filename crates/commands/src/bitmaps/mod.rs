//! Bitmaps: strings whose bits are counted from the highest of the first byte. Reading copies nothing.

mod bit;
mod bitcount;
mod bitfield;
mod bitop;
mod bitpos;
mod integer;
#[cfg(test)]
mod tests;

use command::{Args, Command, Error, Event, Handler, Limits, Result};
use std::ops::Range;

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    bitcount::BITCOUNT,
    bitfield::BITFIELD,
    bitfield::BITFIELD_RO,
    bitop::BITOP,
    bitpos::BITPOS,
    bit::GETBIT,
    bit::SETBIT,
];

const CHANGED: Event = Event::string("setbit");

const OFFSET: Error = Error::new("ERR bit offset is not an integer or out of range");

/// Reads the number of a bit in a string of the longest length allowed.
fn bit_offset(args: &mut Args<'_>, limits: &Limits) -> Result<usize> {
    checked_offset(base::num::parse_i64(args.bytes()?), limits)
}

fn checked_offset(offset: Option<i64>, limits: &Limits) -> Result<usize> {
    let offset = offset.and_then(|offset| usize::try_from(offset).ok());
    offset.filter(|offset| offset / 8 < limits.max_string_bytes).ok_or(OFFSET)
}

/// What the ends of a range count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Byte,
    Bit,
}

impl Unit {
    fn read(args: &mut Args<'_>) -> Result<Unit> {
        if args.take("bit") {
            return Ok(Unit::Bit);
        }
        if args.take("byte") { Ok(Unit::Byte) } else { Err(Error::SYNTAX) }
    }
}

/// The first and the last of the bits or bytes looked at, counted from the end if negative.
#[derive(Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    unit: Unit,
}

impl Span {
    const ALL: Span = Span { start: 0, end: -1, unit: Unit::Byte };

    /// The bits of a string that it means. An end in front of the string is its beginning.
    fn bits(self, bytes: &[u8]) -> Range<usize> {
        let unit_bits = if self.unit == Unit::Bit { 1 } else { 8 };
        let len = (bytes.len() * 8 / unit_bits) as i64;
        let from_front = |at: i64| if at < 0 { at.saturating_add(len).max(0) } else { at };
        let (start, end) = (from_front(self.start), from_front(self.end).min(len - 1));
        if start > end { 0..0 } else { start as usize * unit_bits..(end as usize + 1) * unit_bits }
    }

    /// Whether it runs backwards though both ends count from the end of the string.
    fn is_reversed(self) -> bool {
        self.start < 0 && self.end < 0 && self.start > self.end
    }
}
