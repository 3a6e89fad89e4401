//! A handler's view of its arguments: a cursor that starts behind the command's name.

use crate::cx::Now;
use crate::error::{Error, Result};
use base::longdouble::LongDouble;

/// The arguments of a command, read one after another.
#[derive(Clone)]
pub struct Args<'a> {
    all: resp::Args<'a>,
    at: usize,
}

impl<'a> Args<'a> {
    /// A cursor over `all`, starting behind the first `skip` words (the command's name, and a subcommand's).
    pub fn new(all: resp::Args<'a>, skip: usize) -> Self {
        Args { all, at: skip }
    }

    /// Every word, the command's name included.
    pub fn all(&self) -> resp::Args<'a> {
        self.all
    }

    /// Words not read yet.
    pub fn left(&self) -> usize {
        self.all.len() - self.at
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// The next word, without reading it.
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.all.get(self.at)
    }

    /// Reads a word; a syntax error at the end.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let word = self.peek().ok_or(Error::SYNTAX)?;
        self.at += 1;
        Ok(word)
    }

    /// Reads a key.
    #[inline]
    pub fn key(&mut self) -> Result<&'a [u8]> {
        self.bytes()
    }

    /// Reads a 64-bit integer.
    pub fn int(&mut self) -> Result<i64> {
        base::num::parse_i64(self.bytes()?).ok_or(Error::NOT_AN_INTEGER)
    }

    /// Reads an integer within bounds; `error` outside.
    pub fn int_in(&mut self, range: impl std::ops::RangeBounds<i64>, error: Error) -> Result<i64> {
        let n = self.int()?;
        if range.contains(&n) { Ok(n) } else { Err(error) }
    }

    /// Reads a floating point number.
    pub fn float(&mut self) -> Result<f64> {
        base::num::parse_f64(self.bytes()?).ok_or(Error::NOT_A_FLOAT)
    }

    /// Reads a timeout, a number of seconds that may have a fraction, and answers when it is over: milliseconds since
    /// the epoch, rounded up. `None` for 0, which means never.
    ///
    /// # Errors
    /// Not a number, negative, or beyond the end of time.
    pub fn deadline_ms(&mut self, now: Now) -> Result<Option<i64>> {
        let seconds = LongDouble::parse(self.bytes()?).ok_or(Error::TIMEOUT_NOT_A_FLOAT)?.to_f64();
        let timeout_ms = (seconds * 1000.0).ceil();
        if timeout_ms < 0.0 {
            return Err(Error::TIMEOUT_NEGATIVE);
        }
        if timeout_ms == 0.0 {
            return Ok(None);
        }
        // A conversion from a double saturates: the sum overflows then.
        now.ms().checked_add(timeout_ms as i64).map(Some).ok_or(Error::TIMEOUT_OUT_OF_RANGE)
    }

    /// Reads the next word if it is `word`, in any case.
    #[inline]
    pub fn take(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()));
        self.at += usize::from(is);
        is
    }

    /// Reads the next word if it is `word`, in any case, and at least one more follows it.
    pub fn take_with_value(&mut self, word: &str) -> bool {
        self.left() >= 2 && self.take(word)
    }

    /// The words not read yet; reads them.
    pub fn rest(&mut self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let (all, from) = (self.all, self.at);
        self.at = all.len();
        all.slice(from..).iter()
    }

    /// Reads the next `count` words; the caller has checked that they are there.
    pub fn take_many(&mut self, count: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let (all, from) = (self.all, self.at);
        self.at += count;
        assert!(self.at <= all.len(), "checked by the caller");
        all.slice(from..from + count).iter()
    }

    /// A syntax error unless everything has been read.
    pub fn end(&self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::SYNTAX) }
    }

    /// The index of the next word among all, and a way back to it.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes to the word with this index among all.
    pub fn seek(&mut self, position: usize) {
        debug_assert!(position <= self.all.len());
        self.at = position;
    }
}
