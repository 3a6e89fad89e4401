//! The texts of a run's cells that don't lie in words.

use std::fmt;

use super::word::{Content, Inline, Word};
use crate::longs::Longs;
use crate::room::size_class;
use base::num::{F64Buffer, parse_f64, parse_i64};

/// The longest text that lies among the others in one allocation; longer ones have an allocation each.
const SHORT_MAX: usize = 48;

/// Texts of up to 48 bytes one behind the other, in the order in which they came, and longer ones by number.
///
/// ```text
/// shorts:  | text | text | no longer used | text | room |
/// longs:   counted references to allocations of their own
/// ```
/// What isn't used any more is left out when there is as much of it as of what is.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    shorts: Vec<u8>,
    /// Bytes of short texts that aren't used any more.
    unused: usize,
    longs: Longs,
}

impl Texts {
    /// The word of a text, which is taken in if it doesn't fit a word.
    #[inline]
    pub(super) fn keep(&mut self, text: &[u8]) -> Word {
        Word::of(text).unwrap_or_else(|| self.add(text))
    }

    fn add(&mut self, text: &[u8]) -> Word {
        if text.len() > SHORT_MAX {
            return Word::long(self.longs.add(text.into()));
        }
        let offset = self.shorts.len();
        self.make_room(text.len());
        self.shorts.extend_from_slice(text);
        Word::short(offset, text.len())
    }

    /// Makes room for the short texts of another run's words.
    pub(super) fn reserve(&mut self, words: &[Word]) {
        let len = |word: &Word| if let Content::Short { len, .. } = word.content() { len } else { 0 };
        self.make_room(words.iter().map(len).sum());
    }

    fn make_room(&mut self, more: usize) {
        let (len, needed) = (self.shorts.len(), self.shorts.len() + more);
        if needed > self.shorts.capacity() {
            self.shorts.reserve_exact(size_class(needed) - len);
        }
    }

    /// Forgets the text of a word that isn't used any more.
    #[inline]
    pub(super) fn release(&mut self, word: Word) {
        match word.content() {
            Content::Short { len, .. } => self.unused += len,
            Content::Long(number) => self.longs.remove(number),
            _ => {}
        }
    }

    /// Takes in the text of another run's word. Long texts are shared.
    pub(super) fn adopt(&mut self, word: Word, owner: &Texts) -> Word {
        match word.content() {
            Content::Short { .. } => self.add(owner.short(word)),
            Content::Long(number) => Word::long(self.longs.add(owner.longs.shared(number).clone())),
            _ => word,
        }
    }

    /// Leaves out what isn't used any more, if it is much. These are the words in use.
    pub(super) fn tidy(&mut self, words: &mut [Word]) {
        if self.unused * 2 <= self.shorts.len() {
            return;
        }
        let old = std::mem::take(&mut self.shorts);
        let used = old.len() - std::mem::take(&mut self.unused);
        self.make_room(used);
        for word in words {
            if let Content::Short { offset, len } = word.content() {
                *word = self.add(&old[offset..offset + len]);
            }
        }
    }

    fn short(&self, word: Word) -> &[u8] {
        match word.content() {
            Content::Short { offset, len } => &self.shorts[offset..offset + len],
            _ => &[],
        }
    }

    /// What a word holds.
    #[inline]
    pub(super) fn cell(&self, word: Word) -> Cell<'_> {
        Cell(match word.content() {
            Content::Integer(value) => Held::Integer(value),
            Content::Double(value) => Held::Double(value),
            Content::Inline(text) => Held::Inline(text),
            Content::Short { .. } => Held::Text(self.short(word)),
            Content::Long(number) => Held::Text(self.longs.get(number)),
        })
    }

    /// Number of allocations.
    pub(super) fn allocations(&self) -> usize {
        usize::from(self.shorts.capacity() > 0) + self.longs.len()
    }

    /// Bytes allocated.
    pub(super) fn memory_bytes(&self) -> usize {
        self.shorts.capacity() + self.longs.memory_bytes()
    }
}

/// What a cell of an array holds: a text, whatever it is stored as.
#[derive(Clone, Copy)]
pub struct Cell<'a>(Held<'a>);

#[derive(Clone, Copy)]
enum Held<'a> {
    Integer(i64),
    Double(f64),
    Inline(Inline),
    Text(&'a [u8]),
}

impl Cell<'_> {
    /// Hands the text to `read`: the bytes that were set.
    #[inline]
    pub fn with_text<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match &self.0 {
            Held::Integer(value) => read(itoa::Buffer::new().format(*value).as_bytes()),
            Held::Double(value) => read(F64Buffer::new().format(*value)),
            Held::Inline(text) => read(text.bytes()),
            Held::Text(text) => read(text),
        }
    }

    /// A copy of the text.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with_text(<[u8]>::to_vec)
    }

    /// The integer, if the text is one in canonical form (`-7`, not `007`).
    #[inline]
    pub fn to_integer(&self) -> Option<i64> {
        match &self.0 {
            Held::Integer(value) => Some(*value),
            Held::Double(_) => self.with_text(parse_i64),
            Held::Inline(text) => parse_i64(text.bytes()),
            Held::Text(text) => parse_i64(text),
        }
    }

    /// The number, if the text is one in any form that [`base::num::parse_f64`] takes; the nearest double.
    #[inline]
    pub fn to_double(&self) -> Option<f64> {
        match &self.0 {
            Held::Integer(value) => Some(*value as f64),
            Held::Double(value) => Some(*value),
            Held::Inline(text) => parse_f64(text.bytes()),
            Held::Text(text) => parse_f64(text),
        }
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| String::from_utf8_lossy(text).fmt(f))
    }
}

#[cfg(test)]
impl Texts {
    /// Panics unless these words use what isn't unused.
    pub(super) fn check(&self, words: &[Word]) {
        let (mut shorts, mut longs) = (0, 0);
        for word in words {
            match word.content() {
                Content::Short { len, .. } => shorts += len,
                Content::Long(_) => longs += 1,
                _ => {}
            }
        }
        assert_eq!((shorts, longs), (self.shorts.len() - self.unused, self.longs.len()));
        assert!(self.unused <= shorts);
    }
}
