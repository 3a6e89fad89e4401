//! GEOPOS, GEOHASH: where members are.

use super::cell::{Cell, geohash_text};
use super::earth::Point;
use crate::sorted_sets::read;
use command::Flag::Readonly;
use command::KeyFlag::{Access, ReadOnly};
use command::{Args, Command, Cx, Done, Group, Handler, KeySpec, Reply, Result, Seq, Spec};

/// What both declarations share.
const WHERE: Spec = Spec {
    group: Group::Geo,
    since: "3.2.0",
    complexity: "O(N), N being the number of members given",
    arity: -2,
    flags: &[Readonly],
    keys: &[KeySpec::one(1, &[ReadOnly, Access])],
    ..Spec::DEFAULT
};

/// GEOPOS
pub(super) const GEOPOS: Command<Handler> = Command::new(
    Spec {
        name: "geopos",
        summary: "Longitude and latitude of members.",
        syntax: "GEOPOS key [member [member ...]]",
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo
(integer) 1
> GEOPOS sicily palermo nowhere
1) 1) \"13.361389338970184\"
   2) \"38.1155563954963\"
2) (nil)",
        ..WHERE
    },
    |cx, args, reply| {
        for_each(cx, args, reply, |list, place| match place {
            Some(point) => coordinates(list, point),
            None => list.null_array(),
        })
    },
);

/// GEOHASH
pub(super) const GEOHASH: Command<Handler> = Command::new(
    Spec {
        name: "geohash",
        summary: "The geohashes of members, as other systems write them.",
        syntax: "GEOHASH key [member [member ...]]",
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo
(integer) 1
> GEOHASH sicily palermo nowhere
1) \"sqc8b49rny0\"
2) (nil)",
        ..WHERE
    },
    |cx, args, reply| {
        for_each(cx, args, reply, |list, place| match place {
            Some(point) => list.bulk(&geohash_text(point)),
            None => list.null(),
        })
    },
);

fn for_each(
    cx: &mut Cx<'_>,
    args: &mut Args<'_>,
    reply: Reply<'_>,
    write: fn(&mut Seq<'_>, Option<Point>),
) -> Result<Done> {
    let set = read(cx, args.key()?)?;
    let members = args.rest();
    let mut list = reply.array(members.len());
    for member in members {
        let score = set.as_ref().and_then(|set| set.view().score(member));
        write(&mut list, score.map(|score| Cell::of_score(score).middle()));
    }
    Ok(list.done())
}

/// Writes a point as a pair.
pub(super) fn coordinates(list: &mut Seq<'_>, point: Point) {
    let mut pair = list.array(2);
    pair.double(point.longitude);
    pair.double(point.latitude);
}
