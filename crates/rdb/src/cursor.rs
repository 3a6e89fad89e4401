//! Reading the elementary parts: bytes, numbers, lengths and strings. Each length is checked before it is used.
//!
//! ```text
//! length, by the two high bits of its first byte
//!   00llllll                        6 bits
//!   01llllll llllllll               14 bits, high bits first
//!   10000000 + 4 bytes, big endian  32 bits
//!   10000001 + 8 bytes, big endian  64 bits
//!   11tttttt                        no length: a string in the form t
//!
//! string
//!   length, then so many bytes
//!   11000000 + 1, 11000001 + 2, 11000010 + 4 bytes: a signed integer, little endian, which stands for its text
//!   11000011, compressed length, length, compressed bytes (LZF)
//! ```

use crate::error::{Error, Reason};
use crate::lzf;
use std::borrow::Cow;

pub(crate) const LEN_14: u8 = 0b0100_0000;
pub(crate) const LEN_32: u8 = 0b1000_0000;
pub(crate) const LEN_64: u8 = 0b1000_0001;
pub(crate) const FORM: u8 = 0b1100_0000;
pub(crate) const FORM_INT_8: u8 = FORM;
pub(crate) const FORM_INT_16: u8 = FORM | 1;
pub(crate) const FORM_INT_32: u8 = FORM | 2;
pub(crate) const FORM_LZF: u8 = FORM | 3;

/// A length, or a string's form in place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Length(u64),
    Form(u8),
}

/// A string as it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawString<'a> {
    Plain(&'a [u8]),
    Int(i64),
    Compressed { bytes: &'a [u8], len: usize },
}

/// Reads from the front of some bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0 }
    }

    /// Starts at an offset, which may lie beyond the end.
    pub(crate) fn starting_at(bytes: &'a [u8], at: usize) -> Self {
        Cursor { bytes, at }
    }

    /// Offset of the next byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// All bytes, whether read or not.
    pub(crate) fn all(&self) -> &'a [u8] {
        self.bytes
    }

    /// An error at the present offset.
    pub(crate) fn error(&self, reason: Reason) -> Error {
        Error::new(self.at, reason)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let taken = self.at.checked_add(len).and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(self.error(Reason::End))?;
        self.at += len;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>());
        let taken = *taken.ok_or(self.error(Reason::End))?;
        self.at += N;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A moment in milliseconds.
    pub(crate) fn millis(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_le_bytes)
    }

    #[inline]
    fn prefix(&mut self) -> Result<Prefix, Error> {
        let start = self.at;
        let first = self.byte()?;
        Ok(Prefix::Length(match first {
            0..LEN_14 => u64::from(first),
            LEN_14..LEN_32 => u64::from(first & 0x3F) << 8 | u64::from(self.byte()?),
            LEN_32 => u64::from(u32::from_be_bytes(self.array()?)),
            LEN_64 => u64::from_be_bytes(self.array()?),
            FORM.. => return Ok(Prefix::Form(first)),
            _ => return Err(Error::new(start, Reason::Length)),
        }))
    }

    /// A length or any other unsigned number.
    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        let start = self.at;
        match self.prefix()? {
            Prefix::Length(number) => Ok(number),
            Prefix::Form(_) => Err(Error::new(start, Reason::Length)),
        }
    }

    /// A number of elements that take at least `least_bytes` each: refused when the bytes that are left can't be so
    /// many, so that it may be used to reserve memory.
    pub(crate) fn count(&mut self, least_bytes: usize) -> Result<usize, Error> {
        let start = self.at;
        let count = self.number()?;
        let most = self.remaining() / least_bytes.max(1);
        usize::try_from(count).ok().filter(|&count| count <= most).ok_or(Error::new(start, Reason::Count))
    }

    fn len(&mut self) -> Result<usize, Error> {
        let start = self.at;
        usize::try_from(self.number()?).map_err(|_| Error::new(start, Reason::Length))
    }

    #[inline]
    pub(crate) fn raw_string(&mut self) -> Result<RawString<'a>, Error> {
        let start = self.at;
        Ok(match self.prefix()? {
            Prefix::Length(len) => {
                let len = usize::try_from(len).map_err(|_| Error::new(start, Reason::Length))?;
                RawString::Plain(self.take(len)?)
            }
            Prefix::Form(FORM_INT_8) => RawString::Int(i8::from_le_bytes(self.array()?).into()),
            Prefix::Form(FORM_INT_16) => RawString::Int(i16::from_le_bytes(self.array()?).into()),
            Prefix::Form(FORM_INT_32) => RawString::Int(i32::from_le_bytes(self.array()?).into()),
            Prefix::Form(FORM_LZF) => {
                let compressed = self.len()?;
                let len = self.len()?;
                RawString::Compressed { bytes: self.take(compressed)?, len }
            }
            Prefix::Form(_) => return Err(Error::new(start, Reason::StringForm)),
        })
    }

    /// The text of a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, [u8]>, Error> {
        let start = self.at;
        match self.raw_string()? {
            RawString::Plain(bytes) => Ok(Cow::Borrowed(bytes)),
            RawString::Int(number) => {
                let mut text = Vec::new();
                base::num::push_i64(&mut text, number);
                Ok(Cow::Owned(text))
            }
            RawString::Compressed { bytes, len } => {
                let text = lzf::expand(bytes, len).ok_or(Error::new(start, Reason::Compression))?;
                Ok(Cow::Owned(text))
            }
        }
    }

    /// Moves behind a string, which may end behind the last byte there is.
    pub(crate) fn skip_string(&mut self) -> Result<(), Error> {
        let start = self.at;
        let len = match self.prefix()? {
            Prefix::Length(len) => usize::try_from(len).map_err(|_| Error::new(start, Reason::Length))?,
            Prefix::Form(FORM_INT_8) => 1,
            Prefix::Form(FORM_INT_16) => 2,
            Prefix::Form(FORM_INT_32) => 4,
            Prefix::Form(FORM_LZF) => {
                let compressed = self.len()?;
                self.len()?;
                compressed
            }
            Prefix::Form(_) => return Err(Error::new(start, Reason::StringForm)),
        };
        self.skip(len)
    }

    /// Moves on by so many bytes, perhaps behind the last one there is.
    pub(crate) fn skip(&mut self, len: usize) -> Result<(), Error> {
        self.at = self.at.checked_add(len).ok_or(self.error(Reason::Length))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_four_forms() {
        let cases: [(&[u8], u64); 6] = [
            (&[63], 63),
            (&[0x40, 0x40], 64),
            (&[0x7F, 0xFF], 16383),
            (&[0x80, 0, 0, 0x40, 0], 16384),
            (&[0x80, 0xFF, 0xFF, 0xFF, 0xFF], u32::MAX as u64),
            (&[0x81, 0, 0, 0, 1, 0, 0, 0, 0], 1 << 32),
        ];
        for (bytes, number) in cases {
            let mut cursor = Cursor::new(bytes);
            assert_eq!(cursor.number(), Ok(number));
            assert_eq!(cursor.remaining(), 0);
            let mut written = Vec::new();
            crate::write::number(&mut written, number);
            assert_eq!(written, bytes);
        }
        assert_eq!(Cursor::new(&[0x82]).number(), Err(Error::new(0, Reason::Length)));
        assert_eq!(Cursor::new(&[0xC0, 1]).number(), Err(Error::new(0, Reason::Length)));
        assert_eq!(Cursor::new(&[0x80, 0, 0]).number(), Err(Error::new(1, Reason::End)));
    }

    #[test]
    fn a_count_that_cannot_be_true_is_refused() {
        assert_eq!(Cursor::new(&[2, 0, 0]).count(1), Ok(2));
        assert_eq!(Cursor::new(&[2, 0, 0]).count(2), Err(Error::new(0, Reason::Count)));
        let huge = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(Cursor::new(&huge).count(1), Err(Error::new(0, Reason::Count)));
    }

    #[test]
    fn strings_have_five_forms() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"\x03abc", b"abc"),
            (b"\x00", b""),
            (b"\xC0\xFF", b"-1"),
            (b"\xC1\x00\x01", b"256"),
            (b"\xC2\x00\x00\x00\x80", b"-2147483648"),
            // As Redis 8.0 writes a hundred times `a`.
            (b"\xC3\x09\x40\x64\x01aa\xE0\x57\x00\x01aa", &[b'a'; 100]),
        ];
        for (bytes, text) in cases {
            let mut cursor = Cursor::new(bytes);
            assert_eq!(cursor.string().as_deref(), Ok(text));
            assert_eq!(cursor.remaining(), 0);
            let mut cursor = Cursor::new(bytes);
            assert_eq!((cursor.skip_string(), cursor.at()), (Ok(()), bytes.len()));
        }
        assert_eq!(Cursor::new(&[0xC4]).string(), Err(Error::new(0, Reason::StringForm)));
    }
}
