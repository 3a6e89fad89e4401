//! Ids as text: what clients write, and what replies and journal records say.

use command::{Error, Result};
use structs::stream::StreamId;

/// An id that isn't one.
pub(super) const BAD_ID: Error = Error::new("ERR Invalid stream ID specified as stream command argument");
const BAD_START: Error = Error::new("ERR invalid start ID for the interval");
const BAD_END: Error = Error::new("ERR invalid end ID for the interval");

/// More text than this is no id.
const MAX_TEXT: usize = 127;
/// Two numbers of at most twenty digits and a dash.
const ID_BYTES: usize = 41;

/// An id's text, on the stack.
#[derive(Clone, Copy)]
pub(crate) struct IdText {
    bytes: [u8; ID_BYTES],
    len: usize,
}

impl IdText {
    /// `ms-seq`.
    #[inline]
    pub(crate) fn of(id: StreamId) -> Self {
        let mut text = IdText { bytes: [0; ID_BYTES], len: 0 };
        text.push(itoa::Buffer::new().format(id.ms).as_bytes());
        text.push(b"-");
        text.push(itoa::Buffer::new().format(id.seq).as_bytes());
        text
    }

    #[inline]
    fn push(&mut self, part: &[u8]) {
        self.bytes[self.len..][..part.len()].copy_from_slice(part);
        self.len += part.len();
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Which id a new entry gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NewId {
    /// `*`: the time, or the one after the last id.
    Auto,
    /// `ms-*`: the next one in that millisecond.
    AutoSeq(u64),
    /// This one.
    Exact(StreamId),
}

/// Reads `*`, `ms-*`, `ms-seq` or `ms`.
pub(super) fn new_id(text: &[u8]) -> Result<NewId> {
    if text == b"*" {
        return Ok(NewId::Auto);
    }
    match text.strip_suffix(b"-*") {
        Some(ms) => number(ms).map(NewId::AutoSeq).ok_or(BAD_ID),
        None => exact(text).map(NewId::Exact),
    }
}

/// Reads `ms-seq`, or `ms` for its first id.
pub(super) fn exact(text: &[u8]) -> Result<StreamId> {
    parse(text, 0).ok_or(BAD_ID)
}

/// Reads `ms-seq` or `ms`, or `-` or `+` for the smallest and the largest id.
pub(super) fn exact_or_extreme(text: &[u8]) -> Result<StreamId> {
    with_extremes(text, 0)
}

/// Reads the start of an interval: an id, `-`, `+`, or an id behind `(` that is left out.
pub(super) fn start(text: &[u8]) -> Result<StreamId> {
    match text.strip_prefix(b"(") {
        Some(text) => parse(text, 0).ok_or(BAD_ID)?.next().ok_or(BAD_START),
        None => with_extremes(text, 0),
    }
}

/// Reads the end of an interval, as [`start`]; `ms` is its last id here.
pub(super) fn end(text: &[u8]) -> Result<StreamId> {
    match text.strip_prefix(b"(") {
        Some(text) => parse(text, u64::MAX).ok_or(BAD_ID)?.prev().ok_or(BAD_END),
        None => with_extremes(text, u64::MAX),
    }
}

fn with_extremes(text: &[u8], seq: u64) -> Result<StreamId> {
    match text {
        b"-" => Ok(StreamId::MIN),
        b"+" => Ok(StreamId::MAX),
        _ => parse(text, seq).ok_or(BAD_ID),
    }
}

/// Reads an id; `seq` is the sequence number of one that gives none.
fn parse(text: &[u8], seq: u64) -> Option<StreamId> {
    if text.len() > MAX_TEXT {
        return None;
    }
    match text.iter().position(|byte| *byte == b'-') {
        Some(dash) => Some(StreamId::new(number(&text[..dash])?, number(&text[dash + 1..])?)),
        None => Some(StreamId::new(number(text)?, seq)),
    }
}

/// Digits, perhaps with a plus sign and leading zeros.
#[inline]
fn number(text: &[u8]) -> Option<u64> {
    base::num::parse_u64(text).or_else(|| unusual_number(text))
}

#[cold]
fn unusual_number(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { number.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_they_parse() {
        for id in [StreamId::MIN, StreamId::new(5, 3), StreamId::MAX] {
            assert_eq!(exact(IdText::of(id).as_bytes()), Ok(id));
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let longest = format!("{:0>125}-1", 7);
        assert_eq!(exact(longest.as_bytes()), Ok(StreamId::new(7, 1)));
        let too_long = format!("{:0>126}-1", 7);
        let bad = [
            "",
            "-",
            "+",
            "x",
            "1-",
            "-1",
            "1-x",
            "1-2-3",
            "1-*",
            " 1",
            "1 ",
            "18446744073709551616",
            &too_long,
        ];
        for text in bad {
            assert_eq!(exact(text.as_bytes()), Err(BAD_ID), "{text}");
        }
    }

    #[test]
    fn intervals_leave_their_ends_out_on_request() {
        assert_eq!(start(b"(5"), Ok(StreamId::new(5, 1)));
        assert_eq!(end(b"(5"), Ok(StreamId::new(5, u64::MAX - 1)));
        assert_eq!(end(b"5"), Ok(StreamId::new(5, u64::MAX)));
        assert_eq!(start(b"(18446744073709551615-18446744073709551615"), Err(BAD_START));
        assert_eq!(end(b"(0-0"), Err(BAD_END));
        assert_eq!(start(b"(-"), Err(BAD_ID));
    }
}
