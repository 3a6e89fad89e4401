//! Which cells a search has to look through.

use super::cell::{Cell, STEPS_MAX};
use super::shape::{Bounds, Shape};

/// Half the width of the Mercator map at the equator, in meters.
const MERCATOR_MAX_M: f64 = 20_037_726.37;
/// Latitudes beyond which cells are so narrow that the next larger ones are taken, and the next larger again.
const NARROW_LATITUDE: f64 = 66.0;
const NARROWER_LATITUDE: f64 = 80.0;

/// The neighbours of a cell in the order in which they are searched after it: columns east, rows north.
const NEIGHBOURS: [(i32, i32); 8] = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];

/// The cells that together hold everything in a shape, in the order in which they are searched: the center's, and those of
/// its neighbours that the shape reaches.
pub(super) fn cells(shape: &Shape) -> Vec<Cell> {
    let (bounds, middle) = (shape.bounds(), shape.center);
    let mut steps = steps_for(shape.reach_m(), middle.latitude);
    if steps > 1 && !neighbours_cover(Cell::of(middle, steps), bounds) {
        steps -= 1;
    }
    let center = Cell::of(middle, steps);
    let mut cells = vec![center];
    for (east, north) in NEIGHBOURS {
        let cell = center.neighbour(east, north);
        let wanted = steps < 2 || reaches(center, east, north, bounds);
        // With few steps neighbours on both sides are the same cell.
        if wanted && cells.last() != Some(&cell) {
            cells.push(cell);
        }
    }
    cells
}

/// How fine cells may be so that one and its neighbours are wider than a shape that reaches so far.
fn steps_for(reach_m: f64, latitude: f64) -> u32 {
    if reach_m == 0.0 {
        return STEPS_MAX;
    }
    let (mut steps, mut reach_m) = (1i32, reach_m);
    while reach_m < MERCATOR_MAX_M {
        reach_m *= 2.0;
        steps += 1;
    }
    // The base case takes in the area around the center too.
    steps -= 2;
    steps -= i32::from(latitude.abs() > NARROW_LATITUDE) + i32::from(latitude.abs() > NARROWER_LATITUDE);
    steps.clamp(1, STEPS_MAX as i32) as u32
}

/// Whether a shape around a cell's points doesn't reach beyond the neighbours.
fn neighbours_cover(cell: Cell, bounds: Bounds) -> bool {
    cell.neighbour(0, 1).edges().north >= bounds.north
        && cell.neighbour(0, -1).edges().south <= bounds.south
        && cell.neighbour(1, 0).edges().east >= bounds.east
        && cell.neighbour(-1, 0).edges().west <= bounds.west
}

/// Whether a shape reaches from the center's cell into a neighbour.
fn reaches(center: Cell, east: i32, north: i32, bounds: Bounds) -> bool {
    let edges = center.edges();
    let aside = match east {
        1 => bounds.east >= edges.east,
        -1 => bounds.west <= edges.west,
        _ => true,
    };
    let up = match north {
        1 => bounds.north >= edges.north,
        -1 => bounds.south <= edges.south,
        _ => true,
    };
    aside && up
}
