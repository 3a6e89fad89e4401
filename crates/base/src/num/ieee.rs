//! The bits of a double: sign, 11 bits of biased exponent, 52 bits of fraction.

use super::rounding::Rounded;

const FRACTION_BITS: u32 = 52;

/// The leading bit of a significand, which the bits of a double leave out.
pub(crate) const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// Exponent of the unit of a subnormal double.
const MIN_EXPONENT: i32 = -1074;

/// The significand and the exponent of its unit; the sign is dropped, `value` must be finite.
pub(crate) fn decompose_f64(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & (HIDDEN_BIT - 1);
    match (bits >> FRACTION_BITS) as i32 & 0x7ff {
        0 => (fraction, MIN_EXPONENT),
        biased => (fraction | HIDDEN_BIT, biased - 1 + MIN_EXPONENT),
    }
}

/// The double that a rounding to [`DOUBLE`](super::rounding::DOUBLE) stands for.
pub(crate) fn compose_f64(rounded: Rounded) -> f64 {
    match rounded {
        Rounded::Zero => 0.0,
        Rounded::Overflow => f64::INFINITY,
        Rounded::Finite { mantissa, .. } if mantissa < HIDDEN_BIT => f64::from_bits(mantissa),
        Rounded::Finite { mantissa, exponent } => {
            let biased = (exponent - MIN_EXPONENT + 1) as u64;
            f64::from_bits(biased << FRACTION_BITS | (mantissa & (HIDDEN_BIT - 1)))
        }
    }
}
