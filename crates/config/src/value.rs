//! How a setting reads itself from words and writes itself back: the traits behind every field of `Config`.

use std::borrow::Cow;

use base::quote;

/// Why a value was refused, in the words Redis uses.
pub(crate) type Problem = Cow<'static, str>;

/// One unquoted argument.
pub(crate) type Word = Vec<u8>;

/// Where a value comes from: accumulating and list-like settings read a file and a command differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The first line of this directive in a configuration file.
    FirstLine,
    /// A line of a directive that an earlier line has set.
    LaterLine,
    /// `CONFIG SET`: always exactly one word.
    Command,
}

/// A setting that one directive reads, shows and writes.
pub(crate) trait Value {
    /// What the table adds to the type: a range, a check.
    type Rule;

    /// Takes the words after the directive's name. On an error `self` may be changed in part.
    fn assign(&mut self, words: &[Word], origin: Origin, rule: &Self::Rule) -> Result<(), Problem>;

    /// What `CONFIG GET` answers.
    fn show(&self, rule: &Self::Rule) -> Vec<u8>;

    /// What the lines of a file that say this say after the directive's name. Without lines the setting has its
    /// default; `None` means that the file is to keep what it has.
    fn lines(&self, rule: &Self::Rule) -> Option<Vec<Vec<u8>>>;

    /// The values a person may give, for the documentation.
    fn allowed(rule: &Self::Rule) -> String;
}

/// A setting of exactly one word.
pub(crate) trait Scalar: Sized {
    /// As in [`Value::Rule`].
    type Rule;

    fn parse(word: &[u8], rule: &Self::Rule) -> Result<Self, Problem>;

    fn show(&self, rule: &Self::Rule) -> Vec<u8>;

    /// What a file says; nothing if no line is to say it.
    fn file_form(&self, rule: &Self::Rule) -> Option<Vec<u8>> {
        Some(self.show(rule))
    }

    fn allowed(rule: &Self::Rule) -> String;
}

impl<T: Scalar> Value for T {
    type Rule = <T as Scalar>::Rule;

    fn assign(&mut self, words: &[Word], _origin: Origin, rule: &Self::Rule) -> Result<(), Problem> {
        let [word] = words else { return Err(WRONG_NUMBER.into()) };
        *self = T::parse(word, rule)?;
        Ok(())
    }

    fn show(&self, rule: &Self::Rule) -> Vec<u8> {
        Scalar::show(self, rule)
    }

    fn lines(&self, rule: &Self::Rule) -> Option<Vec<Vec<u8>>> {
        Some(self.file_form(rule).into_iter().collect())
    }

    fn allowed(rule: &Self::Rule) -> String {
        <T as Scalar>::allowed(rule)
    }
}

/// What Redis says when a directive has too few or too many words.
pub(crate) const WRONG_NUMBER: &str = "wrong number of arguments";

impl Scalar for bool {
    type Rule = ();

    fn parse(word: &[u8], (): &()) -> Result<Self, Problem> {
        if word.eq_ignore_ascii_case(b"yes") {
            Ok(true)
        } else if word.eq_ignore_ascii_case(b"no") {
            Ok(false)
        } else {
            Err("argument must be 'yes' or 'no'".into())
        }
    }

    fn show(&self, (): &()) -> Vec<u8> {
        if *self { b"yes".to_vec() } else { b"no".to_vec() }
    }

    fn allowed((): &()) -> String {
        "yes, no".into()
    }
}

/// The items of a list-like setting.
///
/// In a file they are the words of the line, or, if that has but one word, what is in it (`save "60 1 300 5"`).
/// A command has them in its one word, separated by exactly one space each.
pub(crate) fn list_items(words: &[Word], origin: Origin) -> Result<Cow<'_, [Word]>, Problem> {
    match (origin, words) {
        (Origin::Command, [word]) if word.is_empty() => Ok(Cow::Borrowed(&[])),
        (Origin::Command, [word]) => Ok(word.split(|&byte| byte == b' ').map(<[u8]>::to_vec).collect()),
        (_, [word]) => quote::split_args(word).map(Cow::Owned).ok_or(Cow::Borrowed(UNBALANCED)),
        (_, words) => Ok(Cow::Borrowed(words)),
    }
}

/// What Redis says about a line whose quotes don't match.
pub(crate) const UNBALANCED: &str = "Unbalanced quotes in configuration line";

/// Joins words with single spaces, quoting those that a line would otherwise split or change.
pub(crate) fn join_words<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut line = Vec::new();
    for (at, word) in words.into_iter().enumerate() {
        if at > 0 {
            line.push(b' ');
        }
        if is_plain(word) { line.extend_from_slice(word) } else { quote::push_quoted(&mut line, word) }
    }
    line
}

/// The line of a list-like setting. A lone word is taken apart once more when it is read, so it is quoted once more.
pub(crate) fn list_line(items: &[Word]) -> Vec<u8> {
    let line = join_words(items.iter().map(Vec::as_slice));
    match items {
        [] => b"\"\"".to_vec(),
        [_] => join_words([line.as_slice()]),
        _ => line,
    }
}

/// Whether a word means itself without quotes.
fn is_plain(word: &[u8]) -> bool {
    !word.is_empty()
        && word.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\'))
}

/// Parses a decimal number that may have leading zeros or a plus sign, as the list-like settings allow.
pub(crate) fn parse_lenient(word: &[u8]) -> Option<i32> {
    str::from_utf8(word).ok()?.parse().ok()
}
