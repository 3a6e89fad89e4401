//! Polygons, whose edges are straight on the map.

use super::earth::{Point, degrees, radians};
use super::shape::Bounds;

/// A polygon of three vertices or more.
#[derive(Clone, Debug)]
pub(super) struct Polygon {
    vertices: Vec<Point>,
}

impl Polygon {
    pub(super) fn new(vertices: Vec<Point>) -> Polygon {
        debug_assert!(vertices.len() >= 3, "fewer bound nothing");
        Polygon { vertices }
    }

    /// Whether a point lies inside: a ray to the east crosses the edges an odd number of times.
    pub(super) fn contains(&self, point: Point) -> bool {
        let previous = self.vertices.iter().cycle().skip(self.vertices.len() - 1);
        let crossed = self.vertices.iter().zip(previous).filter(|(to, from)| {
            let spans = (to.latitude > point.latitude) != (from.latitude > point.latitude);
            let slope = (from.longitude - to.longitude) / (from.latitude - to.latitude);
            spans && point.longitude < slope * (point.latitude - to.latitude) + to.longitude
        });
        crossed.count() % 2 == 1
    }

    /// The middle of the vertices as points in space, brought to the surface.
    pub(super) fn middle(&self) -> Point {
        let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
        for vertex in &self.vertices {
            let (longitude, latitude) = (radians(vertex.longitude), radians(vertex.latitude));
            x += latitude.cos() * longitude.cos();
            y += latitude.cos() * longitude.sin();
            z += latitude.sin();
        }
        Point { longitude: degrees(y.atan2(x)), latitude: degrees(z.atan2(x.hypot(y))) }
    }

    pub(super) fn bounds(&self) -> Bounds {
        let span = |of: fn(&Point) -> f64| {
            let all = || self.vertices.iter().map(of);
            (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
        };
        let (west, east) = span(|vertex| vertex.longitude);
        let (south, north) = span(|vertex| vertex.latitude);
        Bounds { west, east, south, north }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(longitude: f64, latitude: f64) -> Point {
        Point { longitude, latitude }
    }

    #[test]
    fn corners_may_turn_inwards() {
        // A square with a notch from above.
        let notched = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)].map(|(x, y)| point(x, y));
        let polygon = Polygon::new(notched.to_vec());
        for inside in [(1.0, 1.0), (2.0, 0.5), (0.5, 3.0), (3.5, 3.0)] {
            assert!(polygon.contains(point(inside.0, inside.1)), "{inside:?}");
        }
        for outside in [(2.0, 2.0), (5.0, 1.0), (-1.0, 1.0), (2.0, -1.0), (2.0, 5.0)] {
            assert!(!polygon.contains(point(outside.0, outside.1)), "{outside:?}");
        }
    }
}
