//! The cells that the map is cut into, and their numbers (geohashes).
//!
//! With `n` steps there are `2^n` columns from west to east and `2^n` rows from south to north. A cell's number has the bits
//! of its column and row in turns, the column's first; so the cells within a larger one have neighbouring numbers.
//!
//! ```text
//!  column   c1  c0          number   c1 r1 c0 r0
//!  row       r1  r0
//! ```

use super::earth::{LATITUDE_MAX, LONGITUDE_MAX, Point};

/// Steps of a score: 52 bits, which a double holds.
pub(super) const STEPS_MAX: u32 = 26;
/// The latitudes of the geohashes that the world has agreed on reach to the poles.
const POLE: f64 = 90.0;
/// Digits of a geohash's text.
const TEXT_DIGITS: u32 = 11;
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// A cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    pub(super) steps: u32,
    column: u32,
    row: u32,
}

/// The edges of a cell, in degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edges {
    pub(super) west: f64,
    pub(super) east: f64,
    pub(super) south: f64,
    pub(super) north: f64,
}

impl Cell {
    /// The cell that a point on the map lies in.
    pub(super) fn of(point: Point, steps: u32) -> Cell {
        Self::within(point, steps, LATITUDE_MAX)
    }

    fn within(point: Point, steps: u32, latitude_max: f64) -> Cell {
        let count = f64::from(1u32 << steps);
        let part = |degrees: f64, max: f64| (degrees + max) / (max - -max) * count;
        let column = part(point.longitude, LONGITUDE_MAX) as u32;
        Cell { steps, column, row: part(point.latitude, latitude_max) as u32 }
    }

    /// The cell of a score. Any double is taken for one, as a C compiler for x86-64 makes it an unsigned integer.
    pub(super) fn of_score(score: f64) -> Cell {
        const TOP: f64 = (1u64 << 63) as f64;
        let bits = if score < TOP {
            if score >= -TOP { score as i64 as u64 } else { 1 << 63 }
        } else if score - TOP < TOP {
            (score - TOP) as u64 | 1 << 63
        } else {
            0
        };
        Cell { steps: STEPS_MAX, column: every_second(bits >> 1), row: every_second(bits) }
    }

    /// The number.
    pub(super) fn bits(self) -> u64 {
        spread(self.column) << 1 | spread(self.row)
    }

    /// The scores of all points in the cell: from the first to before the second.
    pub(super) fn scores(self) -> (f64, f64) {
        let shift = 2 * (STEPS_MAX - self.steps);
        ((self.bits() << shift) as f64, ((self.bits() + 1) << shift) as f64)
    }

    /// The cell so many columns to the east and rows to the north; over an edge of the map to its opposite. The edge itself
    /// belongs to a column (or row) behind the last one, which has no places: who stays in it finds none there either.
    pub(super) fn neighbour(self, east: i32, north: i32) -> Cell {
        let mask = (1u32 << self.steps) - 1;
        let moved = |index: u32, by: i32| if by == 0 { index } else { index.wrapping_add_signed(by) & mask };
        Cell { column: moved(self.column, east), row: moved(self.row, north), ..self }
    }

    /// The edges.
    pub(super) fn edges(self) -> Edges {
        let count = f64::from(1u32 << self.steps);
        let edge = |index: u32, max: f64| -max + f64::from(index) / count * (max - -max);
        Edges {
            west: edge(self.column, LONGITUDE_MAX),
            east: edge(self.column.wrapping_add(1), LONGITUDE_MAX),
            south: edge(self.row, LATITUDE_MAX),
            north: edge(self.row.wrapping_add(1), LATITUDE_MAX),
        }
    }

    /// The point in the middle.
    pub(super) fn middle(self) -> Point {
        let edges = self.edges();
        let longitude = (edges.west + edges.east) / 2.0;
        let latitude = (edges.south + edges.north) / 2.0;
        Point {
            longitude: longitude.clamp(-LONGITUDE_MAX, LONGITUDE_MAX),
            latitude: latitude.clamp(-LATITUDE_MAX, LATITUDE_MAX),
        }
    }
}

/// The geohash of a point as everybody writes it: eleven digits to base 32, the last of which has no bits left and is 0.
pub(super) fn geohash_text(point: Point) -> [u8; TEXT_DIGITS as usize] {
    let bits = Cell::within(point, STEPS_MAX, POLE).bits();
    std::array::from_fn(|at| {
        let used = 5 * (at as u32 + 1);
        let digit = if used <= 2 * STEPS_MAX { bits >> (2 * STEPS_MAX - used) & 31 } else { 0 };
        DIGITS[digit as usize]
    })
}

/// The bits of a number with a zero before each.
fn spread(value: u32) -> u64 {
    let mut bits = u64::from(value);
    for (shift, mask) in [
        (16, 0x0000_FFFF_0000_FFFF),
        (8, 0x00FF_00FF_00FF_00FF),
        (4, 0x0F0F_0F0F_0F0F_0F0F),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

/// Every second bit of a number, the lowest first: the opposite of [`spread`].
fn every_second(value: u64) -> u32 {
    let mut bits = value & 0x5555_5555_5555_5555;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0F0F_0F0F_0F0F_0F0F),
        (4, 0x00FF_00FF_00FF_00FF),
        (8, 0x0000_FFFF_0000_FFFF),
        (16, 0x0000_0000_FFFF_FFFF),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    bits as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_tells_the_cell(column in 0u32..1 << 26, row in 0u32..1 << 26) {
            let cell = Cell { steps: STEPS_MAX, column, row };
            prop_assert_eq!(Cell::of_score(cell.bits() as f64), cell);
            prop_assert_eq!(Cell::of(cell.middle(), STEPS_MAX), cell);
        }

        #[test]
        fn a_cell_holds_its_points(longitude in -180.0f64..180.0, latitude in -85.0f64..85.0, steps in 1u32..26) {
            let point = Point { longitude, latitude };
            let (cell, fine) = (Cell::of(point, steps), Cell::of(point, STEPS_MAX));
            let (from, to) = cell.scores();
            prop_assert!((from..to).contains(&(fine.bits() as f64)));
            let edges = cell.edges();
            prop_assert!(edges.west <= longitude && longitude <= edges.east);
            prop_assert!(edges.south <= latitude && latitude <= edges.north);
            prop_assert_eq!(cell.neighbour(1, -1).neighbour(-1, 1), cell);
        }
    }

    /// What Redis 8.0.6 makes of scores that are no cells' numbers.
    #[test]
    fn any_score_is_some_cell() {
        let point = |score| Cell::of_score(score).middle();
        let (west, south) = (-179.99999731779099, -85.05112751263943);
        assert_eq!(point(1.5), Point { longitude: west, latitude: -85.05112497791825 });
        assert_eq!(point(-3.0), Point { longitude: LONGITUDE_MAX, latitude: LATITUDE_MAX });
        for score in [1e300, f64::INFINITY, 0.0] {
            assert_eq!(point(score), Point { longitude: west, latitude: south });
        }
    }
}
