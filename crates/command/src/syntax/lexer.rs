//! Cuts a syntax line into words, brackets, bars and suffixes.

/// One piece of a syntax line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// Byte offset in the line.
    pub(super) at: usize,
    /// What it is.
    pub(super) what: What<'a>,
}

/// The kinds of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    /// A token or the text of a value.
    Word(&'a str),
    /// `:suffix` behind a word or a closing bracket.
    Suffix(&'a str),
    /// `[`, `<` or `{`.
    Open(char),
    /// `]`, `>` or `}`.
    Close(char),
    /// `|`
    Bar,
    /// `...`
    Dots,
}

/// The pieces of `line`. Anything is a word that is nothing else, so this never fails.
pub(super) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(first) = line[at..].chars().next() {
        let width = first.len_utf8();
        let what = match first {
            ' ' => None,
            '[' | '<' | '{' => Some(What::Open(first)),
            ']' | '>' | '}' => Some(What::Close(first)),
            '|' => Some(What::Bar),
            _ => {
                let end = word_end(line, at);
                push_word(&mut pieces, at, &line[at..end]);
                at = end;
                continue;
            }
        };
        pieces.extend(what.map(|what| Piece { at, what }));
        at += width;
    }
    pieces
}

/// Where the word that starts at `start` ends.
fn word_end(line: &str, start: usize) -> usize {
    let ends = |c| matches!(c, ' ' | '[' | ']' | '<' | '>' | '{' | '}' | '|');
    line[start..].find(ends).map_or(line.len(), |len| start + len)
}

/// Adds the word at `at`, cut at its last colon into text and suffix. Behind a bracket there is no text.
fn push_word<'a>(pieces: &mut Vec<Piece<'a>>, at: usize, word: &'a str) {
    if word == "..." {
        pieces.push(Piece { at, what: What::Dots });
        return;
    }
    let colon = word.rfind(':').filter(|colon| colon + 1 < word.len());
    let text = &word[..colon.unwrap_or(word.len())];
    if !text.is_empty() {
        pieces.push(Piece { at, what: What::Word(text) });
    }
    if let Some(colon) = colon {
        pieces.push(Piece { at: at + colon, what: What::Suffix(&word[colon + 1..]) });
    }
}

/// The line as people read it: without suffixes and braces.
#[must_use]
pub fn usage(line: &str) -> String {
    printed(&pieces(line))
}

/// The text of `pieces` as help shows it.
pub(super) fn printed(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    let mut glued = true;
    for piece in pieces {
        let (symbol, closes) = match &piece.what {
            What::Suffix(_) | What::Open('{') | What::Close('}') => continue,
            What::Open(bracket) | What::Close(bracket) => {
                (bracket.to_string(), matches!(piece.what, What::Close(_)))
            }
            What::Word(word) => ((*word).to_owned(), false),
            What::Bar => ("|".to_owned(), false),
            What::Dots => ("...".to_owned(), false),
        };
        if !glued && !closes {
            text.push(' ');
        }
        text.push_str(&symbol);
        glued = matches!(piece.what, What::Open(_));
    }
    text
}
