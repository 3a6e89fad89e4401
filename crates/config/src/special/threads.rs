//! `io-threads`: how many threads serve clients.

use crate::number::Number;
use crate::value::{Problem, Scalar};

/// The number of threads that serve clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoThreads {
    /// One for each core (written 0). The host says how many cores there are before anyone asks.
    PerCore {
        /// The number of cores, once known.
        cores: Option<u32>,
    },
    /// A number chosen by the user.
    Exactly(u32),
}

impl IoThreads {
    /// Fixes what "one for each core" means on a machine with so many `cores`; a chosen number stays.
    pub fn resolve(&mut self, cores: u32) {
        if let Self::PerCore { cores: known } = self {
            *known = Some(cores);
        }
    }

    /// The number of threads; 0 if it depends on the cores and these aren't known yet.
    pub fn count(self) -> u32 {
        match self {
            Self::PerCore { cores } => cores.unwrap_or(0),
            Self::Exactly(count) => count,
        }
    }
}

impl Scalar for IoThreads {
    type Rule = Number;

    fn parse(word: &[u8], rule: &Number) -> Result<Self, Problem> {
        match u32::parse(word, rule)? {
            0 => Ok(Self::PerCore { cores: None }),
            count => Ok(Self::Exactly(count)),
        }
    }

    /// Users want to see the real number.
    fn show(&self, rule: &Number) -> Vec<u8> {
        Scalar::show(&self.count(), rule)
    }

    fn file_form(&self, rule: &Number) -> Option<Vec<u8>> {
        match self {
            Self::PerCore { .. } => Some(b"0".to_vec()),
            Self::Exactly(count) => count.file_form(rule),
        }
    }

    fn allowed(rule: &Number) -> String {
        format!("{}; 0 is one per core", u32::allowed(rule))
    }
}
