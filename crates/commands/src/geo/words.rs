//! Reading points, distances and units.

use super::earth::{Point, Unit};
use command::{Args, Error, Result};

/// A unit that isn't one.
const NO_UNIT: Error = Error::new("ERR unsupported unit provided. please use M, KM, FT, MI");

/// Reads `longitude latitude`.
pub(super) fn point(args: &mut Args<'_>) -> Result<Point> {
    let point = Point { longitude: args.float()?, latitude: args.float()? };
    if !point.is_valid() {
        let Point { longitude, latitude } = point;
        return Err(Error::with(format!("ERR invalid longitude,latitude pair {longitude:.6},{latitude:.6}")));
    }
    Ok(point)
}

/// Reads a unit.
pub(super) fn unit(args: &mut Args<'_>) -> Result<Unit> {
    Unit::named(args.bytes()?).ok_or(NO_UNIT)
}

/// Reads `radius unit`.
pub(super) fn radius(args: &mut Args<'_>) -> Result<(f64, Unit)> {
    let radius = length(args, "ERR need numeric radius")?;
    if radius < 0.0 {
        return Err(Error::new("ERR radius cannot be negative"));
    }
    Ok((radius, unit(args)?))
}

/// Reads `width height unit`.
pub(super) fn sides(args: &mut Args<'_>) -> Result<(f64, f64, Unit)> {
    let width = length(args, "ERR need numeric width")?;
    let height = length(args, "ERR need numeric height")?;
    if width < 0.0 || height < 0.0 {
        return Err(Error::new("ERR height or width cannot be negative"));
    }
    Ok((width, height, unit(args)?))
}

fn length(args: &mut Args<'_>, error: &'static str) -> Result<f64> {
    args.float().map_err(|_| Error::new(error))
}
