//! Random arguments of the geo commands: places mostly near to each other, some at the edges of the map.

use crate::values::Draw;

/// Keys whose members hardly ever are equally far from somewhere: the order of those that are isn't told.
const GEO_KEYS: &[&str] = &["g1", "g1", "g1", "g2"];
/// Degrees that a map may be wrong at.
const EDGES: &[&str] = &[
    "180",
    "-180",
    "179.999999999",
    "-179.999999999",
    "85.05112878",
    "-85.05112878",
    "85.0511287",
    "85.1",
    "180.5",
    "0",
    "-0.0",
    "90",
    "66.1",
    "80.1",
];
const UNITS: &[&str] = &["m", "km", "km", "km", "ft", "mi", "mi", "KM", "parsec", ""];

impl Draw<'_> {
    pub(crate) fn geo_key(&mut self) -> Vec<u8> {
        if self.one_in(50) { self.text(&["s1", "l1", ""]) } else { self.text(GEO_KEYS) }
    }

    /// The name of a place.
    pub(crate) fn place(&mut self) -> Vec<u8> {
        match self.below(12) {
            0 => self.member(),
            1..=6 => self.integer(0, 60, 60),
            _ => self.text(&["Palermo", "Catania", "edge", "a", "b", "c"]),
        }
    }

    pub(crate) fn longitude(&mut self) -> Vec<u8> {
        self.degrees(13, 3, 180)
    }

    pub(crate) fn latitude(&mut self) -> Vec<u8> {
        self.degrees(36, 3, 86)
    }

    /// Degrees: from `from` on, within `width`, but now and then anywhere on the map, or wrong.
    fn degrees(&mut self, from: i64, width: u64, max: i64) -> Vec<u8> {
        let fraction = self.below(1_000_000);
        match self.below(24) {
            0 => self.float(),
            1 => self.text(EDGES),
            2..=5 => {
                let whole = self.below(2 * max.unsigned_abs()) as i64 - max;
                format!("{whole}.{fraction:06}").into_bytes()
            }
            _ => format!("{}.{fraction:06}", from + self.below(width) as i64).into_bytes(),
        }
    }

    /// A length, for any unit.
    pub(crate) fn length(&mut self) -> Vec<u8> {
        match self.below(12) {
            0 => self.float(),
            1 => self.text(&["0", "-1", "0.0", "1e-9", "20037726", "1e30"]),
            2..=4 => (self.below(400_000) * 50).to_string().into_bytes(),
            _ => format!("{}.{}", self.below(500), self.below(1000)).into_bytes(),
        }
    }

    pub(crate) fn unit(&mut self) -> Vec<u8> {
        self.text(UNITS)
    }

    /// Degrees and names enough to change a sorted set's encoding.
    pub(crate) fn many_places(&mut self, args: &mut Vec<Vec<u8>>) {
        for _ in 0..20 + self.below(200) {
            let (longitude, latitude) = (self.below(3_000_000), self.below(3_000_000));
            args.push(format!("{:.6}", 13.0 + longitude as f64 / 1e6).into_bytes());
            args.push(format!("{:.6}", 36.0 + latitude as f64 / 1e6).into_bytes());
            args.push(self.below(300).to_string().into_bytes());
        }
    }

    /// How many vertices, and these: all near to each other, as Valkey misses places in a polygon that spans most of the
    /// map, or now and then one that is wrong.
    pub(crate) fn polygon(&mut self, args: &mut Vec<Vec<u8>>) {
        let vertices = if self.one_in(10) { self.below(3) } else { 3 + self.below(4) };
        let said = if self.one_in(20) { self.integer(-1, 8, 4) } else { vertices.to_string().into_bytes() };
        args.push(said);
        let width = if self.one_in(3) { 30 } else { 3 };
        for _ in 0..vertices {
            if self.one_in(60) {
                args.extend([self.text(&["180.5", "abc", "-181", ""]), self.latitude()]);
            } else {
                args.extend([self.vertex(13, width), self.vertex(36, width)]);
            }
        }
    }

    /// Degrees from `from` on, within `width`.
    fn vertex(&mut self, from: i64, width: u64) -> Vec<u8> {
        let (whole, fraction) = (from + self.below(width) as i64, self.below(1_000_000));
        format!("{whole}.{fraction:06}").into_bytes()
    }
}
