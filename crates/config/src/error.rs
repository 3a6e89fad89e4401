//! What can be wrong with a configuration, in the words that Redis uses.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::text::Text;
use crate::value::Problem;

/// The line that a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The included file; `None` for the main file, the standard input and the command line, which are one text.
    pub file: Option<Text>,
    /// Counted from 1.
    pub line_number: usize,
    /// The line without surrounding space.
    pub line: Text,
}

/// Why a configuration can't be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A setting is wrong.
    Invalid {
        /// Its line; `None` if the fault lies in how several settings go together.
        place: Option<Place>,
        /// What is wrong.
        message: Cow<'static, str>,
    },
    /// An included file can't be read.
    Unreadable {
        /// The file.
        path: Text,
        /// The system's reason.
        reason: String,
    },
}

impl ConfigError {
    pub(crate) fn at(place: Place, message: Problem) -> Self {
        Self::Invalid { place: Some(place), message }
    }
}

/// Prints the block that `redis-server` prints; tools look for its lines.
impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, reason } => {
                write!(out, "Fatal error, can't open config file '{path}': {reason}")
            }
            Self::Invalid { place, message } => {
                writeln!(out, "*** FATAL CONFIG FILE ERROR (Redstart {}) ***", env!("CARGO_PKG_VERSION"))?;
                if let Some(place) = place {
                    let file = place.file.as_ref().map(|file| format!(" '{file}'")).unwrap_or_default();
                    writeln!(out, "Reading the configuration file{file}, at line {}", place.line_number)?;
                    writeln!(out, ">>> '{}'", place.line)?;
                }
                write!(out, "{message}")
            }
        }
    }
}

impl Error for ConfigError {}

/// Why `CONFIG SET` changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// There is no such directive, or it can't be set.
    Unknown {
        /// The name as it was given.
        name: Text,
    },
    /// A value was refused, or could not be put into effect.
    Failed {
        /// The name of the directive.
        name: Text,
        /// What is wrong.
        reason: Cow<'static, str>,
    },
}

/// Prints the error reply.
impl fmt::Display for SetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name } => {
                write!(out, "ERR Unknown option or number of arguments for CONFIG SET - '{name}'")
            }
            Self::Failed { name, reason } => {
                write!(out, "ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}")
            }
        }
    }
}

impl Error for SetError {}
