//! Text to 80-bit numbers, correctly rounded.

use super::big::Big;
use super::{LongDouble, Magnitude, ZERO};
use crate::num::rounding::Scaled;
use crate::num::{is_infinity, parse_exponent, parse_hex_float};

/// Texts of this length or more are refused.
const MAX_TEXT: usize = 5 * 1024;

/// Decimal exponents outside this range overflow, or underflow to zero, with any digits before them.
const USEFUL_EXPONENTS: std::ops::RangeInclusive<i64> = -4970..=4940;

/// So many digits fit in a `u64`.
const WORD_DIGITS: usize = 19;

/// Five to this power fits in a `u64`.
const WORD_FIVES: u64 = 27;

/// Bits of quotient computed when dividing: more than the format keeps, so that the remainder only breaks ties.
const QUOTIENT_BITS: usize = 68;

pub(super) fn parse(text: &[u8]) -> Option<LongDouble> {
    if text.len() >= MAX_TEXT {
        return None;
    }
    let (negative, unsigned) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let exact = match unsigned.first()? {
        b'0' if matches!(unsigned.get(1), Some(b'x' | b'X')) => parse_hex_float(unsigned)?,
        b'0'..=b'9' | b'.' => Decimal::scan(unsigned)?.scaled()?,
        _ if is_infinity(unsigned) => return Some(LongDouble { negative, magnitude: Magnitude::Infinite }),
        _ => return None,
    };
    let rounded = LongDouble::from_scaled(negative, exact);
    let underflowed = rounded.magnitude == ZERO && exact.mantissa != 0;
    (rounded.is_finite() && !underflowed).then_some(rounded)
}

/// A decimal text taken apart: `digits * 10^exponent`.
struct Decimal<'a> {
    /// The digits before and after the point, without leading zeros.
    digits: (&'a [u8], &'a [u8]),
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn scan(text: &'a [u8]) -> Option<Self> {
        let (integral, rest) = split_digits(text);
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', tail)) => split_digits(tail),
            _ => (&rest[..0], rest),
        };
        if integral.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', tail)) => parse_exponent(tail)?,
            Some(_) => return None,
        };
        let exponent = exponent - fraction.len() as i64;
        let integral = without_leading_zeros(integral);
        let fraction = if integral.is_empty() { without_leading_zeros(fraction) } else { fraction };
        Some(Self { digits: (integral, fraction), exponent })
    }

    fn len(&self) -> usize {
        self.digits.0.len() + self.digits.1.len()
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.digits.0.iter().chain(self.digits.1).copied()
    }

    /// The exact value, as far as rounding needs it; `None` if it is far outside the range.
    fn scaled(&self) -> Option<Scaled> {
        if self.len() == 0 {
            return Some(Scaled { mantissa: 0, exponent: 0, inexact: false });
        }
        if !USEFUL_EXPONENTS.contains(&(self.exponent + self.len() as i64)) {
            return None;
        }
        if self.len() <= WORD_DIGITS && self.exponent.unsigned_abs() <= WORD_FIVES {
            return Some(self.scaled_in_words());
        }
        Some(self.scaled_in_big_numbers())
    }

    /// The usual case, in machine words.
    fn scaled_in_words(&self) -> Scaled {
        let value = self.digits().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        let fives = 5_u64.pow(self.exponent.unsigned_abs() as u32);
        if self.exponent >= 0 || value == 0 {
            let mantissa = u128::from(value) * u128::from(fives);
            return Scaled { mantissa, exponent: self.exponent, inexact: false };
        }
        // Both operands get their top bit set, so the quotient has at least 64 bits below the leading one.
        let dividend_shift = 64 + value.leading_zeros();
        let divisor_shift = fives.leading_zeros();
        let dividend = u128::from(value) << dividend_shift;
        let divisor = u128::from(fives << divisor_shift);
        let (quotient, remainder) = (dividend / divisor, dividend % divisor);
        // One more bit than the format keeps, and then the remainder as a tail that only breaks ties.
        let doubled = remainder << 1;
        let mantissa = quotient << 1 | u128::from(doubled >= divisor);
        let inexact = doubled != 0 && doubled != divisor;
        let exponent = self.exponent + i64::from(divisor_shift) - i64::from(dividend_shift) - 1;
        Scaled { mantissa, exponent, inexact }
    }

    fn scaled_in_big_numbers(&self) -> Scaled {
        let mut value = Big::from_digits(self.digits());
        if self.exponent < 0 {
            return divide(value, Big::power_of_five(self.exponent.unsigned_abs() as u32), self.exponent);
        }
        value.multiply_by_power_of_five(self.exponent as u32);
        let (mantissa, below, inexact) = value.top();
        Scaled { mantissa, exponent: self.exponent + below as i64, inexact }
    }
}

/// `value / divisor * 2^exponent` by binary long division.
fn divide(mut value: Big, mut divisor: Big, exponent: i64) -> Scaled {
    let (value_bits, divisor_bits) = (value.bits(), divisor.bits());
    let shift = divisor_bits as i64 - value_bits as i64;
    if shift > 0 {
        value.shift_left(shift as usize);
    } else {
        divisor.shift_left(-shift as usize);
    }
    let mut quotient = 0_u128;
    for _ in 0..QUOTIENT_BITS {
        quotient <<= 1;
        if value >= divisor {
            value.subtract(&divisor);
            quotient |= 1;
        }
        value.shift_left(1);
    }
    let exponent = exponent - shift - (QUOTIENT_BITS as i64 - 1);
    Scaled { mantissa: quotient, exponent, inexact: !value.is_zero() }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&digit| digit == b'0').count()..]
}
