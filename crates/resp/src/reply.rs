//! Replies of a server, from bytes to values: for clients of other servers (replication, tests, tools).

use base::num::{parse_f64, parse_i64};
use std::fmt;

/// What a reply may not exceed.
#[derive(Clone, Copy, Debug)]
pub struct ReplyLimits {
    /// Longest string in bytes.
    pub max_bulk_len: usize,
    /// Largest number of items of one aggregate.
    pub max_items: usize,
    /// Deepest nesting of aggregates.
    pub max_depth: usize,
}

impl Default for ReplyLimits {
    /// 512 MiB, 2^31 - 1 items, 64 levels.
    fn default() -> Self {
        Self { max_bulk_len: 512 << 20, max_items: i32::MAX as usize, max_depth: 64 }
    }
}

/// A reply in RESP2 or RESP3.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `+OK`
    Simple(Vec<u8>),
    /// `-ERR message`, and RESP3's `!` with any bytes
    Error(Vec<u8>),
    /// `:1`
    Int(i64),
    /// `$3` and bytes
    Bulk(Vec<u8>),
    /// `$-1`
    NullBulk,
    /// `*-1`
    NullArray,
    /// `_`
    Null,
    /// `*2` and items
    Array(Vec<Value>),
    /// `%1` and keys with their values
    Map(Vec<(Value, Value)>),
    /// `~2` and items
    Set(Vec<Value>),
    /// `>2` and items
    Push(Vec<Value>),
    /// `#t`
    Bool(bool),
    /// `,1.5`
    Double(f64),
    /// `(123`, as text
    BigNumber(Vec<u8>),
    /// `=7`, a format of three letters, `:` and the text
    Verbatim([u8; 3], Vec<u8>),
    /// `|1`, keys with their values, and the reply that they belong to
    Attributed(Vec<(Value, Value)>, Box<Value>),
}

/// Bytes that aren't a reply, and what is wrong with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// No type starts with this byte.
    UnknownType(u8),
    /// A number, length or truth value isn't one.
    Malformed,
    /// A line or a string doesn't end where it should.
    Unterminated,
    /// Longer, larger or deeper than allowed.
    TooLarge,
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType(byte) => write!(f, "unknown reply type '{}'", byte.escape_ascii()),
            Self::Malformed => f.write_str("malformed number in reply"),
            Self::Unterminated => f.write_str("reply without line end"),
            Self::TooLarge => f.write_str("reply exceeds the limits"),
        }
    }
}

impl std::error::Error for ReplyError {}

/// Parses the reply at the start of `input`, with the default limits: see [`parse_reply_within`].
///
/// # Errors
/// As there.
pub fn parse_reply(input: &[u8]) -> Result<Option<(Value, usize)>, ReplyError> {
    parse_reply_within(input, &ReplyLimits::default())
}

/// Parses the reply at the start of `input`; returns it with its length in bytes, or `None` if it isn't complete.
///
/// Nothing is remembered between calls: a reply that arrives in pieces is parsed from its start each time.
///
/// # Errors
/// Bytes that can't become a reply however many follow.
pub fn parse_reply_within(input: &[u8], limits: &ReplyLimits) -> Result<Option<(Value, usize)>, ReplyError> {
    let mut reader = Reader { input, at: 0, limits };
    Ok(reader.value(0)?.map(|value| (value, reader.at)))
}

/// A parse in progress. Methods return `Ok(None)` when the input ends too early.
struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    limits: &'a ReplyLimits,
}

/// Lines with numbers aren't longer than this.
const MAX_NUMBER_LINE: usize = 64;

/// Vectors aren't allocated larger than this on a mere announcement.
const MAX_PREALLOCATED: usize = 1024;

/// Unwraps a complete part, or passes on that there is none.
macro_rules! ready {
    ($part:expr) => {
        match $part? {
            Some(part) => part,
            None => return Ok(None),
        }
    };
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Option<Value>, ReplyError> {
        if depth > self.limits.max_depth {
            return Err(ReplyError::TooLarge);
        }
        let Some(&kind) = self.input.get(self.at) else { return Ok(None) };
        self.at += 1;
        let value = match kind {
            b'+' => Value::Simple(ready!(self.line(self.limits.max_bulk_len)).to_vec()),
            b'-' => Value::Error(ready!(self.line(self.limits.max_bulk_len)).to_vec()),
            b'(' => Value::BigNumber(ready!(self.big_number()).to_vec()),
            b':' => Value::Int(ready!(self.number())),
            b',' => Value::Double(ready!(self.double())),
            b'#' => Value::Bool(ready!(self.truth())),
            b'_' => ready!(self.null()),
            b'$' => ready!(self.string()).map_or(Value::NullBulk, |bytes| Value::Bulk(bytes.to_vec())),
            b'!' => Value::Error(ready!(self.string()).ok_or(ReplyError::Malformed)?.to_vec()),
            b'=' => ready!(self.verbatim()),
            b'*' => ready!(self.items(depth)).map_or(Value::NullArray, Value::Array),
            b'~' => Value::Set(ready!(self.items(depth)).ok_or(ReplyError::Malformed)?),
            b'>' => Value::Push(ready!(self.items(depth)).ok_or(ReplyError::Malformed)?),
            b'%' => Value::Map(ready!(self.pairs(depth))),
            b'|' => {
                let attributes = ready!(self.pairs(depth));
                Value::Attributed(attributes, Box::new(ready!(self.value(depth + 1))))
            }
            other => return Err(ReplyError::UnknownType(other)),
        };
        Ok(Some(value))
    }

    /// The bytes up to the next line end, at most `max`.
    fn line(&mut self, max: usize) -> Result<Option<&'a [u8]>, ReplyError> {
        let rest = &self.input[self.at..];
        let window = &rest[..rest.len().min(max.saturating_add(2))];
        let Some(end) = memchr::memchr(b'\r', window) else {
            return if window.len() > max { Err(ReplyError::TooLarge) } else { Ok(None) };
        };
        match rest.get(end + 1) {
            None => Ok(None),
            Some(b'\n') => {
                self.at += end + 2;
                Ok(Some(&rest[..end]))
            }
            Some(_) => Err(ReplyError::Unterminated),
        }
    }

    fn number(&mut self) -> Result<Option<i64>, ReplyError> {
        let line = ready!(self.line(MAX_NUMBER_LINE));
        parse_i64(line.strip_prefix(b"+").unwrap_or(line)).map(Some).ok_or(ReplyError::Malformed)
    }

    /// A length: `None` inside for the -1 that means null.
    fn length(&mut self, max: usize) -> Result<Option<Option<usize>>, ReplyError> {
        match ready!(self.number()) {
            -1 => Ok(Some(None)),
            len => match usize::try_from(len) {
                Ok(len) if len <= max => Ok(Some(Some(len))),
                Ok(_) => Err(ReplyError::TooLarge),
                Err(_) => Err(ReplyError::Malformed),
            },
        }
    }

    fn string(&mut self) -> Result<Option<Option<&'a [u8]>>, ReplyError> {
        let Some(len) = ready!(self.length(self.limits.max_bulk_len)) else { return Ok(Some(None)) };
        let rest = &self.input[self.at..];
        let Some(end) = rest.get(len..len + 2) else { return Ok(None) };
        if end != b"\r\n" {
            return Err(ReplyError::Unterminated);
        }
        self.at += len + 2;
        Ok(Some(Some(&rest[..len])))
    }

    fn items(&mut self, depth: usize) -> Result<Option<Option<Vec<Value>>>, ReplyError> {
        let Some(len) = ready!(self.length(self.limits.max_items)) else { return Ok(Some(None)) };
        let mut items = Vec::with_capacity(len.min(MAX_PREALLOCATED));
        for _ in 0..len {
            items.push(ready!(self.value(depth + 1)));
        }
        Ok(Some(Some(items)))
    }

    fn pairs(&mut self, depth: usize) -> Result<Option<Vec<(Value, Value)>>, ReplyError> {
        let len = ready!(self.length(self.limits.max_items)).ok_or(ReplyError::Malformed)?;
        let mut pairs = Vec::with_capacity(len.min(MAX_PREALLOCATED));
        for _ in 0..len {
            let key = ready!(self.value(depth + 1));
            pairs.push((key, ready!(self.value(depth + 1))));
        }
        Ok(Some(pairs))
    }

    fn double(&mut self) -> Result<Option<f64>, ReplyError> {
        let line = ready!(self.line(self.limits.max_bulk_len));
        if line.eq_ignore_ascii_case(b"nan") || line.eq_ignore_ascii_case(b"-nan") {
            return Ok(Some(f64::NAN));
        }
        parse_f64(line).map(Some).ok_or(ReplyError::Malformed)
    }

    fn big_number(&mut self) -> Result<Option<&'a [u8]>, ReplyError> {
        let line = ready!(self.line(self.limits.max_bulk_len));
        let digits = line.strip_prefix(b"-").or_else(|| line.strip_prefix(b"+")).unwrap_or(line);
        let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        if valid { Ok(Some(line)) } else { Err(ReplyError::Malformed) }
    }

    fn truth(&mut self) -> Result<Option<bool>, ReplyError> {
        match ready!(self.line(MAX_NUMBER_LINE)) {
            b"t" => Ok(Some(true)),
            b"f" => Ok(Some(false)),
            _ => Err(ReplyError::Malformed),
        }
    }

    fn null(&mut self) -> Result<Option<Value>, ReplyError> {
        match ready!(self.line(MAX_NUMBER_LINE)) {
            b"" => Ok(Some(Value::Null)),
            _ => Err(ReplyError::Malformed),
        }
    }

    fn verbatim(&mut self) -> Result<Option<Value>, ReplyError> {
        match ready!(self.string()) {
            Some([a, b, c, b':', text @ ..]) => Ok(Some(Value::Verbatim([*a, *b, *c], text.to_vec()))),
            _ => Err(ReplyError::Malformed),
        }
    }
}
