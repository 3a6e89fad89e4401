//! The requests found in one piece of input.

use crate::{Args, Span};
use base::quote::Unbalanced;

/// A cleared batch keeps room for so many arguments, and bytes of inline commands, but not for more.
const KEPT_CAPACITY: usize = 1 << 14;

/// Where the arguments of a request stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In the input from this offset on.
    Input(usize),
    /// In the batch's buffer of unquoted words, from this offset on.
    Inline(usize),
}

/// One complete request: its spans are `spans[first_span..end_span]` of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) source: Source,
    pub(super) first_span: usize,
    pub(super) end_span: usize,
}

/// Complete requests, in order. Reused for every read of a worker's connections: it allocates only while it grows.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) requests: Vec<Request>,
    pub(super) spans: Vec<Span>,
    /// The words of inline commands, without their quotes.
    pub(super) inline: Vec<u8>,
    pub(super) consumed: usize,
}

impl Batch {
    /// No requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all requests, for the next piece of input.
    pub fn clear(&mut self) {
        self.requests.clear();
        self.spans.clear();
        self.inline.clear();
        self.spans.shrink_to(KEPT_CAPACITY);
        self.inline.shrink_to(KEPT_CAPACITY);
        self.consumed = 0;
    }

    /// Adds a request that was found without a [`Parser`](crate::Parser): it begins at `start` of the input, and its
    /// arguments stand there, relative to that.
    pub fn push(&mut self, start: usize, args: &[Span]) {
        let first_span = self.spans.len();
        self.spans.extend_from_slice(args);
        let end_span = self.spans.len();
        self.requests.push(Request { source: Source::Input(start), first_span, end_span });
    }

    /// Number of requests.
    #[inline]
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there is no request.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// How many bytes of the input belong to the requests (and the empty ones skipped between them): when these
    /// are executed, the caller drops so many bytes from the front of its buffer.
    #[inline]
    pub fn consumed(&self) -> usize {
        self.consumed
    }

    /// The arguments of the request at `index`; `input` must be the bytes that were parsed.
    #[inline]
    pub fn get<'a>(&'a self, input: &'a [u8], index: usize) -> Option<Args<'a>> {
        self.requests.get(index).map(|&request| self.args(input, request))
    }

    /// The arguments of every request in order; `input` must be the bytes that were parsed.
    #[inline]
    pub fn iter<'a>(&'a self, input: &'a [u8]) -> impl ExactSizeIterator<Item = Args<'a>> + Clone {
        self.requests.iter().map(move |&request| self.args(input, request))
    }

    /// Completes a request: its arguments are the spans from `first_span` on, relative to its start, and it is `len`
    /// bytes long.
    #[inline]
    pub(super) fn push_from_input(&mut self, first_span: usize, len: usize) {
        let source = Source::Input(self.consumed);
        self.requests.push(Request { source, first_span, end_span: self.spans.len() });
        self.consumed += len;
    }

    /// Adds the request in a line of words; returns false if there is no word.
    pub(super) fn push_line(&mut self, line: &[u8]) -> Result<bool, Unbalanced> {
        let (first_span, origin) = (self.spans.len(), self.inline.len());
        let mut rest = line;
        loop {
            let start = self.inline.len() - origin;
            let Some(tail) = base::quote::next_arg(rest, &mut self.inline)? else { break };
            self.spans.push(Span { start: start as u32, len: (self.inline.len() - origin - start) as u32 });
            rest = tail;
        }
        let end_span = self.spans.len();
        if end_span > first_span {
            self.requests.push(Request { source: Source::Inline(origin), first_span, end_span });
        }
        Ok(end_span > first_span)
    }

    #[inline]
    fn args<'a>(&'a self, input: &'a [u8], request: Request) -> Args<'a> {
        let buf = match request.source {
            Source::Input(start) => &input[start..],
            Source::Inline(start) => &self.inline[start..],
        };
        Args::new(buf, &self.spans[request.first_span..request.end_span])
    }
}
