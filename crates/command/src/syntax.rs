//! The syntax line of a command, and the argument tree that `COMMAND DOCS` derives from it.
//!
//! Each command states its syntax once, as the line that help texts show:
//!
//! ```text
//! SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]
//! ```
//!
//! [`parse`] turns such a line into a tree of [`Argument`]s, [`usage`] into the text for people. The conventional line
//! lacks three things that the tree has: types, names of groups, and groups that print no bracket. Convention supplies
//! most of them (the tables are in `syntax/names.rs`), a suffix or a brace the rest; neither is ever printed.
//!
//! | written | means | printed |
//! |-|-|-|
//! | `count` | a value; its type follows from its name | `count` |
//! | `min:double` | a value of the type `key`, `string`, `integer`, `double`, `pattern` or `unix-time` | `min` |
//! | `password:auth` | a value that help shows as `password` and the tree calls `auth` | `password` |
//! | `destination:2` | a key of the third key specification (else keys take the specifications in turn) | `destination` |
//! | `pattern:by-pattern/1` | a pattern called `by-pattern`, of keys of the second key specification | `pattern` |
//! | `GET` | a token that stands alone | `GET` |
//! | `CH:change` | the same, called `change` in the tree (else its lower-case form) | `CH` |
//! | `EX seconds` | a token that announces the value, choice or braced group right behind it | `EX seconds` |
//! | `[x]` | optional | `[x]` |
//! | `<x \| y>`, `[x \| y]` | one of several; optional in brackets | `<x \| y>`, `[x \| y]` |
//! | `{x y}` | a group | `x y` |
//! | `<...>:unit`, `[...]:order`, `{...}:box` | the name of a group (else a convention, or its token) | the group |
//! | `x [x ...]` | once or more | `x [x ...]` |
//! | `ID x [x ...]` | the token once, the value repeated | the same |
//! | `GET x [GET x ...]` | the token repeated too | the same |
//! | `x y [x y ...]` | a repeated group, called `data` unless the bracket carries a name | `x y [x y ...]` |
//! | `<x \| y [x \| y ...]>` | a repeated choice | the same |
//!
//! Tokens are words without a lower-case letter; `""` is the token of no bytes. What repeats is compared as printed, so the
//! copy in the brackets needs no suffixes. Only the last colon of a word begins a suffix, so a text that contains one, like
//! `ip:port`, always takes a suffix.

mod lexer;
mod names;
mod parser;

use std::borrow::Cow;
use std::fmt;

pub use lexer::usage;

/// One node of the argument tree of a command, with what `COMMAND DOCS` tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its name in the tree.
    pub name: Cow<'a, str>,
    /// What it takes: a typed value, a bare token, a choice or a group.
    pub kind: Kind<'a>,
    /// The literal word in front of it, or the word itself for [`Kind::PureToken`].
    pub token: Option<&'a str>,
    /// What help shows in its place. Choices and groups have none.
    pub display_text: Option<Cow<'a, str>>,
    /// May be left out.
    pub optional: bool,
    /// May be given several times.
    pub multiple: bool,
    /// When given several times, [`Argument::token`] is repeated as well.
    pub multiple_token: bool,
}

/// What an [`Argument`] takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A key name.
    Key {
        /// Which of the command's key specifications covers it, from 0.
        spec_index: usize,
    },
    /// Any bytes.
    String,
    /// A signed 64-bit number.
    Integer,
    /// A floating point number.
    Double,
    /// A glob pattern.
    Pattern {
        /// Which of the command's key specifications covers the keys that it names, if it names keys.
        spec_index: Option<usize>,
    },
    /// A point in time, in seconds or milliseconds since 1970.
    UnixTime,
    /// Nothing: the token is all there is.
    PureToken,
    /// Exactly one of the children.
    OneOf(Vec<Argument<'a>>),
    /// All of the children, in order.
    Block(Vec<Argument<'a>>),
}

impl<'a> Kind<'a> {
    /// The word `COMMAND DOCS` uses for this kind.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Kind::Key { .. } => "key",
            Kind::String => "string",
            Kind::Integer => "integer",
            Kind::Double => "double",
            Kind::Pattern { .. } => "pattern",
            Kind::UnixTime => "unix-time",
            Kind::PureToken => "pure-token",
            Kind::OneOf(_) => "oneof",
            Kind::Block(_) => "block",
        }
    }

    /// The children of a choice or group, else nothing.
    #[must_use]
    pub fn children(&self) -> &[Argument<'a>] {
        match self {
            Kind::OneOf(children) | Kind::Block(children) => children,
            _ => &[],
        }
    }
}

/// Why a syntax line was refused. Lines are part of the program, so this is for its tests, not for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the line.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a syntax line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The line does not begin with the command's name.
    OtherCommand,
    /// A bracket was closed that is not open, or not closed.
    UnbalancedBracket,
    /// A `|` outside brackets, an empty alternative or an empty group.
    MisplacedBar,
    /// A choice or group without a name, and no convention names it.
    UnnamedGroup,
    /// A `<...>` that offers no choice.
    NoChoice,
    /// What repeats in `[... ...]` is not what stands in front of it.
    NothingToRepeat,
    /// A suffix on something that takes none, or an unknown kind of suffix.
    BadSuffix,
    /// A key argument of a command without key specifications, or the number of one it does not have.
    NoSuchKeySpec,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::OtherCommand => "the line is of another command",
            Problem::UnbalancedBracket => "unbalanced bracket",
            Problem::MisplacedBar => "misplaced '|' or nothing to choose",
            Problem::UnnamedGroup => "this group needs a name",
            Problem::NoChoice => "one alternative is no choice",
            Problem::NothingToRepeat => "this does not repeat what is in front of it",
            Problem::BadSuffix => "unknown suffix",
            Problem::NoSuchKeySpec => "no key specification for this key",
        };
        write!(f, "{what} (at byte {})", self.at)
    }
}

impl std::error::Error for SyntaxError {}

/// Parses the syntax line of the command `name` into its arguments.
///
/// `name` is the full name, with `|` or a space between container and subcommand, in any case. `key_specs` is how many
/// key specifications the command has: keys take them in turn, and the last one covers all further keys.
///
/// # Errors
/// Fails when the line is not of that command or breaks a rule of the notation.
pub fn parse<'a>(name: &str, line: &'a str, key_specs: usize) -> Result<Vec<Argument<'a>>, SyntaxError> {
    parser::Parser::new(line, key_specs).command(name)
}

#[cfg(test)]
mod tests;
