//! The x87 80-bit floating-point arithmetic of `INCRBYFLOAT` and `HINCRBYFLOAT`, in integers.
//!
//! Redis computes these commands in C's `long double`. On x86-64 that has a significand of 64 bits, so its decimal
//! results differ from those of doubles (0.1 + 0.2 prints as 0.3). Doing it in software gives the same bytes on
//! every machine.

mod big;
mod parse;
mod print;

use crate::num::rounding::{DOUBLE, EXTENDED, Rounded, Scaled};
use std::cmp::Ordering;
use std::ops::{Add, Neg, Sub};

/// An 80-bit floating-point number.
#[derive(Clone, Copy, Debug)]
pub struct LongDouble {
    negative: bool,
    magnitude: Magnitude,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Magnitude {
    NaN,
    Infinite,
    /// `mantissa * 2^exponent`; the mantissa's top bit is set unless the number is zero or subnormal.
    Finite {
        mantissa: u64,
        exponent: i32,
    },
}

const ZERO: Magnitude = Magnitude::Finite { mantissa: 0, exponent: 0 };

impl LongDouble {
    /// The largest finite number: 2^16384 - 2^16320.
    pub const MAX: Self =
        Self { negative: false, magnitude: Magnitude::Finite { mantissa: u64::MAX, exponent: 16320 } };
    /// Greater than all numbers.
    pub const INFINITY: Self = Self { negative: false, magnitude: Magnitude::Infinite };

    /// Parses a number as `INCRBYFLOAT` does: as [`parse_f64`](crate::num::parse_f64), with the range and precision
    /// of this type, and at most 5119 bytes of text.
    pub fn parse(text: &[u8]) -> Option<Self> {
        parse::parse(text)
    }

    /// Appends the number in plain notation with at most 17 digits after the point, without trailing zeros: `%.17Lf`
    /// cut short. Large numbers print exactly, with up to 4933 digits; infinities are `inf` and `-inf`.
    pub fn push_text(self, out: &mut Vec<u8>) {
        print::push_text(self, out);
    }

    /// Whether this is neither infinite nor not-a-number.
    pub fn is_finite(self) -> bool {
        matches!(self.magnitude, Magnitude::Finite { .. })
    }

    /// Whether this is not-a-number: the sum of two opposite infinities.
    pub fn is_nan(self) -> bool {
        self.magnitude == Magnitude::NaN
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        let magnitude = match self.magnitude {
            Magnitude::NaN => f64::NAN,
            Magnitude::Infinite => f64::INFINITY,
            Magnitude::Finite { mantissa, exponent } => {
                let exact = Scaled { mantissa: mantissa.into(), exponent: exponent.into(), inexact: false };
                crate::num::compose_f64(exact.round(&DOUBLE))
            }
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// -1, 0 or 1; zero has no sign here.
    fn signum(self) -> i32 {
        match self.magnitude {
            ZERO => 0,
            _ if self.negative => -1,
            _ => 1,
        }
    }

    /// Rounds an exact magnitude to this format.
    fn from_scaled(negative: bool, exact: Scaled) -> Self {
        let magnitude = match exact.round(&EXTENDED) {
            Rounded::Zero => ZERO,
            Rounded::Finite { mantissa, exponent } => Magnitude::Finite { mantissa, exponent },
            Rounded::Overflow => Magnitude::Infinite,
        };
        Self { negative, magnitude }
    }
}

impl From<f64> for LongDouble {
    fn from(value: f64) -> Self {
        let negative = value.is_sign_negative();
        let magnitude = match value {
            _ if value.is_nan() => Magnitude::NaN,
            _ if value.is_infinite() => Magnitude::Infinite,
            _ => {
                let (mantissa, exponent) = crate::num::decompose_f64(value);
                let exact = Scaled { mantissa: mantissa.into(), exponent: exponent.into(), inexact: false };
                return Self::from_scaled(negative, exact);
            }
        };
        Self { negative, magnitude }
    }
}

impl From<i64> for LongDouble {
    fn from(value: i64) -> Self {
        let exact = Scaled { mantissa: value.unsigned_abs().into(), exponent: 0, inexact: false };
        Self::from_scaled(value < 0, exact)
    }
}

impl Add for LongDouble {
    type Output = Self;

    /// The correctly rounded sum (to nearest, ties to even).
    fn add(self, other: Self) -> Self {
        use Magnitude::{Finite, Infinite, NaN};
        match (self.magnitude, other.magnitude) {
            (NaN, _) | (_, NaN) => Self { negative: false, magnitude: NaN },
            (Infinite, Infinite) if self.negative != other.negative => {
                Self { negative: false, magnitude: NaN }
            }
            (Infinite, _) => self,
            (_, Infinite) => other,
            (Finite { mantissa: 0, .. }, Finite { mantissa: 0, .. }) => {
                Self { negative: self.negative && other.negative, magnitude: ZERO }
            }
            (Finite { mantissa: 0, .. }, _) => other,
            (_, Finite { mantissa: 0, .. }) => self,
            (
                Finite { mantissa, exponent },
                Finite { mantissa: other_mantissa, exponent: other_exponent },
            ) => {
                let left = widen(mantissa, exponent);
                let right = widen(other_mantissa, other_exponent);
                add_finite((self.negative, left), (other.negative, right))
            }
        }
    }
}

impl Neg for LongDouble {
    type Output = Self;

    fn neg(self) -> Self {
        Self { negative: !self.negative, ..self }
    }
}

impl Sub for LongDouble {
    type Output = Self;

    /// The correctly rounded difference.
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl PartialEq for LongDouble {
    /// Equality of numbers: both zeros are equal, not-a-number equals nothing.
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for LongDouble {
    /// The order of numbers: both zeros are equal, not-a-number has no place.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.is_nan() || other.is_nan() {
            return None;
        }
        let order = match (self.signum(), other.signum()) {
            (1, 1) => self.magnitude.compare(other.magnitude),
            (-1, -1) => other.magnitude.compare(self.magnitude),
            (sign, other_sign) => sign.cmp(&other_sign),
        };
        Some(order)
    }
}

impl Magnitude {
    /// The order of two magnitudes that are numbers above zero, or infinite.
    fn compare(self, other: Magnitude) -> Ordering {
        let key = |magnitude| match magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                let shift = u64::leading_zeros(mantissa);
                (i64::from(exponent) - i64::from(shift), mantissa << shift)
            }
            Magnitude::Infinite | Magnitude::NaN => (i64::MAX, 0),
        };
        key(self).cmp(&key(other))
    }
}

/// Moves the top bit of a non-zero mantissa to bit 126: one bit for the carry above, more than 60 guard bits below.
fn widen(mantissa: u64, exponent: i32) -> Scaled {
    let shift = mantissa.leading_zeros() + 63;
    let exponent = i64::from(exponent) - i64::from(shift);
    Scaled { mantissa: u128::from(mantissa) << shift, exponent, inexact: false }
}

fn add_finite(left: (bool, Scaled), right: (bool, Scaled)) -> LongDouble {
    let by_size = |value: Scaled| (value.exponent, value.mantissa);
    let order = by_size(left.1).cmp(&by_size(right.1));
    let ((negative, large), (other_negative, small)) =
        if order == Ordering::Less { (right, left) } else { (left, right) };
    let distance = (large.exponent - small.exponent).min(127) as u32;
    let aligned = small.mantissa >> distance;
    let inexact = aligned << distance != small.mantissa;
    let mantissa = if negative == other_negative {
        large.mantissa + aligned
    } else if order == Ordering::Equal {
        return LongDouble { negative: false, magnitude: ZERO };
    } else {
        // The lost bits of `small` are subtracted as well: borrow one unit, of which a part remains.
        large.mantissa - aligned - u128::from(inexact)
    };
    LongDouble::from_scaled(negative, Scaled { mantissa, exponent: large.exponent, inexact })
}

#[cfg(test)]
mod tests;
