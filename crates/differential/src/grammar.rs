//! The notation of command forms, and drawing a command from a form.
//!
//! A form is one line:
//!
//! ```text
//! [WEIGHT] [redis:|valkey:] WORD arg [optional] (one|other) (repeated)...
//! ```
//!
//! Words with a capital letter, digits or signs stand for themselves, lower-case words are kinds of arguments (see
//! [`crate::kinds::Kind`]); `...` after an item or a group repeats it one to four times. A prefix restricts the form
//! to servers of one flavor.

use crate::kinds::Kind;
use crate::server::Flavor;
use crate::values::Draw;

/// One way to write a command.
#[derive(Debug)]
pub struct Form {
    /// How often it is drawn, relative to the others.
    pub weight: u64,
    /// The only flavor of server that knows it, if not all do.
    pub only: Option<Flavor>,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Word(&'static str),
    Arg(Kind),
    Optional(Box<Part>),
    OneOf(Vec<Vec<Part>>),
    Repeated(Box<Part>),
}

impl Form {
    /// Reads a form.
    ///
    /// # Errors
    /// Says what is wrong with the line.
    pub fn parse(line: &'static str) -> Result<Self, String> {
        let mut tokens = tokens(line);
        let mut form = Self { weight: 1, only: None, parts: Vec::new() };
        if let Some(weight) = tokens.first().and_then(|first| first.parse().ok()) {
            form.weight = weight;
            tokens.remove(0);
        }
        form.only = match tokens.first() {
            Some(&"redis:") => Some(Flavor::Redis),
            Some(&"valkey:") => Some(Flavor::Valkey),
            _ => None,
        };
        if form.only.is_some() {
            tokens.remove(0);
        }
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let mut choices = reader.choices(None).map_err(|why| format!("{why}: {line}"))?;
        match (choices.pop(), choices.is_empty()) {
            (Some(parts), true) if matches!(parts.first(), Some(Part::Word(word)) if is_name(word)) => {
                Ok(Self { parts, ..form })
            }
            _ => Err(format!("a form is one command: {line}")),
        }
    }

    /// The command's name.
    pub fn name(&self) -> &'static str {
        match self.parts.first() {
            Some(Part::Word(word)) => word,
            _ => "",
        }
    }

    /// A random command of this form.
    pub fn draw(&self, draw: &mut Draw<'_>) -> Vec<Vec<u8>> {
        let mut args = Vec::new();
        push_parts(&self.parts, draw, &mut args);
        args
    }
}

fn push_parts(parts: &[Part], draw: &mut Draw<'_>, args: &mut Vec<Vec<u8>>) {
    parts.iter().for_each(|part| push_part(part, draw, args));
}

fn push_part(part: &Part, draw: &mut Draw<'_>, args: &mut Vec<Vec<u8>>) {
    match part {
        Part::Word(word) => args.push(draw.spelled(word)),
        Part::Arg(kind) => draw.push(*kind, args),
        Part::Optional(part) => {
            if draw.one_in(3) {
                push_part(part, draw, args);
            }
        }
        Part::OneOf(choices) => {
            let chosen = draw.below(choices.len() as u64) as usize;
            push_parts(&choices[chosen], draw, args);
        }
        Part::Repeated(part) => {
            let times = 1 + draw.below(2) + draw.below(3);
            (0..times).for_each(|_| push_part(part, draw, args));
        }
    }
}

/// Splits a line at spaces and around brackets, bars and dots of repetition.
fn tokens(line: &'static str) -> Vec<&'static str> {
    let mut tokens = Vec::new();
    for word in line.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let len = if rest.starts_with("...") {
                3
            } else if rest.starts_with(['[', ']', '(', ')', '|']) {
                1
            } else {
                rest.find(['[', ']', '(', ')', '|'])
                    .into_iter()
                    .chain(rest.find("..."))
                    .min()
                    .unwrap_or(rest.len())
            };
            tokens.push(&rest[..len]);
            rest = &rest[len..];
        }
    }
    tokens
}

struct Reader<'a> {
    tokens: &'a [&'static str],
    at: usize,
}

impl Reader<'_> {
    /// Sequences of parts separated by bars, up to `end`.
    fn choices(&mut self, end: Option<&str>) -> Result<Vec<Vec<Part>>, String> {
        let mut choices = vec![Vec::new()];
        loop {
            let token = self.tokens.get(self.at).copied();
            self.at += 1;
            let Some(token) = token else {
                return if end.is_none() { Ok(choices) } else { Err("unclosed bracket".into()) };
            };
            if Some(token) == end {
                return Ok(choices);
            }
            if token == "|" {
                choices.push(Vec::new());
                continue;
            }
            let current = choices.last_mut().ok_or("no choice")?;
            let part = match token {
                "[" => Part::Optional(Box::new(Part::OneOf(self.choices(Some("]"))?))),
                "(" => Part::OneOf(self.choices(Some(")"))?),
                "..." => Part::Repeated(Box::new(current.pop().ok_or("nothing to repeat")?)),
                word => part_of(word)?,
            };
            current.push(part);
        }
    }
}

/// Whether a word may be a command's name: a weight at the wrong place is none.
fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn part_of(word: &'static str) -> Result<Part, String> {
    if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Kind::named(word)
            .map(Part::Arg)
            .ok_or_else(|| format!("no kind of argument is called {word}"));
    }
    Ok(Part::Word(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::prng::Prng;

    fn drawn(line: &'static str, times: usize) -> Vec<String> {
        let form = Form::parse(line).unwrap();
        let (mut prng, mut clock) = (Prng::new(1), 0);
        let mut draw = Draw::new(&mut prng, &mut clock);
        let text = |args: Vec<Vec<u8>>| String::from_utf8(args.join(&b' ')).unwrap().to_uppercase();
        (0..times).map(|_| text(form.draw(&mut draw))).collect()
    }

    #[test]
    fn draws_options_choices_and_repetitions() {
        let mut seen = drawn("XX [A (B|C 1)] (D 0)...", 300);
        seen.sort();
        seen.dedup();
        for heads in ["XX", "XX A B", "XX A C 1"] {
            for tail in [" D 0", " D 0 D 0", " D 0 D 0 D 0", " D 0 D 0 D 0 D 0"] {
                assert!(seen.contains(&format!("{heads}{tail}")), "{heads}{tail} never came: {seen:?}");
            }
        }
        assert_eq!(seen.len(), 12);
    }

    #[test]
    fn reads_weight_and_flavor() {
        let form = Form::parse("5 valkey: DELIFEQ string value").unwrap();
        assert_eq!((form.weight, form.only, form.name()), (5, Some(Flavor::Valkey), "DELIFEQ"));
    }

    #[test]
    fn refuses_nonsense() {
        for line in ["", "GET [key", "GET nosuchkind", "...", "A | B", "key GET", "valkey: 9 GET"] {
            assert!(Form::parse(line).is_err(), "{line}");
        }
    }
}
