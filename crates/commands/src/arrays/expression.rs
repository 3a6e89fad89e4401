//! Regular expressions of ARGREP: POSIX extended ones with the additions of the library TRE, which Redis uses, as its
//! documentation describes them. They are put into the words of the `regex` crate, whose time is linear in pattern and
//! text, and whose memory is bounded.
//!
//! | written | means |
//! |-|-|
//! | `[...]` | a set of bytes; a backslash in it is a byte like others, `[:alpha:]` is a class, `[.-.]` the byte `-` |
//! | `{m}`, `{m,}`, `{m,n}`, `{,n}`, `{,}` | a bound, up to 255; a brace in front of anything else is an ordinary byte |
//! | `\<`, `\>`, `\b`, `\B` | begin and end of a word, either of them, neither of them |
//! | `\d`, `\s`, `\w`, `\D`, `\S`, `\W` | a digit, a space, a letter or digit or `_`; anything else |
//! | `\x1b`, `\x{1b}`, `\a`, `\e`, `\f`, `\n`, `\r`, `\t` | a byte |
//! | `(?i)`, `(?i:...)`, `(?#...)` | options, a comment |
//!
//! Text is bytes. `.` matches a line end too, `^` and `$` match at the ends of the text alone. Back-references are refused;
//! so are approximate matching and the option `n`.

use base::glob::Case;
use command::{Error, Result};
use regex::bytes::{Regex, RegexBuilder};

/// Bytes that an expression may have.
const LENGTH_MAX: usize = 2048;
/// Repetitions that a bound may ask for.
const REPETITIONS_MAX: u32 = 255;

const TOO_LONG: Error = Error::new("ERR regular expression is too long, maximum is 2048 bytes");
const EMPTY: Error = Error::new("ERR regular expression is empty");
const BACK_REFERENCE: Error = Error::new("ERR regular expression backreferences are not supported");
const INVALID: Error = Error::new("ERR invalid regular expression");

/// Checks an expression's length.
pub(super) fn check_length(pattern: &[u8]) -> Result<()> {
    if pattern.len() > LENGTH_MAX { Err(TOO_LONG) } else { Ok(()) }
}

/// Makes something that searches. It takes about `memory_bytes` for itself, and as many again while it searches.
///
/// # Errors
/// The expression is empty, refers back, or isn't one; or it needs more memory.
pub(super) fn compile(pattern: &[u8], case: Case, memory_bytes: usize) -> Result<Regex> {
    if pattern.is_empty() {
        return Err(EMPTY);
    }
    RegexBuilder::new(&translate(pattern)?)
        .unicode(false)
        .dot_matches_new_line(true)
        .case_insensitive(case == Case::Insensitive)
        .size_limit(memory_bytes)
        .dfa_size_limit(memory_bytes)
        .build()
        .map_err(|_| INVALID)
}

/// The same in the words of the `regex` crate.
fn translate(pattern: &[u8]) -> Result<String> {
    let mut translator = Translator { rest: pattern, output: String::with_capacity(pattern.len() + 16) };
    while let Some(byte) = translator.next() {
        match byte {
            b'\\' => translator.escape()?,
            b'[' => translator.brackets()?,
            b'(' => translator.group()?,
            b'{' => translator.bound()?,
            b'.' | b'^' | b'$' | b'|' | b'*' | b'+' | b'?' | b')' => translator.output.push(byte.into()),
            _ => translator.literal(byte),
        }
    }
    Ok(translator.output)
}

/// What is left to be read, and what has been written.
struct Translator<'p> {
    rest: &'p [u8],
    output: String,
}

impl<'p> Translator<'p> {
    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    /// Reads what comes in front of `end`, and `end`.
    fn until(&mut self, end: &[u8]) -> Result<&'p [u8]> {
        let at = self.rest.windows(end.len()).position(|bytes| bytes == end).ok_or(INVALID)?;
        let (read, rest) = self.rest.split_at(at);
        self.rest = &rest[end.len()..];
        Ok(read)
    }

    /// Reads digits of this base, at most so many.
    fn digits(&mut self, radix: u32, most: usize) -> &'p str {
        let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
        let count = self.rest.iter().take(most).take_while(|byte| is_digit(byte)).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        std::str::from_utf8(digits).expect("digits are ASCII")
    }

    fn literal(&mut self, byte: u8) {
        if byte.is_ascii_alphanumeric() {
            self.output.push(byte.into());
        } else {
            self.hex(byte);
        }
    }

    fn hex(&mut self, byte: u8) {
        self.output.push_str(&format!("\\x{byte:02x}"));
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Result<()> {
        let byte = self.next().ok_or(INVALID)?;
        match byte {
            b'1'..=b'9' => return Err(BACK_REFERENCE),
            b'b' | b'B' | b'd' | b'D' | b's' | b'S' | b'w' | b'W' => {
                self.output.extend(['\\', char::from(byte)]);
            }
            b'<' => self.output.push_str(r"\b{start}"),
            b'>' => self.output.push_str(r"\b{end}"),
            b'a' => self.hex(0x07),
            b'e' => self.hex(0x1b),
            b'f' => self.hex(0x0c),
            b'n' => self.hex(b'\n'),
            b'r' => self.hex(b'\r'),
            b't' => self.hex(b'\t'),
            b'x' => {
                let byte = self.hex_escape()?;
                self.hex(byte);
            }
            _ => self.literal(byte),
        }
        Ok(())
    }

    /// Behind `\x`: up to two digits, or any number of them in braces; none are 0.
    fn hex_escape(&mut self) -> Result<u8> {
        let digits = if self.rest.first() == Some(&b'{') {
            self.next();
            let digits = self.digits(16, usize::MAX);
            self.next().filter(|byte| *byte == b'}').ok_or(INVALID)?;
            digits
        } else {
            self.digits(16, 2)
        };
        if digits.is_empty() { Ok(0) } else { u8::from_str_radix(digits, 16).map_err(|_| INVALID) }
    }

    /// Behind `(`: a group, or options or a comment in one.
    fn group(&mut self) -> Result<()> {
        let Some(options) = self.rest.strip_prefix(b"?") else {
            self.output.push_str("(?:");
            return Ok(());
        };
        self.rest = options;
        if self.rest.first() == Some(&b'#') {
            return self.until(b")").map(drop);
        }
        let mut ignores_case = None;
        let mut turned_on = true;
        loop {
            match self.next().ok_or(INVALID)? {
                b'i' => ignores_case = Some(turned_on),
                // They choose among matches, not whether there is one.
                b'r' | b'U' => {}
                b'-' => turned_on = false,
                end @ (b':' | b')') => {
                    self.options(ignores_case, end);
                    return Ok(());
                }
                _ => return Err(INVALID),
            }
        }
    }

    fn options(&mut self, ignores_case: Option<bool>, end: u8) {
        let flag = match ignores_case {
            None => "",
            Some(true) => "i",
            Some(false) => "-i",
        };
        if end == b':' || !flag.is_empty() {
            self.output.push_str("(?");
            self.output.push_str(flag);
            self.output.push(end.into());
        }
    }

    /// Behind `{`.
    fn bound(&mut self) -> Result<()> {
        match self.rest.first() {
            Some(b'0'..=b'9' | b',') => {}
            // How many errors an approximate match may have.
            Some(b'+' | b'-' | b'#' | b'~' | b'<' | b' ') => return Err(INVALID),
            _ => {
                self.literal(b'{');
                return Ok(());
            }
        }
        let least = self.repetitions()?;
        let mut next = self.next();
        let most = if next == Some(b',') {
            let most = self.repetitions()?;
            next = self.next();
            most
        } else {
            least
        };
        let upwards = most.is_none_or(|most| least.unwrap_or(0) <= most);
        if next != Some(b'}') || !upwards {
            return Err(INVALID);
        }
        let most = most.map_or(String::new(), |most| most.to_string());
        self.output.push_str(&format!("{{{},{most}}}", least.unwrap_or(0)));
        Ok(())
    }

    fn repetitions(&mut self) -> Result<Option<u32>> {
        let digits = self.digits(10, usize::MAX);
        if digits.is_empty() {
            return Ok(None);
        }
        let number = digits.parse().ok().filter(|number| *number <= REPETITIONS_MAX);
        number.map(Some).ok_or(INVALID)
    }

    /// Behind `[`.
    fn brackets(&mut self) -> Result<()> {
        let negated = self.rest.first() == Some(&b'^');
        if negated {
            self.next();
        }
        let mut set = [false; 256];
        let mut is_first = true;
        while is_first || self.rest.first() != Some(&b']') {
            is_first = false;
            if let Some(rest) = self.rest.strip_prefix(b"[:") {
                self.rest = rest;
                let class = class(self.until(b":]")?)?;
                (0..=255u8).filter(class).for_each(|byte| set[usize::from(byte)] = true);
                continue;
            }
            let start = self.set_member()?;
            let end = match self.rest {
                [b'-', next, ..] if *next != b']' => {
                    self.next();
                    self.set_member()?
                }
                _ => start,
            };
            if start > end {
                return Err(INVALID);
            }
            set[usize::from(start)..=usize::from(end)].fill(true);
        }
        self.next();
        self.set(&set, negated);
        Ok(())
    }

    /// A byte of a set, also as `[.a.]` or `[=a=]`.
    fn set_member(&mut self) -> Result<u8> {
        let end = match self.rest {
            [b'[', b'.', ..] => b".]",
            [b'[', b'=', ..] => b"=]",
            [b'[', b':', ..] => return Err(INVALID),
            _ => return self.next().ok_or(INVALID),
        };
        self.rest = &self.rest[2..];
        match self.until(end)? {
            [byte] => Ok(*byte),
            _ => Err(INVALID),
        }
    }

    fn set(&mut self, set: &[bool; 256], negated: bool) {
        self.output.push_str(if negated { "[^" } else { "[" });
        (0..=255u8).filter(|byte| set[usize::from(*byte)]).for_each(|byte| self.hex(byte));
        self.output.push(']');
    }
}

/// Which bytes a class has.
fn class(name: &[u8]) -> Result<fn(&u8) -> bool> {
    Ok(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return Err(INVALID),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY_BYTES: usize = 1 << 20;

    fn finds(pattern: &str, text: &str) -> bool {
        compile(pattern.as_bytes(), Case::Sensitive, MEMORY_BYTES)
            .unwrap_or_else(|error| panic!("{pattern}: {}", error.text().escape_ascii()))
            .is_match(text.as_bytes())
    }

    #[test]
    fn what_is_found_and_what_is_not() {
        let cases = [
            ("a.c", "xa\ncx", "ac"),
            ("^a$", "a", "a\n"),
            ("[]a]b", "]b", "b"),
            ("[^]a]", "b", "]a"),
            (r"[\d]", r"\", "1"),
            ("[a-]", "-", "b"),
            ("[[.-.]-/]", ".", ","),
            ("[[=x=]]", "x", "="),
            ("[[:upper:]_]+[0-9]", "x_A1", "a1"),
            ("[[:space:][:punct:]]", "a!", "a1"),
            ("a{2}", "aa", "a"),
            ("^a{,2}$", "a", "aaa"),
            ("^a{,}b{1,}$", "bb", "a"),
            ("a{b", "a{b", "ab"),
            ("a{", "a{", "a"),
            ("(a|b){2,3}?c", "abc", "ac"),
            (r"\<cat\>", "a cat sat", "concat"),
            (r"\Bcat", "concat", "cat"),
            (r"^\w+\s\W\S\d\D$", "ab !x1y", "ab !x1"),
            (r"\x41\x{42}\x4", "AB\u{4}", "AB4"),
            (r"\a\e\f\n\r\t\.", "\u{7}\u{1b}\u{c}\n\r\t.", "\u{7}\u{1b}\u{c}\n\r\tx"),
            ("(?i)ab(?-i)c", "ABc", "abC"),
            ("(?i:a)b", "Ab", "AB"),
            ("(?:a)(?#no matter)b(?U)(?-r:c)", "abc", "ab"),
            ("a||b", "", "\0"),
            ("^[a&&b~~-]{3}$", "&~-", "c&~"),
            ("^(#|-| )$", "#", "x"),
        ];
        for (pattern, found, missed) in cases {
            assert!(finds(pattern, found), "{pattern} in {found:?}");
            assert!(missed == "\0" || !finds(pattern, missed), "{pattern} in {missed:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        let of_bytes =
            |pattern: &[u8]| compile(pattern, Case::Insensitive, MEMORY_BYTES).expect("an expression");
        assert!(of_bytes(b"\xc3.\xff+").is_match(b"\xc3\xc4\xff"));
        assert!(of_bytes(b"[\x80-\xff]{2}").is_match("\u{e9}".as_bytes()));
        assert!(!of_bytes(b"^[^\x80-\xff]").is_match(b"\xe9"));
    }

    #[test]
    fn whether_letters_match_only_themselves() {
        let insensitive = compile(b"^[a-c]X[^d]$", Case::Insensitive, MEMORY_BYTES).expect("an expression");
        assert!(insensitive.is_match(b"Bxe"));
        assert!(!insensitive.is_match(b"BxD"));
    }

    #[test]
    fn what_is_refused() {
        let cases: [(&str, &[&str]); 3] = [
            ("ERR regular expression is empty", &[""]),
            ("ERR regular expression backreferences are not supported", &[r"(a)\1", r"\9"]),
            (
                "ERR invalid regular expression",
                &[
                    "(",
                    ")",
                    "a)",
                    "[",
                    "[a",
                    "[]",
                    "[^]",
                    "[b-a]",
                    "[[:alpha]",
                    "[[:nothing:]]",
                    "[[.ab.]]",
                    "*a",
                    "a|*",
                    "{1}",
                    "a{1",
                    "a{2,1}",
                    "a{256}",
                    "a{1,x}",
                    "a{99999999999}",
                    "a{~1}",
                    r"a\",
                    r"\x{1",
                    r"\x{g}",
                    r"\x{100}",
                    "(?",
                    "(?i",
                    "(?n)a",
                    "(?=a)",
                    "(?#a",
                    "(?P<a>b)",
                ],
            ),
        ];
        for (text, patterns) in cases {
            for pattern in patterns {
                let refused = compile(pattern.as_bytes(), Case::Sensitive, MEMORY_BYTES);
                let refused = refused.expect_err(pattern);
                assert_eq!(refused.text().escape_ascii().to_string(), text, "{pattern}");
            }
        }
    }

    /// Neither an expression that repeats repetitions nor one whose groups are deep takes more than it may.
    #[test]
    fn what_would_take_much_memory() {
        let patterns = ["((a{255}){255}){255}".to_owned(), "(".repeat(1024) + &")".repeat(1024)];
        for pattern in patterns {
            assert!(compile(pattern.as_bytes(), Case::Sensitive, MEMORY_BYTES).is_err(), "{pattern}");
        }
        assert!(finds(&"a".repeat(LENGTH_MAX), &"a".repeat(LENGTH_MAX)));
        assert_eq!(check_length(&[b'a'; LENGTH_MAX + 1]), Err(TOO_LONG));
    }
}
