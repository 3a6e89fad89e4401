//! The request parser of one connection.

use super::batch::Batch;
use super::error::ProtocolError;
use super::header::{self, Header};
use crate::Span;
use base::quote::Unbalanced;

/// Arguments and bytes of an argument that a client may send before it has authenticated.
const UNAUTHENTICATED_MAX_ARGS: i64 = 10;
const UNAUTHENTICATED_MAX_BULK_LEN: i64 = 16384;

/// Who sends the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A client that may execute commands.
    Authenticated,
    /// A client that must authenticate first: it may not make the server buffer much. Execute its requests one by
    /// one (see [`Parser::parse_one`]), since each of them may change this.
    Unauthenticated,
}

/// What a request may not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest argument in bytes: `proto-max-bulk-len`.
    pub max_bulk_len: u64,
    /// Longest inline command, and line with a number, in bytes.
    pub max_line: usize,
    /// Largest number of arguments.
    pub max_args: u32,
    /// Who sends the requests.
    pub sender: Sender,
}

impl Default for Limits {
    /// Redis' limits for an authenticated client: 512 MiB, 64 KiB, 2^31 - 1 arguments.
    fn default() -> Self {
        Self {
            max_bulk_len: 512 << 20,
            max_line: 64 << 10,
            max_args: i32::MAX as u32,
            sender: Sender::Authenticated,
        }
    }
}

/// The request parser of one connection: remembers how far the request at the front of the input is understood, so
/// that a large one that arrives in many pieces is looked at once.
#[derive(Debug, Default)]
pub struct Parser {
    /// The arguments found so far; empty while no request is unfinished.
    spans: Vec<Span>,
    cursor: Cursor,
}

/// A place in an unfinished request; offsets are relative to its start.
///
/// ```text
/// *3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1000\r\nva
///                                        ^ scanned, with remaining = 1, bulk_len = Some(1000)
/// ```
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// Everything before this offset is understood.
    scanned: usize,
    /// So many bytes after `scanned` are known to hold no end of line.
    searched: usize,
    /// Arguments still to come; 0 before the first line is complete.
    remaining: u32,
    /// Length of the argument in progress, once its line is complete.
    bulk_len: Option<u32>,
}

/// What a step of the parser came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// A request without arguments, which isn't answered.
    Empty,
    Complete,
    NeedsMore,
}

impl Parser {
    /// The parser of a new connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends all complete requests of `input` (from the batch's [`consumed`](Batch::consumed) offset on) to `batch`.
    ///
    /// At that offset must stand the bytes that the last call left over. Empty requests are skipped. Takes time
    /// linear in the number of new bytes at most; the bytes of arguments aren't looked at.
    ///
    /// # Errors
    /// The first malformed request; those before it are in the batch. The connection can't be used any further.
    pub fn parse(&mut self, input: &[u8], limits: &Limits, batch: &mut Batch) -> Result<(), ProtocolError> {
        while self.parse_one(input, limits, batch)? {}
        Ok(())
    }

    /// As [`parse`](Self::parse), but stops after one request; returns whether there was one.
    ///
    /// # Errors
    /// As `parse`.
    #[inline]
    pub fn parse_one(
        &mut self,
        input: &[u8],
        limits: &Limits,
        batch: &mut Batch,
    ) -> Result<bool, ProtocolError> {
        let mut progress = Progress::Empty;
        while progress == Progress::Empty {
            let request = &input[batch.consumed..];
            progress = match request.first() {
                None => Progress::NeedsMore,
                Some(_) if self.cursor.remaining > 0 => self.resume_array(request, limits, batch)?,
                Some(b'*') => self.parse_array(request, limits, batch)?,
                Some(_) => self.parse_inline(request, limits, batch)?,
            };
        }
        Ok(progress == Progress::Complete)
    }

    /// How many bytes of the present request are understood: what is in front of the argument that is still coming in.
    pub fn understood(&self) -> usize {
        self.cursor.scanned
    }

    /// How many bytes are missing until the argument in progress is complete; 0 between arguments. `buffered` is the
    /// number of bytes of the unfinished request that the caller holds.
    ///
    /// A reader can size its buffer by this: it never asks for more than the client announced and is allowed to send.
    pub fn wanted(&self, buffered: usize) -> usize {
        let announced = self.cursor.bulk_len.map_or(0, |len| self.cursor.scanned + len as usize + 2);
        announced.saturating_sub(buffered)
    }

    /// Bytes of heap memory in use.
    pub fn heap_size(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
    }

    /// A request of bulk strings, from its start.
    #[inline]
    fn parse_array(
        &mut self,
        input: &[u8],
        limits: &Limits,
        batch: &mut Batch,
    ) -> Result<Progress, ProtocolError> {
        let mut cursor = self.cursor;
        let header = match header::read_tiny(input, b'*') {
            Some((count, next)) => Header::Complete(i64::from(count), next),
            None => header::read(input, b'*', cursor.searched, limits.max_line),
        };
        let count = match header {
            Header::Complete(count, next) => {
                cursor.advance(next);
                limits.check_count(count)?
            }
            Header::Partial(searched) => {
                self.cursor.searched = searched;
                return Ok(Progress::NeedsMore);
            }
            Header::Endless => return Err(ProtocolError::TooBigMultibulkCount),
            Header::Unmarked(_) | Header::NotANumber => return Err(ProtocolError::InvalidMultibulkLength),
        };
        self.cursor = Cursor::default();
        if count == 0 {
            batch.consumed += cursor.scanned;
            return Ok(Progress::Empty);
        }
        cursor.remaining = count;
        let first_span = batch.spans.len();
        if cursor.read_args(input, limits, &mut batch.spans)? {
            batch.push_from_input(first_span, cursor.scanned);
            return Ok(Progress::Complete);
        }
        self.cursor = cursor;
        self.spans.extend_from_slice(&batch.spans[first_span..]);
        batch.spans.truncate(first_span);
        Ok(Progress::NeedsMore)
    }

    /// The rest of a request whose first part was seen before.
    #[cold]
    fn resume_array(
        &mut self,
        input: &[u8],
        limits: &Limits,
        batch: &mut Batch,
    ) -> Result<Progress, ProtocolError> {
        if !self.cursor.read_args(input, limits, &mut self.spans)? {
            return Ok(Progress::NeedsMore);
        }
        let first_span = batch.spans.len();
        batch.spans.append(&mut self.spans);
        batch.push_from_input(first_span, self.cursor.scanned);
        *self = Self::default();
        Ok(Progress::Complete)
    }

    /// A line of words.
    #[cold]
    fn parse_inline(
        &mut self,
        input: &[u8],
        limits: &Limits,
        batch: &mut Batch,
    ) -> Result<Progress, ProtocolError> {
        let window = &input[..input.len().min(limits.max_line + 1)];
        let searched = self.cursor.searched;
        let Some(end) = memchr::memchr(b'\n', &window[searched..]).map(|at| searched + at) else {
            if input.len() > limits.max_line {
                return Err(ProtocolError::TooBigInlineRequest);
            }
            self.cursor.searched = input.len();
            return Ok(Progress::NeedsMore);
        };
        self.cursor.searched = 0;
        let found = batch.push_line(&input[..end]).map_err(|Unbalanced| ProtocolError::UnbalancedQuotes)?;
        batch.consumed += end + 1;
        Ok(if found { Progress::Complete } else { Progress::Empty })
    }
}

impl Cursor {
    /// Reads arguments until the request is complete (true) or the input ends.
    #[inline]
    fn read_args(
        &mut self,
        input: &[u8],
        limits: &Limits,
        spans: &mut Vec<Span>,
    ) -> Result<bool, ProtocolError> {
        while self.remaining > 0 {
            if self.read_tiny_arg(input, limits, spans) {
                continue;
            }
            let len = match self.bulk_len {
                Some(len) => len,
                None => match self.read_bulk_len(input, limits)? {
                    Some(len) => len,
                    None => return Ok(false),
                },
            };
            let end = self.scanned + len as usize + 2;
            if end > input.len() {
                self.bulk_len = Some(len);
                return Ok(false);
            }
            spans.push(Span { start: self.scanned as u32, len });
            self.bulk_len = None;
            self.scanned = end;
            self.remaining -= 1;
        }
        Ok(true)
    }

    /// Reads a complete argument of less than 100 bytes; answers whether there is one within the limits.
    #[inline]
    fn read_tiny_arg(&mut self, input: &[u8], limits: &Limits, spans: &mut Vec<Span>) -> bool {
        let Some(rest) = input.get(self.scanned..) else { return false };
        let Some((len, width)) = header::read_tiny(rest, b'$') else { return false };
        let (start, end) = (self.scanned + width, width + len as usize + 2);
        let allowed = u64::from(len) <= limits.max_bulk_len && start <= u32::MAX as usize / 2;
        if !allowed || self.bulk_len.is_some() || end > rest.len() {
            return false;
        }
        spans.push(Span { start: start as u32, len });
        self.scanned += end;
        self.searched = 0;
        self.remaining -= 1;
        true
    }

    /// Reads the line before an argument; `None` if it isn't complete.
    #[inline]
    fn read_bulk_len(&mut self, input: &[u8], limits: &Limits) -> Result<Option<u32>, ProtocolError> {
        match header::read(&input[self.scanned..], b'$', self.searched, limits.max_line) {
            Header::Complete(len, next) => {
                self.advance(next);
                limits.check_bulk_len(len, self.scanned).map(Some)
            }
            Header::Partial(searched) => {
                self.searched = searched;
                Ok(None)
            }
            Header::Endless => Err(ProtocolError::TooBigBulkCount),
            Header::Unmarked(byte) => Err(ProtocolError::ExpectedDollar(byte)),
            Header::NotANumber => Err(ProtocolError::InvalidBulkLength),
        }
    }

    #[inline]
    fn advance(&mut self, bytes: usize) {
        self.scanned += bytes;
        self.searched = 0;
    }
}

impl Limits {
    /// The number of arguments a request announced; 0 for those without any.
    #[inline]
    fn check_count(&self, count: i64) -> Result<u32, ProtocolError> {
        if count > i64::from(self.max_args) {
            return Err(ProtocolError::InvalidMultibulkLength);
        }
        if count > UNAUTHENTICATED_MAX_ARGS && self.sender == Sender::Unauthenticated {
            return Err(ProtocolError::UnauthenticatedMultibulkLength);
        }
        Ok(count.max(0) as u32)
    }

    /// The length of an argument that starts at `offset` of its request.
    ///
    /// Whatever the limits, a request has less than 4 GiB: spans hold no more.
    #[inline]
    fn check_bulk_len(&self, len: i64, offset: usize) -> Result<u32, ProtocolError> {
        let bytes = u64::try_from(len).map_err(|_| ProtocolError::InvalidBulkLength)?;
        if bytes > self.max_bulk_len || bytes.saturating_add(offset as u64) > u64::from(u32::MAX) {
            return Err(ProtocolError::InvalidBulkLength);
        }
        if len > UNAUTHENTICATED_MAX_BULK_LEN && self.sender == Sender::Unauthenticated {
            return Err(ProtocolError::UnauthenticatedBulkLength);
        }
        Ok(bytes as u32)
    }
}
