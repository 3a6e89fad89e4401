//! Many elements in several commands of one kind.

use super::Output;

/// Elements of one command.
const MAX_ELEMENTS: usize = 64;
/// Bytes of one command, unless a single element has more.
const MAX_BYTES: usize = 64 << 10;

/// Elements on their way into commands that begin alike.
pub(super) struct Portions<'a> {
    head: &'a [&'a [u8]],
    /// The words gathered for the next command.
    words: Vec<u8>,
    count: usize,
    elements: usize,
}

impl<'a> Portions<'a> {
    /// Commands that begin with these words.
    pub(super) fn new(head: &'a [&'a [u8]]) -> Portions<'a> {
        Portions { head, words: Vec::new(), count: 0, elements: 0 }
    }

    /// Adds an element, which consists of these words.
    pub(super) fn push<'w>(&mut self, words: impl Iterator<Item = &'w [u8]>, output: &mut Output<'_>) {
        for word in words {
            resp::push_word(&mut self.words, word);
            self.count += 1;
        }
        self.elements += 1;
        if self.elements == MAX_ELEMENTS || self.words.len() >= MAX_BYTES {
            self.flush(output);
        }
    }

    /// The last elements.
    pub(super) fn flush(&mut self, output: &mut Output<'_>) {
        if self.elements > 0 {
            resp::push_command_head(output.out, self.head.len() + self.count, self.head);
            output.out.append(&mut self.words);
            (self.count, self.elements) = (0, 0);
            (output.look)(output.out);
        }
    }
}
