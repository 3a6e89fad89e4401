//! GEOSEARCH, GEOSEARCHSTORE: the places in a circle, a box or a polygon.

use super::cell::Cell;
use super::earth::{Point, Unit};
use super::polygon::Polygon;
use super::query::{Destination, Options, Stored, answer, store_found};
use super::shape::{Outline, Shape};
use super::words::{point, radius, sides};
use crate::sorted_sets::{Seen, read};
use command::Flag::{DenyOom, Readonly, Write};
use command::KeyFlag::{Access, Overwrite, ReadOnly, Update};
use command::{Args, Command, Cx, Done, Error, Event, Group, Handler, KeySpec, Reply, Result, Spec};
use structs::ranked::View;

/// A center that is no member.
const NO_SUCH_MEMBER: Error = Error::new("ERR could not decode requested zset member");
/// Vertices of the smallest polygon.
const VERTICES_MIN: i64 = 3;

/// What both declarations share.
const SEARCH: Spec = Spec {
    group: Group::Geo,
    since: "6.2.0",
    complexity: "O(N+log(M)), N being the elements near the area and M those of the set",
    ..Spec::DEFAULT
};

/// GEOSEARCH
pub(super) const GEOSEARCH: Command<Handler> = Command::new(
    Spec {
        name: "geosearch",
        summary: "The places in a circle or a box around a point or member, or in a polygon.",
        syntax: "GEOSEARCH key [FROMMEMBER member | FROMLONLAT {longitude latitude}] <{BYRADIUS radius <M | KM | FT | MI>}:circle | {BYBOX width height <M | KM | FT | MI>}:box | {BYPOLYGON num-vertices longitude latitude [longitude latitude ...]:vertices}:polygon>:by [ASC | DESC] [COUNT count [ANY]]:count-block [WITHCOORD] [WITHDIST] [WITHHASH]",
        arity: -7,
        flags: &[Readonly],
        keys: &[KeySpec::one(1, &[ReadOnly, Access])],
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 100 km
1) \"catania\"
> GEOSEARCH sicily FROMMEMBER palermo BYBOX 400 400 km ASC WITHDIST
1) 1) \"palermo\"
   2) \"0.0000\"
2) 1) \"catania\"
   2) \"166.2742\"",
        ..SEARCH
    },
    geosearch,
);

fn geosearch(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let set = read(cx, args.key()?)?;
    let set = set.as_ref().map(Seen::view);
    let query = Query::read(args, set, Purpose::Answer)?;
    Ok(answer(set, query.shape.as_ref(), &query.options, reply))
}

/// GEOSEARCHSTORE
pub(super) const GEOSEARCHSTORE: Command<Handler> = Command::new(
    Spec {
        name: "geosearchstore",
        summary: "Stores the places in a circle, a box or a polygon under another key.",
        syntax: "GEOSEARCHSTORE destination source [FROMMEMBER member | FROMLONLAT {longitude latitude}] <{BYRADIUS radius <M | KM | FT | MI>}:circle | {BYBOX width height <M | KM | FT | MI>}:box | {BYPOLYGON num-vertices longitude latitude [longitude latitude ...]:vertices}:polygon>:by [ASC | DESC] [COUNT count [ANY]]:count-block [STOREDIST]",
        arity: -8,
        flags: &[Write, DenyOom],
        keys: &[KeySpec::one(1, &[Overwrite, Update]), KeySpec::one(2, &[ReadOnly, Access])],
        examples: "\
> GEOADD sicily 13.361389 38.115556 palermo 15.087269 37.502669 catania
(integer) 2
> GEOSEARCHSTORE near sicily FROMLONLAT 15 37 BYRADIUS 100 km STOREDIST
(integer) 1
> ZRANGE near 0 -1 WITHSCORES
1) \"catania\"
2) \"56.4412578701582\"",
        ..SEARCH
    },
    geosearchstore,
);

fn geosearchstore(cx: &mut Cx<'_>, args: &mut Args<'_>, reply: Reply<'_>) -> Result<Done> {
    let (key, source) = (args.key()?, args.key()?);
    let set = read(cx, source)?;
    let query = Query::read(args, set.as_ref().map(Seen::view), Purpose::Store)?;
    let event = Event::sorted_set("geosearchstore");
    let destination = Destination { key, stored: query.stored, event };
    Ok(reply.len(store_found(cx, source, query.shape.as_ref(), &query.options, &destination)))
}

/// What becomes of what is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Answer,
    Store,
}

/// What is searched for, and what is done with it.
struct Query {
    /// None if there is no set, where the center would be one of its members.
    shape: Option<Shape>,
    options: Options,
    stored: Stored,
}

impl Query {
    /// Reads what follows the keys.
    fn read(args: &mut Args<'_>, set: Option<View<'_>>, purpose: Purpose) -> Result<Query> {
        let stores = purpose == Purpose::Store;
        let mut parts = Parts { center: Center::Unsaid, area: Area::Unsaid };
        let mut query = Query { shape: None, options: Options::NONE, stored: Stored::Place };
        while !args.is_empty() {
            let known =
                query.options.read_one(args)? || parts.read_center(args, set)? || parts.read_area(args)?;
            if !known && stores && args.take("STOREDIST") {
                query.stored = Stored::Distance;
            } else if !known {
                return Err(Error::SYNTAX);
            }
        }
        if stores && query.options.shows_more() {
            let text = "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options";
            return Err(Error::new(text));
        }
        query.shape = parts.shape(args.all().at(0))?;
        query.options.check()?;
        Ok(query)
    }
}

/// A shape, as far as it has been said.
struct Parts {
    center: Center,
    area: Area,
}

enum Center {
    Unsaid,
    Point(Point),
    /// A member; none if there is no set.
    Member(Option<Point>),
}

enum Area {
    Unsaid,
    Circle { radius: f64, unit: Unit },
    Box { width: f64, height: f64, unit: Unit },
    Polygon(Polygon),
}

impl Parts {
    /// Reads where the center is, if that comes next and hasn't been said in another way.
    fn read_center(&mut self, args: &mut Args<'_>, set: Option<View<'_>>) -> Result<bool> {
        if matches!(self.area, Area::Polygon(_)) {
            return Ok(false);
        }
        if matches!(self.center, Center::Unsaid | Center::Member(_)) && args.take_with_value("FROMMEMBER") {
            let member = args.bytes()?;
            self.center = Center::Member(set.map(|set| place_of(set, member)).transpose()?);
        } else if matches!(self.center, Center::Unsaid | Center::Point(_))
            && args.left() > 2
            && args.take("FROMLONLAT")
        {
            self.center = Center::Point(point(args)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads what bounds the shape, if that comes next and hasn't been said in another way.
    fn read_area(&mut self, args: &mut Args<'_>) -> Result<bool> {
        if matches!(self.area, Area::Unsaid | Area::Circle { .. }) && args.left() > 2 && args.take("BYRADIUS")
        {
            let (radius, unit) = radius(args)?;
            self.area = Area::Circle { radius, unit };
        } else if matches!(self.area, Area::Unsaid | Area::Box { .. })
            && args.left() > 3
            && args.take("BYBOX")
        {
            let (width, height, unit) = sides(args)?;
            self.area = Area::Box { width, height, unit };
        } else if matches!((&self.area, &self.center), (Area::Unsaid | Area::Polygon(_), Center::Unsaid))
            && args.take_with_value("BYPOLYGON")
        {
            self.area = Area::Polygon(polygon(args)?);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// The shape that has been said; none if its center is no place. Errors name the command as the client does.
    fn shape(self, command: &[u8]) -> Result<Option<Shape>> {
        let missing = |text: &str| {
            let command = String::from_utf8_lossy(command);
            Error::with(format!("ERR exactly one of {text} can be specified for {command}"))
        };
        let center = match (self.center, &self.area) {
            (Center::Point(point), _) => Some(point),
            (Center::Member(place), _) => place,
            (Center::Unsaid, Area::Polygon(polygon)) => Some(polygon.middle()),
            (Center::Unsaid, _) => return Err(missing("FROMMEMBER or FROMLONLAT")),
        };
        let (outline, unit) = match self.area {
            Area::Circle { radius, unit } => (Outline::Circle { radius: radius * unit.meters() }, unit),
            Area::Box { width, height, unit } => {
                (Outline::Box { width: width * unit.meters(), height: height * unit.meters() }, unit)
            }
            Area::Polygon(polygon) => (Outline::Polygon(polygon), Unit::Meter),
            Area::Unsaid => return Err(missing("BYRADIUS and BYBOX")),
        };
        Ok(center.map(|center| Shape { center, outline, unit }))
    }
}

/// Where a member is.
pub(super) fn place_of(set: View<'_>, member: &[u8]) -> Result<Point> {
    set.score(member).map(|score| Cell::of_score(score).middle()).ok_or(NO_SUCH_MEMBER)
}

/// Reads a number of vertices, and these.
fn polygon(args: &mut Args<'_>) -> Result<Polygon> {
    const NO_NUMBER: Error = Error::new("ERR invalid number of vertices");
    let count = args.int_in(i64::from(i32::MIN)..=i64::from(i32::MAX), NO_NUMBER).map_err(|_| NO_NUMBER)?;
    let enough = count >= VERTICES_MIN && usize::try_from(count).is_ok_and(|count| count <= args.left() / 2);
    if !enough {
        return Err(Error::new("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"));
    }
    Ok(Polygon::new((0..count).map(|_| point(args)).collect::<Result<_>>()?))
}
