//! Sets of members and maps of fields, each element with an expiry if it likes.
//!
//! Small ones are rows of a [`crate::packed::Packed`] (sets of integers an [`crate::intset::IntSet`]), large ones a
//! table of leaves:
//!
//! ```text
//!  ints    sorted integers                           [`MemberSet`] only
//!  rows    name value name value ...                 walked
//!  timed   name value expiry ...                     rows that have expiries, the earliest first
//!  table   leaves of some dozens of elements         linear hashing: O(1) at any size, no rehash
//! ```
//! A container grows from one form to the next when it exceeds its [`Limits`], and never goes back. `Clone` costs one
//! reference count in the large form: a clone is a frozen state, and changes to either side copy one leaf at a time.
//!
//! The containers don't know the time: an element whose time is over stays until [`FieldMap::remove_due`] or
//! [`MemberSet::remove_due`] takes it. A [`View`] can be told to hide such elements.

mod leaf;
mod map;
mod meet;
mod rows;
mod set;
mod spine;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub use map::FieldMap;
pub use meet::Membership;
pub use set::MemberSet;
pub use view::{Iter, View};

use crate::packed::Item;

/// How large a container may become before it takes its next form, and the seed of its hashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Elements of the form of integers.
    pub ints: usize,
    /// Elements of the form of rows.
    pub rows: usize,
    /// Length of a name or value in rows.
    pub text_bytes: usize,
    /// What names are hashed with; secret, so that nobody can choose names that collide.
    pub seed: u64,
}

impl Default for Limits {
    /// Those of sets in Redis' default configuration.
    fn default() -> Self {
        Limits { ints: 512, rows: 128, text_bytes: 64, seed: 0 }
    }
}

/// In which form a container is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Sorted integers.
    Ints,
    /// Rows of names (and values).
    Rows,
    /// Rows with expiries.
    Timed,
    /// A table of leaves.
    Table,
}

/// What an element consists of besides its expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Columns {
    value: bool,
}

impl Columns {
    const NAME: Columns = Columns { value: false };
    const NAME_AND_VALUE: Columns = Columns { value: true };
}

/// A member of a set, or a field of a map with its value.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The member or field.
    pub name: Item<'a>,
    /// The value; empty in a set.
    pub value: Item<'a>,
    /// When it expires, in milliseconds since the epoch.
    pub expiry_ms: Option<i64>,
}

impl Element<'_> {
    const NO_VALUE: Item<'static> = Item::Bytes(b"");
}

/// What becomes of the expiry of an element that is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ttl {
    /// It stays as it is; a new element has none.
    Keep,
    /// It goes.
    Clear,
    /// The element expires then, in milliseconds since the epoch.
    At(i64),
}

impl Ttl {
    /// The expiry of an element that had `old`.
    fn of(self, old: Option<i64>) -> Option<i64> {
        match self {
            Ttl::Keep => old,
            Ttl::Clear => None,
            Ttl::At(at) => Some(at),
        }
    }

    fn of_new(self) -> Option<i64> {
        self.of(None)
    }
}
