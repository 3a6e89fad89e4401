//! Points on the earth, taken for a sphere, and distances between them.

use std::f64::consts::PI;

/// Radius of the earth in meters.
pub(super) const RADIUS_M: f64 = 6_372_797.560856;
/// Largest longitude, degrees.
pub(super) const LONGITUDE_MAX: f64 = 180.0;
/// Largest latitude, degrees: that of the square Mercator map.
pub(super) const LATITUDE_MAX: f64 = 85.05112878;

/// One degree.
const DEGREE: f64 = PI / 180.0;

/// A point, in degrees.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Point {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

impl Point {
    /// Whether the point is on the map.
    pub(super) fn is_valid(self) -> bool {
        self.longitude.abs() <= LONGITUDE_MAX && self.latitude.abs() <= LATITUDE_MAX
    }
}

/// Degrees as radians.
pub(super) fn radians(degrees: f64) -> f64 {
    degrees * DEGREE
}

/// Radians as degrees.
pub(super) fn degrees(radians: f64) -> f64 {
    radians / DEGREE
}

/// The distance between two latitudes along a meridian, in meters.
pub(super) fn latitude_distance_m(from: f64, to: f64) -> f64 {
    RADIUS_M * (radians(to) - radians(from)).abs()
}

/// The distance between two points along a great circle, in meters: the haversine formula.
pub(super) fn distance_m(from: Point, to: Point) -> f64 {
    let longitude_sine = ((radians(to.longitude) - radians(from.longitude)) / 2.0).sin();
    if longitude_sine == 0.0 {
        return latitude_distance_m(from.latitude, to.latitude);
    }
    let (from_latitude, to_latitude) = (radians(from.latitude), radians(to.latitude));
    let latitude_sine = ((to_latitude - from_latitude) / 2.0).sin();
    let square = latitude_sine * latitude_sine
        + from_latitude.cos() * to_latitude.cos() * longitude_sine * longitude_sine;
    2.0 * RADIUS_M * square.sqrt().asin()
}

/// A unit of distances.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Meter,
    Kilometer,
    Foot,
    Mile,
}

impl Unit {
    /// The unit with this name, in any case.
    pub(super) fn named(name: &[u8]) -> Option<Unit> {
        let names = [("m", Unit::Meter), ("km", Unit::Kilometer), ("ft", Unit::Foot), ("mi", Unit::Mile)];
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        names.into_iter().find(|(name, _)| is(name)).map(|(_, unit)| unit)
    }

    /// Meters in one of it.
    pub(super) fn meters(self) -> f64 {
        match self {
            Unit::Meter => 1.0,
            Unit::Kilometer => 1000.0,
            Unit::Foot => 0.3048,
            Unit::Mile => 1609.34,
        }
    }
}

/// A distance as it is shown: four digits behind the point.
pub(super) fn distance_text(distance: f64) -> String {
    format!("{distance:.4}")
}
