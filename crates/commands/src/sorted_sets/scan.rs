//! ZSCAN: a walk over the elements of a sorted set, a few per call.

use super::read;
use crate::elements::walk::cursor;
use crate::pattern::{NO_VALUES, ScanOptions};
use base::num::{push_f64, push_f64_digits};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::ranked::Element;

/// ZSCAN
pub(super) const ZSCAN: Command<Handler> = Command::new(
    Spec {
        name: "zscan",
        group: Group::SortedSet,
        since: "2.8.0",
        summary: "Walks over the elements of a sorted set, a few per call.",
        complexity: "O(1) per call, O(N) for the whole walk",
        syntax: "ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]",
        arity: -3,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        tips: &["nondeterministic_output"],
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> ZSCAN race 0 MATCH a*
1) \"0\"
2) 1) \"ann\"
   2) \"10\"",
        ..Spec::DEFAULT
    },
    zscan,
);

fn zscan(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, cursor) = (args.key()?, cursor(args.bytes()?)?);
    let Some(set) = read(cx, key)? else { return Ok(answer(reply, 0, &[], None)) };
    let (set, options) = (set.view(), Options::read(args)?);
    let mut found = Vec::new();
    let next = set.scan(cursor, options.scan.count, |element| {
        if element.member.with_text(|member| options.scan.pattern.matches(member)) {
            found.push(element);
        }
    });
    // The scores of large sets have always been told here with all their digits.
    let print: PrintScore = if set.is_packed() { push_f64 } else { push_f64_digits };
    Ok(answer(reply, next, &found, Some(print).filter(|_| options.scores)))
}

/// How a score is told.
type PrintScore = fn(&mut Vec<u8>, f64);

fn answer(reply: Reply<'_>, cursor: u64, found: &[Element<'_>], print: Option<PrintScore>) -> Done {
    let mut pair = reply.array(2);
    pair.bulk(itoa::Buffer::new().format(cursor).as_bytes());
    let mut list = pair.array(found.len() * if print.is_some() { 2 } else { 1 });
    let mut score = Vec::new();
    for element in found {
        list.string(element.member.into());
        if let Some(print) = print {
            score.clear();
            print(&mut score, element.score);
            list.bulk(&score);
        }
    }
    pair.done()
}

struct Options<'a> {
    scan: ScanOptions<'a>,
    scores: bool,
}

impl<'a> Options<'a> {
    fn read(args: &mut Args<'a>) -> Result<Options<'a>> {
        let mut options = Options { scan: ScanOptions::NONE, scores: true };
        while !args.is_empty() {
            if options.scan.read_one(args)? {
                continue;
            }
            if args.take("NOSCORES") {
                options.scores = false;
            } else if args.take("NOVALUES") {
                return Err(NO_VALUES);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(options)
    }
}
