//! What a search looks for: everything in a circle, in a box or in a polygon.

use super::earth::{Point, RADIUS_M, Unit, degrees, distance_m, latitude_distance_m, radians};
use super::polygon::Polygon;

/// Where a search looks.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Distances are reckoned from here.
    pub(super) center: Point,
    pub(super) outline: Outline,
    /// What distances are told in.
    pub(super) unit: Unit,
}

/// What bounds a shape. Lengths in meters.
#[derive(Clone, Debug)]
pub(super) enum Outline {
    Circle { radius: f64 },
    Box { width: f64, height: f64 },
    Polygon(Polygon),
}

/// Longitudes and latitudes that nothing of a shape lies beyond, in degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) west: f64,
    pub(super) east: f64,
    pub(super) south: f64,
    pub(super) north: f64,
}

impl Bounds {
    fn corners(self) -> [Point; 4] {
        let Bounds { west, east, south, north } = self;
        let corner = |longitude, latitude| Point { longitude, latitude };
        [corner(west, south), corner(east, south), corner(west, north), corner(east, north)]
    }
}

/// A latitude's distance may differ by rounding from that of the points, by less than this part of it.
const ROUNDING: f64 = 1e-9;

impl Shape {
    /// The distance of a point from the center, in meters, if the point is in the shape.
    pub(super) fn distance_within_m(&self, point: Point) -> Option<f64> {
        let center = self.center;
        match &self.outline {
            Outline::Circle { radius } => {
                // Most of what a search looks at is outside, and often its latitude alone says so.
                let apart = latitude_distance_m(center.latitude, point.latitude);
                if apart > radius * (1.0 + ROUNDING) {
                    return None;
                }
                Some(distance_m(center, point)).filter(|distance| distance <= radius)
            }
            Outline::Box { width, height } => {
                if latitude_distance_m(point.latitude, center.latitude) > height / 2.0 {
                    return None;
                }
                let level = Point { latitude: point.latitude, ..center };
                if distance_m(point, level) > width / 2.0 {
                    return None;
                }
                Some(distance_m(center, point))
            }
            Outline::Polygon(polygon) => polygon.contains(point).then(|| distance_m(center, point)),
        }
    }

    /// The largest distance from the center, about.
    pub(super) fn reach_m(&self) -> f64 {
        match &self.outline {
            Outline::Circle { radius } => *radius,
            Outline::Box { width, height } => {
                ((width / 2.0) * (width / 2.0) + (height / 2.0) * (height / 2.0)).sqrt()
            }
            Outline::Polygon(polygon) => {
                let distances = polygon.bounds().corners().map(|corner| distance_m(self.center, corner));
                distances.into_iter().fold(0.0, f64::max)
            }
        }
    }

    /// What nothing of the shape lies beyond.
    pub(super) fn bounds(&self) -> Bounds {
        let (half_width, half_height) = match &self.outline {
            Outline::Circle { radius } => (*radius, *radius),
            Outline::Box { width, height } => (width / 2.0, height / 2.0),
            Outline::Polygon(polygon) => return polygon.bounds(),
        };
        let Point { longitude, latitude } = self.center;
        let up = degrees(half_height / RADIUS_M);
        // Meridians come nearer to each other towards the poles: what is as wide spans the most degrees there.
        let polar = if latitude < 0.0 { latitude - up } else { latitude + up };
        let aside = degrees(half_width / RADIUS_M / radians(polar).cos());
        Bounds {
            west: longitude - aside,
            east: longitude + aside,
            south: latitude - up,
            north: latitude + up,
        }
    }
}
