//! ZSCAN: a walk over the elements of a sorted set, a few per call.

use crate::elements::walk::cursor;
use crate::pattern::{NO_VALUES, ScanOptions};
use base::num::{push_f64, push_f64_digits};
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};
use keyspace::Str;
use resp::OwnedArgs;
use structs::ranked::Ranked;

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
    let Some(set) = cx.read_object::<Ranked>(key)? else {
        return Ok(answer(reply, 0, &OwnedArgs::default()));
    };
    let options = Options::read(args)?;
    let (mut found, mut score) = (OwnedArgs::default(), Vec::new());
    // The scores of large sets have always been told here with all their digits.
    let print = if set.packed().is_some() { push_f64 } else { push_f64_digits };
    let next = set.scan(cursor, options.scan.count, |element| {
        element.member.with_text(|member| {
            if options.scan.pattern.matches(member) {
                found.push(member);
                if options.scores {
                    score.clear();
                    print(&mut score, element.score);
                    found.push(&score);
                }
            }
        });
    });
    Ok(answer(reply, next, &found))
}

fn answer(reply: Reply<'_>, cursor: u64, found: &OwnedArgs) -> Done {
    let mut pair = reply.array(2);
    pair.bulk(itoa::Buffer::new().format(cursor).as_bytes());
    let found = found.as_args();
    let mut list = pair.array(found.len());
    found.iter().for_each(|word| list.string(Str::Bytes(word)));
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
