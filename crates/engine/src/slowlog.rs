//! SLOWLOG: the commands that took longest.

use crate::settings::SlowlogSettings;
use std::collections::VecDeque;

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
pub fn shorten(args: resp::Args<'_>, secrets: &[usize], settings: &SlowlogSettings) -> Vec<Vec<u8>> {
    let most = settings.max_words;
    let shown = if args.len() > most { most - 1 } else { args.len() };
    let word = |(at, word)| {
        if secrets.contains(&at) {
            b"(redacted)".to_vec()
        } else {
            shorten_word(word, settings.max_word_bytes)
        }
    };
    let mut words: Vec<Vec<u8>> = args.iter().take(shown).enumerate().map(word).collect();
    if shown < args.len() {
        words.push(format!("... ({} more arguments)", args.len() - shown).into_bytes());
    }
    words
}

fn shorten_word(word: &[u8], max_bytes: usize) -> Vec<u8> {
    if word.len() <= max_bytes {
        return word.to_vec();
    }
    let mut short = word[..max_bytes].to_vec();
    short.extend_from_slice(format!("... ({} more bytes)", word.len() - max_bytes).as_bytes());
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use resp::OwnedArgs;

    const SETTINGS: SlowlogSettings =
        SlowlogSettings { threshold_ns: None, max_len: 2, max_words: 3, max_word_bytes: 4 };

    #[test]
    fn long_commands_are_shortened_and_secrets_hidden() {
        let cases: [(&[&str], &[usize], &[&str]); 4] = [
            (&["get", "key"], &[], &["get", "key"]),
            (&["mget", "a", "b", "c"], &[], &["mget", "a", "... (2 more arguments)"]),
            (&["get", "abcdef"], &[], &["get", "abcd... (2 more bytes)"]),
            (&["auth", "password"], &[1], &["auth", "(redacted)"]),
        ];
        for (words, secrets, expected) in cases {
            let mut args = OwnedArgs::default();
            words.iter().for_each(|word| args.push(word.as_bytes()));
            let shown = shorten(args.as_args(), secrets, &SETTINGS);
            assert!(shown.iter().map(Vec::as_slice).eq(expected.iter().map(|word| word.as_bytes())));
        }
    }

    #[test]
    fn the_oldest_entries_go() {
        let mut log = SlowLog::default();
        for at_s in 0..5 {
            let (words, address, name) = (Vec::new(), String::new(), Vec::new());
            log.push(SlowEntry { id: 0, at_s, duration_us: 1, words, address, name }, SETTINGS.max_len);
        }
        assert_eq!(log.entries().map(|entry| (entry.id, entry.at_s)).collect::<Vec<_>>(), [(4, 4), (3, 3)]);
    }
}
