//! What can be wrong with a request, in Redis' words.

use std::fmt;

/// Bytes that aren't a request; there is no way to find the start of the next one, so the connection must close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The number of arguments isn't a number, or is too large.
    InvalidMultibulkLength,
    /// A client that hasn't authenticated sent too many arguments.
    UnauthenticatedMultibulkLength,
    /// The line with the number of arguments doesn't end.
    TooBigMultibulkCount,
    /// An argument doesn't start with `$` but with this byte.
    ExpectedDollar(u8),
    /// The length of an argument isn't a number, is negative or too large.
    InvalidBulkLength,
    /// A client that hasn't authenticated sent too long an argument.
    UnauthenticatedBulkLength,
    /// The line with the length of an argument doesn't end.
    TooBigBulkCount,
    /// An inline command doesn't end.
    TooBigInlineRequest,
    /// An inline command has a quote that isn't closed, or is closed in the middle of a word.
    UnbalancedQuotes,
}

impl ProtocolError {
    /// Appends the text of the error reply, without the code `ERR` before it.
    pub fn push_text(self, out: &mut Vec<u8>) {
        let text = match self {
            Self::InvalidMultibulkLength => "invalid multibulk length",
            Self::UnauthenticatedMultibulkLength => "unauthenticated multibulk length",
            Self::TooBigMultibulkCount => "too big mbulk count string",
            Self::ExpectedDollar(_) => "expected '$', got '",
            Self::InvalidBulkLength => "invalid bulk length",
            Self::UnauthenticatedBulkLength => "unauthenticated bulk length",
            Self::TooBigBulkCount => "too big bulk count string",
            Self::TooBigInlineRequest => "too big inline request",
            Self::UnbalancedQuotes => "unbalanced quotes in request",
        };
        out.extend_from_slice(b"Protocol error: ");
        out.extend_from_slice(text.as_bytes());
        if let Self::ExpectedDollar(byte) = self {
            // A line end would end the reply.
            let shown = if matches!(byte, b'\r' | b'\n') { b' ' } else { byte };
            out.extend_from_slice(&[shown, b'\'']);
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.push_text(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl std::error::Error for ProtocolError {}
