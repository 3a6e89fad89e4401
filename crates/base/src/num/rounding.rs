//! Rounding an exact binary number to a floating-point format, ties to even.

/// A binary floating-point format with a significand of at most 64 bits.
pub(crate) struct Format {
    /// Bits of the significand, the leading one included.
    pub(crate) precision: u32,
    /// Exponent of the unit of a subnormal number: the smallest positive value is two to this power.
    pub(crate) min_exponent: i64,
    /// Exponent of the unit of the largest finite numbers.
    pub(crate) max_exponent: i64,
}

/// IEEE 754 binary64.
pub(crate) const DOUBLE: Format = Format { precision: 53, min_exponent: -1074, max_exponent: 971 };

/// The x87 80-bit format.
pub(crate) const EXTENDED: Format = Format { precision: 64, min_exponent: -16445, max_exponent: 16320 };

/// `mantissa * 2^exponent`, plus something smaller than one unit when `inexact`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    pub(crate) mantissa: u128,
    pub(crate) exponent: i64,
    pub(crate) inexact: bool,
}

/// What remains of a number after rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounded {
    /// Exactly zero, or too small for the format.
    Zero,
    /// `mantissa * 2^exponent`; the mantissa's top bit stands at the format's precision unless subnormal.
    Finite { mantissa: u64, exponent: i32 },
    /// Too large for the format.
    Overflow,
}

impl Scaled {
    /// The nearest number of `format`; of two equally near ones the one with an even mantissa.
    ///
    /// When `inexact` is set the mantissa must have more bits than the format keeps (the caller scales it so),
    /// as otherwise the discarded part can't decide anything.
    pub(crate) fn round(self, format: &Format) -> Rounded {
        if self.mantissa == 0 {
            return Rounded::Zero;
        }
        let bits = i64::from(128 - self.mantissa.leading_zeros());
        let precision = i64::from(format.precision);
        let exponent = (self.exponent + bits - precision).max(format.min_exponent);
        let dropped = exponent - self.exponent;
        let mut mantissa = match dropped {
            ..=0 => self.mantissa << -dropped,
            1..=127 => self.mantissa >> dropped,
            _ => 0,
        };
        if self.rounds_up(mantissa, dropped) {
            mantissa += 1;
        }
        if mantissa == 0 {
            return Rounded::Zero;
        }
        let (mantissa, exponent) = match mantissa >> precision {
            0 => (mantissa, exponent),
            _ => (mantissa >> 1, exponent + 1),
        };
        if exponent > format.max_exponent {
            return Rounded::Overflow;
        }
        Rounded::Finite { mantissa: mantissa as u64, exponent: exponent as i32 }
    }

    /// Whether the `dropped` low bits are more than half a unit of `kept`, or half and `kept` is odd.
    fn rounds_up(self, kept: u128, dropped: i64) -> bool {
        if !(1..=128).contains(&dropped) {
            return false;
        }
        let half = 1_u128 << (dropped - 1);
        let rest = self.mantissa & (half | (half - 1));
        rest > half || (rest == half && (self.inexact || kept & 1 == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn double(mantissa: u128, exponent: i64, inexact: bool) -> Rounded {
        Scaled { mantissa, exponent, inexact }.round(&DOUBLE)
    }

    #[test]
    fn ties_go_to_even() {
        let unit = 1_u128 << 52;
        assert_eq!(double(unit * 2 + 1, 0, false), Rounded::Finite { mantissa: 1 << 52, exponent: 1 });
        assert_eq!(double(unit * 2 + 3, 0, false), Rounded::Finite { mantissa: (1 << 52) + 2, exponent: 1 });
        assert_eq!(double(unit * 2 + 1, 0, true), Rounded::Finite { mantissa: (1 << 52) + 1, exponent: 1 });
    }

    #[test]
    fn carries_into_the_exponent() {
        assert_eq!(double((1 << 54) - 1, 0, false), Rounded::Finite { mantissa: 1 << 52, exponent: 2 });
    }

    #[test]
    fn knows_the_ends_of_the_range() {
        assert_eq!(double(1, -1074, false), Rounded::Finite { mantissa: 1, exponent: -1074 });
        assert_eq!(double(1, -1075, false), Rounded::Zero);
        assert_eq!(double(3, -1076, false), Rounded::Finite { mantissa: 1, exponent: -1074 });
        assert_eq!(double(1, 1023, false), Rounded::Finite { mantissa: 1 << 52, exponent: 971 });
        assert_eq!(double(1, 1024, false), Rounded::Overflow);
        assert_eq!(double(u128::MAX, 1024 - 128, false), Rounded::Overflow);
        assert_eq!(double(1, i64::from(i32::MIN), false), Rounded::Zero);
    }
}
