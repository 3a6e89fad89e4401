//! SLOWLOG: the commands that took longest.

use std::collections::VecDeque;

/// Words beyond this are summed up in the last one.
const MAX_WORDS: usize = 32;
/// Bytes of a word beyond this are summed up.
const MAX_WORD_BYTES: usize = 128;

/// A slow command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlowEntry {
    /// Its number since the server started.
    pub id: u64,
    /// When it ran, seconds since the epoch.
    pub at_s: i64,
    /// How long, microseconds.
    pub duration_us: u64,
    /// Its words, shortened.
    pub words: Vec<Vec<u8>>,
    /// The client's address.
    pub address: String,
    /// The client's name.
    pub name: Vec<u8>,
}

/// The slow log.
#[derive(Default)]
pub struct SlowLog {
    next_id: u64,
    entries: VecDeque<SlowEntry>,
}

impl SlowLog {
    /// Enters a command, dropping the oldest beyond `max_len`.
    pub fn push(&mut self, mut entry: SlowEntry, max_len: usize) {
        entry.id = self.next_id;
        self.next_id += 1;
        self.entries.push_front(entry);
        self.truncate(max_len);
    }

    /// Drops the oldest beyond `max_len`.
    pub fn truncate(&mut self, max_len: usize) {
        self.entries.truncate(max_len);
    }

    /// Entries, the newest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &SlowEntry> {
        self.entries.iter()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

/// A command's words as the slow log keeps them; those at the positions `secrets` aren't shown.
pub fn shorten(args: resp::Args<'_>, secrets: &[usize]) -> Vec<Vec<u8>> {
    let shown = if args.len() > MAX_WORDS { MAX_WORDS - 1 } else { args.len() };
    let word = |(at, word)| if secrets.contains(&at) { b"(redacted)".to_vec() } else { shorten_word(word) };
    let mut words: Vec<Vec<u8>> = args.iter().take(shown).enumerate().map(word).collect();
    if shown < args.len() {
        words.push(format!("... ({} more arguments)", args.len() - shown).into_bytes());
    }
    words
}

fn shorten_word(word: &[u8]) -> Vec<u8> {
    if word.len() <= MAX_WORD_BYTES {
        return word.to_vec();
    }
    let mut short = word[..MAX_WORD_BYTES].to_vec();
    short.extend_from_slice(format!("... ({} more bytes)", word.len() - MAX_WORD_BYTES).as_bytes());
    short
}
