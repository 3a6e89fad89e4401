//! GEODIST: how far two members are from each other.

use super::cell::Cell;
use super::earth::{Unit, distance_m, distance_text};
use super::words::unit;
use crate::sorted_sets::read;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Error, Group, Handler, KeySpec, Reply, Result, Spec};

/// GEODIST
pub(super) const GEODIST: Command<Handler> = Command::new(
    Spec {
        name: "geodist",
        group: Group::Geo,
        since: "3.2.0",
        summary: "The distance between two members.",
        syntax: "GEODIST key member1 member2 [M | KM | FT | MI]",
        arity: -4,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEODIST sicily palermo catania
\"166274.1516\"
> GEODIST sicily palermo nowhere
(nil)",
        ..Spec::DEFAULT
    },
    geodist,
);

fn geodist(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, from, to) = (args.key()?, args.bytes()?, args.bytes()?);
    let unit = match args.left() {
        0 => Unit::Meter,
        1 => unit(args)?,
        _ => return Err(Error::SYNTAX),
    };
    let set = read(cx, key)?;
    let point = |member| Some(Cell::of_score(set.as_ref()?.view().score(member)?).middle());
    Ok(match (point(from), point(to)) {
        (Some(from), Some(to)) => reply.bulk(distance_text(distance_m(from, to) / unit.meters()).as_bytes()),
        _ => reply.null(),
    })
}
