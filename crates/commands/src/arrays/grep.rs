//! ARGREP: which values of a range fit.

use super::expression;
use super::index::{self, Range};
use super::read;
use base::glob::{self, Case};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use memchr::memmem;
use regex::bytes::Regex;

/// ARGREP
pub(super) const ARGREP: Command<Handler> = Command::new(
    Spec {
        name: "argrep",
        group: Group::Array,
        since: "8.8.0",
        summary: "The indexes of the values in a range of an array that are equal to a text, contain it, or match a pattern or \
                  a regular expression: one of several, or with AND all.",
        complexity: "O(log N+M*C), N being the number of values, M those in the range and C what comparing one takes",
        syntax: "ARGREP key start:string end:string <{EXACT:exact string}:exact | {MATCH:match string}:match | \
                 {GLOB:glob pattern:string}:glob | {RE:re pattern:string}:re [EXACT string | MATCH string | GLOB pattern | \
                 RE pattern ...]>:predicate [AND | OR | LIMIT limit | WITHVALUES | NOCASE [AND | OR | LIMIT limit | \
                 WITHVALUES | NOCASE ...]]:options",
        arity: -6,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> ARSET log 0 \"disk full\" ready \"DISK failed\"
(integer) 3
> ARGREP log - + MATCH disk NOCASE
1) (integer) 0
2) (integer) 2
> ARGREP log 9 0 RE ^[a-z]+$ EXACT \"disk full\" WITHVALUES
1) 1) (integer) 1
   2) \"ready\"
2) 1) (integer) 0
   2) \"disk full\"",
        ..Spec::DEFAULT
    },
    argrep,
);

/// Predicates that one search may have.
const PREDICATES_MAX: usize = 250;
const TOO_MANY: Error = Error::new("ERR too many predicates, maximum is 250");

/// Memory that the regular expressions of a search may take, and one of them.
const EXPRESSIONS_BYTES: usize = 64 << 20;
const EXPRESSION_BYTES: usize = 1 << 20;

fn argrep(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, range, search) = (args.key()?, Range::read_open(args)?, Search::read(args)?);
    let predicates = search.predicates()?;
    let array = read(cx, key)?;
    let mut found = reply.deferred_array();
    let mut lower = Vec::new();
    range.visit(&array, |at, cell| {
        cell.with_text(|text| {
            let mut fits = predicates.iter().map(|predicate| predicate.fits(text, search.case, &mut lower));
            if !(if search.all { fits.all(|fits| fits) } else { fits.any(|fits| fits) }) {
                return;
            }
            if search.with_values {
                index::push_pair(&mut found, at, text);
            } else {
                found.unsigned(at);
            }
        });
        index::until(&found, search.limit)
    });
    Ok(found.done())
}

/// What a client searches for.
struct Search<'a> {
    wanted: Vec<(Test, &'a [u8])>,
    /// All of it has to fit, not one alone.
    all: bool,
    case: Case,
    limit: u64,
    with_values: bool,
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Test {
    Exact,
    Match,
    Glob,
    Expression,
}

impl<'a> Search<'a> {
    /// Reads predicates and options, in any order; of options that exclude each other the last one counts.
    fn read(args: &mut Args<'a>) -> Result<Self> {
        let mut search = Search {
            wanted: Vec::new(),
            all: false,
            case: Case::Sensitive,
            limit: u64::MAX,
            with_values: false,
        };
        while !args.is_empty() {
            if let Some(test) = Test::take(args) {
                search.want(test, args.bytes()?)?;
            } else {
                search.option(args)?;
            }
        }
        if search.wanted.is_empty() { Err(Error::SYNTAX) } else { Ok(search) }
    }

    fn want(&mut self, test: Test, text: &'a [u8]) -> Result<()> {
        if self.wanted.len() == PREDICATES_MAX {
            return Err(TOO_MANY);
        }
        if test == Test::Expression {
            expression::check_length(text)?;
        }
        self.wanted.push((test, text));
        Ok(())
    }

    fn option(&mut self, args: &mut Args<'_>) -> Result<()> {
        if args.take("AND") {
            self.all = true;
        } else if args.take("OR") {
            self.all = false;
        } else if args.take("NOCASE") {
            self.case = Case::Insensitive;
        } else if args.take("WITHVALUES") {
            self.with_values = true;
        } else if args.take("LIMIT") {
            self.limit = index::limit(args)?;
        } else {
            return Err(Error::SYNTAX);
        }
        Ok(())
    }

    fn predicates(&self) -> Result<Vec<Predicate<'a>>> {
        let expressions = self.wanted.iter().filter(|(test, _)| *test == Test::Expression).count();
        let memory_bytes = EXPRESSION_BYTES.min(EXPRESSIONS_BYTES / expressions.max(1));
        let predicate = |&(test, text): &(Test, &'a [u8])| {
            Ok(match test {
                Test::Exact => Predicate::Exact(text),
                Test::Match if self.case == Case::Sensitive => Predicate::contains(text),
                Test::Match => Predicate::contains(&text.to_ascii_lowercase()),
                Test::Glob => Predicate::Glob(text),
                Test::Expression => {
                    Predicate::Expression(expression::compile(text, self.case, memory_bytes)?)
                }
            })
        };
        self.wanted.iter().map(predicate).collect()
    }
}

impl Test {
    fn take(args: &mut Args<'_>) -> Option<Test> {
        let words =
            [("EXACT", Test::Exact), ("MATCH", Test::Match), ("GLOB", Test::Glob), ("RE", Test::Expression)];
        words.into_iter().find_map(|(word, test)| args.take(word).then_some(test))
    }
}

/// What a value is compared with.
enum Predicate<'a> {
    Exact(&'a [u8]),
    /// In small letters, if they are to match capitals too.
    Match(Box<memmem::Finder<'static>>),
    Glob(&'a [u8]),
    Expression(Regex),
}

impl Predicate<'_> {
    fn contains(text: &[u8]) -> Self {
        Predicate::Match(Box::new(memmem::Finder::new(text).into_owned()))
    }

    /// Whether a text fits. `lower` is room for its small letters.
    fn fits(&self, text: &[u8], case: Case, lower: &mut Vec<u8>) -> bool {
        match (self, case) {
            (Predicate::Exact(wanted), Case::Sensitive) => *wanted == text,
            (Predicate::Exact(wanted), Case::Insensitive) => wanted.eq_ignore_ascii_case(text),
            (Predicate::Match(finder), Case::Sensitive) => finder.find(text).is_some(),
            (Predicate::Match(finder), Case::Insensitive) => {
                lower.clear();
                lower.extend(text.iter().map(u8::to_ascii_lowercase));
                finder.find(lower).is_some()
            }
            (Predicate::Glob(pattern), case) => glob::matches(pattern, text, case),
            (Predicate::Expression(expression), _) => expression.is_match(text),
        }
    }
}
