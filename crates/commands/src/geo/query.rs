//! What the search commands share: their options, the search itself, and its answer.

use super::area::cells;
use super::cell::Cell;
use super::earth::{Point, distance_text};
use super::pos::coordinates;
use super::shape::Shape;
use crate::sorted_sets::store;
use command::{Args, Cx, Done, Error, Event, Reply, Result, Seq};
use structs::ranked::{Ranked, View};

/// In which order places are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// As they are found.
    AsFound,
    NearestFirst,
    FarthestFirst,
}

/// What is told of a place besides its name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Shown {
    pub(super) distance: bool,
    pub(super) score: bool,
    pub(super) point: bool,
}

/// What the score of a stored place is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stored {
    Place,
    Distance,
}

/// Options that all search commands have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    order: Order,
    count: Option<usize>,
    /// Whether any places will do, not the nearest.
    any: bool,
    shown: Shown,
}

impl Options {
    pub(super) const NONE: Options = Options {
        order: Order::AsFound,
        count: None,
        any: false,
        shown: Shown { distance: false, score: false, point: false },
    };

    /// Reads one option, if it is one of these.
    pub(super) fn read_one(&mut self, args: &mut Args<'_>) -> Result<bool> {
        if args.take("WITHDIST") {
            self.shown.distance = true;
        } else if args.take("WITHHASH") {
            self.shown.score = true;
        } else if args.take("WITHCOORD") {
            self.shown.point = true;
        } else if args.take("ANY") {
            self.any = true;
        } else if args.take("ASC") {
            self.order = Order::NearestFirst;
        } else if args.take("DESC") {
            self.order = Order::FarthestFirst;
        } else if args.take_with_value("COUNT") {
            let count = args.int_in(1.., Error::new("ERR COUNT must be > 0"))?;
            self.count = Some(usize::try_from(count).unwrap_or(usize::MAX));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether more than names is to be shown, which can't be stored.
    pub(super) fn shows_more(&self) -> bool {
        self.shown != Shown::default()
    }

    /// Checks that ANY has a number to go with.
    pub(super) fn check(&self) -> Result<()> {
        if self.any && self.count.is_none() {
            return Err(Error::new("ERR the ANY argument requires COUNT argument"));
        }
        Ok(())
    }
}

/// A place that was found.
struct Place {
    member: Vec<u8>,
    score: f64,
    point: Point,
    /// From the center, in the search's unit.
    distance: f64,
}

/// The places in a shape, those that the options want and as they want them.
fn search(set: View<'_>, shape: &Shape, options: &Options) -> Vec<Place> {
    // Who wants a number of places wants the nearest, unless any will do.
    let order = match options.order {
        Order::AsFound if options.count.is_some() && !options.any => Order::NearestFirst,
        order => order,
    };
    let enough = options.count.filter(|_| options.any).unwrap_or(usize::MAX);
    let mut places = Vec::new();
    for cell in cells(shape) {
        if places.len() >= enough {
            break;
        }
        look_through(set, cell, shape, enough, &mut places);
    }
    match order {
        Order::AsFound => {}
        Order::NearestFirst => places.sort_by(|one, other| one.distance.total_cmp(&other.distance)),
        Order::FarthestFirst => places.sort_by(|one, other| other.distance.total_cmp(&one.distance)),
    }
    places.truncate(options.count.unwrap_or(usize::MAX));
    places
}

/// Adds the places of a cell that lie in the shape, until there are enough.
fn look_through(set: View<'_>, cell: Cell, shape: &Shape, enough: usize, places: &mut Vec<Place>) {
    let (from, to) = cell.scores();
    let first = set.partition_point(|place| place.score < from);
    for element in set.iter_from(first).take_while(|element| element.score < to) {
        let point = Cell::of_score(element.score).middle();
        let Some(distance) = shape.distance_within_m(point) else { continue };
        let (member, distance) = (element.member.to_vec(), distance / shape.unit.meters());
        places.push(Place { member, score: element.score, point, distance });
        if places.len() >= enough {
            return;
        }
    }
}

/// Answers what is found, nothing if there is no set.
pub(super) fn answer(
    set: Option<View<'_>>,
    shape: Option<&Shape>,
    options: &Options,
    reply: Reply<'_>,
) -> Done {
    let places = match (set, shape) {
        (Some(set), Some(shape)) => search(set, shape, options),
        _ => Vec::new(),
    };
    let mut list = reply.array(places.len());
    for place in &places {
        if options.shows_more() {
            write_details(&mut list, place, options.shown);
        } else {
            list.bulk(&place.member);
        }
    }
    list.done()
}

fn write_details(list: &mut Seq<'_>, place: &Place, shown: Shown) {
    let Shown { distance, score, point } = shown;
    let mut details = list.array(1 + [distance, score, point].into_iter().filter(|shown| *shown).count());
    details.bulk(&place.member);
    if distance {
        details.bulk(distance_text(place.distance).as_bytes());
    }
    if score {
        details.int(place.score as i64);
    }
    if point {
        coordinates(&mut details, place.point);
    }
}

/// Where and how a search's result is stored.
pub(super) struct Destination<'k> {
    pub(super) key: &'k [u8],
    pub(super) stored: Stored,
    pub(super) event: Event,
}

/// Stores what is found in `source`. Answers how many places it is.
pub(super) fn store_found(
    cx: &mut Cx<'_>,
    source: &[u8],
    shape: Option<&Shape>,
    options: &Options,
    destination: &Destination<'_>,
) -> usize {
    let (limits, from_ms) = (&cx.limits.sorted_set, cx.alive_from_ms());
    cx.slot(source).expire_all_elements();
    let set = cx.peek(source).and_then(|item| item.object::<Ranked>());
    let places = match (set.as_ref().map(|set| set.alive_at(from_ms)), shape) {
        (Some(set), Some(shape)) => search(set, shape, options),
        _ => Vec::new(),
    };
    let longest = places.iter().map(|place| place.member.len()).max().unwrap_or(0);
    let mut found = Ranked::expecting(places.len(), longest, limits);
    for place in &places {
        let score = match destination.stored {
            Stored::Place => place.score,
            Stored::Distance => place.distance,
        };
        found.insert(&place.member, score, limits);
    }
    store(cx, destination.key, found, destination.event)
}
