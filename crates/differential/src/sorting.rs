//! Random arguments of SORT: elements, and keys that are called after them.

use crate::values::Draw;

const PATTERNS: &[&str] = &[
    "w_*", "w_*", "w_*", "o_*->f", "o_*->f", "o_*->g", "#", "nosort", "o_*->*", "o_*", "w_*->f", "o_*->",
    "*", "", "w_*_x*",
];

impl Draw<'_> {
    /// Mostly a number, so that a list of a few can be sorted.
    pub(crate) fn sorted_element(&mut self) -> Vec<u8> {
        match self.below(30) {
            0 => self.text(&["abc", "x y", "B", "zzzz"]),
            1..=4 => self.float(),
            _ => self.integer(-3, 15, u64::MAX),
        }
    }

    pub(crate) fn weight_key(&mut self) -> Vec<u8> {
        [b"w_".as_slice(), &self.integer(-3, 15, u64::MAX)].concat()
    }

    pub(crate) fn object_key(&mut self) -> Vec<u8> {
        [b"o_".as_slice(), &self.integer(-3, 15, u64::MAX)].concat()
    }

    pub(crate) fn sort_pattern(&mut self) -> Vec<u8> {
        self.text(PATTERNS)
    }
}
