//! Places on the earth: sorted sets whose scores are the cells that the places lie in.
//!
//! Near cells have near scores, mostly, so a search looks through a few ranges of scores. Formulas, constants and the order
//! in which they are reckoned are those of Redis, so that answers agree to the last digit.

mod add;
mod area;
mod cell;
mod dist;
mod earth;
mod polygon;
mod pos;
mod query;
mod radius;
mod search;
mod shape;
#[cfg(test)]
mod tests;
mod words;

use command::{Command, Handler};

/// The family.
pub const COMMANDS: &[Command<Handler>] = &[
    add::GEOADD,
    dist::GEODIST,
    pos::GEOHASH,
    pos::GEOPOS,
    radius::GEORADIUS,
    radius::GEORADIUSBYMEMBER,
    radius::GEORADIUSBYMEMBER_RO,
    radius::GEORADIUS_RO,
    search::GEOSEARCH,
    search::GEOSEARCHSTORE,
];
