//! Builds the argument tree from the pieces of a syntax line, by recursive descent.

use std::borrow::Cow;

use super::lexer::{self, Piece, What};
use super::{Argument, Kind, Problem, SyntaxError, names};

/// Where the parser stands in one line.
pub(super) struct Parser<'a> {
    line: &'a str,
    pieces: Vec<Piece<'a>>,
    next: usize,
    key_specs: usize,
    keys_seen: usize,
}

/// An argument and the pieces it was read from, to compare with what claims to repeat it.
struct Item<'a> {
    argument: Argument<'a>,
    /// The first piece, its token included.
    start: usize,
    /// The first piece behind the token.
    value_start: usize,
    /// Behind the last piece.
    end: usize,
}

/// The items between two brackets or bars.
struct Sequence<'a> {
    items: Vec<Item<'a>>,
    /// It ended with the repetition of the whole enclosing choice.
    repeats_choice: bool,
}

/// The inside of a bracket pair.
struct Group<'a> {
    alternatives: Vec<Vec<Item<'a>>>,
    repeated: bool,
    name: Option<&'a str>,
}

type Result<T> = std::result::Result<T, SyntaxError>;

impl<'a> Parser<'a> {
    pub(super) fn new(line: &'a str, key_specs: usize) -> Self {
        Parser { line, pieces: lexer::pieces(line), next: 0, key_specs, keys_seen: 0 }
    }

    /// The whole line: the command's name, then its arguments.
    pub(super) fn command(mut self, name: &str) -> Result<Vec<Argument<'a>>> {
        for word in name.split(['|', ' ']) {
            match self.peek() {
                Some(What::Word(found)) if found.eq_ignore_ascii_case(word) => self.next += 1,
                _ => return self.fail(Problem::OtherCommand),
            }
        }
        let sequence = self.sequence(None)?;
        match self.peek() {
            None => Ok(sequence.items.into_iter().map(|item| item.argument).collect()),
            Some(What::Bar) => self.fail(Problem::MisplacedBar),
            Some(_) => self.fail(Problem::UnbalancedBracket),
        }
    }

    /// Items up to a closing bracket, a bar or the end. `choice_start` is the first piece of the enclosing brackets.
    fn sequence(&mut self, choice_start: Option<usize>) -> Result<Sequence<'a>> {
        let mut items = Vec::new();
        loop {
            match self.peek() {
                None | Some(What::Close(_) | What::Bar) => {
                    return Ok(Sequence { items, repeats_choice: false });
                }
                Some(What::Suffix(_) | What::Dots) => return self.fail(Problem::BadSuffix),
                Some(What::Open('[')) if self.is_repetition()? => {
                    if self.repetition(&mut items, choice_start)? {
                        return Ok(Sequence { items, repeats_choice: true });
                    }
                }
                Some(What::Word(word)) if is_token(word) => items.push(self.token(word)?),
                Some(_) => items.push(self.untokened()?),
            }
        }
    }

    /// A token, with the value or group it announces if one stands right behind it.
    fn token(&mut self, word: &'a str) -> Result<Item<'a>> {
        let start = self.next;
        let token = if word == "\"\"" { "" } else { word };
        self.next += 1;
        let announces = match self.peek() {
            Some(What::Word(next)) => !is_token(next),
            Some(What::Open(bracket)) => bracket != '[',
            _ => false,
        };
        if announces {
            return self.announced(token, start);
        }
        let name = match self.suffix() {
            Some(name) => Cow::Borrowed(name),
            None => names::symbol(token).map_or_else(|| lower(token), Cow::Borrowed),
        };
        let argument = Argument {
            display_text: Some(name.clone()),
            token: Some(token),
            ..Argument::plain(name, Kind::PureToken)
        };
        Ok(Item { argument, start, value_start: start, end: self.next })
    }

    /// The value or group behind `token`.
    fn announced(&mut self, token: &'a str, start: usize) -> Result<Item<'a>> {
        let mut item = match self.peek() {
            Some(What::Open(bracket)) => self.group(bracket, Some(token))?,
            _ => self.value()?,
        };
        item.argument.token = Some(token);
        item.start = start;
        Ok(item)
    }

    /// A value or a group.
    fn untokened(&mut self) -> Result<Item<'a>> {
        match self.peek() {
            Some(What::Open(bracket)) => self.group(bracket, None),
            _ => self.value(),
        }
    }

    /// A typed value.
    fn value(&mut self) -> Result<Item<'a>> {
        let start = self.next;
        let Some(What::Word(text)) = self.peek() else { return self.fail(Problem::BadSuffix) };
        self.next += 1;
        let mut name = text;
        let mut kind = names::value_kind(text);
        let mut spec_index = self.keys_seen.min(self.key_specs.saturating_sub(1));
        if let Some(suffix) = self.suffix() {
            if let Some(asked) = names::type_word(suffix) {
                kind = asked;
            } else if let Ok(index) = suffix.parse() {
                if !matches!(kind, Kind::Key { .. }) {
                    return self.fail_at(start + 1, Problem::BadSuffix);
                }
                spec_index = index;
            } else {
                name = suffix;
                if let (Kind::Pattern { spec_index }, Some((called, index))) =
                    (&mut kind, suffix.split_once('/'))
                {
                    name = called;
                    *spec_index = index.parse().ok();
                }
            }
        }
        if matches!(kind, Kind::Key { .. }) {
            if spec_index >= self.key_specs {
                return self.fail_at(start, Problem::NoSuchKeySpec);
            }
            kind = Kind::Key { spec_index };
            self.keys_seen += 1;
        }
        let argument =
            Argument { display_text: Some(text.into()), ..Argument::plain(Cow::Borrowed(name), kind) };
        Ok(Item { argument, start, value_start: start, end: self.next })
    }

    /// A bracketed group, announced by `token` or not.
    fn group(&mut self, bracket: char, token: Option<&'a str>) -> Result<Item<'a>> {
        let start = self.next;
        let group = self.brackets(bracket)?;
        if bracket == '<' && group.alternatives.len() < 2 {
            return self.fail_at(start, Problem::NoChoice);
        }
        let repeated = group.repeated;
        let mut argument = if group.alternatives.len() > 1 {
            self.choice(start, group, token)?
        } else {
            self.block(start, group, token)?
        };
        argument.multiple |= repeated;
        argument.optional |= bracket == '[';
        Ok(Item { argument, start, value_start: start, end: self.next })
    }

    /// Reads from the opening to the closing bracket and the suffix behind it.
    fn brackets(&mut self, bracket: char) -> Result<Group<'a>> {
        let open = self.next;
        self.next += 1;
        let mut alternatives = Vec::new();
        let mut repeated = false;
        loop {
            let sequence = self.sequence(Some(open + 1))?;
            if sequence.items.is_empty() {
                return self.fail(Problem::MisplacedBar);
            }
            alternatives.push(sequence.items);
            repeated |= sequence.repeats_choice;
            match self.peek() {
                Some(What::Bar) if !repeated => self.next += 1,
                Some(What::Close(close)) if close == closing(bracket) => break,
                _ => return self.fail_at(open, Problem::UnbalancedBracket),
            }
        }
        self.next += 1;
        Ok(Group { alternatives, repeated, name: self.suffix() })
    }

    /// The argument for a group of several alternatives.
    fn choice(&self, start: usize, group: Group<'a>, token: Option<&'a str>) -> Result<Argument<'a>> {
        let mut children = Vec::with_capacity(group.alternatives.len());
        for mut items in group.alternatives {
            if items.len() > 1 {
                return self.fail_at(items[0].start, Problem::UnnamedGroup);
            }
            children.extend(items.pop().map(|item| item.argument));
        }
        let convention = || children[0].token.and_then(names::choice).map(Cow::Borrowed);
        let name = given_name(group.name, token).or_else(convention);
        match name {
            Some(name) => Ok(Argument::plain(name, Kind::OneOf(children))),
            None => self.fail_at(start, Problem::UnnamedGroup),
        }
    }

    /// The argument for a group of one alternative: the item itself when it is alone.
    fn block(&self, start: usize, group: Group<'a>, token: Option<&'a str>) -> Result<Argument<'a>> {
        let mut children: Vec<_> =
            group.alternatives.into_iter().flatten().map(|item| item.argument).collect();
        let name = given_name(group.name, token);
        if name.is_none()
            && let [_] = children[..]
            && let Some(only) = children.pop()
        {
            return Ok(only);
        }
        match name {
            Some(name) => Ok(Argument::plain(name, Kind::Block(children))),
            None => self.fail_at(start, Problem::UnnamedGroup),
        }
    }

    /// Whether the bracket here ends with dots.
    fn is_repetition(&self) -> Result<bool> {
        let close = self.matching_close()?;
        Ok(self.pieces[close - 1].what == What::Dots)
    }

    /// Reads `[... ...]` and marks what it repeats. Says whether that is the whole enclosing choice.
    fn repetition(&mut self, items: &mut Vec<Item<'a>>, choice_start: Option<usize>) -> Result<bool> {
        let open = self.next;
        let close = self.matching_close()?;
        let repeated = lexer::printed(&self.pieces[open + 1..close - 1]);
        self.next = close + 1;
        let name = self.suffix();
        if let Some(last) = items.last_mut() {
            let with_token = self.printed(last.start, last.end) == repeated;
            if with_token || self.printed(last.value_start, last.end) == repeated {
                if name.is_some() {
                    return self.fail_at(close, Problem::BadSuffix);
                }
                last.argument.multiple = true;
                last.argument.multiple_token = with_token && last.argument.token.is_some();
                return Ok(false);
            }
        }
        let tail = (0..items.len()).rev().find(|&first| self.printed(items[first].start, open) == repeated);
        if let Some(first) = tail {
            let block = repeated_block(items.drain(first..).collect(), name, self.next);
            items.push(block);
            return Ok(false);
        }
        match choice_start {
            Some(start) if name.is_none() && self.printed(start, open) == repeated => Ok(true),
            _ => self.fail_at(open, Problem::NothingToRepeat),
        }
    }

    /// The piece that closes the bracket at the current piece.
    fn matching_close(&self) -> Result<usize> {
        let mut depth = 0_usize;
        for (index, piece) in self.pieces.iter().enumerate().skip(self.next) {
            match piece.what {
                What::Open(_) => depth += 1,
                What::Close(_) if depth == 1 => return Ok(index),
                What::Close(_) => depth -= 1,
                _ => {}
            }
        }
        self.fail(Problem::UnbalancedBracket)
    }

    /// The suffix at the current piece, if there is one.
    fn suffix(&mut self) -> Option<&'a str> {
        let Some(What::Suffix(suffix)) = self.peek() else { return None };
        self.next += 1;
        Some(suffix)
    }

    fn peek(&self) -> Option<What<'a>> {
        self.pieces.get(self.next).map(|piece| piece.what)
    }

    fn printed(&self, start: usize, end: usize) -> String {
        lexer::printed(&self.pieces[start..end])
    }

    fn fail<T>(&self, problem: Problem) -> Result<T> {
        self.fail_at(self.next, problem)
    }

    fn fail_at<T>(&self, piece: usize, problem: Problem) -> Result<T> {
        let at = self.pieces.get(piece).map_or(self.line.len(), |piece| piece.at);
        Err(SyntaxError { at, problem })
    }
}

impl<'a> Argument<'a> {
    /// An argument given once, without token or text.
    fn plain(name: Cow<'a, str>, kind: Kind<'a>) -> Self {
        Argument {
            name,
            kind,
            token: None,
            display_text: None,
            optional: false,
            multiple: false,
            multiple_token: false,
        }
    }
}

/// The group that several repeated items form.
fn repeated_block<'a>(items: Vec<Item<'a>>, name: Option<&'a str>, end: usize) -> Item<'a> {
    let start = items.first().map_or(end, |item| item.start);
    let children = items.into_iter().map(|item| item.argument).collect();
    let name = Cow::Borrowed(name.unwrap_or(names::REPEATED_GROUP));
    let argument = Argument { multiple: true, ..Argument::plain(name, Kind::Block(children)) };
    Item { argument, start, value_start: start, end }
}

/// The name a group has by its suffix or by its token.
fn given_name<'a>(suffix: Option<&'a str>, token: Option<&'a str>) -> Option<Cow<'a, str>> {
    suffix.map(Cow::Borrowed).or_else(|| token.map(lower))
}

fn lower(token: &str) -> Cow<'_, str> {
    Cow::Owned(token.to_ascii_lowercase())
}

/// Whether a word is a literal rather than the name of a value.
fn is_token(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn closing(bracket: char) -> char {
    match bracket {
        '[' => ']',
        '<' => '>',
        _ => '}',
    }
}
