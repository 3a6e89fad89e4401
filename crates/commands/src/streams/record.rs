//! Journal records made of words and of numbers that exist nowhere as text.

use super::id::IdText;
use command::Effects;
use keyspace::DbIndex;
use smallvec::SmallVec;
use structs::stream::StreamId;

/// A command being put together for the journal.
pub(super) struct Record<'a> {
    words: SmallVec<[Word<'a>; 12]>,
}

enum Word<'a> {
    Given(&'a [u8]),
    Id(IdText),
    Number(i64, itoa::Buffer),
}

impl<'a> Record<'a> {
    /// A record that begins with these words.
    pub(super) fn new<const N: usize>(words: [&'a [u8]; N]) -> Self {
        let mut record = Record { words: SmallVec::new() };
        record.words(words);
        record
    }

    pub(super) fn words(&mut self, words: impl IntoIterator<Item = &'a [u8]>) -> &mut Self {
        self.words.extend(words.into_iter().map(Word::Given));
        self
    }

    pub(super) fn word(&mut self, word: &'a [u8]) -> &mut Self {
        self.words([word])
    }

    pub(super) fn id(&mut self, id: StreamId) -> &mut Self {
        self.words.push(Word::Id(IdText::of(id)));
        self
    }

    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.words.push(Word::Number(number, itoa::Buffer::new()));
        self
    }

    /// Enters it in place of the running command's own words.
    pub(super) fn enter(&mut self, effects: &mut Effects, db: DbIndex) {
        let words = self.words.iter_mut().map(|word| match word {
            Word::Given(word) => *word,
            Word::Id(text) => text.as_bytes(),
            Word::Number(number, buffer) => buffer.format(*number).as_bytes(),
        });
        effects.outcome(db, &words.collect::<SmallVec<[&[u8]; 16]>>());
    }
}
