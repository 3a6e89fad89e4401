//! GEOADD: adding places.

use super::cell::{Cell, STEPS_MAX};
use super::words::point;
use crate::sorted_sets::{Presence, add_scores};
use command::Flag::{DenyOom, Write};
use command::KeyFlag::{ReadWrite, Update};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Replicate, Reply, Result, Spec};

/// GEOADD
pub(super) const GEOADD: Command<Handler> = Command::new(
    Spec {
        name: "geoadd",
        group: Group::Geo,
        since: "3.2.0",
        summary: "Adds places to a sorted set, or moves those it has.",
        complexity: "O(log(N)) per member, N being the number of elements",
        syntax: "GEOADD key [NX | XX] [CH:change] longitude latitude member [longitude latitude member ...]",
        arguments_since: &[("change", "6.2.0"), ("condition", "6.2.0")],
        arity: -5,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[ReadWrite, Update])],
        replicate: Replicate::Outcome,
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEODIST sicily palermo catania km
\"166.2742\"",
        ..Spec::DEFAULT
    },
    geoadd,
);

fn geoadd(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let key = args.key()?;
    let options = args.clone();
    let (mut presence, mut twice, mut counts_updates) = (Presence::Any, false, false);
    loop {
        let demanded = if args.take("NX") {
            Presence::New
        } else if args.take("XX") {
            Presence::Existing
        } else if args.take("CH") {
            counts_updates = true;
            continue;
        } else {
            break;
        };
        twice |= presence != Presence::Any && presence != demanded;
        presence = demanded;
    }
    if twice || args.is_empty() || !args.left().is_multiple_of(3) {
        return Err(Error::SYNTAX);
    }
    let options = options.clone().take_many(options.left() - args.left());
    let mut places = Vec::with_capacity(args.left() / 3);
    while !args.is_empty() {
        let score = Cell::of(point(args)?, STEPS_MAX).bits() as f64;
        places.push((score, args.bytes()?));
    }
    let (added, updated) = add_scores(cx, key, presence, &places)?;
    if added + updated > 0 {
        record(cx, key, options, &places);
    }
    Ok(reply.len(if counts_updates { added + updated } else { added }))
}

/// The journal has places as what they are: scores.
fn record<'a>(cx: &mut Cx<'_>, key: &[u8], options: impl Iterator<Item = &'a [u8]>, places: &[(f64, &[u8])]) {
    let mut words = vec![b"ZADD".to_vec(), key.to_vec()];
    words.extend(options.map(<[u8]>::to_vec));
    for (score, member) in places {
        words.extend([base::num::F64Buffer::new().format(*score).to_vec(), member.to_vec()]);
    }
    cx.outcome(&words.iter().map(Vec::as_slice).collect::<Vec<_>>());
}
