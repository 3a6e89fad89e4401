//! `IntSet`: a small set of integers, sorted, each in as few bytes as the widest of them needs.
//!
//! ```text
//!  16-bit:  | -3 | 7 | 12 |            2 bytes each, little endian, ascending
//!  32-bit:  | -3 | 7 | 12 | 70000 |    4 bytes each, since 70000 came
//!  64-bit:  8 bytes each
//! ```
//! Looking up is a binary search; adding and removing move what lies behind. Elements never become narrower again.
//!
//! The wire form is Redis' intset: `| width: u32 LE | count: u32 LE | elements |`.

use crate::room::size_class;
use crate::small::Small;

const HEADER: usize = 8;

/// Bytes that each element takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Width {
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl Width {
    fn of(value: i64) -> Width {
        if i16::try_from(value).is_ok() {
            Width::Two
        } else if i32::try_from(value).is_ok() {
            Width::Four
        } else {
            Width::Eight
        }
    }

    fn bytes(self) -> usize {
        self as usize
    }

    fn of_bytes(bytes: usize) -> Option<Width> {
        [Width::Two, Width::Four, Width::Eight].into_iter().find(|width| width.bytes() == bytes)
    }
}

/// Why bytes are not an intset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadIntset {
    /// The header is cut short, names a width that doesn't exist, or a count that isn't that of the bytes.
    Size,
    /// The elements are not ascending.
    Order,
}

impl std::fmt::Display for BadIntset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BadIntset::Size => "intset size doesn't match its header",
            BadIntset::Order => "intset elements are not ascending",
        })
    }
}

impl std::error::Error for BadIntset {}

/// A set of integers. See the module's documentation.
#[derive(Clone, Debug)]
pub struct IntSet {
    bytes: Vec<u8>,
    width: Width,
}

impl Default for IntSet {
    fn default() -> Self {
        Self::new()
    }
}

impl IntSet {
    /// The empty set. Does not allocate.
    pub const fn new() -> Self {
        IntSet { bytes: Vec::new(), width: Width::Two }
    }

    /// Elements to look at, wherever they lie.
    #[inline]
    pub fn view(&self) -> Ints<'_> {
        Ints { bytes: &self.bytes, width: self.width }
    }

    /// The set whose small form this is.
    pub fn of_small(small: Small<'_>) -> Self {
        let Ints { bytes, width } = Ints::of_small(small);
        IntSet { bytes: bytes.to_vec(), width }
    }

    /// The elements as bytes.
    pub fn small(&self) -> Small<'_> {
        Small::Ints { width: self.width as u16, bytes: &self.bytes }
    }

    /// Number of elements. O(1).
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes allocated beyond the `IntSet` itself, as allocators round them. O(1).
    pub fn memory_bytes(&self) -> usize {
        size_class(self.bytes.capacity())
    }

    /// Adds an integer; answers whether it is new. O(n) bytes moved.
    pub fn insert(&mut self, value: i64) -> bool {
        self.widen(Width::of(value));
        let Err(at) = self.view().search(value) else { return false };
        let (width, at) = (self.width.bytes(), at * self.width.bytes());
        self.reserve(width);
        let end = self.bytes.len();
        self.bytes.resize(end + width, 0);
        self.bytes.copy_within(at..end, at + width);
        self.bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
        true
    }

    /// Removes an integer; answers whether it was there. O(n) bytes moved.
    pub fn remove(&mut self, value: i64) -> bool {
        let Ok(at) = self.view().search(value) else { return false };
        let (width, at) = (self.width.bytes(), at * self.width.bytes());
        self.bytes.copy_within(at + width.., at);
        self.bytes.truncate(self.bytes.len() - width);
        if self.bytes.capacity() > 2 * self.bytes.len() + 32 {
            self.bytes.shrink_to(self.bytes.len() + self.bytes.len() / 4);
        }
        true
    }

    /// Makes room for `more` bytes: an eighth beyond what is needed, as many small sets never grow again.
    fn reserve(&mut self, more: usize) {
        let wanted = self.bytes.len() + more;
        if wanted > self.bytes.capacity() {
            self.bytes.reserve_exact((wanted + wanted / 8).next_multiple_of(8) - self.bytes.len());
        }
    }

    fn widen(&mut self, width: Width) {
        if width <= self.width {
            return;
        }
        let mut wide = Vec::with_capacity((self.len() + 1) * width.bytes());
        self.view().iter().for_each(|value| wide.extend_from_slice(&value.to_le_bytes()[..width.bytes()]));
        (self.bytes, self.width) = (wide, width);
    }

    /// Appends the wire form to `out`.
    pub fn push_wire_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.width.bytes() as u32).to_le_bytes());
        out.extend_from_slice(&(self.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.bytes);
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// When a length in it doesn't hold, or the elements are not ascending.
    pub fn from_wire(wire: &[u8]) -> Result<Self, BadIntset> {
        let (Some(width), Some(count)) = (word(wire, 0), word(wire, 4)) else { return Err(BadIntset::Size) };
        let width = Width::of_bytes(width as usize).ok_or(BadIntset::Size)?;
        let elements = &wire[HEADER..];
        if (count as usize).checked_mul(width.bytes()) != Some(elements.len()) {
            return Err(BadIntset::Size);
        }
        let view = Ints { bytes: elements, width };
        if !view.iter().zip(view.iter().skip(1)).all(|(one, next)| one < next) {
            return Err(BadIntset::Order);
        }
        Ok(IntSet { bytes: elements.to_vec(), width })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

/// The elements of an [`IntSet`].
#[derive(Clone, Copy, Debug)]
pub struct Ints<'a> {
    bytes: &'a [u8],
    width: Width,
}

impl<'a> Ints<'a> {
    /// No elements.
    pub(crate) const EMPTY: Ints<'static> = Ints { bytes: &[], width: Width::Two };

    /// The elements of a small form; none if it isn't that of an [`IntSet`].
    #[inline]
    pub fn of_small(small: Small<'a>) -> Self {
        let Small::Ints { width, bytes } = small else { return Ints::EMPTY };
        Width::of_bytes(width.into()).map_or(Ints::EMPTY, |width| Ints { bytes, width })
    }

    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.width.bytes()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The element with this index in ascending order.
    ///
    /// # Panics
    /// Beyond the last one.
    #[inline]
    pub fn at(&self, index: usize) -> i64 {
        let at = index * self.width.bytes();
        let bytes = &self.bytes[at..at + self.width.bytes()];
        match self.width {
            Width::Two => i16::from_le_bytes(fixed(bytes)).into(),
            Width::Four => i32::from_le_bytes(fixed(bytes)).into(),
            Width::Eight => i64::from_le_bytes(fixed(bytes)),
        }
    }

    /// Whether an integer is one of the elements. O(log n).
    pub fn contains(&self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// Where an integer is, or would be.
    fn search(&self, value: i64) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.at(middle).cmp(&value) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// The elements, ascending.
    pub fn iter(self) -> impl ExactSizeIterator<Item = i64> + Clone + use<'a> {
        (0..self.len()).map(move |index| self.at(index))
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("cut to the width")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn value() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => -20..20i64,
            2 => -40_000..40_000i64,
            1 => i64::from(i32::MIN) - 2..i64::from(i32::MAX) + 2,
            1 => any::<i64>(),
        ]
    }

    proptest! {
        #[test]
        fn behaves_like_an_ordered_set(steps in prop::collection::vec((value(), any::<bool>()), 0..300)) {
            let (mut set, mut model) = (IntSet::new(), BTreeSet::new());
            for (value, add) in steps {
                if add {
                    prop_assert_eq!(set.insert(value), model.insert(value));
                } else {
                    prop_assert_eq!(set.remove(value), model.remove(&value));
                }
                prop_assert_eq!(set.view().contains(value), model.contains(&value));
                prop_assert_eq!(set.len(), model.len());
            }
            prop_assert!(set.view().iter().eq(model.iter().copied()));
            let mut wire = Vec::new();
            set.push_wire_to(&mut wire);
            let read = IntSet::from_wire(&wire).expect("just written");
            prop_assert!(read.view().iter().eq(model));
        }

        #[test]
        fn any_bytes_are_a_set_or_an_error(wire in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(set) = IntSet::from_wire(&wire) {
                let mut again = Vec::new();
                set.push_wire_to(&mut again);
                prop_assert_eq!(again, wire);
            }
        }
    }

    /// Bytes as a Redis server shows them in DUMP.
    #[test]
    fn the_wire_form_is_what_redis_writes() {
        let mut set = IntSet::new();
        assert!([5, 1, -2].iter().all(|value| set.insert(*value)));
        let mut wire = Vec::new();
        set.push_wire_to(&mut wire);
        assert_eq!(wire, [2, 0, 0, 0, 3, 0, 0, 0, 0xFE, 0xFF, 1, 0, 5, 0]);
    }

    #[test]
    fn wrong_bytes_are_refused() {
        let cases: [(&[u8], BadIntset); 5] = [
            (&[2, 0, 0, 0], BadIntset::Size),
            (&[3, 0, 0, 0, 0, 0, 0, 0], BadIntset::Size),
            (&[2, 0, 0, 0, 2, 0, 0, 0, 1, 0], BadIntset::Size),
            (&[8, 0, 0, 0, 255, 255, 255, 255, 1, 0], BadIntset::Size),
            (&[2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0], BadIntset::Order),
        ];
        for (wire, error) in cases {
            assert_eq!(IntSet::from_wire(wire).map(|set| set.len()), Err(error), "{wire:?}");
        }
    }
}
