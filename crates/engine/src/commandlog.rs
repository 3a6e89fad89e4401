//! COMMANDLOG and SLOWLOG: the commands that took longest, and those with the largest requests and replies.

use crate::settings::CommandLogSettings;
use parking_lot::Mutex;
use std::collections::VecDeque;

/// The command log: a log of each kind.
#[derive(Default)]
pub struct CommandLog {
    /// Commands that took long, in microseconds. SLOWLOG is about these.
    pub slow: Mutex<Log>,
    /// Commands with large requests, in bytes as an array of strings.
    pub large_request: Mutex<Log>,
    /// Commands with large replies, in bytes.
    pub large_reply: Mutex<Log>,
}

/// A remarkable run of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEntry {
    /// Its number since the server started.
    pub id: u64,
    /// When it ran, seconds since the epoch.
    pub at_s: i64,
    /// How long it took, or how large it was: microseconds, or bytes.
    pub measure: u64,
    /// Its words, shortened.
    pub words: Vec<Vec<u8>>,
    /// The client's address.
    pub address: String,
    /// The client's name.
    pub name: Vec<u8>,
}

/// The latest entries of one kind.
#[derive(Default)]
pub struct Log {
    next_id: u64,
    entries: VecDeque<LogEntry>,
}

impl Log {
    /// Enters a command, dropping the oldest beyond `max_len`.
    pub fn push(&mut self, mut entry: LogEntry, max_len: usize) {
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
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &LogEntry> {
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

/// A command's words as the log keeps them; those at the positions `secrets` aren't shown.
pub fn shorten(args: resp::Args<'_>, secrets: &[usize], settings: &CommandLogSettings) -> Vec<Vec<u8>> {
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
    use crate::settings::LogSettings;
    use resp::OwnedArgs;

    const LOG: LogSettings = LogSettings { from: u64::MAX, max_len: 2 };
    const SETTINGS: CommandLogSettings = CommandLogSettings {
        slow: LOG,
        large_request: LOG,
        large_reply: LOG,
        max_words: 3,
        max_word_bytes: 4,
    };

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
        let mut log = Log::default();
        for at_s in 0..5 {
            let (words, address, name) = (Vec::new(), String::new(), Vec::new());
            log.push(LogEntry { id: 0, at_s, measure: 1, words, address, name }, LOG.max_len);
        }
        assert_eq!(log.entries().map(|entry| (entry.id, entry.at_s)).collect::<Vec<_>>(), [(4, 4), (3, 3)]);
    }
}
