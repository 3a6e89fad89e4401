//! ZMPOP and BZMPOP: taking several elements from the first sorted set that has any.

use super::has_set;
use super::pop::{Extreme, take};
use super::removal::Recorded;
use super::reply::pairs;
use crate::arguments::{keys_before_more, positive_count};
use crate::waiting::{first, serve_or_wait};
use command::Flag::{Blocking, MovableKeys, Write};
use command::KeyFlag::{Access, Delete, ReadWrite};
use command::{
    Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec, Step,
};
use structs::ranked::Ranked;

/// ZMPOP
pub(super) const ZMPOP: Command<Handler> = Command::new(
    Spec {
        name: "zmpop",
        group: Group::SortedSet,
        since: "7.0.0",
        summary: "Takes elements from an end of the first sorted set that has any.",
        complexity: "O(K)+O(M*log(N)), K being the number of keys, N of elements and M of those taken",
        syntax: "ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]",
        arity: -4,
        flags: &[Write, MovableKeys],
        keys: &[KeySpec::numkeys(1, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> ZADD race 10 ann 12 bob 11 eve
(integer) 3
> ZMPOP 2 nothing race MIN COUNT 2
1) \"race\"
2) 1) 1) \"ann\"
      2) \"10\"
   2) 1) \"eve\"
      2) \"11\"",
        ..Spec::DEFAULT
    },
    zmpop,
);

fn zmpop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (keys, step) = keys_and_step(args)?;
    match first::<Ranked>(cx, keys)? {
        Some(key) => step.serve(cx, key, reply),
        None => Ok(reply.null_array()),
    }
}

/// BZMPOP
pub(super) const BZMPOP: Command<Handler> = Command::new(
    Spec {
        name: "bzmpop",
        group: Group::SortedSet,
        since: "7.0.0",
        summary: "Takes elements from an end of the first sorted set that has any, waiting if none has.",
        complexity: "O(K)+O(M*log(N)), K being the number of keys, N of elements and M of those taken",
        syntax: "BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
        arity: -5,
        flags: &[Write, Blocking, MovableKeys],
        keys: &[KeySpec::numkeys(2, &[ReadWrite, Access, Delete])],
        replicate: Replicate::Outcome,
        examples: "\
> ZADD race 10 ann 12 bob
(integer) 2
> BZMPOP 0 1 race MAX
1) \"race\"
2) 1) 1) \"bob\"
      2) \"12\"",
        ..Spec::DEFAULT
    },
    bzmpop,
);

fn bzmpop(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let mut timeout = args.clone();
    args.bytes()?;
    let (keys, step) = keys_and_step(args)?;
    let deadline_ms = timeout.deadline_ms(cx.now)?;
    serve_or_wait::<Ranked>(cx, keys, step, deadline_ms, reply)
}

/// Reads `numkeys key [key ...] <MIN | MAX> [COUNT count]`.
fn keys_and_step<'a>(
    args: &mut Args<'a>,
) -> Result<(impl Iterator<Item = &'a [u8]> + Clone + use<'a>, PopMany)> {
    let keys = keys_before_more(args)?;
    let extreme = if args.take("MIN") {
        Extreme::Min
    } else if args.take("MAX") {
        Extreme::Max
    } else {
        return Err(Error::SYNTAX);
    };
    let count = if args.take_with_value("COUNT") { positive_count(args)? } else { 1 };
    args.end()?;
    Ok((keys, PopMany { extreme, count }))
}

/// Takes up to `count` elements from whichever sorted set has any.
struct PopMany {
    extreme: Extreme,
    count: usize,
}

impl Step for PopMany {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_set(cx, key)
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        let set = cx.slot(key).open::<Ranked>()?.ok_or(Error::NO_SUCH_KEY)?;
        let mut answer = reply.array(2);
        answer.bulk(key);
        let (count, recorded) = take(set, self.extreme, self.count, |taken| {
            let count = taken.len();
            pairs(&mut answer.array(count), taken);
            count
        });
        if recorded == Recorded::NotYet {
            cx.outcome(&[self.extreme.verb(), key, count.to_string().as_bytes()]);
        }
        Ok(answer.done())
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn command(&self) -> &'static str {
        "bzmpop"
    }
}
