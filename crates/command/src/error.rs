//! Error replies, and the texts that many commands share.

use std::borrow::Cow;

/// An error reply: its whole text, code first, without the leading dash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error(Cow<'static, [u8]>);

/// Errors show at most so many bytes of a client's word.
const SHOWN_OF_WORD: usize = 128;

/// What a handler answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A fixed text.
    pub const fn new(text: &'static str) -> Error {
        Error(Cow::Borrowed(text.as_bytes()))
    }

    /// A made text. Line breaks, which would break the protocol, become spaces.
    pub fn with(text: impl Into<Vec<u8>>) -> Error {
        let mut text: Vec<u8> = text.into();
        text.iter_mut().filter(|b| matches!(b, b'\r' | b'\n')).for_each(|b| *b = b' ');
        Error(Cow::Owned(text))
    }

    /// The wrong number of arguments for the command of this name, which the declared arity couldn't tell.
    pub fn wrong_arity(command: &str) -> Error {
        Error::with(format!("ERR wrong number of arguments for '{command}' command"))
    }

    /// A subcommand was given more or other words than it takes. `words` are all words of the request.
    ///
    /// # Panics
    /// Without container and subcommand in front.
    pub fn subcommand_misused(words: resp::Args<'_>) -> Error {
        let (container, subcommand) = (words.at(0).to_ascii_uppercase(), words.at(1));
        let shown = &subcommand[..subcommand.len().min(SHOWN_OF_WORD)];
        let head = b"ERR unknown subcommand or wrong number of arguments for '".as_slice();
        Error::with([head, shown, b"'. Try ", &container, b" HELP."].concat())
    }

    /// The text.
    pub fn text(&self) -> &[u8] {
        &self.0
    }

    /// The code: the text's first word.
    pub fn code(&self) -> &[u8] {
        let end = self.0.iter().position(|b| *b == b' ').unwrap_or(self.0.len());
        &self.0[..end]
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        impl Error {
            $($(#[$doc])* pub const $name: Error = Error::new($text);)*
        }
    };
}

texts! {
    /// The key holds another type.
    WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
    /// The arguments don't parse.
    SYNTAX = "ERR syntax error";
    /// Not a 64-bit integer.
    NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    /// An integer beyond 32 bits where Redis takes 32.
    NOT_32_BITS = "ERR value is out of range, value must between -2147483648 and 2147483647";
    /// Not a floating point number.
    NOT_A_FLOAT = "ERR value is not a valid float";
    /// An increment that leaves 64 bits.
    OVERFLOW = "ERR increment or decrement would overflow";
    /// An increment that isn't a number any more.
    NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity";
    /// The key doesn't exist.
    NO_SUCH_KEY = "ERR no such key";
    /// An index outside the list.
    INDEX_OUT_OF_RANGE = "ERR index out of range";
    /// A count or position that must not be negative.
    MUST_BE_POSITIVE = "ERR value is out of range, must be positive";
    /// A string beyond `proto-max-bulk-len`.
    STRING_TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    /// An offset that isn't one.
    OFFSET_OUT_OF_RANGE = "ERR offset is out of range";
    /// A database number that isn't one.
    DB_OUT_OF_RANGE = "ERR DB index is out of range";
    /// A timeout that isn't a number.
    TIMEOUT_NOT_A_FLOAT = "ERR timeout is not a float or out of range";
    /// A negative timeout.
    TIMEOUT_NEGATIVE = "ERR timeout is negative";
    /// An integer timeout that isn't one.
    TIMEOUT_NOT_AN_INTEGER = "ERR timeout is not an integer or out of range";
    /// A timeout beyond the end of time.
    TIMEOUT_OUT_OF_RANGE = "ERR timeout is out of range";
    /// A number of keys that isn't positive.
    NUMKEYS = "ERR numkeys should be greater than 0";
    /// A command that a transaction can't contain.
    NOT_IN_TRANSACTION = "ERR Command not allowed inside a transaction";
    /// Source and target are one.
    SAME_OBJECT = "ERR source and destination objects are the same";
}
