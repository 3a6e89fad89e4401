//! LMOVEM and BLMOVEM: moving several elements at once.

use super::lmove::{MOVE_KEYS, route};
use super::transfer::{Amount, Order, Route, transfer};
use super::{has_list, side_name, text};
use crate::arguments::positive_count;
use crate::waiting::wait;
use command::Flag::{Blocking, DenyOom, Write};
use command::{Args, Command, Cx, Done, Error, Group, Handler, Replicate, Reply, Result, Spec, Step};
use structs::packed::{End, Packed};

/// LMOVEM
pub const LMOVEM: Command<Handler> = Command::new(
    Spec {
        name: "lmovem",
        group: Group::List,
        since: "8.10.0",
        summary: "Moves several elements from one list to another.",
        complexity: "O(N), N being the number of elements moved",
        syntax: "LMOVEM source destination <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto [<COUNT count | EXACTLY exactly>:selector <OBO | BULK>:ordering]:how-many",
        arity: -5,
        flags: &[Write, DenyOom],
        keys: MOVE_KEYS,
        examples: "\
> RPUSH waiting a b c d
(integer) 4
> LMOVEM waiting running LEFT LEFT COUNT 2 BULK
1) \"a\"
2) \"b\"
> LMOVEM waiting running LEFT LEFT EXACTLY 2 OBO
1) \"d\"
2) \"c\"",
        ..Spec::DEFAULT
    },
    lmovem,
);

fn lmovem(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let route = route(args)?;
    let (amount, order) = how_many(args)?;
    Ok(match (transfer(cx, route, amount, order)?, amount) {
        (Some(block), _) => moved(reply, &block),
        (None, Amount::UpTo(_)) => reply.array(0).done(),
        (None, Amount::Exactly(_)) => reply.null_array(),
    })
}

/// BLMOVEM
pub const BLMOVEM: Command<Handler> = Command::new(
    Spec {
        name: "blmovem",
        group: Group::List,
        since: "8.10.0",
        summary: "Moves several elements from one list to another, waiting for them if needed.",
        complexity: "O(N), N being the number of elements moved",
        syntax: "BLMOVEM source destination <LEFT | RIGHT>:wherefrom <LEFT | RIGHT>:whereto timeout [<COUNT count | EXACTLY exactly>:selector <OBO | BULK>:ordering]:how-many",
        arity: -6,
        flags: &[Write, DenyOom, Blocking],
        keys: MOVE_KEYS,
        replicate: Replicate::Outcome,
        examples: "\
> RPUSH waiting a b c d
(integer) 4
> BLMOVEM waiting running RIGHT RIGHT 0 EXACTLY 3 BULK
1) \"b\"
2) \"c\"
3) \"d\"",
        ..Spec::DEFAULT
    },
    blmovem,
);

fn blmovem(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let route = route(args)?;
    let deadline_ms = args.deadline_ms(cx.now)?;
    let (amount, order) = how_many(args)?;
    let step =
        MoveMany { destination: route.destination.into(), from: route.from, to: route.to, amount, order };
    match step.run(cx, route.source)? {
        Some(block) => Ok(moved(reply, &block)),
        None if cx.caller.may_block => Ok(wait(reply, std::iter::once(route.source), step, deadline_ms)),
        None => Ok(step.timed_out(reply)),
    }
}

/// Reads `[<COUNT count | EXACTLY exactly> <OBO | BULK>]`; nothing means one.
fn how_many(args: &mut Args<'_>) -> Result<(Amount, Order)> {
    if args.is_empty() {
        return Ok((Amount::UpTo(1), Order::Bulk));
    }
    let amount = if args.take_with_value("COUNT") {
        Amount::UpTo(positive_count(args)?)
    } else if args.take_with_value("EXACTLY") {
        Amount::Exactly(positive_count(args)?)
    } else {
        return Err(Error::SYNTAX);
    };
    let order = if args.take("OBO") {
        Order::OneByOne
    } else if args.take("BULK") {
        Order::Bulk
    } else {
        return Err(Error::SYNTAX);
    };
    args.end()?;
    Ok((amount, order))
}

fn moved(reply: Reply<'_>, block: &Packed) -> Done {
    let mut elements = reply.array(block.count());
    block.iter().for_each(|item| elements.string(text(item)));
    elements.done()
}

/// Moves several elements to `destination`.
struct MoveMany {
    destination: Box<[u8]>,
    from: End,
    to: End,
    amount: Amount,
    order: Order,
}

impl MoveMany {
    fn run(&self, cx: &mut Cx<'_>, source: &[u8]) -> Result<Option<Packed>> {
        let route = Route { source, destination: &self.destination, from: self.from, to: self.to };
        let block = transfer(cx, route, self.amount, self.order)?;
        if let Some(block) = &block {
            let order: &[u8] = match self.order {
                Order::OneByOne => b"OBO",
                Order::Bulk => b"BULK",
            };
            let (from, to) = (side_name(self.from), side_name(self.to));
            let count = block.count().to_string();
            cx.outcome(&[
                b"LMOVEM",
                source,
                &self.destination,
                from,
                to,
                b"EXACTLY",
                count.as_bytes(),
                order,
            ]);
        }
        Ok(block)
    }
}

impl Step for MoveMany {
    fn ready(&self, cx: &mut Cx<'_>, key: &[u8]) -> bool {
        has_list(cx, key, self.amount.least())
    }

    fn serve(&self, cx: &mut Cx<'_>, key: &[u8], reply: Reply<'_>) -> Result<Done> {
        Ok(match self.run(cx, key)? {
            Some(block) => moved(reply, &block),
            None => self.timed_out(reply),
        })
    }

    fn timed_out(&self, reply: Reply<'_>) -> Done {
        reply.null_array()
    }

    fn destination(&self) -> Option<&[u8]> {
        Some(&self.destination)
    }

    fn command(&self) -> &'static str {
        "blmovem"
    }
}
