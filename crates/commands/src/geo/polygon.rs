//! Polygons, whose edges are straight on the map.

use super::earth::{Point, degrees, radians};
use super::shape::Bounds;

/// A polygon of three vertices or more.
#[derive(Clone, Debug)]
pub(super) struct Polygon {
    vertices: Vec<Point>,
    edges: Edges,
}

impl Polygon {
    pub(super) fn new(vertices: Vec<Point>) -> Polygon {
        debug_assert!(vertices.len() >= 3, "fewer bound nothing");
        let edges = Edges::of(&vertices);
        Polygon { vertices, edges }
    }

    /// Whether a point lies inside: a ray to the east crosses the edges an odd number of times.
    pub(super) fn contains(&self, point: Point) -> bool {
        let crosses = |(from, to): (Point, Point)| {
            let slope = (from.longitude - to.longitude) / (from.latitude - to.latitude);
            point.longitude < slope * (point.latitude - to.latitude) + to.longitude
        };
        self.edges.at(point.latitude).filter(|edge| crosses(*edge)).count() % 2 == 1
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

/// Edges by the latitudes that they span, so that those at one latitude are found without looking at the others: a
/// segment tree.
///
/// ```text
/// latitudes   l0    l1    l2          of all vertices, ascending
/// bands       0  |  1  |  2  |  3     band n lies behind n latitudes, the one in front included
/// nodes       1
///             2           3           each edge is listed at the fewest nodes whose bands are those that it spans
///             4     5     6     7
/// ```
#[derive(Clone, Debug)]
struct Edges {
    latitudes: Vec<f64>,
    /// From, to.
    nodes: Vec<Vec<(Point, Point)>>,
}

impl Edges {
    /// O(n log n).
    fn of(vertices: &[Point]) -> Edges {
        let mut latitudes: Vec<f64> = vertices.iter().map(|vertex| vertex.latitude).collect();
        latitudes.sort_unstable_by(f64::total_cmp);
        latitudes.dedup();
        let bands = latitudes.len() + 1;
        let mut edges = Edges { latitudes, nodes: vec![Vec::new(); 2 * bands] };
        let previous = vertices.iter().cycle().skip(vertices.len() - 1);
        for (to, from) in vertices.iter().zip(previous) {
            let (one, other) = (edges.band(from.latitude), edges.band(to.latitude));
            edges.list((*from, *to), one.min(other) + bands, one.max(other) + bands);
        }
        edges
    }

    /// Lists an edge at the nodes of the leaves from `first` to in front of `end`.
    fn list(&mut self, edge: (Point, Point), mut first: usize, mut end: usize) {
        while first < end {
            if first % 2 == 1 {
                self.nodes[first].push(edge);
                first += 1;
            }
            if end % 2 == 1 {
                end -= 1;
                self.nodes[end].push(edge);
            }
            (first, end) = (first / 2, end / 2);
        }
    }

    /// The edges of which one end lies north of a latitude, and the other doesn't. O(log n) and the number of them.
    fn at(&self, latitude: f64) -> impl Iterator<Item = (Point, Point)> {
        let leaf = self.band(latitude) + self.latitudes.len() + 1;
        let path = std::iter::successors(Some(leaf), |node| Some(node / 2).filter(|parent| *parent > 0));
        path.flat_map(|node| self.nodes[node].iter().copied())
    }

    /// In which band a latitude lies. An edge spans the bands from its southern end's to in front of its northern end's.
    fn band(&self, latitude: f64) -> usize {
        self.latitudes.partition_point(|other| *other <= latitude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(longitude: f64, latitude: f64) -> Point {
        Point { longitude, latitude }
    }

    /// The rule that the tree has to keep to, with each edge looked at.
    fn contains_by_all_edges(vertices: &[Point], point: Point) -> bool {
        let previous = vertices.iter().cycle().skip(vertices.len() - 1);
        let crossed = vertices.iter().zip(previous).filter(|(to, from)| {
            let spans = (to.latitude > point.latitude) != (from.latitude > point.latitude);
            let slope = (from.longitude - to.longitude) / (from.latitude - to.latitude);
            spans && point.longitude < slope * (point.latitude - to.latitude) + to.longitude
        });
        crossed.count() % 2 == 1
    }

    #[test]
    fn edges_are_found_by_latitude() {
        let mut rng = base::prng::Prng::new(9);
        for vertices in 3..60 {
            // Few coordinates, so that many are equal: those of vertices and of what is looked for.
            let mut any = || point(rng.below(20) as f64, rng.below(12) as f64 - 6.0);
            let vertices: Vec<Point> = (0..vertices).map(|_| any()).collect();
            let polygon = Polygon::new(vertices.clone());
            for _ in 0..200 {
                let place = any();
                assert_eq!(
                    polygon.contains(place),
                    contains_by_all_edges(&vertices, place),
                    "{vertices:?} {place:?}"
                );
            }
        }
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
