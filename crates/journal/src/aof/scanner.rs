//! What stands in a log file, found piece by piece: commands in the protocol's form, and annotations.
//!
//! ```text
//! *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n      a command; nothing else may begin with an asterisk
//! #TS:1628217470\r\n                             an annotation: any line that begins with a hash sign
//! ######...######\n                              space set aside: also an annotation
//! ```
//!
//! Unlike the network's parser it checks every byte of the structure, the ends of the arguments too, and takes no inline
//! command: a file is what a server has written, and anything else is damage.

use resp::{Args, Span};
use std::fmt;

/// The longest annotation that is looked at as a whole. Longer ones are passed over in pieces.
pub const MAX_ANNOTATION: usize = 1024;
/// Most digits of a count or a length.
const MAX_DIGITS: usize = 10;

/// What [`Scanner::next`] has found at the front of the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// A command of so many bytes; [`Scanner::args`] has its words.
    Command(usize),
    /// An annotation, or a piece of a long one, of so many bytes.
    Annotation(usize),
    /// The beginning of something, or nothing: more input is needed.
    More,
}

/// Why bytes are no log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Damage {
    /// Another byte than this one, the second, where one of these has to be.
    Expected(&'static str, u8),
    /// A count or a length that isn't a number, or that no command has.
    Number,
    /// A line of hash signs, as it stands in space set aside, with something else in it.
    BrokenFiller,
    /// The bytes from here on don't have the checksum that follows them at this offset.
    Checksum {
        /// Where the line with the checksum begins.
        line_at: u64,
    },
    /// A line with a checksum that doesn't continue the one before.
    ChecksumGap,
    /// A command in a place where it can't be: MULTI within MULTI, EXEC without.
    Misplaced(&'static str),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Expected(what, byte) => write!(f, "Expected {what}, got: {byte:02x}"),
            Damage::Number => f.write_str("Expected to read a count or a length within bounds"),
            Damage::BrokenFiller => f.write_str("Expected nothing but '#' in unused space"),
            Damage::Checksum { line_at } => {
                write!(f, "The bytes up to offset {line_at} don't have the checksum that is noted there")
            }
            Damage::ChecksumGap => f.write_str("A checksum is missing before this one"),
            Damage::Misplaced(name) => write!(f, "Unexpected {name}"),
        }
    }
}

/// Damage, and where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Offset in the file.
    pub at: u64,
    /// The number of the line, counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub damage: Damage,
}

/// Finds commands and annotations, one after another.
#[derive(Debug, Default)]
pub struct Scanner {
    /// Where the input of the next call begins.
    offset: u64,
    /// Lines before that.
    lines: u64,
    place: Place,
    /// The words of the command that is being read, or was read last.
    spans: Vec<Span>,
}

/// How far the thing at the front of the input is understood; offsets are relative to its start.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Everything before is understood.
    scanned: usize,
    /// Words still to come; none before the first line is complete.
    remaining: Option<u32>,
    /// The length of the word in progress, once its line is complete.
    word_len: Option<u32>,
    /// So many bytes hold no end of line.
    searched: usize,
    /// The first part of the annotation is behind already: whether it consisted of hash signs.
    annotation: Option<bool>,
}

impl Scanner {
    /// A scanner of a file from its beginning.
    pub fn new() -> Scanner {
        Scanner::default()
    }

    /// Where in the file the next call's input begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Lines before that.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether a part of something has been passed over whose rest is missing.
    pub fn is_inside(&self) -> bool {
        self.place.annotation.is_some()
    }

    /// The words of the command found last; `input` is what it was found in.
    pub fn args<'a>(&'a self, input: &'a [u8]) -> Args<'a> {
        Args::new(input, &self.spans)
    }

    /// Where the words of the command found last stand, relative to its start.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Looks at the front of `input`, which begins at [`Scanner::offset`]. Afterwards the offset is behind what was found.
    /// Linear in the number of new bytes, however many calls it takes.
    ///
    /// # Errors
    /// The first byte that doesn't belong there.
    pub fn next(&mut self, input: &[u8]) -> Result<Found, Fault> {
        let found = match input.first() {
            None => Found::More,
            Some(_) if self.place.annotation.is_some() => self.annotation(input)?,
            Some(b'#') => self.annotation(input)?,
            Some(b'*') => self.command(input)?,
            Some(byte) => return Err(self.fault(0, Damage::Expected("'*' or '#'", *byte))),
        };
        if let Found::Command(len) | Found::Annotation(len) = found {
            self.offset += len as u64;
        }
        Ok(found)
    }

    /// A fault so many bytes behind the front of the input.
    fn fault(&self, behind: usize, damage: Damage) -> Fault {
        let words = self.place.remaining.map_or(0, |_| 1 + 2 * self.spans.len() as u64);
        let in_word = u64::from(self.place.word_len.is_some());
        Fault { at: self.offset + behind as u64, line: self.lines + words + in_word + 1, damage }
    }

    /// A line that begins with a hash sign, or the next piece of one.
    fn annotation(&mut self, input: &[u8]) -> Result<Found, Fault> {
        let begun = self.place.annotation;
        let searched = self.place.searched;
        let end = memchr::memchr(b'\n', &input[searched..]).map(|at| searched + at + 1);
        let len = match end {
            Some(end) => end,
            None if begun.is_none() && input.len() <= MAX_ANNOTATION => {
                self.place.searched = input.len();
                return Ok(Found::More);
            }
            None => input.len(),
        };
        let filler = begun.unwrap_or_else(|| input.starts_with(b"##"));
        let line = input[..len].strip_suffix(b"\n").unwrap_or(&input[..len]);
        if let Some(at) = line.iter().position(|byte| *byte != b'#').filter(|_| filler) {
            return Err(self.fault(at, Damage::BrokenFiller));
        }
        self.place = Place { annotation: end.is_none().then_some(filler), ..Place::default() };
        self.lines += u64::from(end.is_some());
        Ok(Found::Annotation(len))
    }

    fn command(&mut self, input: &[u8]) -> Result<Found, Fault> {
        if self.place.remaining.is_none() {
            self.spans.clear();
            let Some((count, len)) = self.number(input, b'*')? else { return Ok(Found::More) };
            if count == 0 {
                return Err(self.fault(1, Damage::Number));
            }
            self.place = Place { scanned: len, remaining: Some(count), ..Place::default() };
        }
        while self.place.remaining.is_some_and(|remaining| remaining > 0) {
            if !self.word(input)? {
                return Ok(Found::More);
            }
        }
        let len = self.place.scanned;
        self.lines += 1 + 2 * self.spans.len() as u64;
        self.place = Place::default();
        Ok(Found::Command(len))
    }

    /// Reads a word; answers whether it is complete.
    fn word(&mut self, input: &[u8]) -> Result<bool, Fault> {
        let len = match self.place.word_len {
            Some(len) => len,
            None => {
                let Some((len, line)) = self.number(&input[self.place.scanned..], b'$')? else {
                    return Ok(false);
                };
                let end = (self.place.scanned + line) as u64 + u64::from(len) + 2;
                if end > u64::from(u32::MAX) {
                    return Err(self.fault(self.place.scanned + 1, Damage::Number));
                }
                self.place.scanned += line;
                self.place.word_len = Some(len);
                len
            }
        };
        let start = self.place.scanned;
        let end = start + len as usize;
        for (at, want, name) in [(end, b'\r', "\\r"), (end + 1, b'\n', "\\n")] {
            match input.get(at) {
                None => return Ok(false),
                Some(byte) if *byte != want => return Err(self.fault(at, Damage::Expected(name, *byte))),
                Some(_) => {}
            }
        }
        self.spans.push(Span { start: start as u32, len });
        self.place.scanned = end + 2;
        self.place.word_len = None;
        self.place.remaining = self.place.remaining.map(|remaining| remaining - 1);
        Ok(true)
    }

    /// The number in the line `mark digits \r \n` at the front of `bytes`, and the line's length; none if it isn't
    /// complete.
    fn number(&self, bytes: &[u8], mark: u8) -> Result<Option<(u32, usize)>, Fault> {
        let fault = |at: usize, damage| Err(self.fault(self.place.scanned + at, damage));
        let Some(&first) = bytes.first() else { return Ok(None) };
        if first != mark {
            return fault(0, Damage::Expected(if mark == b'$' { "'$'" } else { "'*'" }, first));
        }
        let mut value = 0u64;
        for at in 1..=MAX_DIGITS + 1 {
            match (at, bytes.get(at)) {
                (_, None) => return Ok(None),
                (2.., Some(b'\r')) => {
                    return match bytes.get(at + 1) {
                        None => Ok(None),
                        Some(b'\n') if value <= i32::MAX as u64 => Ok(Some((value as u32, at + 2))),
                        Some(b'\n') => fault(1, Damage::Number),
                        Some(byte) => fault(at + 1, Damage::Expected("\\n", *byte)),
                    };
                }
                (_, Some(digit @ b'0'..=b'9')) if at == 1 || value > 0 => {
                    value = value * 10 + u64::from(digit - b'0');
                }
                _ => return fault(at, Damage::Number),
            }
        }
        fault(MAX_DIGITS + 1, Damage::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What stands in a file: words of commands, or lines.
    #[derive(Clone, PartialEq, Eq, Debug)]
    enum Thing {
        Command(Vec<Vec<u8>>),
        Line(Vec<u8>),
    }

    fn thing() -> impl Strategy<Value = Thing> {
        let word = proptest::collection::vec(any::<u8>(), 0..30);
        prop_oneof![
            4 => proptest::collection::vec(word, 1..5).prop_map(Thing::Command),
            1 => "#[a-zA-Z:0-9]{0,40}\r\n".prop_map(|line| Thing::Line(line.into_bytes())),
            1 => (2..5000usize).prop_map(|len| Thing::Line([vec![b'#'; len], b"\n".to_vec()].concat())),
        ]
    }

    fn bytes_of(things: &[Thing]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for thing in things {
            match thing {
                Thing::Command(words) => {
                    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                    resp::push_command(&mut bytes, &words);
                }
                Thing::Line(line) => bytes.extend_from_slice(line),
            }
        }
        bytes
    }

    /// Reads a file that arrives in pieces; answers what was found and how many bytes are left over.
    fn scan(bytes: &[u8], piece: usize) -> Result<(Vec<Thing>, usize), Fault> {
        let mut scanner = Scanner::new();
        let (mut things, mut start, mut end) = (Vec::new(), 0, 0);
        let mut line = Vec::new();
        loop {
            let input = &bytes[start..end];
            match scanner.next(input)? {
                Found::Command(len) => {
                    things.push(Thing::Command(scanner.args(input).iter().map(<[u8]>::to_vec).collect()));
                    start += len;
                }
                Found::Annotation(len) => {
                    line.extend_from_slice(&input[..len]);
                    start += len;
                    if !scanner.is_inside() {
                        things.push(Thing::Line(std::mem::take(&mut line)));
                    }
                }
                Found::More if end == bytes.len() => return Ok((things, bytes.len() - start + line.len())),
                Found::More => end = bytes.len().min(end + piece),
            }
            assert_eq!(scanner.offset(), start as u64);
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_found(things in proptest::collection::vec(thing(), 0..12), piece in 1..3000usize) {
            let bytes = bytes_of(&things);
            prop_assert_eq!(scan(&bytes, piece), Ok((things, 0)));
        }

        #[test]
        fn a_file_cut_anywhere_gives_what_is_whole(things in proptest::collection::vec(thing(), 1..6), at: prop::sample::Index) {
            let bytes = bytes_of(&things);
            let cut = at.index(bytes.len());
            let (found, left) = scan(&bytes[..cut], 700).unwrap();
            prop_assert_eq!(&found[..], &things[..found.len()]);
            prop_assert_eq!(bytes_of(&found).len() + left, cut);
        }

        #[test]
        fn a_change_of_structure_is_found_where_it_is(words in proptest::collection::vec("[a-z]{0,9}", 1..4), at: prop::sample::Index, to: u8) {
            let words: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
            let mut bytes = Vec::new();
            resp::push_command(&mut bytes, &words);
            let at = at.index(bytes.len());
            if bytes[at].is_ascii_lowercase() || bytes[at] == to || to.is_ascii_digit() || to == b'#' {
                return Ok(());
            }
            bytes[at] = to;
            let (pieces, whole) = (scan(&bytes, 1), scan(&bytes, usize::MAX / 2));
            prop_assert_eq!(&pieces, &whole);
            // A length that is cut short by the change is found by what stands behind it.
            let fault = whole.unwrap_err();
            prop_assert!(fault.at >= at as u64 && fault.at <= at as u64 + 1, "{:?} for {}", fault, at);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200), piece in 1..50usize) {
            let _ = scan(&bytes, piece);
        }
    }

    #[test]
    fn numbers_have_bounds() {
        let damage = |text: &str| scan(text.as_bytes(), 3).map_err(|fault| (fault.at, fault.damage));
        assert_eq!(damage("*0\r\n"), Err((1, Damage::Number)));
        assert_eq!(damage("*01\r\n"), Err((2, Damage::Number)));
        assert_eq!(damage("*-1\r\n"), Err((1, Damage::Number)));
        assert_eq!(damage("*\r\n"), Err((1, Damage::Number)));
        assert_eq!(damage("*1\r\n$4294967295\r\n"), Err((5, Damage::Number)));
        assert_eq!(damage("*11111111111\r\n"), Err((11, Damage::Number)));
        assert_eq!(damage("*1\r\n$2147483647\r\n"), Ok((vec![], 17)));
    }

    #[test]
    fn a_fault_names_its_line() {
        let good = "*3\r\n$3\r\nset\r\n$3\r\nfoo\r\n$5\r\nhello\r\n";
        let line = |text: String| scan(text.as_bytes(), 100).unwrap_err().line;
        assert_eq!(line(format!("{good}!!!")), 8);
        assert_eq!(line(format!("#TS:1\r\n{good}!!!")), 9);
        assert_eq!(line(format!("{good}*2\r\n$1\r\na\r\n!")), 11);
        assert_eq!(line(format!("{good}*2\r\n$1\r\nab\r\n")), 10);
    }

    #[test]
    fn unused_space_is_nothing_but_hash_signs() {
        let text = format!("{}x\n", "#".repeat(2000));
        for piece in [1, 100, 1500, 4000] {
            let fault = scan(text.as_bytes(), piece).unwrap_err();
            assert_eq!((fault.at, fault.damage), (2000, Damage::BrokenFiller));
        }
    }
}
